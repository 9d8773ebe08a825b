import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticTrust } from '../../fixtures/synthetic/member.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { verifyEvidence } from '../../protocol/verify-evidence.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { type Peer, startPeer } from '../support/peer.ts'

const pollSeconds = 5

interface Split {
  readonly network: Network
  readonly publisher: Peer
  readonly nodes: readonly TestNode[]
  /** From when both views were held until both nodes had halted the log, seconds. */
  readonly seconds: number
}

const splits: Split[] = []
afterAll(async () => {
  for (const { network, publisher } of splits) {
    await network.close()
    await publisher.close()
  }
})

/** A publisher who shows one tree to the first node and another to the second; to each of them always the same. */
async function split(more: number): Promise<Split> {
  const publisher = await startPeer('两面（合成）')
  const network = await createNetwork(['璧山（合成）', '眉山（合成）'], { peers: [publisher] })
  const { member } = publisher
  await publisher.log.publishStandards(5)
  const first = await network.start(0, { pollSeconds })
  await first.waitFor(member, 5)
  const shown = `"${sha256Hex(await publisher.log.checkpointAt(5)).slice(0, 32)}"`
  const fork = publisher.log.fork(3)
  await fork.publishStandards(more, 90)
  publisher.log = fork
  publisher.misbehave = ({ headers }, response) =>
    headers['if-none-match'] === shown && Boolean(response.writeHead(304).end())
  const second = await network.start(1, { pollSeconds })
  await second.waitFor(member, fork.size)
  const begun = performance.now()
  const nodes = [first, second]
  for (const node of nodes) while ((await node.logOf(member))?.state !== 'halted') await sleep(100)
  return { network, publisher, nodes, seconds: (performance.now() - begun) / 1000 }
}

describe.each([
  ['of the same size', 2, 'same-size'],
  ['of another size', 4, 'leaf'],
] as const)('a publisher who shows one tree to one member and one %s to another', (_, more, kind) => {
  let shown: Split
  beforeAll(async () => {
    shown = await split(more)
    splits.push(shown)
  })

  test('[SYNC-31] is found out by both within two intervals', () => {
    expect(shown.seconds).toBeLessThan(2 * pollSeconds)
  })

  test('[SYNC-32] both halt that log at what they held, and follow each other on', async () => {
    const { nodes, publisher } = shown
    for (const [n, node] of nodes.entries()) {
      const log = await node.logOf(publisher.member)
      expect([log?.state, log?.fault?.code, log?.held]).toEqual([
        'halted',
        'LOG_EQUIVOCATION',
        n === 0 ? 5 : 3 + more,
      ])
      expect((await node.logs()).filter(({ state }) => state !== 'active')).toHaveLength(1)
      expect(node.lines.filter((line) => line.includes('others were shown another one'))).toHaveLength(1)
    }
  })

  test('[NODE-31] both serve evidence, the same bytes, which verifies offline', async () => {
    const { nodes, publisher } = shown
    const texts = await Promise.all(
      nodes.map(async (node) => {
        const log = await node.logOf(publisher.member)
        expect(log?.evidence).toBe(`/api/v1/evidence/${sha256Hex(publisher.member.origin)}`)
        const response = await node.fetch(log?.evidence ?? '')
        expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
        return response.text()
      }),
    )
    expect(new Set(texts).size).toBe(1)
    expect(JSON.parse(texts[0] ?? '').kind).toBe(kind)
    const trust = syntheticTrust([publisher.member])
    expect(verifyEvidence(Buffer.from(texts[0] ?? ''), { trust, now: 0 }).verdict).toBe('verified')
    const own = await nodes[0]?.fetch(`/api/v1/evidence/${sha256Hex(nodes[0].member.origin)}`)
    expect(own?.status).toBe(404)
    const page = await (await nodes[0]?.fetch('/'))?.text()
    expect(page).toContain(`href="/api/v1/evidence/${sha256Hex(publisher.member.origin)}"`)
  })
})
