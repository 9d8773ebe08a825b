import { encodeUtf8 } from '../../protocol/bytes.ts'
import { parseJson } from '../../protocol/json.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import { maxRecordBytes, parseRecord } from '../../protocol/record/schema.ts'
import { claimsOf } from '../log/publish.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { readEntries, rowsOf, type StoredLog, select } from '../store/log-store.ts'

interface Holder {
  readonly index: number
  readonly recordId: string
}

/**
 * Who held what the entries from `end` on claim before they claimed it: a revision takes a number over from the record that it
 * revises, and gives it back when it is cut off.
 */
export async function findFormerHolders(
  database: Database,
  log: StoredLog,
  end: number,
): Promise<ReadonlyMap<string, Holder>> {
  const claimed = await select<{ name: string }>(
    database,
    sql`select name from claim where log_id = ${log.id} and index >= ${end}`,
  )
  const wanted = new Set(claimed.map(({ name }) => name))
  const holders = new Map<string, Holder>()
  for (let from = 0; wanted.size > 0 && from < end; from += fullWidth) {
    for (const { index, record } of await readEntries(database, log.id, {
      from,
      end: Math.min(from + fullWidth, end),
    })) {
      if (record === null || !namesAny(record, wanted)) continue
      const parsed = parseRecord(parseJson(encodeUtf8(record), maxRecordBytes))
      for (const { name } of claimsOf(parsed))
        if (wanted.has(name)) holders.set(name, { index, recordId: parsed.id })
    }
  }
  return holders
}

/** Only numbers are ever passed on; reading every record of the log with care would take long. */
function namesAny(record: string, wanted: ReadonlySet<string>): boolean {
  return [...record.matchAll(/"canonicalKey":"([^"\\]*)"/g)].some(([, key]) => wanted.has(`number:${key}`))
}

/** In a transaction: claims of the entries from `end` on are given up, or back. */
export async function returnClaims(
  tx: Queries,
  log: StoredLog,
  { end, holders }: { readonly end: number; readonly holders: ReadonlyMap<string, Holder> },
): Promise<void> {
  await rowsOf(tx, sql`delete from claim where log_id = ${log.id} and index >= ${end}`)
  for (const [name, { index, recordId }] of holders)
    await rowsOf(
      tx,
      sql`insert into claim (log_id, name, index, record_id) values (${log.id}, ${name}, ${index}, ${recordId})`,
    )
  await rowsOf(tx, sql`delete from idempotency where first >= ${end}`)
}
