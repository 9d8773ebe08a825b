import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { select } from '../store/log-store.ts'

/**
 * What answers about agreements and projects rest on, in one text: another as soon as a record, a file or a note came, went or was
 * opened. What it does not count, such as the time of day, belongs to whoever keeps answers by it.
 */
export async function readAnswerState(database: Database): Promise<string> {
  const rows = await select(
    database,
    sql`select (select json_agg(json_build_array(origin, visible, checkpoint_size, state) order by id) from log) as logs,
      (select count(*) from statement) as statements, (select count(*) from standard) as standards,
      (select count(*) from event) as events, (select count(*) from disclosure) as disclosures,
      (select count(*) from quarantine) as faults, (select count(*) from sighting) as sightings, (select count(*) from blob where size is not null) as files`,
  )
  return JSON.stringify(rows)
}
