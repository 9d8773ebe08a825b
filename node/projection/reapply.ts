import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, hexOf, recordText, rowsOf, type StoredLog, saltOf, select } from '../store/log-store.ts'
import { storeOpenings } from '../store/opening.ts'
import { granted, type ScopeGrant } from '../store/scope.ts'
import { openingsOf, programVersion, writeQuarantine, writeRows } from './apply.ts'
import { asRepeat, type CheckedEntry } from './checked.ts'
import { applyTierActs } from './tier-act.ts'

/** An entry in quarantine, with what a new look at it needs. */
export type QuarantinedLeaf = {
  readonly index: number
  readonly bytes: Uint8Array
  /** What was received for it, if anything was. */
  readonly record: Uint8Array | null
  readonly salt: Uint8Array | null
  /** The last entry before it that stood in its place; its `at` bounds this one's. */
  readonly before: Uint8Array | null
}

/** Which entries to look at again. */
export type Recheckable =
  /** Judged by another version of the program. */
  | { readonly kind: 'outdated' }
  /** Dated ahead of the clock when they came, or of an audience that the registry did not make theirs. */
  | { readonly kind: 'future' }
  /** Their public record was not to be had. */
  | { readonly kind: 'unavailable'; readonly after: number }

/** The first of them, by index. */
export function listQuarantined(
  database: Database,
  origin: string,
  { which, limit }: { readonly which: Recheckable; readonly limit: number },
): Promise<readonly QuarantinedLeaf[]> {
  const condition =
    which.kind === 'outdated'
      ? sql`q.program <> ${programVersion} and q.code <> 'RECORD_UNAVAILABLE'`
      : which.kind === 'future'
        ? sql`q.code in ('TIME_IN_FUTURE', 'AUDIENCE_MISMATCH')`
        : sql`q.code = 'RECORD_UNAVAILABLE' and q.index > ${which.after}`
  return select<QuarantinedLeaf>(
    database,
    sql`select q.index, e.bytes, coalesce(q.record, convert_to(e.record, 'UTF8')) as record, ${saltOf('e')},
        (select p.bytes from entry p where p.log_id = q.log_id and p.index < q.index and p.tier is not null order by p.index desc limit 1) as before
      from quarantine q join log l on l.id = q.log_id join entry e on e.log_id = q.log_id and e.index = q.index
      where l.origin = ${origin} and ${condition} order by q.index limit ${limit}`,
  )
}

/**
 * One transaction: entries of the quarantine that were looked at again leave it, with their rows, or stay with what is held against
 * them now. The cursor does not move, and the leaves are what they were.
 *
 * A crash before the commit leaves the quarantine as it was; after it, nothing is left to do.
 *
 * @returns how many are sound now
 * @see spec/sync.md, SYNC-7
 */
export function reapplyEntries(
  database: Database,
  origin: string,
  entries: readonly CheckedEntry[],
): Promise<number> {
  return database.transaction(async (tx) => {
    await rowsOf(tx, sql`select id from log where origin = ${origin} for update`)
    const log = await findLog(tx, origin)
    let sound = 0
    for (const entry of log ? entries : []) if (log && (await reapplyEntry(tx, log, entry))) sound += 1
    return sound
  })
}

async function reapplyEntry(tx: Queries, log: StoredLog, checked: CheckedEntry): Promise<boolean> {
  const found = await rowsOf(
    tx,
    sql`select index from quarantine where log_id = ${log.id} and index = ${checked.index}
      union all select index from entry e where log_id = ${log.id} and index = ${checked.index} and ${withheld}`,
  )
  return found.length > 0 && settleEntry(tx, log, checked)
}

/** An entry `e` that is not public, and whose record did not come. What was erased is not asked for again. */
const withheld = sql.raw(
  `e.tier <> 'public' and e.record is null and e.fault is null
    and not exists (select 1 from opening o where o.log_id = e.log_id and o.index = e.index and o.erased_by is not null)`,
)

