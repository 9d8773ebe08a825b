import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../../../node/deps.ts'
import { type Follower, followLog } from '../../../node/sync/follow.ts'
import { haltLog } from '../../../node/sync/halt.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
let follower: Follower
let lines: string[]
/** What the peer is down with. */
let failure: ProtocolError | undefined
let pulls: number
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
  await peer.log.publishStandards(1)
  lines = []
  failure = undefined
  pulls = 0
  const { source, ...options } = node.optionsFor(peer)
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
  const fetchCheckpoint: typeof source.fetchCheckpoint = async (etag) => {
    pulls += 1
    if (failure) throw failure
    return source.fetchCheckpoint(etag)
  }
  follower = followLog({
    ...options,
    deps: { ...options.deps, logger },
    openSource: () => ({ ...source, fetchCheckpoint }),
    interval: 20,
  })
})
afterEach(async () => {
  await follower.stop()
  await node.close()
  await peer.close()
})

async function pullTimes(amount: number): Promise<void> {
  for (const end = pulls + amount; pulls < end; follower.wake()) await sleep(10)
}

async function waitForLine(amount: number): Promise<void> {
  while (lines.length < amount) {
    follower.wake()
    await sleep(10)
  }
}

const told = () =>
  lines.map((line) => JSON.parse(line)).map(({ level, code, msg }) => [level, code ?? msg] as const)

test('[SYNC-27] a peer that is away is told of once for each way of being away, and once when it is back', async () => {
  await waitForLine(1)
  failure = new ProtocolError('PEER_UNAVAILABLE', 'away')
  await pullTimes(4)
  failure = new ProtocolError('PEER_TIMEOUT', 'late')
  await pullTimes(4)
  failure = undefined
  await waitForLine(4)
  await pullTimes(4)
  expect(told()).toEqual([
    [30, 'entries taken over'],
    [40, 'PEER_UNAVAILABLE'],
    [40, 'PEER_TIMEOUT'],
    [30, 'the log is followed again'],
  ])
})

test('[SYNC-27] a log that is halted for good is told of once, whoever halted it', async () => {
  await waitForLine(1)
  await haltLog(node.db.database, peer.member.origin, { code: 'LOG_EQUIVOCATION', detail: 'elsewhere' })
  await waitForLine(2)
  for (let i = 0; i < 3; i += 1) await follower.runOnce().catch(() => {})
  expect(told()).toEqual([
    [30, 'entries taken over'],
    [50, 'LOG_EQUIVOCATION'],
  ])
})
