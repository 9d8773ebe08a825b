import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { type Comparer, compareLogs } from '../../../node/sync/compare.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { parseEvidence } from '../../../protocol/evidence.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifyEvidence } from '../../../protocol/verify-evidence.ts'
import { type Misbehaviour, type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import type { PeerLog } from '../../support/peer-log.ts'

/** This node, whose server nobody should call; the publisher; the two members who may be asked. */
let [self, publisher, one, other]: Peer[] = []
let node: PeerFollower
const comparers: Comparer[] = []
beforeEach(async () => {
  const names = ['本机（合成）', '璧山（合成）', '眉山（合成）', '泸州（合成）']
  ;[self, publisher, one, other] = await Promise.all(names.map(startPeer))
  node = await createPeerFollower([self!, publisher!, one!, other!])
  await publisher!.log.publishStandards(5)
  await node.pull(publisher!)
})
afterEach(async () => {
  await Promise.all(comparers.splice(0).map((comparer) => comparer.stop()))
  await node.close()
  await Promise.all([self, publisher, one, other].map((peer) => peer!.close()))
})

function compare(follower = node, own = self!): Promise<void> {
  const { deps, trust, client } = follower
  const comparer = compareLogs({
    deps,
    database: follower.db.database,
    trust: () => trust,
    client,
    own: own.member.origin,
    interval: 3_600_000,
    onFrozen: () => {},
  })
  comparers.push(comparer)
  return comparer.runOnce()
}

/** Both members hold this for the publisher. */
function show(log: PeerLog): void {
  for (const peer of [one!, other!]) peer.mirrors.set(publisher!.member.origin, log)
}

async function forkAt(size: number, more: number): Promise<PeerLog> {
  const fork = publisher!.log.fork(size)
  await fork.publishStandards(more, 90)
  return fork
}

async function stateOf() {
  const { state, size, fault } = await node.logOf(publisher!)
  return [state, size, fault]
}

const mirrorOf = (peer: Peer) => `/mirror/${sha256Hex(peer.member.origin)}/checkpoint`
const asked = () => [self, publisher, one, other].map((peer) => [...peer!.takeRequests()].sort())

describe('a round of comparing', () => {
  test('[SYNC-31] asks two others for each log that is held: neither this node nor the owner of the log', async () => {
    await node.pull(one!)
    asked()
    await compare()
    expect(asked()).toEqual([
      [],
      [mirrorOf(one!)],
      [mirrorOf(publisher!)],
      [mirrorOf(one!), mirrorOf(publisher!)].sort(),
    ])
  })

  test('[SYNC-31] draws them by the randomness of the node, and no one twice', async () => {
    const peers = await Promise.all(Array.from({ length: 4 }, (_, n) => startPeer(`第${n}（合成）`)))
    const follower = await createPeerFollower([self!, publisher!, ...peers])
    await follower.pull(publisher!)
    const drawn = new Set<string>()
    for (const byte of [0, 1, 2, 3, 90, 255]) {
      follower.fixRandom(byte)
      await compare(follower)
      const counts = peers.map((peer) => peer.takeRequests().length)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2)
      expect(Math.max(...counts)).toBe(1)
      drawn.add(counts.join())
    }
    expect(drawn.size).toBeGreaterThan(1)
    await follower.close()
    await Promise.all(peers.map((peer) => peer.close()))
  })

  test('[SYNC-31] in a network of two nobody is asked anything', async () => {
    const follower = await createPeerFollower([self!, publisher!])
    await follower.pull(publisher!)
    asked()
    await compare(follower)
    expect(asked().flat()).toEqual([])
    await follower.close()
  })

  test('[SYNC-31] one round at a time: who asks for one that is under way gets that one', async () => {
    show(publisher!.log)
    asked()
    const [deps, own] = [node.deps, self!.member.origin]
    const { trust, client } = node
    const comparer = compareLogs({
      deps,
      database: node.db.database,
      trust: () => trust,
      client,
      own,
      interval: 3_600_000,
      onFrozen: () => {},
    })
    comparers.push(comparer)
    expect(comparer.runOnce()).toBe(comparer.runOnce())
    await comparer.runOnce()
    expect(asked()).toEqual([[], [], [mirrorOf(publisher!)], [mirrorOf(publisher!)]])
  })

  test('[SYNC-31] a mirror that holds the same note need not say it again; one that asks for patience gets it', async () => {
    show(publisher!.log)
    const statuses: number[] = []
    one!.misbehave = (_, response) => {
      response.on('finish', () => statuses.push(response.statusCode))
      return false
    }
    other!.misbehave = (_, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end()
      return true
    }
    const { deps, trust, client } = node
    const options = { deps, database: node.db.database, trust: () => trust, client, own: self!.member.origin }
    const comparer = compareLogs({ ...options, interval: 3_600_000, onFrozen: () => {} })
    comparers.push(comparer)
    asked()
    await comparer.runOnce()
    await comparer.runOnce()
    expect(statuses).toEqual([304, 304])
    expect(asked()[3]).toHaveLength(1)
  })
})

