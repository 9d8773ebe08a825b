import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AppendRequest } from '../../../node/log/request.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { openCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createClock, logKeys, logSigner, openSampleLog, origin, sampleRecord } from '../../support/log.ts'
import { checkWholeLog } from '../../support/whole-log.ts'

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
})
afterEach(() => db.drop())

const request = (...numbers: number[]): AppendRequest => ({ records: numbers.map((n) => sampleRecord(n)) })

describe('order', () => {
  test('[DUR-3] concurrent appends get dense indices, in the order in which they came', async () => {
    const log = await openSampleLog(db.database)
    const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(n)))
    expect(answers.map(([appended]) => appended?.index)).toEqual(Array.from({ length: 300 }, (_, n) => n))
    const whole = await checkWholeLog(db.database)
    expect(whole.digests).toEqual(Array.from({ length: 300 }, (_, n) => sampleRecord(n).digest))
  })

  test('[DUR-3] what is acknowledged before another begins stands before it', async () => {
    const log = await openSampleLog(db.database)
    const indices: number[] = []
    for (let n = 0; n < 20; n += 1) indices.push((await log.append(n))[0]?.index ?? -1)
    expect(indices).toEqual([...indices].sort((a, b) => a - b))
    expect((await checkWholeLog(db.database)).size).toBe(20)
  })

  test('[DUR-4] a request stands together, also one that is larger than a batch', async () => {
    const log = await openSampleLog(db.database)
    const large = Array.from({ length: 600 }, (_, i) => 1000 + i)
    const [, appended] = await Promise.all([log.append(1), log.append(...large), log.append(2, 3)])
    expect(appended.map(({ index }) => index)).toEqual(large.map((_, i) => 1 + i))
    expect((await checkWholeLog(db.database)).size).toBe(603)
  })

  test('[DUR-5] an answer brings a signed head that contains its entries', async () => {
    const log = await openSampleLog(db.database)
    const answers = await Promise.all([request(1), request(2, 3), request(4)].map(log.sequencer.append))
    for (const { appended, checkpoint } of answers) {
      const { size } = openCheckpoint(checkpoint, { origin, keys: logKeys }).checkpoint
      for (const { index } of appended) expect(index).toBeLessThan(size)
    }
  })
})

describe('the end of a key', () => {
  const until = (end: number) => (index: number) => {
    if (index >= end) throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'the key ends before this index')
  }

  test('[KEY-32] a record that came to stand beyond its key is refused by itself, before anything is written', async () => {
    const log = await openSampleLog(db.database)
    const results = await Promise.allSettled([
      log.append(1, 2),
      log.sequencer.append({ records: [{ ...sampleRecord(3), requirePlace: until(3) }] }),
      log.sequencer.append({
        records: [sampleRecord(4), { ...sampleRecord(5), requirePlace: until(4) }],
      }),
      log.sequencer.append({ records: [{ ...sampleRecord(6), requirePlace: until(4) }] }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(results[2]).toMatchObject({ reason: { code: 'KEY_NOT_VALID_AT_TIME', place: { index: 1 } } })
    expect((await checkWholeLog(db.database)).digests).toEqual(
      [1, 2, 3, 6].map((n) => sampleRecord(n).digest),
    )
  })

  test('[KEY-32] of requests that together pass the last size of the log key, those that fit are taken', async () => {
    const signerFor = async (size: number) => {
      if (size <= 4) return logSigner
      throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'no log key here', { evidence: { own: true } })
    }
    const log = await openSampleLog(db.database, { signerFor })
    const results = await Promise.allSettled([
      log.append(1, 2),
      log.append(3),
      log.append(4, 5),
      log.append(6),
      log.append(7),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ])
    expect((await checkWholeLog(db.database)).digests).toEqual(
      [1, 2, 3, 6].map((n) => sampleRecord(n).digest),
    )
  })
})

describe('conflicts', () => {
  test('[DUR-22] a record id that stands in the log is refused, and those beside it are not', async () => {
    const log = await openSampleLog(db.database)
    await log.append(1)
    const [first, second, third] = await Promise.allSettled([log.append(2), log.append(3, 1), log.append(4)])
    expect([first?.status, third?.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: 'DUPLICATE_ID', place: { index: 1 } },
    })
    expect((await checkWholeLog(db.database)).digests).toEqual([1, 2, 4].map((n) => sampleRecord(n).digest))
  })

  test('[DUR-22] of two records that revise one head exactly one gets in', async () => {
    const log = await openSampleLog(db.database)
    const claim = { name: 'revises:head', conflict: 'VERSION_CONFLICT' as const }
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => log.sequencer.append({ records: [sampleRecord(n, [claim])] })),
    )
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).toBe(3)
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'VERSION_CONFLICT' })
    expect((await checkWholeLog(db.database)).size).toBe(1)
  })

  test('[REC-32] a reference to a record of this log by another digest is refused, and those beside it are not', async () => {
    const log = await openSampleLog(db.database)
    const pointer = '/revisionOf/digest'
    const to = (n: number, digest = sampleRecord(n).digest) => ({
      id: sampleRecord(n).id,
      digest,
      pointer,
      tier: 'public' as const,
    })
    const wrong = sampleRecord(0).digest
    // All at once: what is referred to is on its way itself, before the reference or in the same request.
    const results = await Promise.allSettled([
      log.append(1),
      log.sequencer.append({ records: [sampleRecord(2, [], [to(1)])] }),
      log.sequencer.append({ records: [sampleRecord(3), sampleRecord(4, [], [to(1, wrong)])] }),
      log.sequencer.append({ records: [sampleRecord(5), sampleRecord(6, [], [to(5)])] }),
      log.sequencer.append({ records: [sampleRecord(7), sampleRecord(8, [], [to(7, wrong)])] }),
      log.sequencer.append({ records: [sampleRecord(9, [], [to(99, wrong)])] }),
    ])
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      true,
      false,
      true,
      false,
      true,
    ])
    for (const result of [results[2], results[4]])
      expect(result).toMatchObject({ reason: { code: 'RULE_VIOLATED', place: { index: 1, pointer } } })
    const { digests } = await checkWholeLog(db.database)
    expect(digests).toEqual([1, 2, 5, 6, 9].map((n) => sampleRecord(n).digest))
  })

  test('[DUR-4] a request of which one record is refused leaves nothing behind', async () => {
    const log = await openSampleLog(db.database)
    await expect(log.append(1, 2, 2)).rejects.toMatchObject({ code: 'DUPLICATE_ID' })
    await log.append(1, 2)
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })
})

