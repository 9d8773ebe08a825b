import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import type { Database } from '../../../node/store/database.ts'
import { select } from '../../../node/store/log-store.ts'
import { findWitness } from '../../../node/store/witness-store.ts'
import { createWitness, type WitnessAnswer, type WitnessOptions } from '../../../node/witness/cosign.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import type { Signer } from '../../../protocol/key.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createClock } from '../../support/log.ts'
import { offerOf } from '../../support/offer.ts'
import { PeerLog } from '../../support/peer-log.ts'

const bureau = syntheticMember('主管局（合成）', 'http://localhost:7401')
const agency = syntheticMember('璧山（合成）', 'http://localhost:7402')
const trust = syntheticTrust([bureau, agency])

let db: TestDatabase
let log: PeerLog
beforeEach(async () => {
  db = await createTestDatabase()
  log = new PeerLog(agency)
  await log.publishStandards(5)
})
afterEach(() => db.drop())

/** A witness as it starts over what is stored. */
function start(database: Database = db.database, options: Partial<WitnessOptions> = {}) {
  const witness = createWitness({
    deps: { now: Date.now, monotonic: () => performance.now() },
    database,
    trust: () => trust,
    own: bureau.origin,
    name: 'localhost:7401/witness',
    signerAt: async () => bureau.witness,
    onSigned: () => {},
    onCosigned: () => {},
    onContradiction: () => {},
    ...options,
  })
  return async (of: PeerLog, old: number, size = of.size): Promise<WitnessAnswer> =>
    witness(encodeUtf8(await offerOf(of, { old, size })))
}

/** The process ends once something is committed, before it can say so. */
function dying({ database }: TestDatabase): Database {
  return Object.assign(Object.create(database) as Database, {
    transaction: async (work: Parameters<Database['transaction']>[0]) => {
      await database.transaction(work)
      throw new Error('killed')
    },
  })
}

