import { concatBytes, encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { maxRecordBytes } from '../../protocol/record/schema.ts'

const lineHead = /^\{"index":(0|[1-9][0-9]{0,15}),"record":$/
const lineFeed = 0x0a
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * The record bytes of each line, cut out as they came: `{"index":N,"record":…}`, the record in its canonical bytes. A line in
 * any other form is passed over, and its record counts as not sent.
 *
 * @see spec/sync.md, SYNC-9
 */
export function readPages(pages: readonly Uint8Array[]): ReadonlyMap<number, Uint8Array> {
  const records = new Map<number, Uint8Array>()
  for (const page of pages) {
    for (let start = 0; start < page.length; ) {
      const end = page.indexOf(lineFeed, start)
      if (end < 0) break
      const line = page.subarray(start, end)
      const index = indexOfLine(line)
      if (index !== undefined && line.at(-1) === closeBrace) records.set(index, recordOf(line))
      start = end + 1
    }
  }
  return records
}

/**
 * Records as a page of the wire: one form for own and foreign ones. Bytes with a line feed are no record, and would end the line.
 */
export function formatPage(
  records: readonly { readonly index: number; readonly record: Uint8Array }[],
): Uint8Array {
  return concatBytes(
    ...records
      .filter(({ record }) => !record.includes(lineFeed))
      .flatMap(({ index, record }) => [encodeUtf8(`{"index":${index},"record":`), record, encodeUtf8('}\n')]),
  )
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
