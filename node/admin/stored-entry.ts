import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { formatDigest } from '../../protocol/hash.ts'
import {
  audienceOf,
  type CommittedEntryOfAnyTier,
  type Entry,
  isOpenedBy,
  isPublicEntry,
  parseEntry,
} from '../../protocol/log/entry.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { digestText, type StoredLog, saltOf, select } from '../store/log-store.ts'
import type { ReportFault } from './tile-check.ts'

/** An entry as it is stored, with what stands beside it. */
export type EntryRow = {
  readonly index: number
  readonly bytes: Uint8Array
  readonly digest: Uint8Array | null
  readonly tier: string | null
  readonly audience: string | null
  /** Opens an entry that is not public. */
  readonly salt: Uint8Array | null
  readonly recordId: string | null
  readonly fault: string | null
}

export type HashedRow = EntryRow & {
  /** SHA-256 of the record, by the server: records are not worth the journey. */
  readonly recordHash: Uint8Array | null
  /** Destroyed on request: neither record nor salt is missed. */
  readonly erased: boolean
}

export type FullRow = EntryRow & {
  readonly record: Uint8Array | null
  /** What was received for a faulty entry. */
  readonly quarantined: Uint8Array | null
}

interface IndexRange {
  readonly from: number
  readonly end: number
}

export function readHashedRows(
  database: Database,
  log: StoredLog,
  { from, end }: IndexRange,
): Promise<readonly HashedRow[]> {
  return select<HashedRow>(
    database,
    sql`select index, bytes, digest, tier, audience, record_id as "recordId", fault, sha256(convert_to(record, 'UTF8')) as "recordHash", ${saltOf('e')},
        e.tier <> 'public' and exists (select 1 from opening o where o.log_id = e.log_id and o.index = e.index and o.erased_by is not null) as erased
      from entry e where log_id = ${log.id} and index >= ${from} and index < ${end} order by index`,
  )
}

export function readFullRows(
  database: Database,
  log: StoredLog,
  { from, end }: IndexRange,
): Promise<readonly FullRow[]> {
  return select<FullRow>(
    database,
    sql`select e.index, e.bytes, e.digest, e.tier, e.audience, e.record_id as "recordId", e.fault, ${saltOf('e')}, convert_to(e.record, 'UTF8') as record, q.record as quarantined
      from entry e left join quarantine q on q.log_id = e.log_id and q.index = e.index
      where e.log_id = ${log.id} and e.index >= ${from} and e.index < ${end} order by e.index`,
  )
}

/** Whether the columns beside an entry say what the entry says; one that is not public says for whom it is alone. */
export function fitsColumns(row: EntryRow, entry: Entry): boolean {
  if (row.tier !== entry.tier) return false
  if (!isPublicEntry(entry)) return row.audience === (audienceOf(entry) ?? null)
  return row.recordId === entry.id && row.digest !== null && digestText(row.digest) === entry.digest
}

/** An entry of a held log may be faulty, and then says so; an own one never. Returns its moment. */
export function checkRow(
  log: StoredLog,
  row: HashedRow,
  { lastAt, report }: { readonly lastAt: string; readonly report: ReportFault },
): string {
  const fail = (part: 'entry' | 'record', code: ProblemCode, detail: string) =>
    report({ index: row.index, part, code, detail })
  if (row.fault !== null && !log.own) return lastAt
  try {
    const entry = parseEntry(row.bytes)
    if (entry.index !== row.index || entry.log !== log.origin)
      fail('entry', 'INDEX_MISMATCH', 'the entry names another place')
    if (entry.at < lastAt) fail('entry', 'CLOCK_WENT_BACK', 'the entry is dated before the one it follows')
    if (!fitsColumns(row, entry))
      fail('record', 'DIGEST_MISMATCH', 'tier, digest or id beside the entry are not those in it')
    if (!isPublicEntry(entry)) {
      const problem = openingFault(log, row, entry)
      if (problem) fail('record', problem.code, problem.message)
    } else {
      if (row.recordHash === null) fail('record', 'RECORD_UNAVAILABLE', 'the record is not there')
      else if (formatDigest(row.recordHash) !== entry.digest)
        fail('record', 'DIGEST_MISMATCH', 'the record does not have the digest in its entry')
    }
    return entry.at
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    fail('entry', error.code, error.message)
    return lastAt
  }
}

/**
 * Of an own entry that is not public both record and salt must be here, until they are erased, unless it was recovered without them; of
 * a held one neither or both. Nothing is told of what they are.
 */
function openingFault(
  log: StoredLog,
  { recordHash, salt, digest, erased, fault }: HashedRow,
  entry: CommittedEntryOfAnyTier,
): ProtocolError | undefined {
  if (recordHash === null && salt === null && (erased || !log.own || fault === 'OPENING_LOST'))
    return undefined
  if (salt === null) return new ProtocolError('OPENING_LOST', 'what opens the commitment is not there')
  if (recordHash === null)
    return new ProtocolError('OPENING_LOST', 'the record of the commitment is not there')
  if (!isOpenedBy(entry, { salt, recordHash }))
    return new ProtocolError('DIGEST_MISMATCH', 'record and salt do not open the commitment')
  if (digest === null || formatDigest(digest) !== formatDigest(recordHash))
    return new ProtocolError('DIGEST_MISMATCH', 'the digest beside the entry is not that of the record')
  return undefined
}
