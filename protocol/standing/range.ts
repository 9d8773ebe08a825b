import { decodeUtf8, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { type Entry, parseEntry } from '../log/entry.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { isLifecycleEvent, isStandardRecord } from '../record/schema.ts'
import type { PlacedEvent } from './lifecycle.ts'

export interface RangeSubject {
  readonly id: string
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
  /** Verifies an entry with its record, or throws the fault for which everybody ignores it. */
  readonly verify: (entry: Entry, bytes: Uint8Array) => { readonly record: ExchangeRecord }
}

export interface LaterRecords {
  /** The first later record of the log that revises the subject. */
  readonly revisedBy?: PlacedRecord
  /** Every sound event about the subject, in log order. */
  readonly events: readonly PlacedEvent[]
}

/**
 * Reads what the log says about a record after it: every public act in the range, verified; faulty entries are ignored, as
 * everybody ignores them. Non-public entries cannot act on a public record.
 *
 * Takes for granted that `entries` are all entries from the subject's to the checkpoint's size; that is the range's proof.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a record that may speak about the subject is not here
 * @see spec/standing.md, STAND-7 to STAND-9
 */
export function foldRange(
  subject: RangeSubject,
  entries: readonly string[],
  reader: RangeReader,
): LaterRecords {
  const events: PlacedEvent[] = []
  let revisedBy: PlacedRecord | undefined
  let lastAt = ''
  for (const [i, text] of entries.entries()) {
    const entry = soundEntry(text, { origin: subject.origin, index: subject.index + i, lastAt })
    if (!entry) continue
    lastAt = entry.at
    if (i === 0 || entry.tier !== 'public') continue
    const record = soundRecord(entry, entry.digest, subject, reader)
    if (record === undefined) continue
    if (record.revisionOf?.id === subject.id && isStandardRecord(record))
      revisedBy ??= { index: entry.index, record }
    if (isLifecycleEvent(record) && record.credentialSubject.edition.id === subject.id) {
      events.push({
        origin: subject.origin,
        index: entry.index,
        recordId: record.id,
        subject: record.credentialSubject,
      })
    }
  }
  return revisedBy === undefined ? { events } : { events, revisedBy }
}

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

function soundRecord(
  entry: Entry,
  digest: string,
  subject: RangeSubject,
  reader: RangeReader,
): ExchangeRecord | undefined {
  const bytes = reader.records.get(digest)
  if (!bytes) {
    throw new ProtocolError(
      'RANGE_MISSING',
      'a later record that may speak about this one is not in the file',
      { evidence: { index: entry.index, digest } },
    )
  }
  try {
    // Canonical JSON has one spelling for an id, so a record without that text cannot speak about the subject.
    if (!decodeUtf8(bytes).includes(subject.id)) return undefined
    return reader.verify(entry, bytes).record
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
