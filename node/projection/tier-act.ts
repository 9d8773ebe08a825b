import { ProtocolError } from '../../protocol/error.ts'
import {
  type CommittedEntryOfAnyTier,
  isDisclosedBy,
  isPublicEntry,
  parseEntry,
} from '../../protocol/log/entry.ts'
import type { Queries } from '../store/connection.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { hexOf, rowsOf, type StoredLog } from '../store/log-store.ts'
import type { CheckedEntry } from './checked.ts'
import type { DisclosureRow, ErasureRow } from './row.ts'

/**
 * In a transaction: what disclosures and erasure requests among sound entries do to earlier entries of their log. One that names an
 * entry by another commitment, or opens it to something else, does nothing.
 *
 * @see spec/tier.md, TIER-40 and TIER-50
 */
export async function applyTierActs(
  tx: Queries,
  log: StoredLog,
  entries: readonly CheckedEntry[],
): Promise<void> {
  for (const { index, row } of entries) {
    if (row?.kind === 'disclosure') await disclose(tx, log, { ...row, index })
    if (row?.kind === 'erasure') await erase(tx, log, { ...row, index })
  }
}

export type Placed<T> = T & { readonly index: number }

/** Whether a disclosure names an earlier entry as it is, and opens it. */
export async function doesOpen(
  queries: Queries,
  log: StoredLog,
  act: Placed<DisclosureRow>,
): Promise<boolean> {
  const entry = await findCommitted(queries, log, { index: act.disclosed, before: act.index })
  return entry !== undefined && isDisclosedBy(entry, act)
}

async function disclose(tx: Queries, log: StoredLog, act: Placed<DisclosureRow>): Promise<void> {
  if (!(await doesOpen(tx, log, act))) return
  await rowsOf(
    tx,
    sql`insert into disclosure (log_id, index, disclosed, digest, salt)
      values (${log.id}, ${act.index}, ${act.disclosed}, ${hexOf(act.digest)}::bytea, ${`\\x${act.salt}`}::bytea) on conflict do nothing`,
  )
}

/**
 * Nothing of the record is left here but its leaf: not in the log, the read model, the quarantine, nor in what an Idempotency-Key
 * stands for. Files that it names are marked, and go once this is committed. That there was one, and who asked for its end, stands in
 * the log.
 */
async function erase(tx: Queries, log: StoredLog, act: Placed<ErasureRow>): Promise<void> {
  const entry = await findCommitted(tx, log, { index: act.erased, before: act.index })
  if (entry?.commitment !== act.commitment) return
  const which = sql`log_id = ${log.id} and index = ${act.erased}`
  await releaseFiles(tx, log, act.erased)
  for (const table of ['standard', 'event', 'statement', 'attachment', 'claim', 'quarantine'])
    await rowsOf(tx, sql`delete from ${sql.raw(table)} where ${which}`)
  await rowsOf(tx, sql`delete from disclosure where log_id = ${log.id} and disclosed = ${act.erased}`)
  await rowsOf(
    tx,
    sql`update entry set record = null, digest = null, record_id = null, fault = null where ${which}`,
  )
  await rowsOf(
    tx,
    sql`insert into opening (log_id, index, salt, erased_by) values (${log.id}, ${act.erased}, null, ${act.index})
      on conflict (log_id, index) do update set salt = null, erased_by = excluded.erased_by`,
  )
  // The digest of a body is one of the record, as good as.
  if (log.own)
    await rowsOf(
      tx,
      sql`update idempotency set body = 'erased' where first <= ${act.erased} and first + amount > ${act.erased}`,
    )
}

/** The files of one entry, for its log alone: another's erasure takes nobody's file away. */
async function releaseFiles(tx: Queries, log: StoredLog, index: number): Promise<void> {
  const named = sql`select digest from attachment where log_id = ${log.id} and index = ${index}`
  const elsewhere = (digest: SQL, logs: SQL) =>
    sql`exists (select 1 from attachment a where a.digest = ${digest} and a.log_id in (${logs}) and not (a.log_id = ${log.id} and a.index = ${index}))`
  await rowsOf(
    tx,
    sql`delete from blob_source f where log_id = ${log.id} and digest in (${named}) and not ${elsewhere(sql`f.digest`, sql`${log.id}`)}`,
  )
  if (log.own)
    await rowsOf(
      tx,
      sql`update blob b set attached = false where digest in (${named}) and not ${elsewhere(sql`b.digest`, sql`select id from log where own`)}`,
    )
  await rowsOf(tx, sql`update blob set erased = true where digest in (${named})`)
}

async function findCommitted(
  tx: Queries,
  log: StoredLog,
  { index, before }: { readonly index: number; readonly before: number },
): Promise<CommittedEntryOfAnyTier | undefined> {
  if (index >= before) return undefined
  const [row] = await rowsOf<{ bytes: Uint8Array }>(
    tx,
    sql`select bytes from entry where log_id = ${log.id} and index = ${index}`,
  )
  try {
    const entry = row && parseEntry(row.bytes)
    return entry && !isPublicEntry(entry) ? entry : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
