import { emptyRoot } from '../../protocol/log/merkle.ts'
import type { Sighting } from '../../protocol/trust/log-time.ts'
import type { Queries } from './connection.ts'
import type { Database } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { hexBytes, rowsOf, select } from './log-store.ts'

/** The newest tree that this node cosigned of a log; of one that it never did, the empty one and no note. */
export type WitnessState = {
  readonly size: number
  readonly root: Uint8Array
  readonly note: string
  /** POSIX seconds. */
  readonly time: number
}

const columns = sql.raw('size, root, note, time')

/** The row of a log as it is committed now; another may be on its way. */
export async function readWitness(queries: Queries, origin: string): Promise<WitnessState> {
  const [state] = await rowsOf<WitnessState>(
    queries,
    sql`select ${columns} from witness where origin = ${origin}`,
  )
  return state ?? { size: 0, root: emptyRoot, note: '', time: 0 }
}

/** The row of a log, made if need be, and nobody else's until the transaction ends. */
export async function lockWitness(tx: Queries, origin: string): Promise<WitnessState> {
  await rowsOf(
    tx,
    sql`insert into witness (origin, size, root, note, time) values (${origin}, 0, ${hexBytes(emptyRoot)}::bytea, '', 0)
      on conflict (origin) do nothing`,
  )
  const [state] = await rowsOf<WitnessState>(
    tx,
    sql`select ${columns} from witness where origin = ${origin} for update`,
  )
  if (!state) throw new TypeError('a row that was just made is gone')
  return state
}

export async function storeWitness(tx: Queries, origin: string, state: WitnessState): Promise<void> {
  await rowsOf(
    tx,
    sql`update witness set size = ${state.size}, root = ${hexBytes(state.root)}::bytea, note = ${state.note}, time = ${state.time}
      where origin = ${origin}`,
  )
}

/** `undefined`: never cosigned. */
export async function findWitness(database: Database, origin: string): Promise<WitnessState | undefined> {
  const [state] = await select<WitnessState>(
    database,
    sql`select ${columns} from witness where origin = ${origin} and note <> ''`,
  )
  return state
}

/**
 * An own note with more lines. It takes the place of the served one where it is over the same tree, and with the quorum that of an
 * older one with the quorum; never that of a note over more. The first with the quorum for a size is kept for good, in the same step.
 */
export async function storeCosigned(
  database: Database,
  origin: string,
  { size, note, witnessed }: { readonly size: number; readonly note: string; readonly witnessed: boolean },
): Promise<void> {
  await select(
    database,
    sql`with stored as (
        update log set checkpoint = case when checkpoint_size = ${size} then ${note} else checkpoint end,
          witnessed = case when ${witnessed} and witnessed_size <= ${size} then ${note} else witnessed end,
          witnessed_size = case when ${witnessed} and witnessed_size <= ${size} then ${size}::bigint else witnessed_size end
        where origin = ${origin} and own and state = 'active' and checkpoint_size >= ${size} returning id)
      insert into witnessed_note (log_id, size, note) select id, ${size}::bigint, ${note} from stored where ${witnessed}
      on conflict (log_id, size) do nothing`,
  )
}

/** Keeps a note that has the quorum for good, unless there is one of that size: the first says the earliest time. */
export async function keepWitnessed(
  queries: Queries,
  logId: number,
  { size, note }: { readonly size: number; readonly note: string },
): Promise<void> {
  await rowsOf(
    queries,
    sql`insert into witnessed_note (log_id, size, note) values (${logId}, ${size}, ${note}) on conflict (log_id, size) do nothing`,
  )
}

/** The kept note over the smallest tree of more than `after` entries, and of no more than `end`. */
export async function findWitnessedAfter(
  database: Database,
  logId: number,
  { after, end }: { readonly after: number; readonly end: number },
): Promise<string | undefined> {
  const [row] = await select<{ readonly note: string }>(
    database,
    sql`select note from witnessed_note where log_id = ${logId} and size > ${after} and size <= ${end} order by size limit 1`,
  )
  return row?.note
}

/** Keeps, for each witness and size, the first and the last time. */
export async function noteSightings(
  queries: Queries,
  logId: number,
  sightings: readonly Sighting[],
): Promise<void> {
  if (sightings.length === 0) return
  await rowsOf(
    queries,
    sql`insert into sighting (log_id, key, size, first, last)
      select ${logId}::int, key, size, time, time from json_to_recordset(${JSON.stringify(sightings)}::json) as r(key text, size bigint, time bigint)
      on conflict (log_id, key, size) do update set first = least(sighting.first, excluded.first), last = greatest(sighting.last, excluded.last)`,
  )
}

type Seen = { readonly key: string; readonly size: number; readonly first: number; readonly last: number }

/** All that says when the entries of [from, end) were logged: the sizes between, and for each witness the nearest on either side. */
export async function readSightings(
  database: Database,
  logId: number,
  { keys, from, end }: { readonly keys: readonly string[]; readonly from: number; readonly end: number },
): Promise<readonly Sighting[]> {
  if (keys.length === 0) return []
  const nearest = (where: SQL) =>
    sql`(select key, size, first, last from sighting where log_id = ${logId} and key = k.key and ${where} limit 1)`
  const rows = await select<Seen>(
    database,
    sql`select s.* from json_array_elements_text(${JSON.stringify(keys)}::json) k(key) cross join lateral (
        ${nearest(sql`size <= ${from} order by size desc`)}
        union all (select key, size, first, last from sighting where log_id = ${logId} and key = k.key and size > ${from} and size < ${end})
        union all ${nearest(sql`size >= ${end} order by size`)}) s`,
  )
  return rows.flatMap(({ key, size, first, last }) => [
    { key, size, time: first },
    { key, size, time: last },
  ])
}
