import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { verifyEvidence } from '../../protocol/verify-evidence.ts'
import { csx } from '../cli/csx.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { offerOf } from '../support/offer.ts'
import { startPeer } from '../support/peer.ts'
import type { PeerLog } from '../support/peer-log.ts'
import { pairedRegistry, readNote, trustOf } from '../support/witness.ts'

const names = ['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）']
/** So rare that nothing here comes of polling. */
const pollSeconds = 600
let network: Network
beforeEach(async () => {
  network = await createNetwork(names, { registry: pairedRegistry })
})
afterEach(() => network.close())

async function noteAt(node: TestNode, path: string, origin: string) {
  const response = await node.fetch(path)
  return response.ok ? readNote(await response.text(), origin, trustOf(network.trust)) : undefined
}

const patient = { timeout: 20_000 }
const served = (node: TestNode) => noteAt(node, '/log/1/checkpoint', node.member.origin)
const mirrored = (holder: TestNode, { member: { origin } }: TestNode) =>
  noteAt(holder, `/mirror/${sha256Hex(origin)}/checkpoint`, origin)

describe('two bureaus and a pair', () => {
  test('[WIT-30] what is published is at once cosigned by both, and visible and cosigned at the pair', async () => {
    const nodes: TestNode[] = []
    for (const n of names.keys()) nodes.push(await network.start(n, { pollSeconds }))
    const [one, two, agency, partner] = nodes as [TestNode, TestNode, TestNode, TestNode]
    for (let n = 0; n < 3; n += 1) await agency.publish(syntheticStandard(n))
    const by = [one, two, partner].map(({ member }) => member.origin.replace('/log/1', '/witness')).sort()
    await expect
      .poll(() => served(agency), { timeout: 20_000 })
      .toMatchObject({ size: 3, by: expect.arrayContaining(by), witnessed: true })
    await expect
      .poll(() => mirrored(partner, agency), { timeout: 20_000 })
      .toMatchObject({ size: 3, witnessed: true })
    expect(await partner.logOf(agency.member)).toMatchObject({ held: 3, visible: 3, state: 'active' })
    const holder = partner.member.origin.replace('/log/1', '/holder')
    await expect.poll(async () => (await served(agency))?.by, patient).toContain(holder)
    // Each bureau is witnessed by the other.
    await one.publish(syntheticStandard(7))
    await expect.poll(() => served(one), { timeout: 20_000 }).toMatchObject({ size: 2, witnessed: true })
  })

  test('[WIT-61] since when an entry was there can be asked for at its log and at the partner that holds it', async () => {
    const nodes: TestNode[] = []
    for (const n of names.keys()) nodes.push(await network.start(n, { pollSeconds }))
    const [, , agency, partner] = nodes as [TestNode, TestNode, TestNode, TestNode]
    const { origin } = agency.member
    const mirror = `/mirror/${sha256Hex(origin)}`
    const places = [[agency, '/log/1'] as const, [partner, mirror] as const]
    const keptAfter = (index: number) =>
      Promise.all(places.map(([node, path]) => noteAt(node, `${path}/witnessed?after=${index}`, origin)))
    const witnessed = (size: number) => [size, size].map((one) => ({ size: one, witnessed: true }))
    for (const size of [1, 2]) {
      await agency.publish(syntheticStandard(size))
      await expect.poll(() => keptAfter(size - 1), patient).toMatchObject(witnessed(size))
    }
    expect(await keptAfter(0)).toMatchObject(witnessed(1))
    expect(await keptAfter(2)).toEqual([undefined, undefined])
    for (const [node, path] of places) {
      const texts = await Promise.all(
        ['', '?after=1'].map(async (query) => {
          const response = await node.fetch(`${path}/witnessed${query}`)
          expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
          return response.text()
        }),
      )
      expect(texts.map((text) => text.split('\n')[1])).toEqual(['2', '2'])
      for (const query of ['-1', '01', 'x', '', '1e3', '99999999999999999'])
        expect([query, (await node.fetch(`${path}/witnessed?after=${query}`)).status]).toEqual([query, 400])
    }
  })

  test('[WIT-36] while a bureau is away nothing newer is witnessed, and what was before can still be verified', async () => {
    const nodes: TestNode[] = []
    for (const n of names.keys()) nodes.push(await network.start(n, { pollSeconds }))
    const [, two, agency, partner] = nodes as [TestNode, TestNode, TestNode, TestNode]
    const first = await agency.publish(syntheticStandard(0))
    await expect.poll(() => mirrored(partner, agency), patient).toMatchObject({ size: 1, witnessed: true })
    await two.stop()
    const second = await agency.publish(syntheticStandard(1))
    await expect.poll(() => mirrored(partner, agency), patient).toMatchObject({ size: 2, witnessed: false })
    for (const node of [agency, partner]) {
      expect(await node.logOf(agency.member)).toMatchObject({ size: 2, witnessed: 1 })
      expect(await (await node.fetch('/')).text()).toContain('见证至1条')
      expect(await (await node.fetch('/metrics')).text()).toMatch(
        new RegExp(`^csx_log_witnessed{origin="${agency.member.origin}",own="${node === agency}"} 1$`, 'm'),
      )
    }
    const directory = await mkdtemp(join(tmpdir(), 'csx-witness-'))
    const trustFile = join(directory, 'trust.json')
    await writeFile(trustFile, network.trust)
    const verdictOf = async (from: TestNode, { digest }: { readonly digest: string }) => {
      const bundle = join(directory, `${digest.slice(7, 15)}-${from.member.did.slice(-4)}.csx.json`)
      const gathered = await csx(['bundle', digest, '--node', from.url, '-o', bundle])
      expect(gathered).toMatchObject({ code: 0 })
      const { code, out } = await csx(['verify', bundle, '--trust', trustFile, '--json'])
      const { verdict, checks, asOf } = JSON.parse(out)
      return [
        code,
        verdict,
        checks.find(({ check }: { check: string }) => check === 'witness')?.code,
        asOf?.size,
      ]
    }
    for (const from of [agency, partner]) {
      expect(await verdictOf(from, first)).toEqual([0, 'verified', undefined, 1])
      expect(await verdictOf(from, second)).toEqual([3, 'undecided', 'NOT_WITNESSED', 2])
      const page = await (await from.fetch(`/standards/${first.digest}`)).text()
      expect(page).not.toContain('NOT_WITNESSED')
    }
    await network.start(1, { pollSeconds })
    await expect
      .poll(() => mirrored(partner, agency), { timeout: 60_000 })
      .toMatchObject({ size: 2, witnessed: true })
    expect(await verdictOf(agency, second)).toEqual([0, 'verified', undefined, 2])
    await expect.poll(async () => (await agency.logOf(agency.member))?.witnessed, patient).toBe(2)
    await rm(directory, { recursive: true })
  })
})

