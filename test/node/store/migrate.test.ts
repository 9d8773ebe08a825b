import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../../node/store/database.ts'
import { packageRoot, prepareDatabase } from '../../../node/store/migrate.ts'
import { administer, createTestDatabase, databaseServer } from '../../support/database.ts'

async function faultWith(setting: string): Promise<unknown> {
  const db = await createTestDatabase({ empty: true })
  const name = 'database' in db.target ? db.target.database : ''
  try {
    await administer(await databaseServer(), `alter database ${name} set ${setting}`)
    const database = await openDatabase({ target: db.target, maxConnections: 1 })
    try {
      return await prepareDatabase(database).then(
        () => 'prepared',
        (error: unknown) => error,
      )
    } finally {
      await database.close()
    }
  } finally {
    await db.drop()
  }
}

describe('schema', () => {
  test('[DUR-27] several that start at once bring an empty database up to date together', async () => {
    const db = await createTestDatabase({ empty: true })
    const databases = await Promise.all(
      [1, 2, 3].map(() => openDatabase({ target: db.target, maxConnections: 2 })),
    )
    await Promise.all(databases.map(prepareDatabase))
    const rows = await db.database.run((q) =>
      q.execute(
        sql`select (select count(*) from drizzle.__drizzle_migrations) as made, (select count(*) from log) as logs`,
      ),
    )
    expect(rows[0]).toMatchObject({ made: 11, logs: 0 })
    for (const database of databases) await database.close()
    await db.drop()
  })

  test('[DUR-27] a migration whose session is killed is made again by the next start', async () => {
    const db = await createTestDatabase({ empty: true })
    // The start waits for the tables of a rival, and is killed while it waits.
    const blocker = db.database.transaction(async (tx) => {
      await tx.execute(sql`create schema drizzle`)
      const begun = prepareDatabase(db.database).then(
        () => 'prepared',
        (error: { code?: string }) => error.code,
      )
      for (let killed = false; !killed; ) {
        const rows = await db.database.run((q) =>
          q.execute(sql`select pg_terminate_backend(pid) as killed from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`),
        )
        killed = rows[0]?.killed === true
      }
      const outcome = await begun
      throw new Error(String(outcome))
    })
    await expect(blocker).rejects.toThrow('STORAGE_UNAVAILABLE')
    await prepareDatabase(db.database)
    const rows = await db.database.run((q) => q.execute(sql`select count(*) as logs from log`))
    expect(rows[0]).toMatchObject({ logs: 0 })
    await db.drop()
  })

  test('[DUR-1] a server that answers before it has written to disk is refused', async () => {
    expect(await faultWith('synchronous_commit = off')).toMatchObject({
      code: 'CONFIG_INVALID',
      evidence: { faults: [{ variable: 'DATABASE_URL' }] },
    })
    expect(await faultWith('synchronous_commit = local')).toBe('prepared')
  })

  test('[DUR-1] a locale in which Chinese is white space is refused', async () => {
    const server = await databaseServer()
    const name = 'csx_test_c_locale'
    await administer(
      server,
      `create database ${name} template template0 locale_provider libc locale 'C' encoding 'UTF8'`,
    )
    const database = await openDatabase({ target: { ...server, database: name }, maxConnections: 1 })
    await expect(prepareDatabase(database)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await database.close()
    await administer(server, `drop database ${name} with (force)`)
  })

  test('[DUR-27] the migrations are found from the sources and from the built program', async () => {
    const root = packageRoot()
    expect(packageRoot(`${root}/node/store`)).toBe(root)
    expect(packageRoot(`${root}/dist/node/store`)).toBe(root)
    expect(() => packageRoot('/')).toThrow(TypeError)
  })
})
