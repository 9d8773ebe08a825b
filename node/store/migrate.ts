import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import type { DatabaseTarget } from './connection.ts'
import type { Database } from './database.ts'
import { configFault } from './fault.ts'
import { select } from './log-store.ts'
import { storageError } from './storage-error.ts'

/** Any fixed number: it keeps two starting nodes from migrating one database at once. */
const migrationLock = 4_216_801

/**
 * Refuses a server that would lose acknowledged work or cannot search Chinese, and brings the schema up to date. Each migration is one
 * transaction with the note that it was made, so a start that is killed is simply made again.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — `fsync`, `synchronous_commit` or `full_page_writes` off, or a wrong locale;
 *   `STORAGE_UNAVAILABLE`
 * @see spec/durability.md, DUR-1 and DUR-27
 */
export async function prepareDatabase(database: Database): Promise<void> {
  await checkDurability(database)
  await migrateSchema(database.target)
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

async function migrateSchema(target: DatabaseTarget): Promise<void> {
  const options = { max: 1, onnotice: () => {}, connect_timeout: 10 }
  const client =
    'url' in target
      ? postgres(target.url, options)
      : postgres({
          ...options,
          host: target.socketDirectory,
          port: 5432,
          user: target.user,
          password: target.password,
          database: target.database,
        })
  try {
    await client`select pg_advisory_lock(${migrationLock})`
    await migrate(drizzle(client), { migrationsFolder: join(packageRoot(), 'node', 'store', 'migrations') })
  } catch (error) {
    throw storageError(error)
  } finally {
    await client.end({ timeout: 5 })
  }
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
