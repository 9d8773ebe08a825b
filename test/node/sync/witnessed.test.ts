import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { syntheticPolicy } from '../../../fixtures/synthetic/member.ts'
import {
  findWitnessedAfter,
  lockWitness,
  readSightings,
  storeWitness,
} from '../../../node/store/witness-store.ts'
import { type Comparer, compareLogs } from '../../../node/sync/compare.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { parseHead } from '../../../protocol/log/checkpoint.ts'
import { verifyEvidence } from '../../../protocol/verify-evidence.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import type { PeerLog } from '../../support/peer-log.ts'

let [self, publisher, one, two, other]: Peer[] = []
let node: PeerFollower
let comparer: Comparer
beforeEach(async () => {
  const names = ['本机', '璧山', '主管局一', '主管局二', '泸州'].map((name) => `${name}（合成）`)
  ;[self, publisher, one, two, other] = await Promise.all(names.map(startPeer))
  node = await createPeerFollower([self!, publisher!, one!, two!, other!], {
    policy: syntheticPolicy([one!.member, two!.member]),
  })
  await publisher!.log.publishStandards(5)
  await node.pull(publisher!)
  const { deps, client } = node
  comparer = compareLogs({
    deps,
    database: node.db.database,
    trust: () => node.trust,
    client,
    own: self!.member.origin,
    interval: 3_600_000,
    onFrozen: () => {},
  })
})
afterEach(async () => {
  await comparer.stop()
  await node.close()
  await Promise.all([self, publisher, one, two, other].map((peer) => peer!.close()))
})

const origin = () => publisher!.member.origin
const at = Date.UTC(2026, 0, 5, 2)

async function forkAt(size: number, more: number): Promise<PeerLog> {
  const fork = publisher!.log.fork(size)
  await fork.publishStandards(more, 90)
  return fork
}

/** A bureau has cosigned this, and holds it. */
async function show(bureau: Peer, log: PeerLog, size = log.size): Promise<void> {
  bureau.witnessed.set(origin(), await cosign(await log.checkpointAt(size), bureau.member, { at }))
  bureau.mirrors.set(origin(), log)
}

/** This node cosigned it, and did not pull it yet. */
async function cosigned(log: PeerLog, size = log.size): Promise<void> {
  const note = await cosign(await log.checkpointAt(size), self!.member, { at })
  await node.db.database.transaction(async (tx) => {
    await lockWitness(tx, origin())
    await storeWitness(tx, origin(), { size, root: log.rootAt(size), note, time: at / 1000 })
  })
}

const witnessPaths = (peer: Peer) => peer.takeRequests().filter((path) => path.startsWith('/witness/'))

describe('the witnesses of the policy', () => {
  test('[SYNC-300] are asked in each round what they cosigned, of the logs of others and once each', async () => {
    for (const peer of [self, publisher, one, two, other]) peer!.takeRequests()
    await comparer.runOnce()
    const path = `/witness/${sha256Hex(origin())}/checkpoint`
    expect([one, two].map((peer) => witnessPaths(peer!))).toEqual([[path], [path]])
    expect([self, publisher, other].flatMap((peer) => witnessPaths(peer!))).toEqual([])
  })

  test.each([
    ['smaller', 1, 2],
    ['equal', 3, 2],
    ['larger', 3, 400],
  ])(
    '[SYNC-300] that cosigned another history of a %s size show it, and the log is halted with evidence',
    async (_, size, more) => {
      await show(two!, await forkAt(size, more))
      await comparer.runOnce()
      const { state, fault } = await node.logOf(publisher!)
      expect([state, fault?.code]).toEqual(['halted', 'LOG_EQUIVOCATION'])
      const bytes = encodeUtf8(fault?.evidence ?? '')
      expect(verifyEvidence(bytes, { trust: node.trust, now: 0 }).verdict).toBe('verified')
    },
  )

  test('[SYNC-300] that lag behind, or have seen more, raise no alarm; their times are kept', async () => {
    await show(one!, publisher!.log, 3)
    await publisher!.log.publishStandards(2)
    await show(two!, publisher!.log)
    await comparer.runOnce()
    const { id, state } = await node.logOf(publisher!)
    expect(state).toBe('active')
    const keys = [one, two].map((peer) => peer!.member.witness.publicKey.multibase)
    const sightings = await readSightings(node.db.database, id, { keys, from: 0, end: 9 })
    expect(new Set(sightings.map(({ size, time }) => `${size} ${time}`))).toEqual(
      new Set([`3 ${at / 1000}`, `7 ${at / 1000}`]),
    )
  })
})

