import { concatBytes, decodeBase64, decodeHex, encodeBase64, encodeHex } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { sha256Tagged } from '../hash.ts'

/** Signature types of C2SP signed-note: by a log over the text, by a cosigner over the text and a time. */
export type SignatureType = 0x01 | 0x04

/** One line below a note. The name and the id together say whose it claims to be. */
export interface NoteSignature {
  readonly name: string
  /** The key id: 8 lower-case hexadecimal digits. */
  readonly id: string
  /** What follows the key id: for type 0x01 the signature, for 0x04 the time and the signature. */
  readonly bytes: Uint8Array
}

/** As many as everybody must accept; a longer note would be cut off or refused somewhere. */
export const maxSignatures = 16

const mark = '\u2014 '
const idLength = 4

/** Not empty, without blanks of any script and without plus. */
export function isKeyName(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(text)
}

/** The first four bytes of SHA-256(name ‖ LF ‖ type ‖ key), in hexadecimal. Not collision-free: a label, no proof. */
export function keyIdOf(name: string, type: SignatureType, key: Uint8Array): string {
  return encodeHex(sha256Tagged(`${name}\n`, Uint8Array.of(type), key).subarray(0, idLength))
}

/** Each line with its line feed: the end of a note, and the answer of a witness. */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatLine).join('')
}

/**
 * @throws {ProtocolError} `NOTE_MALFORMED` — not 1 to 16 lines, each in its one spelling
 * @see spec/log.md, LOG-25 and LOG-26
 */
export function parseSignatureLines(text: string): readonly NoteSignature[] {
  if (!text.endsWith('\n')) throw new ProtocolError('NOTE_MALFORMED', 'the last line is not ended')
  const lines = text.slice(0, -1).split('\n', maxSignatures + 1)
  if (lines.length > maxSignatures) {
    throw new ProtocolError('NOTE_MALFORMED', `more than ${maxSignatures} signature lines`)
  }
  const signatures = lines.map(parseLine)
  if (formatSignatureLines(signatures) !== text) throw malformedLine(lines.length - 1)
  return signatures
}

function formatLine({ name, id, bytes }: NoteSignature): string {
  if (id.length !== 2 * idLength) throw new TypeError('a key id has 8 hexadecimal digits')
  return `${mark}${name} ${encodeBase64(concatBytes(decodeHex(id), bytes))}\n`
}

function parseLine(line: string, index: number): NoteSignature {
  const parts = line.startsWith(mark) ? line.slice(mark.length).split(' ', 3) : []
  const [name = '', encoded = ''] = parts
  const bytes = parts.length === 2 && isKeyName(name) ? tryBase64(encoded) : undefined
  if (!bytes || bytes.length <= idLength) throw malformedLine(index)
  return { name, id: encodeHex(bytes.subarray(0, idLength)), bytes: bytes.slice(idLength) }
}

function tryBase64(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text)
  } catch {
    return undefined
  }
}

function malformedLine(index: number): ProtocolError {
  return new ProtocolError('NOTE_MALFORMED', 'not a signature line', { place: { index } })
}
