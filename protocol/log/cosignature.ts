import { concatBytes, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { PublicKey, Signer } from '../key.ts'
import { keyIdOf, type NoteSignature } from './signature-line.ts'

export interface CosignatureOptions {
  /** The cosigner's key name: `<authority><base>/witness` or `…/holder`. */
  readonly name: string
  readonly signer: Signer
  /** POSIX seconds. */
  readonly timestamp: number
}

const timestampLength = 8
/** 9999-12-31T23:59:59Z: a later one has no spelling of four digits for its year, and much later ones no date at all. */
const maxTimestamp = 253_402_300_799

/**
 * Signs the text of a checkpoint as cosignature/v1 (C2SP tlog-cosignature, type 0x04).
 *
 * Whoever calls this states that the tree is consistent with, and not smaller than, every tree of this log that
 * he cosigned before: check that first, and store it before the line leaves the house.
 *
 * @throws {TypeError} a time that is not a whole number of seconds after 1970 and before the year 10000
 * @see spec/log.md, LOG-34
 */
export async function signCosignature(text: string, options: CosignatureOptions): Promise<NoteSignature> {
  const { name, signer, timestamp } = options
  if (!Number.isSafeInteger(timestamp) || timestamp < 1 || timestamp > maxTimestamp)
    throw new TypeError('a timestamp is in POSIX seconds, before the year 10000')
  const signature = await signer.sign(cosignedMessage(text, timestamp))
  return {
    name,
    id: keyIdOf(name, 0x04, signer.publicKey.raw),
    bytes: concatBytes(formatTimestamp(timestamp), signature),
  }
}

/**
 * The time in POSIX seconds at which the cosigner says it saw the checkpoint. Proves that the holder of `key` said
 * so; what he checked is his affair, and whether the time is plausible is for the policy.
 *
 * @throws {ProtocolError} `CHECKPOINT_SIGNATURE_INVALID`
 * @see spec/log.md, LOG-34 and LOG-35
 */
export function verifyCosignature(text: string, { name, id, bytes }: NoteSignature, key: PublicKey): number {
  const timestamp = parseTimestamp(bytes)
  if (
    timestamp === undefined ||
    !key.verify(cosignedMessage(text, timestamp), bytes.subarray(timestampLength))
  ) {
    throw new ProtocolError('CHECKPOINT_SIGNATURE_INVALID', 'a known cosigner, but not its signature', {
      evidence: { name, id },
    })
  }
  return timestamp
}

/** What a line of this node's own says of its time, without a look at the signature; 0 if nothing. */
export function cosignatureTime({ bytes }: NoteSignature): number {
  return parseTimestamp(bytes) ?? 0
}

/** The text of the note, to its last line feed, behind two lines that no checkpoint begins with. */
function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${timestamp}\n${text}`)
}

function formatTimestamp(timestamp: number): Uint8Array {
  const bytes = new Uint8Array(timestampLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timestamp))
  return bytes
}

function parseTimestamp(bytes: Uint8Array): number | undefined {
  if (bytes.length < timestampLength) return undefined
  const timestamp = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  return timestamp <= maxTimestamp ? timestamp : undefined
}