describe('idempotency', () => {
  const keyed = (key: string, body: string, ...numbers: number[]): AppendRequest => ({
    ...request(...numbers),
    idempotency: { key, body },
  })

  test('[DUR-21] one key and one body: one place in the log, asked at once or later', async () => {
    const log = await openSampleLog(db.database)
    const same = keyed('a', 'x', 1, 2)
    const answers = await Promise.all([same, same, same].map(log.sequencer.append))
    answers.push(await log.sequencer.append(same))
    expect(answers.map(({ first }) => first)).toEqual([0, 0, 0, 0])
    const reopened = await openSampleLog(db.database)
    expect(await reopened.sequencer.append(same)).toMatchObject({ first: 0, replayed: true })
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })

  test('[DUR-21] one key and another body is refused, and the others beside it are not', async () => {
    const log = await openSampleLog(db.database)
    await log.sequencer.append(keyed('a', 'x', 1))
    const [other, free] = await Promise.allSettled([
      log.sequencer.append(keyed('a', 'y', 2)),
      log.sequencer.append(keyed('b', 'y', 3)),
    ])
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'IDEMPOTENCY_CONFLICT' } })
    expect(free?.status).toBe('fulfilled')
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })

  test('[DUR-21] a request that was refused leaves its key free', async () => {
    const log = await openSampleLog(db.database)
    await log.append(1)
    await expect(log.sequencer.append(keyed('a', 'x', 1))).rejects.toMatchObject({ code: 'DUPLICATE_ID' })
    expect(await log.sequencer.append(keyed('a', 'z', 2))).toMatchObject({ first: 1, replayed: false })
  })
})

