import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../node/store/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

/** A database behind a line that can be cut as a crash of the server cuts it, with a reset, and is up again at once. */
let db: TestDatabase
let line: Server
let database: Database
const sockets = new Set<Socket>()
beforeEach(async () => {
  db = await createTestDatabase()
  if (!('socketDirectory' in db.target)) throw new Error('the database of the tests is reached by a socket')
  const { socketDirectory, user, password, database: name } = db.target
  line = createServer((socket) => {
    const server = connect(join(socketDirectory, '.s.PGSQL.5432'))
    sockets.add(socket)
    for (const end of [socket, server])
      end
        .on('error', () => {})
        .on('close', () => {
          socket.destroy()
          server.destroy()
        })
    socket.pipe(server)
    server.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  const { port } = line.address() as AddressInfo
  const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`
  database = await openDatabase({ target: { url }, maxConnections: 1, name: 'cut' })
  await db.database.run((q) => q.execute(sql`create table written (n integer)`))
})
afterEach(async () => {
  await database.close()
  for (const socket of sockets) socket.destroy()
  line.close()
  await db.drop()
})

const count = async (statement: ReturnType<typeof sql>) =>
  Number((await db.database.run((q) => q.execute(statement)))[0]?.n)

test('[DUR-17] when the connection is reset, what was left of a transaction is carried out nowhere, and no connection is left', async () => {
  const done = database
    .transaction((tx) =>
      // They go out together: behind the first, the others wait in the driver.
      Promise.all([
        tx.execute(sql`select pg_sleep(${5}::float8)`),
        ...[1, 2, 3, 4].map((n) => tx.execute(sql`insert into written select ${n}::integer`)),
      ]),
    )
    .catch((error: unknown) => error)
  await sleep(300)
  for (const socket of sockets) socket.resetAndDestroy()
  expect(await done).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  // The driver would have waited this long, and connected anew.
  await sleep(1_000)
  expect(await count(sql`select count(*) as n from written`)).toBe(0)
  const left = sql`select count(*) as n from pg_stat_activity where application_name = 'cut' and state <> 'active' and datname = current_database()`
  expect(await count(left)).toBe(0)
  await database.transaction((tx) => tx.execute(sql`insert into written values (5)`))
  expect(await count(sql`select count(*) as n from written`)).toBe(1)
})
