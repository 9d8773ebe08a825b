import { decodeBase64, encodeBase64 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import { type CheckpointTrust, type OpenedCheckpoint, openCheckpoint, parseHead } from './checkpoint.ts'
import { hashLength, isSize, verifyInclusion } from './merkle.ts'

/** That a leaf is in a log, in one text that needs no network (C2SP tlog-proof). */
export interface TlogProof {
  /** Anything; nothing vouches for it. */
  readonly extra?: Uint8Array
  readonly index: number
  readonly path: readonly Hash[]
  /** The signed note, to the byte. */
  readonly checkpoint: string
}

export interface TlogClaim extends CheckpointTrust {
  /** The leaf hash, made from the bytes in question and not taken from elsewhere. */
  readonly leaf: Hash
}

/** Three times the largest note: room for a path of 63 hashes and some extra data. */
export const maxTlogProofLength = 3 * 65_536

const head = 'c2sp.org/tlog-proof@v1'
const longestPath = 63

export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  const lines = [
    head,
    ...(extra?.length ? [`extra ${encodeBase64(extra)}`] : []),
    `index ${index}`,
    ...path.map(encodeBase64),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Proves the form alone, that of the note and the checkpoint in it included.
 *
 * @throws {ProtocolError} `PROOF_MALFORMED` `NOTE_MALFORMED` `CHECKPOINT_MALFORMED`
 * @see spec/log.md, LOG-36
 */
export function parseTlogProof(text: string): TlogProof {
  const border = text.length > maxTlogProofLength ? -1 : text.indexOf('\n\n')
  if (border < 0) throw malformed('too long, or no empty line before the checkpoint')
  const [first, ...lines] = text.slice(0, border).split('\n')
  const extra = lines[0]?.startsWith('extra ') ? readBase64(lines.shift()?.slice('extra '.length)) : undefined
  const index = Number(lines.shift()?.slice('index '.length))
  if (first !== head || !isSize(index) || lines.length > longestPath)
    throw malformed('not the lines of a proof')
  const path = lines.map(readBase64)
  if (path.some((hash) => hash.length !== hashLength)) throw malformed('a hash has 32 bytes')
  const checkpoint = text.slice(border + 2)
  const proof = { ...(extra ? { extra } : {}), index, path, checkpoint }
  if (formatTlogProof(proof) !== text) throw malformed('not in its one spelling')
  parseHead(checkpoint)
  return proof
}

/**
 * Proves that the log signed a tree that has this leaf at this index. Does not prove that the leaf says the same
 * of itself, nor when it was logged, nor that anybody but the log vouches for the tree.
 *
 * @throws {ProtocolError} as `openCheckpoint`; `INCLUSION_INVALID`
 * @see spec/log.md, LOG-37
 */
export function verifyTlogProof(proof: TlogProof, { leaf, origin, keys }: TlogClaim): OpenedCheckpoint {
  const opened = openCheckpoint(proof.checkpoint, { origin, keys })
  const { size, root } = opened.checkpoint
  verifyInclusion({ leaf, index: proof.index, size, path: proof.path, root })
  return opened
}

function readBase64(text = ''): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw malformed('not base64', cause)
  }
}

function malformed(message: string, cause?: unknown): ProtocolError {
  return new ProtocolError('PROOF_MALFORMED', `not a tlog-proof: ${message}`, { cause })
}
