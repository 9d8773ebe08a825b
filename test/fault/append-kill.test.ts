import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../node/deps.ts'
import type { DatabaseTarget } from '../../node/store/connection.ts'
import { type Database, openDatabase } from '../../node/store/database.ts'
import { lockDirectory } from '../../node/store/lock.ts'
import { prepareDatabase } from '../../node/store/migrate.ts'
import { startPostgres } from '../../node/store/postgres-server.ts'
import { startChild } from '../support/child.ts'
import { createTestDatabase } from '../support/database.ts'
import { openSampleLog, sampleRecord } from '../support/log.ts'
import { checkWholeLog } from '../support/whole-log.ts'

interface Acknowledged {
  readonly numbers: readonly number[]
  readonly indices: readonly number[]
}

interface Run {
  readonly acknowledged: readonly Acknowledged[]
  readonly refusals: readonly unknown[]
}

/** Lets a process append until `strike` is done, kills it, and returns what it had said by then. */
async function appendUntil(target: DatabaseTarget, first: number, strike: () => Promise<void>): Promise<Run> {
  const child = startChild('append-process.ts', [JSON.stringify(target), String(first)])
  expect(await child.line()).toEqual({ ready: true })
  const acknowledged: Acknowledged[] = []
  const refusals: unknown[] = []
  const reading = (async () => {
    for (let line = await child.line(); line; line = await child.line()) {
      if ('refused' in line) refusals.push(line.refused)
      else acknowledged.push(line as unknown as Acknowledged)
    }
  })()
  await strike()
  await child.kill('SIGKILL')
  await reading
  return { acknowledged, refusals }
}

async function expectKept(database: Database, acknowledged: readonly Acknowledged[]): Promise<number> {
  const { digests, size } = await checkWholeLog(database)
  expect(new Set(digests).size).toBe(size)
  for (const { numbers, indices } of acknowledged) {
    expect(indices.map((index) => digests[index])).toEqual(numbers.map((n) => sampleRecord(n).digest))
  }
  return size
}

test('[DUR-2] a process that is killed while it appends loses nothing that it acknowledged', async () => {
  const db = await createTestDatabase()
  const acknowledged: Acknowledged[] = []
  for (let round = 0; round < 4; round += 1) {
    const run = await appendUntil(db.target, 10_000 * round, () => sleep(20 + 130 * Math.random()))
    acknowledged.push(...run.acknowledged)
  }
  await openSampleLog(db.database)
  expect(await expectKept(db.database, acknowledged)).toBeGreaterThanOrEqual(2 * acknowledged.length)
  expect(acknowledged.length).toBeGreaterThan(0)
  await db.drop()
})

test('[DUR-23] a database that is killed under an appending process loses nothing, and the process goes on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'csx-append-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, 0o755)
  const deps = {
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
    monotonic: () => performance.now(),
    logger: createLogger('silent'),
  }
  const lock = await lockDirectory(directory, deps)
  const server = await startPostgres(lock, { deps })
  onTestFinished(() => server.stop())
  const database = await openDatabase({ target: server.target, maxConnections: 2 })
  await prepareDatabase(database)
  const { acknowledged, refusals } = await appendUntil(server.target, 0, async () => {
    for (let round = 0; round < 2; round += 1) {
      await sleep(150)
      const struck = server.pid()
      process.kill(struck, round === 1 ? 'SIGQUIT' : 'SIGKILL')
      // A busy machine takes its time to start the next one.
      while (server.pid() === struck) await sleep(50)
      await sleep(1_000)
    }
  })
  await openSampleLog(database)
  await expectKept(database, acknowledged)
  expect(acknowledged.length).toBeGreaterThan(10)
  for (const code of refusals) expect(['STORAGE_UNAVAILABLE', 'LOG_LOCKED']).toContain(code)
  await database.close()
})
