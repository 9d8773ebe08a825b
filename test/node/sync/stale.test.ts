import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { type Peer, startPeer } from '../../support/peer.ts'

let network: Network
let node: TestNode
let peer: Peer
/** Moves the clock of the node. */
let offset = 0
beforeAll(async () => {
  peer = await startPeer('眉山（合成）')
  await peer.log.publishStandards(2)
  network = await createNetwork(['璧山（合成）', '从未上线（合成）'], { peers: [peer] })
  node = await network.start(0, { now: () => Date.now() + offset })
  await node.publish(syntheticStandard(1))
  await node.waitFor(peer.member, 2)
})
afterAll(async () => {
  await network.close()
  await peer.close()
})

const code = 'CHECKPOINT_STALE'
const warning = async (of = peer.member) => (await node.logOf(of))?.warning?.code
const ageOf = async (of = peer.member) => {
  const text = await (await node.fetch('/metrics')).text()
  const line = text
    .split('\n')
    .find((found) => found.startsWith(`csx_log_checked_age_seconds{origin="${of.origin}"`))
  return line?.split(' ').at(-1)
}

describe('a log that nobody could look at', () => {
  test('[SYNC-23] is marked after two intervals and 30 seconds, keeps its state, is served, and is well again by itself', async () => {
    const last = Date.parse((await node.logOf(peer.member))?.checkedAt ?? '')
    expect(await warning()).toBeUndefined()
    expect(Number(await ageOf())).toBeLessThan(30)
    peer.misbehave = (_, response) => {
      response.destroy()
      return true
    }
    // Two intervals are 0.2 s: a clock that shows 30 s more than the last good look is not far enough.
    offset = last + 30_000 - Date.now()
    expect(await warning()).toBeUndefined()
    offset += 60_000
    const log = await node.logOf(peer.member)
    expect(log).toMatchObject({ state: 'active', held: 2, visible: 2, warning: { code } })
    expect(log?.fault).toBeUndefined()
    expect(Number(await ageOf())).toBeGreaterThan(30)
    const path = `/mirror/${sha256Hex(peer.member.origin)}/checkpoint`
    expect(await (await node.fetch(path)).text()).toContain(await peer.log.checkpointAt(2))
    const page = await (await node.fetch('/')).text()
    expect(page).toContain(code)
    expect(page).toContain('2份久未核对')
    peer.misbehave = undefined
    await expect.poll(() => warning(), { timeout: 30_000 }).toBeUndefined()
    expect(await (await node.fetch('/')).text()).toContain('1份久未核对')
  })

  test('[SYNC-23] one that was never reached is marked too, the own one never', async () => {
    const never = network.members[1]!
    await expect.poll(() => warning(never)).toBe(code)
    expect(await ageOf(never)).toMatch(/Inf$/)
    expect(await warning(node.member)).toBeUndefined()
    expect(await ageOf(node.member)).toBeUndefined()
  })
})
