import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Queries } from '../../../node/store/connection.ts'
import { openDatabase } from '../../../node/store/database.ts'
import { storageError } from '../../../node/store/storage-error.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  await db.database.run((queries) => queries.execute(sql`create table probe (n bigint primary key, b bytea)`))
})
afterAll(() => db.drop())

async function countOf(queries: Queries): Promise<unknown> {
  return (await queries.execute(sql`select count(*) as n from probe`))[0]?.n
}

async function pidOf(queries: Queries): Promise<unknown> {
  return (await queries.execute(sql`select pg_backend_pid() as pid`))[0]?.pid
}

async function kill(pid: unknown): Promise<void> {
  await db.database.run((queries) => queries.execute(sql`select pg_terminate_backend(${pid}::int)`))
  await sleep(50)
}

async function faultOf(work: Promise<unknown>): Promise<ProtocolError> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProtocolError)) throw error
  return error
}

describe('database', () => {
  test('[DUR-18] a code of the connection is not taken for one of the server', () => {
    for (const code of ['EPIPE', 'ECONNRESET', 'ENOENT', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT']) {
      const thrown = storageError(Object.assign(new Error('write'), { code }))
      expect(thrown).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    }
    const ours = new TypeError('ours')
    expect(storageError(ours)).toBe(ours)
  })

  test('[DUR-17] a connection lost inside a transaction ends the transaction, not the process', async () => {
    const before = await db.database.run(countOf)
    const fault = await faultOf(
      db.database.transaction(async (tx) => {
        await tx.execute(sql`insert into probe (n) values (1)`)
        await kill(await pidOf(tx))
        await tx.execute(sql`insert into probe (n) values (2)`)
      }),
    )
    expect(fault.code).toBe('STORAGE_UNAVAILABLE')
    expect(fault.evidence.outcome).toBeUndefined()
    expect(await db.database.run(countOf)).toBe(before)
  })

  test('[DUR-17] a connection lost under a statement fails that statement alone', async () => {
    const running = faultOf(
      db.database.transaction(async (tx) => {
        void sleep(50).then(async () => kill(await pid))
        const pid = pidOf(tx)
        await pid
        await tx.execute(sql`select pg_sleep(5)`)
      }),
    )
    expect((await running).code).toBe('STORAGE_UNAVAILABLE')
    for (let i = 0; i < 20; i += 1) expect(await db.database.run(countOf)).toBeTypeOf('number')
  })

  test('[DUR-17] a commit whose answer is lost says that its outcome is unknown', async () => {
    const fault = await faultOf(
      db.database.transaction(async (tx) => {
        await tx.execute(sql`insert into probe (n) values (3)`)
        await kill(await pidOf(tx))
      }),
    )
    expect(fault.evidence.outcome).toBe('unknown')
  })

  test('[DUR-17] what throws inside a transaction rolls it back, and the error arrives as it was', async () => {
    const before = await db.database.run(countOf)
    const thrown = new TypeError('ours')
    await expect(
      db.database.transaction(async (tx) => {
        await tx.execute(sql`insert into probe (n) values (4)`)
        throw thrown
      }),
    ).rejects.toBe(thrown)
    expect(await db.database.run(countOf)).toBe(before)
  })

  test('[DUR-17] a statement that failed is not forgotten when its error is swallowed', async () => {
    const fault = await faultOf(
      db.database.transaction(async (tx) => {
        await tx.execute(sql`insert into probe (n) values (5)`)
        await tx.execute(sql`select 1/0`).catch(() => {})
      }),
    )
    expect(fault.code).toBe('INTERNAL')
  })

  test('[DUR-18] an error of the database carries neither statement nor parameters', async () => {
    const secret = 'a-planted-value-4711'
    const faults = await Promise.all([
      faultOf(db.database.run((q) => q.execute(sql`insert into probe (n) values (${secret}::bigint)`))),
      faultOf(db.database.run((q) => q.execute(sql`select nonsense from ${sql.raw(`"${secret}"`)}`))),
      faultOf(
        db.database.run((q) =>
          q.execute(sql`select ${secret}::text::bytea || ${secret}::jsonb::text::bytea`),
        ),
      ),
    ])
    for (const fault of faults) {
      expect(fault.code).toBe('INTERNAL')
      const seen = [fault.message, fault.stack, JSON.stringify(fault.evidence), String(fault.cause)].join(
        '\n',
      )
      expect(seen).not.toContain(secret)
      expect(seen).not.toMatch(/insert into|select/i)
    }
  })

  test('[DUR-18] a full disk is told from a database that does not answer', async () => {
    const raise = (code: string) =>
      db.database.run((q) =>
        q.execute(sql.raw(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`)),
      )
    expect((await faultOf(raise('53100'))).code).toBe('STORAGE_FULL')
    for (const code of ['53300', '57P03', '08006', '58030', '25006', '40001']) {
      expect((await faultOf(raise(code))).code).toBe('STORAGE_UNAVAILABLE')
    }
  })

  test('[DUR-18] nobody at the other end: unavailable, within the time given', async () => {
    const begun = performance.now()
    const opening = openDatabase({
      target: { url: 'postgres://nobody:nothing@127.0.0.1:1/none' },
      maxConnections: 1,
      patience: 600,
    })
    expect((await faultOf(opening)).code).toBe('STORAGE_UNAVAILABLE')
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  test('[DUR-18] a wrong password is not waited upon', async () => {
    const begun = performance.now()
    const target = { ...db.target, password: 'wrong' }
    const fault = await faultOf(openDatabase({ target, maxConnections: 1, patience: 20_000 }))
    expect(fault.code).toBe('STORAGE_UNAVAILABLE')
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  test('[DUR-19] integers and bytes come back as they went in', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await db.database.run((q) =>
      q.execute(
        sql`insert into probe (n, b) values (${Number.MAX_SAFE_INTEGER}, ${bytes}), (-1, ${new Uint8Array(0)})`,
      ),
    )
    const rows = await db.database.run((q) =>
      q.execute(sql`select n, b from probe where b is not null order by n`),
    )
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { n: -1, b: new Uint8Array(0) },
      { n: Number.MAX_SAFE_INTEGER, b: bytes },
    ])
    expect(rows[1]?.b?.constructor).toBe(Uint8Array)
  })

  test('[DUR-19] an integer beyond 2^53 is refused, not rounded', async () => {
    await expect(db.database.run((q) => q.execute(sql`select 9007199254740993 as n`))).rejects.toThrow(
      RangeError,
    )
    expect(await db.database.run(countOf)).toBeTypeOf('number')
  })

  test('[DUR-20] more callers than connections wait for their turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        db.database.run(async (q) => (await q.execute(sql`select ${i}::int as i`))[0]?.i),
      ),
    )
    expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })

  test('[DUR-20] a statement that does not end is ended, and its connection with it', async () => {
    const database = await openDatabase({ target: db.target, maxConnections: 1, timeLimit: 300 })
    const fault = await faultOf(database.run((q) => q.execute(sql`select pg_sleep(30)`)))
    expect(fault.code).toBe('STORAGE_UNAVAILABLE')
    expect(await database.run(countOf)).toBeTypeOf('number')
    await database.close()
  })
})
