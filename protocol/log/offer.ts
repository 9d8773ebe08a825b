import { decodeBase64, decodeUtf8, encodeBase64 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import { type Checkpoint, parseHead } from './checkpoint.ts'
import { hashLength, isSize } from './merkle.ts'
import { maxNoteBytes } from './note.ts'

/** The body of `add-checkpoint`: a checkpoint, and that it contains what the witness signed last (C2SP tlog-witness). */
export interface Offer {
  /** The size that the witness cosigned last; 0 if none. */
  readonly old: number
  /** The consistency path from there. */
  readonly path: readonly Hash[]
  /** The signed note, to the byte. */
  readonly note: string
}

const longestPath = 63
/** `old `, a size, the path, the empty line, the note. */
export const maxOfferBytes = 64 + longestPath * 45 + maxNoteBytes

export function formatOffer({ old, path, note }: Offer): string {
  return `old ${old}\n${path.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`
}

/**
 * Proves the form alone, that of the note and the checkpoint in it included.
 *
 * @throws {ProtocolError} `OFFER_MALFORMED` `NOTE_MALFORMED` `CHECKPOINT_MALFORMED` `TEXT_INVALID_UNICODE`
 * @see spec/witness.md, WIT-20
 */
export function parseOffer(bytes: Uint8Array): Offer & { readonly checkpoint: Checkpoint } {
  if (bytes.length > maxOfferBytes) throw malformed(`more than ${maxOfferBytes} bytes`)
  const text = decodeUtf8(bytes)
  const border = text.indexOf('\n\n')
  if (border < 0) throw malformed('no empty line before the checkpoint')
  const [first = '', ...lines] = text.slice(0, border).split('\n', longestPath + 2)
  const old = first.startsWith('old ') ? Number(first.slice('old '.length)) : Number.NaN
  if (!isSize(old) || lines.length > longestPath) throw malformed('not an old size and at most 63 hashes')
  const offer = { old, path: lines.map(readHash), note: text.slice(border + 2) }
  if (formatOffer(offer) !== text) throw malformed('not in its one spelling')
  return { ...offer, checkpoint: parseHead(offer.note) }
}

function readHash(line: string): Hash {
  try {
    const hash = decodeBase64(line)
    if (hash.length === hashLength) return hash
  } catch (cause) {
    throw malformed('not base64', cause)
  }
  throw malformed('a hash has 32 bytes')
}

function malformed(message: string, cause?: unknown): ProtocolError {
  return new ProtocolError('OFFER_MALFORMED', `not an offer: ${message}`, { cause })
}
