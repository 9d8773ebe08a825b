import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { readLog } from '../support/node-stranger.ts'
import { type Peer, startPeer } from '../support/peer.ts'

/** What each member of one network does after it was believed for a while. */
const deeds = {
  rollsBack: async (peer) => {
    peer.note = await peer.log.checkpointAt(3)
  },
  forks: async (peer) => {
    peer.log = peer.log.fork(4)
    await peer.log.publishStandards(1, 90)
  },
  rewrites: async (peer) => {
    peer.log = peer.log.fork(2)
    await peer.log.publishStandards(9, 90)
  },
  forges: async (peer) => {
    peer.note = (await peer.log.checkpointAt(5)).replace('\n5\n', '\n9\n')
  },
  poisons: async (peer) => {
    peer.log.appendFaulty({ ...peer.log.logged[0]!.document, synthetic: true, about: ['altered'] })
    await peer.log.publishStandards(1)
  },
  withholds: async (peer) => {
    peer.log.served.set(5, null)
    await peer.log.publishStandards(2)
  },
  redirects: (peer) => {
    peer.misbehave = (_, response) => {
      response.writeHead(302, { location: 'http://localhost:1/' }).end('gone')
      return true
    }
  },
  stalls: (peer) => {
    peer.misbehave = () => true
  },
  trickles: (peer) => {
    peer.misbehave = async (_, response) => {
      response.on('error', () => {})
      while (!response.destroyed && response.write('x')) await sleep(1_000)
      return true
    }
  },
  bombs: (peer) => {
    peer.misbehave = (_, response) => {
      response.on('error', () => {})
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.alloc(1 << 20))
      return true
    }
  },
  floods: (peer) => {
    peer.misbehave = (_, response) => {
      response.on('error', () => {}).end(Buffer.alloc(20 << 20))
      return true
    }
  },
  resets: (peer) => {
    peer.misbehave = (_, response) => {
      response.destroy()
      return true
    }
  },
  refuses: (peer) => {
    peer.misbehave = (_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end()
      return true
    }
  },
} as const satisfies Record<string, (peer: Peer) => Promise<void> | void>
type Deed = keyof typeof deeds
const names = Object.keys(deeds) as Deed[]

let network: Network
let node: TestNode
let good: Peer
const peers = {} as Record<Deed, Peer>
beforeAll(async () => {
  good = await startPeer('守信（合成）')
  for (const name of names) peers[name] = await startPeer(`${name}（合成）`)
  network = await createNetwork(['璧山（合成）'], { peers: [good, ...Object.values(peers)] })
  for (const peer of [good, ...Object.values(peers)]) await peer.log.publishStandards(5)
  node = await network.start(0)
  for (const peer of [good, ...Object.values(peers)]) await node.waitFor(peer.member, 5)
  await Promise.all(names.map((name) => deeds[name](peers[name])))
  await good.log.publishStandards(300)
}, 120_000)
afterAll(async () => {
  await network.close()
  await Promise.all([good, ...Object.values(peers)].map((peer) => peer.close()))
})

const stateOf = async (name: Deed) => node.logOf(peers[name].member)

interface Quarantine {
  readonly entries: readonly { readonly origin: string; readonly index: number; readonly code: string }[]
}

describe('one honest member among many that are not', () => {
  test('[SYNC-15] all of them together delay neither the honest one nor the own log', async () => {
    await node.waitFor(good.member, 305, 20_000)
    const receipt = await node.publish(syntheticStandard(7))
    expect(receipt.index).toBe(0)
    expect(await node.countStandards(`&issuer=${encodeURIComponent(good.member.did)}`)).toBe(305)
  })

  test.each([
    ['rollsBack', 'LOG_ROLLBACK'],
    ['forks', 'LOG_EQUIVOCATION'],
    ['rewrites', 'LOG_EQUIVOCATION'],
    ['forges', 'CHECKPOINT_SIGNATURE_INVALID'],
  ] as const)(
    '[SYNC-10] one that %s is halted with %s, and served up to its last good checkpoint',
    async (name, code) => {
      await expect.poll(async () => (await stateOf(name))?.state, { timeout: 15_000 }).toBe('halted')
      const log = await stateOf(name)
      expect([log?.fault?.code, log?.held]).toEqual([code, 5])
      const read = await readLog(`${node.url}/mirror/${sha256Hex(peers[name].member.origin)}`)
      expect([read.size, read.root === read.signedRoot, read.digests.size]).toEqual([5, true, 5])
      expect(await node.countStandards(`&issuer=${encodeURIComponent(peers[name].member.did)}`)).toBe(5)
      expect(node.lines.some((line) => line.includes(code) && line.includes('halted'))).toBe(true)
    },
  )

  test.each([
    ['redirects', 'REDIRECT_REFUSED'],
    ['bombs', 'PAGE_MALFORMED'],
    ['floods', 'RESPONSE_TOO_LARGE'],
    ['resets', 'PEER_UNAVAILABLE'],
    ['refuses', 'PEER_UNAVAILABLE'],
    ['stalls', 'PEER_TIMEOUT'],
    ['trickles', 'PEER_TOO_SLOW'],
  ] as const)('[SYNC-10] one that %s is %s: nothing of it changes', async (name, code) => {
    const { origin } = peers[name].member
    const said = () => node.lines.some((line) => line.includes(`"${code}"`) && line.includes(`"${origin}"`))
    await expect.poll(said, { timeout: 25_000 }).toBe(true)
    const log = await stateOf(name)
    expect([log?.state, log?.held, log?.fault, log?.quarantined]).toEqual(['active', 5, undefined, 0])
  })

  test('[SYNC-14] an hour of Retry-After is an hour without a question', async () => {
    const polls = () => peers.refuses.takeRequests().filter((path) => !path.startsWith('/mirror/'))
    polls()
    await sleep(1_500)
    expect(polls()).toEqual([])
  })

  test('[SYNC-6] poisoned and missing entries are listed with their codes, the others are used', async () => {
    await node.waitFor(peers.poisons.member, 7)
    await node.waitFor(peers.withholds.member, 7)
    const { entries } = await node.get<Quarantine>('/api/v1/quarantine')
    expect(entries.map(({ origin, index, code }) => [origin, index, code])).toEqual(
      expect.arrayContaining([
        [peers.poisons.member.origin, 5, 'SIGNATURE_INVALID'],
        [peers.withholds.member.origin, 5, 'RECORD_UNAVAILABLE'],
      ]),
    )
    expect(entries).toHaveLength(2)
    peers.withholds.log.served.clear()
    await expect
      .poll(async () => (await node.get<Quarantine>('/api/v1/quarantine')).entries.length, {
        timeout: 20_000,
      })
      .toBe(1)
    const read = await readLog(`${node.url}/mirror/${sha256Hex(peers.withholds.member.origin)}`)
    expect([read.digests.size, read.root === read.signedRoot]).toEqual([7, true])
  })
})
