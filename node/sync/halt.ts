import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { type StoredFault, select } from '../store/log-store.ts'

/**
 * Halts a followed log. The first notes of a halt count; those of the last few halts before it are kept behind them, since they may be
 * evidence. A halt for two histories is for good, and no other takes its place.
 *
 * @returns whether it was not halted for this before
 * @see spec/sync.md, SYNC-10 and SYNC-16
 */
export async function haltLog(database: Database, origin: string, fault: StoredFault): Promise<boolean> {
  const halted = await select(
    database,
    sql`update log set state = 'halted', etag = null, fault = ${JSON.stringify(fault)}::jsonb || jsonb_build_object('earlier',
        jsonb_path_query_array(coalesce(fault->'earlier', '[]'::jsonb) || case when fault is null then '[]'::jsonb
          else jsonb_build_array(fault - 'earlier') end, '$[last - 7 to last]'))
      where origin = ${origin} and not own and not (state = 'halted' and fault->>'code' in (${fault.code}, 'LOG_EQUIVOCATION'))
      returning id`,
  )
  return halted.length > 0
}

/**
 * Freezes the own log: nothing is signed any more, all that is there can be read. Nothing in this version ends it.
 *
 * @returns whether it was active before
 * @see spec/sync.md, SYNC-33
 */
export async function freezeLog(database: Database, origin: string, fault: StoredFault): Promise<boolean> {
  const frozen = await select(
    database,
    sql`update log set state = 'frozen', fault = ${JSON.stringify(fault)}::jsonb
      where origin = ${origin} and own and state = 'active' returning id`,
  )
  return frozen.length > 0
}
