import { sql } from 'drizzle-orm'
import type { Database } from '../../node/store/database.ts'

const tables = ['log', 'entry', 'tile', 'claim', 'idempotency', 'standard', 'event', 'quarantine'] as const

/** Every row of every table, but for when a look was taken. */
export async function dumpTables(database: Database): Promise<Record<string, readonly string[]>> {
  const dump: Record<string, readonly string[]> = {}
  for (const table of tables) {
    const rows = await database.run((queries) =>
      queries.execute(
        sql.raw(
          `select (to_jsonb(t) - 'seen_at' - 'checked_at' - 'created_at' - 'etag')::text as row from ${table} t order by 1`,
        ),
      ),
    )
    dump[table] = [...rows].map(({ row }) => String(row))
  }
  return dump
}
