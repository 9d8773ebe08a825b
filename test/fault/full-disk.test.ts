import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../node/store/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openSampleLog, sampleRecord } from '../support/log.ts'
import { checkWholeLog } from '../support/whole-log.ts'

let db: TestDatabase
let database: Database
let free: number
beforeEach(async () => {
  db = await createTestDatabase()
  free = 1 << 30
  database = await openDatabase({
    target: db.target,
    maxConnections: 3,
    freeBytes: () => Promise.resolve(free),
  })
})
afterEach(async () => {
  await database.close()
  await db.drop()
})

describe('a disk that is nearly full', () => {
  test('[DUR-50] takes no entry, answers readers, and goes on as soon as there is room', async () => {
    const log = await openSampleLog(database)
    await log.append(1)
    free = (64 << 20) - 1
    await expect(log.append(2)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect((await checkWholeLog(database)).size).toBe(1)
    free = 64 << 20
    await log.append(3)
    expect((await checkWholeLog(database)).digests).toEqual([1, 3].map((n) => sampleRecord(n).digest))
  })
})
