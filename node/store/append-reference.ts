import { ProtocolError } from '../../protocol/error.ts'
import type { Queries } from './connection.ts'
import { sql } from './drizzle.ts'
import { hexOf, rowsOf, type StoredLog } from './log-store.ts'

export interface AppendedReference {
  readonly id: string
  readonly digest: string
  readonly pointer: string
  /** Who the record is for that refers: what it refers to must be for the very same. */
  readonly tier: string
  readonly audience?: string
}

type StrangeReference = {
  readonly record: number
  readonly pointer: string
  readonly id: string
  readonly other: 'digest' | 'readers'
}

/**
 * References to a record of this log by a digest that it does not have, and to a record stored here, of whatever log, that is for other
 * readers; those of this append stand in the log by now.
 */
export async function findStrange(
  tx: Queries,
  log: StoredLog,
  entries: readonly { readonly references: readonly AppendedReference[] }[],
): Promise<readonly StrangeReference[]> {
  const rows = entries.flatMap(({ references }, record) =>
    references.map(({ digest, audience, ...reference }) => ({
      ...reference,
      record,
      digest: hexOf(digest),
      audience: audience ?? null,
    })),
  )
  if (rows.length === 0) return []
  const asked = JSON.stringify(rows)
  return rowsOf<StrangeReference>(
    tx,
    // By unique keys, one look for each: without statistics the server would plan a walk through the whole log for a join.
    sql`select * from (
      select r.record, r.pointer, r.id, 'digest' as other from json_to_recordset(${asked}::json) as r(record integer, id text, digest text, pointer text)
      cross join lateral (
        select e.digest from claim c join entry e on e.log_id = c.log_id and e.index = c.index
        where c.log_id = ${log.id} and c.name = 'id:' || r.id limit 1
      ) named where named.digest <> r.digest::bytea
      union all
      select r.record, r.pointer, r.id, 'readers' from json_to_recordset(${asked}::json) as r(record integer, id text, digest text, pointer text, tier text, audience text)
      where exists (select 1 from entry e where e.digest = r.digest::bytea and e.fault is null
        and (e.tier <> r.tier or e.audience is distinct from r.audience)
        and not (r.tier = 'public' and exists (select 1 from disclosure d where d.log_id = e.log_id and d.disclosed = e.index)))
    ) strange order by record limit 1`,
  )
}

export function requireKnown([strange]: readonly StrangeReference[]): void {
  if (!strange) return
  const { record, pointer, id, other } = strange
  const problem =
    other === 'digest'
      ? 'the record of this id in this log has another digest'
      : 'an act is for the very readers of what it acts on: tier and audience differ'
  throw new ProtocolError('RULE_VIOLATED', problem, {
    place: { index: record, pointer },
    evidence: { id },
  })
}