test('[SYNC-31] a member who never answers holds up neither the others nor a stop', async () => {
  one!.misbehave = () => true
  other!.mirrors.set(publisher!.member.origin, await forkAt(3, 2))
  const round = compare()
  await expect.poll(async () => (await stateOf())[0], { timeout: 10_000 }).toBe('halted')
  const begun = performance.now()
  await comparers[0]!.stop()
  await round
  expect(performance.now() - begun).toBeLessThan(5_000)
})

describe('what others were shown', () => {
  test.each([
    ['the same', 5, 0],
    ['an older one', 2, 0],
    ['a newer one', 5, 300],
  ])('[SYNC-32] %s that is consistent is an honest lag, and no alarm', async (_, size, more) => {
    const log = publisher!.log.fork(size)
    await log.publishStandards(more, 5)
    show(log)
    await compare()
    expect(await stateOf()).toEqual(['active', 5, null])
  })

  test.each([
    ['smaller', 1, 2],
    ['equal', 3, 2],
    ['larger', 3, 400],
  ])(
    '[SYNC-32] another history of a %s size halts that log with evidence, and no other',
    async (_, at, more) => {
      await one!.log.publishStandards(2)
      await node.pull(one!)
      const fork = await forkAt(at, more)
      const ours = await publisher!.log.checkpointAt(5)
      show(fork)
      await compare()
      const { state, size, checkpointSize, fault } = await node.logOf(publisher!)
      expect([state, size, checkpointSize, fault?.code]).toEqual(['halted', 5, 5, 'LOG_EQUIVOCATION'])
      expect(fault?.notes).toEqual([ours, await fork.checkpointAt(fork.size)])
      const bytes = encodeUtf8(fault?.evidence ?? '')
      expect(verifyEvidence(bytes, { trust: node.trust, now: 0 }).verdict).toBe('verified')
      expect(parseEvidence(bytes).evidence).toMatchObject(
        fork.size === 5 ? { kind: 'same-size' } : { kind: 'leaf', index: at },
      )
      expect((await node.logOf(one!)).state).toBe('active')
      asked()
      await compare()
      expect(asked().flat()).not.toContain(mirrorOf(publisher!))
    },
  )

  test('[SYNC-32] a log halted for less is condemned once another shows the proof', async () => {
    const fork = await forkAt(3, 2)
    publisher!.note = await publisher!.log.checkpointAt(4)
    const follower = node.follow(publisher!, 3_600_000)
    await follower.runOnce().catch(() => {})
    expect((await node.logOf(publisher!)).fault?.code).toBe('LOG_ROLLBACK')
    show(fork)
    await compare()
    expect((await node.logOf(publisher!)).fault?.code).toBe('LOG_EQUIVOCATION')
  })

  const silences: Record<string, Misbehaviour> = {
    'not found': (_, response) => Boolean(response.writeHead(404).end()),
    'an error': (_, response) => Boolean(response.writeHead(500).end()),
    'a redirect': (_, response) => Boolean(response.writeHead(302, { location: '/' }).end()),
    'a broken line': (_, response) => Boolean(response.destroy()),
    'no note': (_, response) => Boolean(response.end('<html>')),
    'a flood': (_, response) => Boolean(response.on('error', () => {}).end(Buffer.alloc(1 << 20))),
    'the note of another log': async (_, response) => Boolean(response.end(await one!.log.checkpointAt(0))),
    'a note by a stranger': async (_, response) => {
      const { origin } = publisher!.member
      const stranger = syntheticMember('生人', 'http://localhost:1').log
      const note = await signCheckpoint({ origin, size: 5, root: new Uint8Array(32) }, origin, stranger)
      return Boolean(response.end(note))
    },
    'a signature that does not fit': async (_, response) =>
      Boolean(response.end((await publisher!.log.checkpointAt(5)).replace('\n5\n', '\n6\n'))),
  }
  test.each(Object.keys(silences))('[SYNC-32] %s means nothing', async (name) => {
    for (const peer of [one!, other!]) peer.misbehave = silences[name]
    await compare()
    expect(await stateOf()).toEqual(['active', 5, null])
  })

  test('[SYNC-32] neither does another history without the tiles that prove it', async () => {
    show(await forkAt(3, 400))
    for (const peer of [one!, other!])
      peer.misbehave = ({ path }, response) =>
        path.includes('/tile/') && Boolean(response.writeHead(200).end(Buffer.alloc(32)))
    await compare()
    expect(await stateOf()).toEqual(['active', 5, null])
  })
})
