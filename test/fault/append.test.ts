import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProtocolError } from '../../protocol/error.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { failOnce, type LostOutcome, type LostWrite, openSampleLog, sampleRecord } from '../support/log.ts'
import { checkWholeLog } from '../support/whole-log.ts'

const writes: readonly LostWrite[] = ['appendEntries', 'storeCheckpoint']
const outcomes: readonly LostOutcome[] = ['lost', 'stored-but-reported-lost']
const table = writes.flatMap((write) => outcomes.map((outcome) => ({ write, outcome })))

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
})
afterEach(() => db.drop())

const unanswered = () =>
  new ProtocolError('STORAGE_UNAVAILABLE', 'the answer was lost', { evidence: { outcome: 'unknown' } })

describe.each(table)('append survives: $write $outcome', ({ write, outcome }) => {
  const wrap = failOnce(write, outcome, unanswered)

  test('[DUR-2] and a start: what was acknowledged is there once, and the next append goes on', async () => {
    const before = await openSampleLog(db.database)
    await before.append(1, 2)
    const broken = await openSampleLog(db.database, { wrap: failOnce(write, outcome, unanswered) })
    await expect(broken.append(3, 4)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const after = await openSampleLog(db.database)
    const stored = outcome !== 'lost' || write === 'storeCheckpoint'
    expect((await checkWholeLog(db.database)).size).toBe(stored ? 4 : 2)
    const [appended] = await after.append(5)
    const whole = await checkWholeLog(db.database)
    expect(appended?.index).toBe(whole.size - 1)
    const expected = [1, 2, ...(stored ? [3, 4] : []), 5].map((n) => sampleRecord(n).digest)
    expect(whole.digests).toEqual(expected)
  })

  test('[DUR-2] and goes on without a start', async () => {
    const log = await openSampleLog(db.database, { wrap })
    await expect(log.append(1)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const [appended] = await log.append(2)
    const whole = await checkWholeLog(db.database)
    expect(whole.digests.at(-1)).toBe(sampleRecord(2).digest)
    expect(appended?.index).toBe(whole.size - 1)
    expect(whole.digests.length).toBe(outcome === 'lost' && write === 'appendEntries' ? 1 : 2)
  })

  test('[DUR-23] the same request with its key, sent again, is in the log once and under a signed head', async () => {
    const log = await openSampleLog(db.database, { wrap: failOnce(write, outcome, unanswered) })
    const request = {
      records: [sampleRecord(1), sampleRecord(2)],
      idempotency: { key: 'k', body: 'b' },
    }
    await expect(log.sequencer.append(request)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const answer = await log.sequencer.append(request)
    expect(answer.first).toBe(0)
    const whole = await checkWholeLog(db.database)
    expect(whole.digests).toEqual([1, 2].map((n) => sampleRecord(n).digest))
  })
})

test('[DUR-2] a crash at every write of a long run leaves a log that a stranger can check', async () => {
  const acknowledged: string[] = []
  for (const [i, { write, outcome }] of [...table, ...table, ...table].entries()) {
    const log = await openSampleLog(db.database, { wrap: failOnce(write, outcome, unanswered) })
    for (const n of [10 * i, 10 * i + 1, 10 * i + 2]) {
      const appended = await log.append(n).catch(() => [])
      for (const { digest } of appended) acknowledged.push(digest)
    }
  }
  await openSampleLog(db.database)
  const { digests } = await checkWholeLog(db.database)
  expect(new Set(digests).size).toBe(digests.length)
  expect(acknowledged.length).toBe(24)
  for (const digest of acknowledged) expect(digests).toContain(digest)
  // In the order of their acknowledgements.
  expect(digests.filter((digest) => acknowledged.includes(digest))).toEqual(acknowledged)
})

test('[DUR-5] nothing is acknowledged, and nobody is told, before the note is stored', async () => {
  const told: number[] = []
  const log = await openSampleLog(db.database, {
    wrap: failOnce('storeCheckpoint', 'lost', unanswered),
    onCheckpoint: (_note, size) => told.push(size),
  })
  await log.append(1).catch(() => {})
  expect(told).toEqual([])
})