describe('a witness', () => {
  test('[WIT-24] killed between its commit and its answer, it knows afterwards what it signed', async () => {
    await start()(log, 0, 3)
    await expect(start(dying(db))(log, 3)).rejects.toThrow('killed')
    const fork = log.fork(3)
    await fork.publishStandards(4, 90)
    const offer = start()
    expect(await offer(fork, 3)).toEqual({ kind: 'conflict', size: 5 })
    await expect(offer(fork, 5)).rejects.toMatchObject({ code: 'CONSISTENCY_INVALID' })
    expect(await offer(log, 5)).toMatchObject({ kind: 'cosigned' })
  })

  test('[WIT-24] two processes over one database cosign one of two histories', async () => {
    await start()(log, 0)
    const forks = await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (n) => {
        const fork = log.fork(5)
        await fork.publishStandards(1 + (n % 3), 100 * (n + 1))
        return fork
      }),
    )
    const answers = await Promise.all(forks.map((fork) => start()(fork, 5)))
    const sizes = forks.map(({ size }) => size)
    const won = answers.findIndex(({ kind }) => kind === 'cosigned')
    expect(answers.filter(({ kind }) => kind === 'cosigned')).toHaveLength(1)
    expect(answers.filter((answer) => answer.kind === 'conflict').map(({ size }) => size)).toEqual(
      Array(5).fill(sizes[won]),
    )
    expect((await findWitness(db.database, agency.origin))?.size).toBe(sizes[won])
  })

  test('[WIT-24] put back from an old back-up, it says so with 409 and goes on from there', async () => {
    const offer = start()
    await offer(log, 0, 2)
    await select(db.database, sql`create table backup as table witness`)
    await offer(log, 2)
    await select(db.database, sql`delete from witness`)
    await select(db.database, sql`insert into witness table backup`)
    await log.publishStandards(3)
    expect(await start()(log, 5)).toEqual({ kind: 'conflict', size: 2 })
    expect(await start()(log, 2)).toMatchObject({ kind: 'cosigned' })
  })

  test('[WIT-24] a slow signature holds no connection, and is thrown away when another process was first', async () => {
    let sign = () => {}
    const asked = new Promise<void>((resolve) => {
      sign = resolve
    })
    let go = () => {}
    const slow: Signer = {
      ...bureau.witness,
      sign: async (bytes) => {
        sign()
        await new Promise<void>((resolve) => {
          go = resolve
        })
        return bureau.witness.sign(bytes)
      },
    }
    const late = start(db.database, { signerAt: async () => slow })(log, 0, 3)
    await asked
    const rows = await select<{ n: number }>(
      db.database,
      sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    )
    expect(rows).toEqual([{ n: 0 }])
    expect(await start()(log, 0, 5)).toMatchObject({ kind: 'cosigned' })
    go()
    expect(await late).toEqual({ kind: 'conflict', size: 5 })
    expect((await findWitness(db.database, agency.origin))?.size).toBe(5)
  })

  test('[WIT-26] the same offer that comes many times at once is signed once, and all get its line', async () => {
    let signed = 0
    const counting: Signer = {
      ...bureau.witness,
      sign: (bytes) => {
        signed += 1
        return bureau.witness.sign(bytes)
      },
    }
    const offer = start(db.database, { signerAt: async () => counting })
    const answers = await Promise.all(Array.from({ length: 30 }, () => offer(log, 0)))
    // Who is read after the commit is told the new size.
    const lines = answers.flatMap((answer) => (answer.kind === 'cosigned' ? answer.lines : []))
    expect([lines.length > 1, new Set(lines).size, signed]).toEqual([true, 1, 1])
  })

  test('[WIT-23] a leap of the clock dates no line, and the lines after it are of the right time', async () => {
    const clock = createClock()
    const offer = start(db.database, { deps: clock.deps })
    await offer(log, 0, 2)
    clock.wall += 10 * 365 * 86_400_000
    for (const [old, size] of [
      [2, 2],
      [2, 5],
    ] as const)
      await expect(offer(log, old, size)).rejects.toMatchObject({ code: 'TIME_IN_FUTURE' })
    clock.wall -= 10 * 365 * 86_400_000 - 1_000
    expect(await offer(log, 2)).toMatchObject({ kind: 'cosigned' })
    expect((await findWitness(db.database, agency.origin))?.time).toBe(clock.wall / 1000)
  })

  test('[WIT-23] also over a log whose first offer comes with the leap; one that stays is believed', async () => {
    const clock = createClock()
    const offer = start(db.database, { deps: clock.deps })
    clock.wall += 3_600_000
    await expect(offer(log, 0)).rejects.toMatchObject({ code: 'TIME_IN_FUTURE' })
    clock.wall += 10 * 60_000
    clock.elapsed += 10 * 60_000
    expect(await offer(log, 0)).toMatchObject({ kind: 'cosigned' })
  })

  test('[WIT-23] a clock that was ahead from the start on is healed by another key, and by nothing else', async () => {
    const clock = createClock()
    clock.wall += 10 * 365 * 86_400_000
    await start(db.database, { deps: clock.deps })(log, 0, 2)
    clock.wall -= 10 * 365 * 86_400_000
    const deps = { ...clock.deps }
    await expect(start(db.database, { deps })(log, 2)).rejects.toMatchObject({ code: 'CLOCK_WENT_BACK' })
    const offer = start(db.database, { deps, signerAt: async () => bureau.holder })
    expect(await offer(log, 2)).toMatchObject({ kind: 'cosigned' })
    expect((await findWitness(db.database, agency.origin))?.time).toBe(Math.floor(clock.wall / 1000))
  })

  test('[SYNC-600] a log shows itself by what its own key signed, whatever is answered, and nobody else does', async () => {
    let shown = 0
    const onSigned = () => {
      shown += 1
    }
    const offer = start(db.database, { onSigned })
    await offer(log, 0, 3)
    expect(await offer(log, 0)).toMatchObject({ kind: 'conflict' })
    await expect(offer(log, 6, 5)).rejects.toMatchObject({ code: 'OFFER_MALFORMED' })
    expect(shown).toBe(3)
    const stranger = new PeerLog({ ...agency, log: bureau.log })
    await stranger.publishStandards(1)
    await expect(offer(stranger, 0)).rejects.toMatchObject({ code: 'CHECKPOINT_SIGNATURE_INVALID' })
    expect(shown).toBe(3)
  })
})
