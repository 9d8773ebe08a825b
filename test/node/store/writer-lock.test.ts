import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeWriterLock, type WriterLock } from '../../../node/store/writer-lock.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createClock } from '../../support/log.ts'

const deps = { ...createClock().deps, monotonic: () => performance.now() }

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

const take = (origin: string) => takeWriterLock(db.target, origin, deps)

async function endSessions(): Promise<void> {
  await db.database.run((q) =>
    q.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'csx-writer' and datname = current_database()`),
  )
}

async function held(lock: WriterLock): Promise<boolean> {
  for (let i = 0; i < 50; i += 1) {
    try {
      lock.require()
      return true
    } catch {
      await sleep(50)
    }
  }
  return false
}

describe('writer lock', () => {
  test('[DUR-8] a second writer of one log is refused within five seconds', async () => {
    const first = await take('a.example/log/1')
    const begun = performance.now()
    await expect(take('a.example/log/1')).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    expect(performance.now() - begun).toBeLessThan(5_000)
    first.require()
    await first.release()
  })

  test('[DUR-8] two logs in one database have a writer each', async () => {
    const locks = await Promise.all([take('b.example/log/1'), take('c.example/log/1')])
    for (const lock of locks) expect(() => lock.require()).not.toThrow()
    for (const lock of locks) await lock.release()
  })

  test('[DUR-8] one who lets go is followed by one who waits', async () => {
    const first = await take('d.example/log/1')
    const second = take('d.example/log/1')
    await sleep(300)
    await first.release()
    expect(() => first.require()).toThrow(expect.objectContaining({ code: 'LOG_LOCKED' }))
    await (await second).release()
  })

  test('[DUR-8] a session that is lost stops the writer until it has the lock again', async () => {
    const lock = await take('e.example/log/1')
    const ending = endSessions()
    const refusals: unknown[] = []
    const until = performance.now() + 10_000
    // In every turn: the lock may be there again after a few.
    while (refusals.length === 0 && performance.now() < until) {
      try {
        lock.require()
        await nextTurn()
      } catch (error) {
        refusals.push(error)
      }
    }
    await ending
    expect(refusals).toMatchObject([{ code: 'LOG_LOCKED' }])
    expect(await held(lock)).toBe(true)
    await lock.release()
  })

  test('[DUR-8] a lock that another took meanwhile is not regained while he has it', async () => {
    const lock = await take('f.example/log/1')
    const rival = take('f.example/log/1')
    await sleep(200)
    await endSessions()
    const results = await Promise.allSettled([rival])
    const rivalWon = results[0]?.status === 'fulfilled'
    expect(await held(lock)).toBe(!rivalWon)
    if (results[0]?.status === 'fulfilled') {
      await results[0].value.release()
      expect(await held(lock)).toBe(true)
    }
    await lock.release()
  })
})
