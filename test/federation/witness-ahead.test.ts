import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cosign } from '../../fixtures/synthetic/cosign.ts'
import { syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { expectProblem } from '../support/node-request.ts'
import { noteOver } from '../support/offer.ts'
import { type Peer, startPeer } from '../support/peer.ts'
import { PeerLog } from '../support/peer-log.ts'

/** A node and the witnesses of its policy, who say that they have seen more of it than it has. */
let bureaus: Peer[]
let network: Network
let node: TestNode
beforeEach(async () => {
  bureaus = await Promise.all(['主管局一（合成）', '主管局二（合成）'].map(startPeer))
  network = await createNetwork(['璧山（合成）'], {
    peers: bureaus,
    bureaus: bureaus.map(({ member }) => member),
    registry: () => ({ policy: syntheticPolicy(bureaus.map(({ member }) => member)) }),
  })
  for (const bureau of bureaus)
    bureau.misbehave = ({ path }, response) =>
      path === '/witness/add-checkpoint' &&
      Boolean(response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('9\n'))
  node = await network.start(0, { pollSeconds: 600 })
})
afterEach(async () => {
  await network.close()
  await Promise.all(bureaus.map((bureau) => bureau.close()))
})

const state = async () => (await node.logOf(node.member))?.state

describe('a witness that says it cosigned more than is signed here', () => {
  test('[WIT-32] and shows it under the log’s own key: the log freezes', async () => {
    const [bureau] = bureaus
    const note = await cosign(await noteOver(new PeerLog(node.member), 9), bureau!.member, { at: Date.now() })
    bureau!.witnessed.set(node.member.origin, note)
    await node.publish(syntheticStandard(0)).catch(() => {})
    await expect.poll(state, { timeout: 20_000 }).toBe('frozen')
    expect((await node.logOf(node.member))?.fault?.detail).toContain('more entries')
    await expectProblem(await node.post('/api/v1/records', syntheticStandard(1)), 'LOG_FROZEN', {
      status: 503,
    })
  })

  test('[WIT-32] and shows nothing, or what the log never signed: it goes on', async () => {
    const [bureau] = bureaus
    const stranger = { ...node.member, log: bureau!.member.log }
    const forged = await cosign(await noteOver(new PeerLog(stranger), 9), bureau!.member, { at: Date.now() })
    bureau!.witnessed.set(node.member.origin, forged)
    await node.publish(syntheticStandard(0))
    const asked = () =>
      bureaus
        .flatMap((peer) => [...peer.requests])
        .filter(({ path }) => /^\/witness\/[0-9a-f]{64}\//.test(path))
    await expect.poll(() => asked().length, { timeout: 20_000 }).toBeGreaterThan(1)
    await sleep(200)
    expect(await state()).toBe('active')
    await node.publish(syntheticStandard(1))
  })
})
