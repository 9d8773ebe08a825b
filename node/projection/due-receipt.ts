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

export interface DueReceiptQuery {
  /** The own log. */
  readonly own: string
  /** The pairs that stand: logs of the other party. Acts for others are nobody's to receipt, and must not stand before those. */
  readonly pairs: readonly { readonly origin: string; readonly audience: string }[]
  /** Those behind this one. */
  readonly after?: DueReceipt | undefined
  readonly limit: number
}

/**
 * Acts of the other party of a pair that came here and were not receipted, the first of them. That a receipt was logged is told by its
 * claim, which makes it the only one.
 *
 * @see spec/tier.md, TIER-70
 */
export async function listDueReceipts(
  database: Database,
  { own, pairs, after, limit }: DueReceiptQuery,
): Promise<readonly DueReceipt[]> {
  const behind = after ? sql`(l.origin, v.index) > (${after.origin}, ${after.index}::bigint)` : sql`true`
  const rows = await select<{
    origin: string
    index: number
    digest: Uint8Array
    audience: string
    synthetic: boolean
  }>(
    database,
    sql`select l.origin, v.index, v.digest, v.audience, e.record like '%"synthetic":true%' as synthetic
      from (select log_id, index, digest, tier, audience from event
          union all select log_id, index, digest, tier, audience from statement where type like '%Attestation') v join log l on l.id = v.log_id and not l.own
      join json_to_recordset(${JSON.stringify(pairs)}::json) as p(origin text, audience text) on p.origin = l.origin and p.audience = v.audience
      join entry e on e.log_id = v.log_id and e.index = v.index
      where v.tier = 'pair' and ${behind} and not exists (
        select 1 from claim c where c.log_id = (select id from log where origin = ${own})
          and c.name = 'receipt:' || l.origin || ' ' || v.index)
      order by l.origin, v.index limit ${limit}`,
  )
  return rows.map(({ digest, ...row }) => ({ ...row, digest: digestText(digest) }))
}
