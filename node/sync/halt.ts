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
 * Freezes the own log: nothing is signed any more, all that is there can be read. Evidence of two histories joins what it was frozen
 * for, and is never taken back.
 *
 * @returns whether it was not frozen for this before
 * @see spec/sync.md, SYNC-33
 */
export async function freezeLog(database: Database, origin: string, fault: StoredFault): Promise<boolean> {
  const proven = fault.evidence !== undefined
  const frozen = await select(
    database,
    sql`update log set state = 'frozen', fault = ${JSON.stringify(fault)}::jsonb
      where origin = ${origin} and own and (state = 'active' or (state = 'frozen' and ${proven} and not fault ? 'evidence')) returning id`,
  )
  return frozen.length > 0
}

/**
 * An own log that has recovered all that it was shown: the note over it, signed long ago, becomes the newest here.
 *
 * A crash before leaves entries beyond the note, which are recovered already; after it, the log is frozen over its whole.
 */
export async function adoptNote(
  database: Database,
  origin: string,
  { size, note }: { readonly size: number; readonly note: string },
): Promise<void> {
  await select(
    database,
    sql`update log set checkpoint = ${note}, checkpoint_size = ${size}
      where origin = ${origin} and own and state = 'frozen' and checkpoint_size < ${size} and size >= ${size} returning id`,
  )
}

/**
 * Ends what `freezeLog` began, for a log that signed one history and has all of it. One that signed two stays frozen.
 *
 * @returns whether it was frozen over exactly so much
 * @see spec/sync.md, SYNC-603
 */
export async function thawLog(database: Database, origin: string, size: number): Promise<boolean> {
  const thawed = await select(
    database,
    sql`update log set state = 'active', fault = null
      where origin = ${origin} and own and state = 'frozen' and checkpoint_size = ${size} and not fault ? 'evidence' returning id`,
  )
  return thawed.length > 0
}
