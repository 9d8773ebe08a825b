import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { digestText, select } from '../store/log-store.ts'

/** An act of a pair in a held log for which the own log has no receipt. */
export interface DueReceipt {
  readonly origin: string
  readonly index: number
  readonly digest: string
  readonly audience: string
  readonly synthetic: boolean
}

/**
 * Acts of the other party of a pair that came here and were not receipted, the first of them. That a receipt was logged is told by its
 * claim, which makes it the only one.
 *
 * @see spec/tier.md, TIER-70
 */
export async function listDueReceipts(database: Database, own: string): Promise<readonly DueReceipt[]> {
  const rows = await select<{
    origin: string
    index: number
    digest: Uint8Array
    audience: string
    synthetic: boolean
  }>(
    database,
    sql`select l.origin, v.index, v.digest, v.audience, e.record like '%"synthetic":true%' as synthetic
      from event v join log l on l.id = v.log_id and not l.own join entry e on e.log_id = v.log_id and e.index = v.index
      where v.tier = 'pair' and v.audience is not null and not exists (
        select 1 from claim c where c.log_id = (select id from log where origin = ${own})
          and c.name = 'receipt:' || l.origin || ' ' || v.index)
      order by v.log_id, v.index limit 100`,
  )
  return rows.map(({ digest, ...row }) => ({ ...row, digest: digestText(digest) }))
}
