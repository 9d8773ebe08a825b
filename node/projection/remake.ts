import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { findLog, hexBytes, hexOf, recordText, rowsOf, type StoredLog, select } from '../store/log-store.ts'
import type { CheckedEntry } from './checked.ts'
import { settleEntry } from './reapply.ts'
import {
  eventColumns,
  selectEvents,
  selectStandards,
  selectStatements,
  standardColumns,
  statementColumns,
  valuesOf,
} from './row-value.ts'
import { doesOpen } from './tier-act.ts'

/** Below this index the read model has rows of the log: the next one that it wants. */
export function visibleEnd(log: StoredLog): number {
  return log.own ? log.visible : log.size
}

/**
 * Those of the entries whose rows are not what the entries say: altered, missing, or there where none should be. Reads alone.
 *
 * @see spec/durability.md, DUR-30
 */
export async function findOtherRows(
  database: Database,
  log: StoredLog,
  entries: readonly CheckedEntry[],
): Promise<ReadonlySet<number>> {
  const { standards, events, statements, attachments } = valuesOf(entries)
  const disclosures = await expectedDisclosures(database, log, entries)
  const indices = JSON.stringify(entries.map(({ index }) => index))
  const found = (table: SQL, columns: SQL) =>
    sql`select ${columns} from ${table} where log_id = ${log.id} and index in (select value::bigint from json_array_elements_text(${indices}::json))`
  const differ = (expected: SQL, stored: SQL) =>
    sql`select index from (((${expected}) except (${stored})) union all ((${stored}) except (${expected}))) d`
  const rows = await select<{ index: number }>(
    database,
    sql`${differ(selectStandards(standards), found(sql.raw('standard'), standardColumns))} union
      ${differ(selectEvents(events), found(sql.raw('event'), eventColumns))} union
      ${differ(selectStatements(statements), found(sql.raw('statement'), statementColumns))} union
      ${differ(selectAttachments(attachments), found(sql.raw('attachment'), attachmentColumns))} union
      ${differ(selectDisclosures(disclosures), found(sql.raw('disclosure'), disclosureColumns))}`,
  )
  return new Set(rows.map(({ index }) => index))
}

const attachmentColumns = sql.raw('index, digest, media_type, name')
const disclosureColumns = sql.raw('index, disclosed, digest, salt')

function selectAttachments(attachments: readonly object[]): SQL {
  return sql`select index, digest::bytea, media_type, name
    from json_to_recordset(${JSON.stringify(attachments)}::json) as r(index bigint, digest text, media_type text, name text)`
}

function selectDisclosures(disclosures: readonly object[]): SQL {
  return sql`select index, disclosed, digest::bytea, salt::bytea
    from json_to_recordset(${JSON.stringify(disclosures)}::json) as r(index bigint, disclosed bigint, digest text, salt text)`
}

/** What disclosures among the entries open, but for what was erased since. */
async function expectedDisclosures(
  database: Database,
  log: StoredLog,
  entries: readonly CheckedEntry[],
): Promise<readonly object[]> {
  const rows: object[] = []
  for (const { index, row } of entries) {
    if (row?.kind !== 'disclosure') continue
    const { disclosed, digest, salt } = row
    const opens = await database.run((queries) => doesOpen(queries, log, { ...row, index }))
    if (opens && !(await isErasedAfter(database, log, { index, disclosed })))
      rows.push({ index, disclosed, digest: hexOf(digest), salt: `\\x${salt}` })
  }
  return rows
}

async function isErasedAfter(
  database: Database,
  log: StoredLog,
  { index, disclosed }: { readonly index: number; readonly disclosed: number },
): Promise<boolean> {
  const rows = await select(
    database,
    sql`select erased_by from opening where log_id = ${log.id} and index = ${disclosed} and erased_by > ${index}`,
  )
  return rows.length > 0
}

/** Where the read model has rows of entries that it does not have yet. Reads alone. */
export async function findRowsBeyond(database: Database, log: StoredLog): Promise<readonly number[]> {
  const end = visibleEnd(log)
  const rows = await select<{ index: number }>(
    database,
    sql`select index from standard where log_id = ${log.id} and index >= ${end} union
      select index from event where log_id = ${log.id} and index >= ${end} union
      select index from statement where log_id = ${log.id} and index >= ${end} union
      select index from attachment where log_id = ${log.id} and index >= ${end} union
      select index from disclosure where log_id = ${log.id} and index >= ${end} order by index limit 100`,
  )
  return rows.map(({ index }) => index)
}

/**
 * One transaction: entries that were found damaged are stored as they were proven, and what the read model makes of them is made
 * again by the path of every entry. All others, and the cursor, stay as they are.
 *
 * A crash before the commit leaves what was there; after it, these entries are whole.
 *
 * @see spec/durability.md, DUR-32
 */
export function remakeEntries(
  database: Database,
  origin: string,
  entries: readonly CheckedEntry[],
): Promise<void> {
  return database.transaction(async (tx) => {
    const log = await findLog(tx, origin, { lock: true })
    if (!log) throw new TypeError('a log that was just read is gone')
    const damaged = sql`in (select value::bigint from json_array_elements_text(${JSON.stringify(entries.map(({ index }) => index))}::json))`
    await deleteRows(tx, log, damaged)
    await rowsOf(tx, sql`delete from quarantine where log_id = ${log.id} and index ${damaged}`)
    for (const entry of entries) await storeEntry(tx, log, entry)
    for (const entry of entries) if (entry.index < visibleEnd(log)) await settleEntry(tx, log, entry)
  })
}

/**
 * A faulty record is kept in an own log, which served it once; that of another stands in the quarantine alone. What is kept beside an
 * entry that is not public, no check can tell.
 */
async function storeEntry(tx: Queries, log: StoredLog, entry: CheckedEntry): Promise<void> {
  const { index, bytes, tier, digest, recordId, record } = entry
  const text = record === null || (entry.fault !== null && !log.own) ? null : recordText(record)
  const told = tier === null || tier === 'public'
  const beside = sql.raw(
    told ? ', digest = excluded.digest, record_id = excluded.record_id, record = excluded.record' : '',
  )
  await rowsOf(
    tx,
    sql`insert into entry (log_id, index, bytes, tier, digest, record_id, record)
      values (${log.id}, ${index}, ${hexBytes(bytes)}::bytea, ${tier}, ${digest === null ? null : hexOf(digest)}::bytea, ${recordId}, ${text})
      on conflict (log_id, index) do update set bytes = excluded.bytes, tier = excluded.tier, fault = null${beside}`,
  )
}

export async function deleteRows(tx: Queries, log: StoredLog, which: SQL): Promise<void> {
  await rowsOf(tx, sql`delete from standard where log_id = ${log.id} and index ${which}`)
  await rowsOf(tx, sql`delete from event where log_id = ${log.id} and index ${which}`)
  await rowsOf(tx, sql`delete from statement where log_id = ${log.id} and index ${which}`)
  await rowsOf(tx, sql`delete from attachment where log_id = ${log.id} and index ${which}`)
  await rowsOf(tx, sql`delete from disclosure where log_id = ${log.id} and index ${which}`)
}
