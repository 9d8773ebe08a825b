import { concatBytes, decodeHex } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { formatLine } from '../../protocol/log/record-line.ts'
import { maxRecordBytes } from '../../protocol/record/schema.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'

const lineHead = /^\{"index":(0|[1-9][0-9]{0,15}),"record":$/
const lineFeed = 0x0a
const quotationMark = 0x22
const openBrace = 0x7b
const closeBrace = 0x7d

/** What a line brings for one entry: a record in its canonical bytes, and the salt of an entry that is not public. */
export type SentRecord = RecordOpening

/**
 * The record of each line, cut out as it came: `{"index":N,"record":…}`, behind the record of an entry that is not public
 * `,"salt":"…"`. A line in any other form is passed over, and its record counts as not sent.
 *
 * @see spec/sync.md, SYNC-9
 */
export function readPages(pages: readonly Uint8Array[]): ReadonlyMap<number, SentRecord> {
  const records = new Map<number, SentRecord>()
  for (const page of pages) {
    for (let start = 0; start < page.length; ) {
      const end = page.indexOf(lineFeed, start)
      if (end < 0) break
      const line = page.subarray(start, end)
      const index = indexOfLine(line)
      if (index !== undefined && line.at(-1) === closeBrace) records.set(index, readLine(line))
      start = end + 1
    }
  }
  return records
}

/**
 * Records as a page of the wire: one form for own and foreign ones. Bytes with a line feed are no record, and would end the line.
 */
export function formatPage(
  records: readonly {
    readonly index: number
    readonly record: Uint8Array
    readonly salt?: Uint8Array | null | undefined
  }[],
): Uint8Array {
  return concatBytes(
    ...records
      .filter(({ record }) => !record.includes(lineFeed))
      .flatMap(({ index, record, salt }) => formatLine({ index, bytes: record, salt })),
  )
}

/** A record ends with a brace, so that a quotation mark before the last one says that a salt stands behind it. */
function readLine(line: Uint8Array): SentRecord {
  if (line.at(-2) !== quotationMark) return { bytes: recordOf(line) }
  const tail = decodeAscii(line.subarray(-saltMember))
  const salt = /^,"salt":"([0-9a-f]{64})"\}$/.exec(tail)?.[1]
  if (salt === undefined) return { bytes: recordOf(line) }
  return { bytes: recordOf(line.subarray(0, 1 - saltMember)), salt: decodeHex(salt) }
}

/** `,"salt":"`, 64 digits, `"}`. */
const saltMember = 9 + 64 + 2

function decodeAscii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** What is longer than a record can be is kept no longer than shows that. */
function recordOf(line: Uint8Array): Uint8Array {
  const start = line.indexOf(openBrace, 1)
  return line.subarray(start, Math.min(line.length - 1, start + maxRecordBytes + 1))
}

/** `undefined`: not the beginning of a line of records. */
export function indexOfLine(line: Uint8Array): number | undefined {
  const brace = line.subarray(0, 42).indexOf(openBrace, 1)
  if (brace < 0) return undefined
  const digits = lineHead.exec(String.fromCharCode(...line.subarray(0, brace)))?.[1]
  const index = Number(digits)
  return digits !== undefined && Number.isSafeInteger(index) ? index : undefined
}

/** The index of the last whole line; what follows it was cut off. */
export function lastIndexOf(page: Uint8Array): number | undefined {
  const end = page.lastIndexOf(lineFeed)
  if (end <= 0) return undefined
  return indexOfLine(page.subarray(page.lastIndexOf(lineFeed, end - 1) + 1, end))
}

/** Lines with their line feeds; a last one without is left out. */
export async function* linesOf(
  chunks: AsyncIterable<unknown>,
  maxLine: number,
): AsyncGenerator<Uint8Array, void, void> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes was expected')
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      yield bytes.subarray(start, end + 1)
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > maxLine) throw new ProtocolError('RESPONSE_TOO_LARGE', 'a line is too long')
  }
}
