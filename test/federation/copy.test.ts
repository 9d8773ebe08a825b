import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { csx } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'

let network: Network
let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'csx-gateway-'))
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '合川（合成）'])
})
afterAll(async () => {
  await network.close()
  rmSync(root, { recursive: true })
})

const stick = () => join(root, 'stick')
const mirrorOf = (origin: string) => `/mirror/${sha256Hex(origin)}`

async function copyOf(from: TestNode, path: string, directory: string): Promise<void> {
  const trust = join(from.directory, 'trust.json')
  const { code, out, err } = await csx(['copy', `${from.url}${path}`, directory, '--trust', trust])
  expect([code, out, err]).toEqual([0, expect.any(String), ''])
}

describe('a log that travels on a stick', () => {
  test('[SYNC-24] is held by a node that never reaches its own: same root, and an older stick later changes nothing', async () => {
    const publisher = await network.start(0)
    const { origin } = publisher.member
    for (let n = 0; n < 3; n += 1) await publisher.publish(syntheticStandard(n))
    await copyOf(publisher, '', join(root, 'old'))
    const many = Array.from({ length: 297 }, (_, n) => syntheticStandard(n + 3))
    expect((await publisher.post('/api/v1/batches', { records: many })).status).toBe(201)
    mkdirSync(stick())
    await copyOf(publisher, '', join(stick(), 'bishan'))
    const note = await (await publisher.fetch('/log/1/checkpoint')).text()
    await publisher.stop()

    const follower = await network.start(1, { peerDirectories: `${join(root, 'nothing-here')}:${stick()}` })
    await follower.waitFor(publisher.member, 300)
    expect(await (await follower.fetch(`${mirrorOf(origin)}/checkpoint`)).text()).toContain(note)
    // A stranger recomputes the root from what the follower serves.
    await copyOf(follower, mirrorOf(origin), join(root, 'again'))
    const before = await follower.logOf(publisher.member)
    expect(before).toMatchObject({ held: 300, visible: 300, state: 'active' })

    renameSync(stick(), join(root, 'pulled-out'))
    const said = () => follower.lines.join('\n')
    await expect.poll(said, { timeout: 30_000 }).toContain('PEER_UNAVAILABLE')
    mkdirSync(stick())
    cpSync(join(root, 'old'), join(stick(), 'bishan'), { recursive: true })
    await expect.poll(said, { timeout: 30_000 }).toContain('CURSOR_AHEAD')
    const { checkedAt: _now, warning: _late, ...after } = (await follower.logOf(publisher.member))!
    const { checkedAt: _then, ...known } = before!
    expect(after).toEqual(known)
    expect(await follower.countStandards()).toBe(300)

    // What the follower holds travels on: a copy of the copy is the log as well.
    const third = await network.start(2, { peerDirectories: join(root, 'again') })
    await third.waitFor(publisher.member, 300)
    expect(await (await third.fetch(`${mirrorOf(origin)}/checkpoint`)).text()).toContain(note)
  })
})