/**
 * Entries of a held log whose records were withheld and that a reader may have now: the registry or a disclosure says so.
 *
 * @see spec/tier.md, TIER-32
 */
export function listWithheld(
  database: Database,
  origin: string,
  {
    grants,
    after,
    limit,
  }: { readonly grants: readonly ScopeGrant[]; readonly after: number; readonly limit: number },
): Promise<readonly QuarantinedLeaf[]> {
  return select<QuarantinedLeaf>(
    database,
    sql`select e.index, e.bytes, null::bytea as record, null::bytea as salt,
        (select p.bytes from entry p where p.log_id = e.log_id and p.index < e.index and p.tier is not null order by p.index desc limit 1) as before
      from entry e join log l on l.id = e.log_id
      where l.origin = ${origin} and e.index > ${after} and ${withheld} and ${granted(grants, 'e')} order by e.index limit ${limit}`,
  )
}

/**
 * In a transaction, for an entry that has no rows yet: gives it what it deserves now, rows or a place in the quarantine.
 *
 * @returns whether it is sound
 */
export async function settleEntry(tx: Queries, log: StoredLog, checked: CheckedEntry): Promise<boolean> {
  const entry = (await hasEarlier(tx, log, checked)) ? asRepeat(checked) : checked
  const sound = entry.fault === null
  if (sound) await displaceLater(tx, log, entry)
  const record = entry.record === null || !sound ? null : recordText(entry.record)
  const kept = sound || log.own ? sql`coalesce(${record}, record)` : null
  await rowsOf(
    tx,
    sql`update entry set tier = coalesce(${entry.tier}, tier), audience = coalesce(${entry.audience}, audience), digest = coalesce(${entry.digest === null ? null : hexOf(entry.digest)}::bytea, digest),
        record_id = coalesce(${entry.recordId}, record_id), record = ${kept}, fault = ${entry.fault?.code ?? null}
      where log_id = ${log.id} and index = ${entry.index}`,
  )
  await storeOpenings(tx, log.id, openingsOf([entry]))
  if (sound) {
    await rowsOf(tx, sql`delete from quarantine where log_id = ${log.id} and index = ${entry.index}`)
    await Promise.all(writeRows(tx, log, [entry]))
    await applyTierActs(tx, log, [entry])
  } else await writeQuarantine(tx, log, [entry])
  return sound
}

async function hasEarlier(tx: Queries, log: StoredLog, entry: CheckedEntry): Promise<boolean> {
  if (entry.recordId === null || entry.fault !== null) return false
  const rows = await rowsOf(
    tx,
    sql`select index from entry where fault is null and record_id = ${entry.recordId}
      and not (log_id = ${log.id} and index >= ${entry.index}) limit 1`,
  )
  return rows.length > 0
}

/** An id counts at its first index: one that was taken for the first until now gives way. */
async function displaceLater(tx: Queries, log: StoredLog, entry: CheckedEntry): Promise<void> {
  const later = await rowsOf<{
    index: number
    bytes: Uint8Array
    tier: string | null
    record: Uint8Array | null
  }>(
    tx,
    sql`select index, bytes, tier, convert_to(record, 'UTF8') as record from entry
      where log_id = ${log.id} and index > ${entry.index} and fault is null and record_id = ${entry.recordId}`,
  )
  for (const { index, bytes, tier, record } of later) {
    await rowsOf(tx, sql`delete from standard where log_id = ${log.id} and index = ${index}`)
    await rowsOf(tx, sql`delete from event where log_id = ${log.id} and index = ${index}`)
    await rowsOf(tx, sql`delete from statement where log_id = ${log.id} and index = ${index}`)
    await rowsOf(tx, sql`delete from attachment where log_id = ${log.id} and index = ${index}`)
    await rowsOf(
      tx,
      sql`update entry set fault = 'DUPLICATE_ID', record = case when ${log.own} then record end where log_id = ${log.id} and index = ${index}`,
    )
    await writeQuarantine(tx, log, [
      asRepeat({ ...entry, index, bytes, tier, record, digest: null, row: null }),
    ])
  }
}
