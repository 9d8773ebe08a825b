import { startsWithBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'

/** `utf-8` and `utf-16` as spreadsheets write them, `gb18030` (which GBK and GB2312 are parts of) as Chinese Windows does. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030'

export interface DecodedText {
  readonly encoding: Encoding
  readonly text: string
  /** Nothing in the bytes says so; the caller must find a word that it expects. */
  readonly guessed: boolean
}

const marks = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const

/** Beginnings of what people upload in place of a CSV: xlsx and other archives, xls, PDF, gzip. */
const signatures: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x25, 0x50, 0x44, 0x46],
  [0x1f, 0x8b],
]

/**
 * Text of a file whose sender did not say how it is encoded. A byte order mark decides; without one, what is UTF-8 is
 * UTF-8, and what is not is tried as GB18030. Never replaces a byte that does not fit.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` — an archive, a workbook, a web page, or NUL bytes
 * @throws {ProtocolError} `ENCODING_UNKNOWN`
 * @see spec/import.md, IMP-3 to IMP-5
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (signatures.some((signature) => startsWithBytes(bytes, Uint8Array.from(signature)))) throw notText()
  const marked = marks.find(([, mark]) => startsWithBytes(bytes, Uint8Array.from(mark)))
  const decoded = marked
    ? { encoding: marked[0], text: decode(bytes, marked[0]), guessed: false }
    : guess(bytes)
  const text = decoded.text?.replace(/^\ufeff/, '')
  if (text?.includes('\0') || (text === undefined && !marked && bytes.includes(0))) throw notText()
  if (text === undefined)
    throw new ProtocolError('ENCODING_UNKNOWN', 'neither UTF-8, UTF-16 with its mark, nor GB18030')
  if (/^\s{0,100}<(?:!doctype|html|table|\?xml)/i.test(text)) throw notText()
  return { ...decoded, text }
}

function guess(bytes: Uint8Array): { encoding: Encoding; text: string | undefined; guessed: boolean } {
  const text = decode(bytes, 'utf-8')
  if (text !== undefined) return { encoding: 'utf-8', text, guessed: false }
  return { encoding: 'gb18030', text: decode(bytes, 'gb18030'), guessed: true }
}

function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    // RangeError: a Node built without these tables; TypeError: bytes that do not fit.
    if (error instanceof TypeError || error instanceof RangeError) return undefined
    throw error
  }
}

function notText(): ProtocolError {
  return new ProtocolError('FILE_TYPE_REFUSED', 'not a text table: save it as "CSV UTF-8" (另存为 CSV UTF-8)')
}
