import { decodeBase64, encodeBase64 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import type { Signer } from '../key.ts'
import { hashLength, isSize } from './merkle.ts'
import {
  formatNote,
  type Note,
  parseNote,
  signText,
  type VerifiedSignature,
  type VerifierKey,
  verifyNote,
} from './note.ts'

/** The head of a log: so many leaves, this root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly note: Note
  /** Of the log and of those cosigners whose keys were given; each key once. */
  readonly signatures: readonly VerifiedSignature[]
}

export interface CheckpointTrust {
  readonly origin: string
  /** Keys of the log (type 0x01, named by the origin), and of cosigners if they matter. */
  readonly keys: readonly VerifierKey[]
}

/**
 * The head that a note states. Says nothing of who signed it: that is for `openCheckpoint`.
 *
 * @throws {ProtocolError} `NOTE_MALFORMED` `CHECKPOINT_MALFORMED`
 * @see spec/log.md, LOG-31
 */
export function parseHead(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

/** The text of the note: three lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`
}

/**
 * Proves the one spelling. No extension lines: nobody could audit them.
 *
 * @throws {ProtocolError} `CHECKPOINT_MALFORMED`
 * @see spec/log.md, LOG-31
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n', 3)
  const checkpoint = { origin, size: Number(size), root: readRoot(root) }
  const wellFormed = isOriginLine(origin) && isSize(checkpoint.size) && checkpoint.root.length === hashLength
  if (!wellFormed || formatCheckpoint(checkpoint) !== text) throw malformed()
  return checkpoint
}

/**
 * The signed note. Whoever signs two that contradict each other has ended his log.
 *
 * @throws {ProtocolError} `CHECKPOINT_MALFORMED` — a checkpoint that nobody could read
 * @see spec/log.md, LOG-32
 */
export async function signCheckpoint(checkpoint: Checkpoint, name: string, signer: Signer): Promise<string> {
  const text = formatCheckpoint(checkpoint)
  parseCheckpoint(text)
  return formatNote({ text, signatures: [await signText(text, name, signer)] })
}

/**
 * Proves that a key of the log signed this head of the log `origin`, and that no signature under a known key is
 * bad. Does not prove that it is the newest head, consistent with another, or seen by anybody else.
 *
 * @throws {ProtocolError} `NOTE_MALFORMED` `CHECKPOINT_MALFORMED`
 * @throws {ProtocolError} `LOG_ORIGIN_MISMATCH` — the head of another log
 * @throws {ProtocolError} `CHECKPOINT_SIGNATURE_INVALID` — see `verifyNote`; also when cosigners alone signed
 * @see spec/log.md, LOG-32 and LOG-33
 */
export function openCheckpoint(noteText: string, { origin, keys }: CheckpointTrust): OpenedCheckpoint {
  const note = parseNote(noteText)
  const checkpoint = parseCheckpoint(note.text)
  if (checkpoint.origin !== origin) {
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'a checkpoint of another log', {
      evidence: { expected: origin, found: checkpoint.origin },
    })
  }
  const signatures = verifyNote(note, keys)
  if (!signatures.some(({ key }) => key.type === 0x01 && key.name === origin)) {
    throw new ProtocolError('CHECKPOINT_SIGNATURE_INVALID', 'cosigned, but not signed by the log', {
      evidence: { origin, found: note.signatures.map(({ name, id }) => ({ name, id })) },
    })
  }
  return { checkpoint, note, signatures }
}

function isOriginLine(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/[\u0000-\u001f]/.test(text)
}

function readRoot(text: string): Uint8Array {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new ProtocolError('CHECKPOINT_MALFORMED', 'the root is not base64', { cause })
  }
}

function malformed(): ProtocolError {
  return new ProtocolError(
    'CHECKPOINT_MALFORMED',
    'not the three lines origin, size and root in their one spelling',
  )
}
