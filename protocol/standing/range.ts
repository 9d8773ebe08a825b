import { decodeUtf8, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { type Entry, type PublicEntry, parseEntry } from '../log/entry.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { isLifecycleEvent } from '../record/schema.ts'
import { recordTypes } from '../record/vocabulary.ts'
import type { PlacedEvent } from './lifecycle.ts'

export interface RangeSubject {
  readonly id: string
  readonly digest: string
  readonly origin: string
  /** Index of the first entry of the range: the subject's own. */
  readonly index: number
}

interface PlacedRecord {
  readonly index: number
  readonly record: ExchangeRecord
}

export interface RangeReader {
  /** Exact bytes by digest; one that is missing leaves the question open. */
  readonly records: ReadonlyMap<string, Uint8Array>
  /** Milliseconds since the epoch: an entry dated later than this is dated in the future. */
  readonly latest: number
  /** Verifies an entry with its record, or throws the fault for which everybody ignores it. */
  readonly verify: (entry: Entry, bytes: Uint8Array) => { readonly record: ExchangeRecord }
}

export interface LaterRecords {
  /** The first later record of the log that revises the subject. */
  readonly revisedBy?: PlacedRecord
  /** Every sound event about the subject, in log order. */
  readonly events: readonly PlacedEvent[]
  /** The time of the last sound entry, by the log's own clock; absent when there is none. */
  readonly lastAt?: string
}

/**
 * Reads what the log says about a record after it: every public act in the range, verified; faulty entries are ignored, as
 * everybody ignores them. Non-public entries cannot act on a public record.
 *
 * Takes for granted that `entries` are all entries from the subject's to the checkpoint's size; that is the range's proof.
 *
 * A revision is of the subject's own type. An id counts at its first use in the range. What names the subject's id with another
 * digest is about another text, and does not act on this one.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a record that may speak about the subject is not here, is dated in the future, or is of
 *   a type that only a later version knows; `SIZE_LIMIT` — thousands of records about one, or of faulty entries
 * @see spec/standing.md, STAND-7 to STAND-9
 */
export function foldRange(
  subject: RangeSubject,
  entries: readonly string[],
  reader: RangeReader,
): LaterRecords {
  const isSubject = ({ id, digest }: Pick<RangeSubject, 'id' | 'digest'>) =>
    id === subject.id && digest === subject.digest
  const events: PlacedEvent[] = []
  const ids = new Set([subject.id])
  /** What does not speak about the subject, by its id: it is verified only when an act comes under the same one. */
  const others = new Map<string, { readonly entry: PublicEntry; readonly bytes: Uint8Array }[]>()
  let revisedBy: PlacedRecord | undefined
  let lastAt = ''
  let type: string | undefined
  let [acts, faults] = [0, 0]
  for (const [i, text] of entries.entries()) {
    const entry = soundEntry(text, { origin: subject.origin, index: subject.index + i, lastAt })
    if (!entry) {
      faults += 1
      if (faults > maxFaults) throw tooMany(`more than ${maxFaults} faulty entries`)
      continue
    }
    const ahead = Date.parse(entry.at) > reader.latest
    if (!ahead) lastAt = entry.at
    if (entry.tier !== 'public') continue
    if (i === 0) type = entry.type
    if (i === 0) continue
    const bytes = reader.records.get(entry.digest)
    if (!bytes) throw open('a later record that may speak about this one is not in the file', entry)
    // Canonical JSON has one spelling for an id, so a record without that text cannot speak about the subject.
    const before = others.get(entry.id) ?? []
    if (!decodeUtf8(bytes).includes(subject.id)) {
      if (!ahead) {
        before.push({ entry, bytes })
        others.set(entry.id, before)
      }
      continue
    }
    if (ahead) throw open('a later entry that names this record is dated in the future', entry)
    if (!Object.hasOwn(recordTypes, entry.type))
      throw open('a later record of a type that this version does not know names this one', entry)
    acts += 1 + before.length
    if (acts > maxActs)
      throw tooMany(`more than ${maxActs} later records name this one, or share an id with such a one`)
    const record = soundRecord(entry, bytes, reader)
    if (!record || ids.has(record.id)) continue
    if (before.some((other) => soundRecord(other.entry, other.bytes, reader))) continue
    ids.add(record.id)
    if (record.revisionOf && isSubject(record.revisionOf) && record.type[1] === type)
      revisedBy ??= { index: entry.index, record }
    if (isLifecycleEvent(record) && isSubject(record.credentialSubject.edition)) {
      events.push({
        origin: subject.origin,
        index: entry.index,
        recordId: record.id,
        subject: record.credentialSubject,
      })
    }
  }
  const lastMoment = lastAt === '' ? {} : { lastAt }
  return { events, ...lastMoment, ...(revisedBy === undefined ? {} : { revisedBy }) }
}

/** Each costs a signature check; more than these about one record are an attack on the reader. */
const maxActs = 2_000
/** Each costs two exceptions. No honest log comes near. */
const maxFaults = 10_000

function soundEntry(
  text: string,
  place: { readonly origin: string; readonly index: number; readonly lastAt: string },
): Entry | undefined {
  try {
    const entry = parseEntry(encodeUtf8(text))
    const sound = entry.log === place.origin && entry.index === place.index && entry.at >= place.lastAt
    return sound ? entry : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function soundRecord(entry: Entry, bytes: Uint8Array, reader: RangeReader): ExchangeRecord | undefined {
  try {
    return reader.verify(entry, bytes).record
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function open(message: string, { index, digest }: PublicEntry): ProtocolError {
  return new ProtocolError('RANGE_MISSING', message, { evidence: { index, digest } })
}

function tooMany(message: string): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', message)
}
