import type { Queries } from './connection.ts'
import { sql } from './drizzle.ts'
import { hexBytes, rowsOf } from './log-store.ts'

/** Salt of an entry that is not public. */
export interface StoredOpening {
  readonly index: number
  readonly salt: Uint8Array
}

/** In a transaction: keeps what opens these entries. One that was destroyed on request stays destroyed. */
export async function storeOpenings(
  tx: Queries,
  logId: number,
  openings: readonly StoredOpening[],
): Promise<void> {
  if (openings.length === 0) return
  const rows = openings.map(({ index, salt }) => ({ index, salt: hexBytes(salt) }))
  await rowsOf(
    tx,
    sql`insert into opening (log_id, index, salt)
      select ${logId}::int, index, salt::bytea from json_to_recordset(${JSON.stringify(rows)}::json) as r(index bigint, salt text)
      on conflict (log_id, index) do update set salt = excluded.salt where opening.erased_by is null`,
  )
}
