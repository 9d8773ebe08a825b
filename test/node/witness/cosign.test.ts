import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { createLogger } from '../../../node/deps.ts'
import type { Database } from '../../../node/store/database.ts'
import { select } from '../../../node/store/log-store.ts'
import { findWitness } from '../../../node/store/witness-store.ts'
import { createWitness, type WitnessAnswer } from '../../../node/witness/cosign.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
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
function start(database: Database = db.database) {
  const witness = createWitness({
    deps: { now: Date.now, logger: createLogger('silent') },
    database,
    trust: () => trust,
    own: bureau.origin,
    name: 'localhost:7401/witness',
    signerAt: async () => bureau.witness,
    onCosigned: () => {},
    onContradiction: () => {},
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
})