describe('a publisher who shows one tree to one bureau and another to the other', () => {
  test.each([
    ['of the same size', 2],
    ['of another size', 5],
  ])('[SYNC-300] %s: no quorum for either, both find out, with evidence', async (_, more) => {
    const publisher = await startPeer('两面（合成）')
    const split = await createNetwork(names.slice(0, 2), {
      peers: [publisher],
      registry: (members) => ({ policy: syntheticPolicy(members.slice(0, 2)) }),
    })
    try {
      await publisher.log.publishStandards(5)
      const fork = publisher.log.fork(3)
      await fork.publishStandards(more, 90)
      const offer = async (node: TestNode, log: PeerLog, old = 0) =>
        node.fetch('/witness/add-checkpoint', { method: 'POST', body: await offerOf(log, { old }) })
      const one = await split.start(0, { pollSeconds: 1 })
      await one.waitFor(publisher.member, 5)
      expect((await offer(one, publisher.log)).status).toBe(200)
      const shown = `"${sha256Hex(await publisher.log.checkpointAt(5)).slice(0, 32)}"`
      publisher.log = fork
      publisher.misbehave = ({ headers }, response) =>
        headers['if-none-match'] === shown && Boolean(response.writeHead(304).end())
      const two = await split.start(1, { pollSeconds: 1 })
      expect((await offer(two, fork)).status).toBe(200)
      // Neither can sign both.
      expect((await offer(one, fork)).status).toBe(409)
      expect([403, 422]).toContain((await offer(one, fork, 5)).status)
      const nodes = [one, two]
      await expect
        .poll(
          async () =>
            (await Promise.all(nodes.map((node) => node.logOf(publisher.member)))).filter(
              (log) => log?.fault?.code === 'LOG_EQUIVOCATION',
            ).length,
          { timeout: 40_000 },
        )
        .toBeGreaterThan(0)
      const halted = (
        await Promise.all(nodes.map(async (node) => [node, await node.logOf(publisher.member)] as const))
      ).find(([, log]) => log?.evidence !== undefined)
      const evidence = await (await halted![0].fetch(halted![1]!.evidence!)).text()
      expect(verifyEvidence(Buffer.from(evidence), { trust: trustOf(split.trust), now: 0 }).verdict).toBe(
        'verified',
      )
    } finally {
      await split.close()
      await publisher.close()
    }
  })
})
