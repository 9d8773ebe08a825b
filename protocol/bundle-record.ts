import { concatBytes, encodeUtf8, startsWithBytes } from './bytes.ts'
import { ProtocolError } from './error.ts'
import { type Digest, digestOf } from './hash.ts'
import { readJson } from './json.ts'
import { maxRecordBytes, maxRecordValues } from './record/schema.ts'

export const maxBundleBytes = 64 << 20
/** Entries of all ranges together. A log that grew further needs a bundle made in another way. */
export const maxBundleEntries = 50_000
/** All but the records and the registry; and a registry of a thousand members. */
const maxFrameValues = maxBundleEntries + 100_000
/** All but the records. */
export const maxFrameBytes = 24 << 20

/** A file of evidence, taken apart: its records, and all the rest as one text. */
export interface OpenedRecords {
  /** The file without its line feed. */
  readonly body: Uint8Array
  /** The file as it would be with an empty list of records. */
  readonly frame: Uint8Array
  /** The exact bytes of each record, by digest, in the order of the file. */
  readonly records: ReadonlyMap<Digest, Uint8Array>
}

/**
 * Takes the records out of a file of evidence, so that the cost of a hostile one is bounded before anything is built from it: the frame
 * by its size and its number of values, each record by its own size.
 *
 * @throws {ProtocolError} `BUNDLE_MALFORMED` `SIZE_LIMIT`, and what the strict reader throws
 * @see spec/bundle.md, BUNDLE-1 to BUNDLE-5
 */
export function openRecords(bytes: Uint8Array): OpenedRecords {
  if (bytes.length > maxBundleBytes) throw tooLarge('larger than a bundle may be', '')
  if (bytes.at(-1) !== 0x0a) throw malformed('a bundle ends with one line feed; the file may be cut off')
  const body = bytes.subarray(0, -1)
  const { start, end, spans } = findRecords(body)
  const records = new Map<Digest, Uint8Array>()
  for (const [i, [from, to]] of spans.entries()) {
    const record = body.subarray(from, to)
    if (!readJson(record, maxRecordBytes, maxRecordValues).canonical)
      throw malformed('not in canonical form', `/records/${i}`)
    records.set(digestOf(record), record)
  }
  if (records.size !== spans.length) throw malformed('a record stands twice', '/records')
  return { body, frame: concatBytes(body.subarray(0, start), body.subarray(end)), records }
}

type Span = readonly [start: number, end: number]

interface RecordSpans {
  /** Of all records together, without the brackets of their list. */
  readonly start: number
  readonly end: number
  readonly spans: readonly Span[]
}

const recordsMember = encodeUtf8(',"records":[')

/**
 * Where the records stand: the outermost member of that name. Counts the values of all the rest on its way, which are few but for
 * the entries of the range.
 */
function findRecords(body: Uint8Array): RecordSpans {
  let found: RecordSpans | undefined
  let [depth, commas] = [0, 0]
  let quoted = false
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === 0x22) quoted = !quoted
    else if (quoted) at += byte === 0x5c ? 1 : 0
    else if (byte === 0x7b || byte === 0x5b) depth += 1
    else if (byte === 0x7d || byte === 0x5d) depth -= 1
    else if (byte === 0x2c) {
      commas += 1
      if (commas > maxFrameValues) throw tooLarge('too many values', '')
      if (
        depth === 1 &&
        !found &&
        startsWithBytes(body.subarray(at, at + recordsMember.length), recordsMember)
      ) {
        found = spansFrom(body, at + recordsMember.length)
        at = found.end
      }
    }
  }
  if (!found) throw malformed('no records')
  return found
}

function spansFrom(body: Uint8Array, start: number): RecordSpans {
  const spans: Span[] = []
  let next = start
  do {
    if (spans.length > maxBundleEntries) throw tooLarge('too many records', '/records')
    if (body[next] !== 0x7b) throw malformed('not a list of records', '/records')
    const end = endOfObject(body, next, spans.length)
    spans.push([next, end])
    next = end + 1
  } while (body[next - 1] === 0x2c)
  if (body[next - 1] !== 0x5d) throw malformed('not a list of records', '/records')
  return { start, end: next - 1, spans }
}

function endOfObject(body: Uint8Array, start: number, i: number): number {
  const limit = Math.min(body.length, start + maxRecordBytes)
  let depth = 0
  let quoted = false
  for (let at = start; at < limit; at += 1) {
    const byte = body[at]
    if (byte === 0x22) quoted = !quoted
    else if (quoted) at += byte === 0x5c ? 1 : 0
    else if (byte === 0x7b) depth += 1
    else if (byte === 0x7d) depth -= 1
    if (depth === 0) return at + 1
  }
  if (limit < body.length) throw tooLarge('larger than a record may be', `/records/${i}`)
  throw malformed('a record is cut off', `/records/${i}`)
}

export function malformed(message: string, pointer = ''): ProtocolError {
  return new ProtocolError('BUNDLE_MALFORMED', message, { place: { pointer } })
}

export function tooLarge(message: string, pointer: string): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', message, { place: { pointer } })
}
