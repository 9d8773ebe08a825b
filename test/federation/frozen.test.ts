import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticTrust } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { verifyEvidence } from '../../protocol/verify-evidence.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { expectProblem } from '../support/node-request.ts'
import { readLog } from '../support/node-stranger.ts'
import { type Peer, startPeer } from '../support/peer.ts'
import { PeerLog } from '../support/peer-log.ts'

/** Others who hold copies of the one real node's log. */
let holders: Peer[]
let network: Network
let node: TestNode
beforeEach(async () => {
  holders = await Promise.all(['眉山（合成）', '泸州（合成）'].map(startPeer))
  network = await createNetwork(['璧山（合成）'], { peers: holders })
  node = await network.start(0)
  for (let n = 0; n < 3; n += 1) await node.publish(syntheticStandard(n))
})
afterEach(async () => {
  await network.close()
  await Promise.all(holders.map((holder) => holder.close()))
})

/** All others hold a copy with these leaves in the place of what the node published, under its own signature. */
async function hold(size: number, alike: boolean): Promise<PeerLog> {
  const copy = new PeerLog(node.member)
  const { entries } = await readLog(`${node.url}/log/1`)
  for (let n = 0; n < size; n += 1) {
    const entry = alike ? entries[n] : undefined
    copy.appendFaulty({ n }, entry ? { entry: { ...entry } } : {})
  }
  for (const holder of holders) holder.mirrors.set(node.member.origin, copy)
  return copy
}

async function frozen() {
  const state = async () => (await node.logOf(node.member))?.state
  await expect.poll(state, { timeout: 30_000 }).toBe('frozen')
  return node.logOf(node.member)
}

/** Reads go on, nothing else does. */
async function expectFrozen(size: number): Promise<void> {
  const refused = await node.post('/api/v1/records', syntheticStandard(7))
  await expectProblem(refused, 'LOG_FROZEN', { status: 503 })
  await expectProblem(await node.fetch('/readyz'), 'LOG_FROZEN', { status: 503 })
  expect((await readLog(`${node.url}/log/1`)).size).toBe(size)
  expect(await node.countStandards()).toBe(size)
  expect(await (await node.fetch('/')).text()).toContain('LOG_FROZEN')
  expect(node.lines.some((line) => line.includes('LOG_FROZEN'))).toBe(true)
}

describe('a node that is shown its own signature over something else', () => {
  test('[SYNC-33] over more than it has signed: it freezes, and stays so after a start', async () => {
    await hold(5, true)
    expect((await frozen())?.fault?.detail).toContain('more entries')
    await expectFrozen(3)
    expect((await node.logOf(node.member))?.evidence).toBeUndefined()
    await node.stop()
    node = await network.start(0)
    await expectFrozen(3)
  })

  test.each([
    ['smaller', 2],
    ['equal', 3],
    ['larger', 6],
  ])(
    '[SYNC-33] [SYNC-603] over another history of a %s size: it freezes for good with the evidence against its own key',
    async (_, size) => {
      await hold(size, false)
      const log = await frozen()
      await expectFrozen(3)
      expect(log?.evidence).toBe(`/api/v1/evidence/${sha256Hex(node.member.origin)}`)
      const text = await (await node.fetch(log?.evidence ?? '')).text()
      const trust = syntheticTrust([node.member])
      expect(verifyEvidence(Buffer.from(text), { trust, now: 0 }).verdict).toBe('verified')
      // Whoever shows what since, and after whatever start: it signed two histories.
      await hold(3, true)
      await node.stop()
      node = await network.start(0)
      await sleep(500)
      await expectFrozen(3)
    },
  )

  test('[SYNC-33] a copy that lags behind, or is whole, is no reason, also while the node publishes', async () => {
    for (const size of [3, 1]) {
      const copy = await hold(size, true)
      const asked = () =>
        holders.flatMap((holder) => holder.takeRequests()).filter((path) => path.startsWith('/mirror/'))
      asked()
      for (let n = 0; n < 3; n += 1) await node.publish(syntheticStandard(10 * size + n))
      await expect.poll(() => asked().length, { timeout: 20_000 }).toBeGreaterThan(0)
      expect((await readLog(`${node.url}/log/1`)).entries.slice(0, size).map(({ at }) => at)).toEqual(
        copy.logged.slice(0, size).map(({ entry }) => JSON.parse(Buffer.from(entry).toString()).at),
      )
    }
    await node.publish(syntheticStandard(99))
    expect((await node.logOf(node.member))?.state).toBe('active')
  })
})
