import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'
import { readMigrationFiles, sql } from './drizzle.ts'
import { configFault } from './fault.ts'
import { select } from './log-store.ts'

/** Any fixed number: it keeps two starting nodes from migrating one database at once. */
const migrationLock = 4_216_801

/**
 * Refuses a server that would lose acknowledged work or cannot search Chinese, and brings the schema up to date. All that is
 * missing is made in one transaction, so a start that is killed is simply made again.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — `fsync`, `synchronous_commit` or `full_page_writes` off, or a wrong locale;
 *   `STORAGE_UNAVAILABLE`
 * @see spec/durability.md, DUR-1 and DUR-27
 */
export async function prepareDatabase(database: Database): Promise<void> {
  await checkDurability(database)
  await migrateSchema(database)
  await checkLocale(database)
}

async function checkDurability(database: Database): Promise<void> {
  const rows = await select<{ name: string; setting: string }>(
    database,
    sql`select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version_num', 'server_encoding')`,
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    if (settings.get(name) !== 'off') continue
    throw configFault(
      'DATABASE_URL',
      `the server runs with ${name} off`,
      `set ${name} = on and restart PostgreSQL`,
    )
  }
  if (Number(settings.get('server_version_num')) < 150_000)
    throw configFault('DATABASE_URL', 'the server is older than PostgreSQL 15', 'update the server')
  if (settings.get('server_encoding') !== 'UTF8')
    throw configFault('DATABASE_URL', 'the database is not in UTF-8', 'create it with ENCODING UTF8')
}

/**
 * What has not been made yet, in one transaction with the notes that it was. Not by the query builder's own migrator:
 * its transaction stands on the driver's, which does not survive the loss of its connection.
 */
async function migrateSchema(database: Database): Promise<void> {
  const migrations = readMigrationFiles({
    migrationsFolder: join(packageRoot(), 'node', 'store', 'migrations'),
  })
  await database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${migrationLock})`)
    await tx.execute(sql`create schema if not exists drizzle`)
    await tx.execute(sql`create table if not exists drizzle.__drizzle_migrations
      (id serial primary key, hash text not null, created_at bigint)`)
    const [last] = await tx.execute(
      sql`select coalesce(max(created_at), 0)::float8 as made from drizzle.__drizzle_migrations`,
    )
    for (const { sql: statements, hash, folderMillis } of migrations) {
      if (folderMillis <= Number(last?.made)) continue
      for (const statement of statements) await tx.execute(sql.raw(statement))
      await tx.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`,
      )
    }
  })
}

/** Below the C locale every Chinese character is white space to the trigram index: nothing would ever be found. */
async function checkLocale(database: Database): Promise<void> {
  const [row] = await select<{ found: boolean }>(
    database,
    sql`select cardinality(show_trgm('数据交换')) > 0 as found`,
  )
  if (row?.found !== true) {
    throw configFault(
      'DATABASE_URL',
      'the locale of the database cannot search Chinese text',
      'create the database with LC_CTYPE C.UTF-8 or zh_CN.UTF-8',
    )
  }
}

/** The folder of the installed package: the migrations lie there for the sources and for the built program alike. */
export function packageRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  if (existsSync(join(from, 'package.json')) && existsSync(join(from, 'node', 'store', 'migrations')))
    return from
  const above = dirname(from)
  if (above === from) throw new TypeError('the package was taken apart: its migrations are not there')
  return packageRoot(above)
}