describe('time', () => {
  test('[DUR-14] a clock that goes back a little is held at the last moment', async () => {
    const clock = createClock()
    const log = await openSampleLog(db.database, { deps: clock.deps })
    await log.append(1)
    clock.wall -= 4 * 60_000
    await log.append(2)
    clock.wall += 5 * 60_000
    await log.append(3)
    const { moments } = await checkWholeLog(db.database)
    expect(moments).toEqual([
      '2026-01-05T01:00:00.000Z',
      '2026-01-05T01:00:00.000Z',
      '2026-01-05T01:01:00.000Z',
    ])
  })

  test('[DUR-14] a clock that went back far stops publishing until it is right again, also over a start', async () => {
    const clock = createClock()
    const log = await openSampleLog(db.database, { deps: clock.deps })
    await log.append(1)
    clock.wall -= 6 * 60_000
    await expect(log.append(2)).rejects.toMatchObject({ code: 'CLOCK_WENT_BACK' })
    const reopened = await openSampleLog(db.database, { deps: clock.deps })
    await expect(reopened.append(2)).rejects.toMatchObject({ code: 'CLOCK_WENT_BACK' })
    clock.wall += 6 * 60_000
    await reopened.append(2)
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })

  test('[DUR-15] a clock that leaps ahead dates nothing, and nothing is stuck when it is put right', async () => {
    const clock = createClock()
    const log = await openSampleLog(db.database, { deps: clock.deps })
    await log.append(1)
    clock.wall += 365 * 86_400_000
    await expect(log.append(2)).rejects.toMatchObject({ code: 'TIME_IN_FUTURE' })
    clock.wall -= 365 * 86_400_000 - 1_000
    await log.append(2)
    const { moments } = await checkWholeLog(db.database)
    expect(moments).toEqual(['2026-01-05T01:00:00.000Z', '2026-01-05T01:00:01.000Z'])
  })

  test('[DUR-15] a leap that stays for ten minutes is believed', async () => {
    const clock = createClock()
    const log = await openSampleLog(db.database, { deps: clock.deps })
    clock.wall += 8 * 3_600_000
    await expect(log.append(1)).rejects.toMatchObject({ code: 'TIME_IN_FUTURE' })
    clock.wall += 10 * 60_000
    clock.elapsed += 10 * 60_000
    await log.append(1)
    expect((await checkWholeLog(db.database)).moments).toEqual(['2026-01-05T09:10:00.000Z'])
  })
})

describe('refusals that write nothing', () => {
  test('[DUR-8] without the writer lock nothing is written', async () => {
    const held = { yes: true }
    const log = await openSampleLog(db.database, {
      requireWriter: () => {
        if (!held.yes) throw new ProtocolError('LOG_LOCKED', 'lost')
      },
    })
    await log.append(1)
    held.yes = false
    await expect(log.append(2)).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    expect((await checkWholeLog(db.database)).size).toBe(1)
    held.yes = true
    await log.append(2)
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })

  test('[DUR-24] a log that is frozen takes nothing', async () => {
    const log = await openSampleLog(db.database)
    await db.database.run((q) => q.execute(sql`update log set state = 'frozen'`))
    await expect(log.append(1)).rejects.toMatchObject({ code: 'LOG_FROZEN' })
    expect((await checkWholeLog(db.database)).size).toBe(0)
  })

  test('[DUR-24] a log that freezes between a commit and its signature is not signed over, nor at the next start', async () => {
    const freeze = () => db.database.run((q) => q.execute(sql`update log set state = 'frozen'`))
    const log = await openSampleLog(db.database, {
      wrap: (store) => ({
        ...store,
        appendEntries: async (plan) => {
          await store.appendEntries(plan)
          await freeze()
        },
      }),
    })
    const first = { ...request(1), idempotency: { key: 'k', body: 'b' } }
    await expect(log.sequencer.append(first)).rejects.toMatchObject({ code: 'LOG_FROZEN' })
    const { recovered, sequencer } = await openSampleLog(db.database)
    expect([recovered.state, recovered.size, recovered.checkpointSize]).toEqual(['frozen', 1, 0])
    await expect(sequencer.append(first)).rejects.toMatchObject({ code: 'LOG_FROZEN' })
  })

  test('[DUR-24] a database that holds another own log is refused, whatever its name', async () => {
    await db.database.run((q) =>
      q.execute(sql`insert into log (origin, own) values ('example.org/log/1', true)`),
    )
    await expect(openSampleLog(db.database)).rejects.toMatchObject({ code: 'LOG_MISMATCH' })
  })

  test('[DUR-5] a server that stores other bytes than it was given is found out before the commit', async () => {
    const log = await openSampleLog(db.database)
    await log.append(1)
    await db.database.run((q) =>
      q.execute(sql`create function spoil() returns trigger language plpgsql as
        $$ begin new.bytes := set_byte(new.bytes, 3, 0); return new; end $$`),
    )
    await db.database.run((q) =>
      q.execute(sql`create trigger spoil before insert on entry for each row execute function spoil()`),
    )
    await expect(log.append(2)).rejects.toMatchObject({ code: 'LEAF_MISMATCH', place: { index: 1 } })
    await db.database.run((q) => q.execute(sql`drop trigger spoil on entry`))
    await log.append(2)
    expect((await checkWholeLog(db.database)).size).toBe(2)
  })
})