describe('notes with the quorum', () => {
  const kept = async (after: number) => {
    const { id, size } = await node.logOf(publisher!)
    const note = await findWitnessedAfter(node.db.database, id, { after, end: size })
    return note && parseHead(note).size
  }
  const witnessedAt = async (log: PeerLog, size: number, seconds: number, by = [one!, two!]) => {
    const moment = { at: at + seconds * 1000 }
    let note = await log.checkpointAt(size)
    for (const { member } of by) note = await cosign(note, member, moment)
    return note
  }

  test('[WIT-60] are kept as they are pulled, the first for each size and over entries that are held', async () => {
    expect(await kept(0)).toBeUndefined()
    const { id } = await node.logOf(publisher!)
    const find = (after: number) => findWitnessedAfter(node.db.database, id, { after, end: 99 })
    const first = await witnessedAt(publisher!.log, 5, 0)
    publisher!.note = first
    await node.pull(publisher!)
    publisher!.note = await witnessedAt(publisher!.log, 5, 60)
    await node.pull(publisher!)
    expect((await node.logOf(publisher!)).witnessed).toBe(publisher!.note)
    expect(await find(4)).toBe(first)
    await publisher!.log.publishStandards(3)
    publisher!.note = await witnessedAt(publisher!.log, 8, 120)
    await node.pull(publisher!)
    expect([await kept(0), await kept(4), await kept(5), await kept(7), await kept(8)]).toEqual([
      5,
      5,
      8,
      8,
      undefined,
    ])
    publisher!.note = undefined
    await publisher!.log.publishStandards(1)
    publisher!.note = await witnessedAt(publisher!.log, 9, 180, [one!])
    await node.pull(publisher!)
    expect([await kept(7), await kept(8)]).toEqual([8, undefined])
  })

  test('[WIT-60] that other members show are kept where they go with what is held, and no others', async () => {
    const first = await witnessedAt(publisher!.log, 3, 0)
    const more = publisher!.log.fork(5)
    await more.publishStandards(2)
    one!.witnessed.set(origin(), first)
    two!.witnessed.set(origin(), await witnessedAt(more, 7, 0))
    one!.mirrors.set(origin(), publisher!.log)
    two!.mirrors.set(origin(), more)
    await comparer.runOnce()
    const { id, state } = await node.logOf(publisher!)
    const find = (after: number) => findWitnessedAfter(node.db.database, id, { after, end: 99 })
    expect([state, await find(2), await find(3)]).toEqual(['active', first, undefined])
  })

  test('[WIT-60] of another history are not kept', async () => {
    const fork = await forkAt(2, 2)
    one!.witnessed.set(origin(), await witnessedAt(fork, 4, 0))
    one!.mirrors.set(origin(), fork)
    await comparer.runOnce()
    expect([(await node.logOf(publisher!)).state, await kept(0)]).toEqual(['halted', undefined])
  })
})

describe('what this node cosigned', () => {
  const code = () =>
    node.pull(publisher!).then(
      () => 'pulled',
      (error) => error.code,
    )

  test('[SYNC-301] binds it: a log that goes back behind it is a rollback', async () => {
    const more = publisher!.log.fork(5)
    await more.publishStandards(3)
    await cosigned(more)
    expect(await code()).toBe('LOG_ROLLBACK')
    await publisher!.log.publishStandards(3)
    expect(await code()).toBe('pulled')
    expect((await node.logOf(publisher!)).size).toBe(8)
  })

  test.each([
    ['of the same size', 8],
    ['that is larger', 300],
  ])('[SYNC-301] another tree %s is a second history', async (_, size) => {
    const fork = await forkAt(5, 3)
    await cosigned(fork)
    await publisher!.log.publishStandards(size - 5)
    const pulled = await code()
    expect(pulled).toBe(size === 8 ? 'LOG_EQUIVOCATION' : 'CONSISTENCY_INVALID')
  })

  test('[SYNC-301] it may be behind what was pulled', async () => {
    await cosigned(publisher!.log, 2)
    await publisher!.log.publishStandards(1)
    expect(await code()).toBe('pulled')
  })
})
