import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { readLog } from '../support/node-stranger.ts'
import { type Peer, startPeer } from '../support/peer.ts'

let network: Network
let north: TestNode
let south: TestNode
/** An honest member whose requests are counted. */
let peer: Peer
beforeAll(async () => {
  peer = await startPeer('宜宾（合成）')
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '泸州（合成）'], { peers: [peer] })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
})
afterAll(async () => {
  await network.close()
  await peer.close()
})

const mirrorOf = (member: { readonly origin: string }) => `/mirror/${sha256Hex(member.origin)}`

interface Page {
  readonly items: readonly { readonly origin: string; readonly own: boolean; readonly state: string }[]
}

describe('nodes that follow each other', () => {
  test('[SYNC-20] what one publishes the other shows, and the other way round', async () => {
    const first = await north.publish(syntheticStandard(1))
    await south.publish(syntheticStandard(2))
    await north.publish(syntheticEvent({ id: first.id, digest: first.digest }, 'abolished', '2026-01-01'))
    await south.waitFor(north.member, 2)
    await north.waitFor(south.member, 1)
    expect([await north.countStandards(), await south.countStandards()]).toEqual([2, 2])
  })

  test('[SYNC-17] own and foreign entries give the same answer, but for whose they are', async () => {
    const [at, to] = await Promise.all(
      [north, south].map((node) => node.get<Page>('/api/v1/standards?at=2026-06-01')),
    )
    const shared = (page: Page | undefined) =>
      page?.items.map(({ own: _, ...item }) => item).toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
    expect(shared(to)).toEqual(shared(at))
    expect(at?.items.map(({ state }) => state).toSorted()).toEqual(['abolished', 'in-force'])
    expect(at?.items.find(({ own }) => own)?.origin).toBe(north.member.origin)
  })

  test('[NODE-6] a mirror serves the bytes of the original, in the same layout', async () => {
    const mirror = mirrorOf(north.member)
    const note = await north.fetch('/log/1/checkpoint')
    const tag = { headers: { 'if-none-match': note.headers.get('etag')! } }
    expect((await south.fetch(`${mirror}/checkpoint`, tag)).status).toBe(304)
    const held = await south.fetch(`${mirror}/checkpoint`)
    expect([held.status, (await held.text()).startsWith(await note.text())]).toEqual([200, true])
    for (const path of [
      '/tile/0/000.p/2',
      '/tile/0/000.p/1',
      '/tile/entries/000.p/2',
      '/records/000.p/2',
      '/records/000.p/2?from=1',
      '/tile/1/000',
    ]) {
      const [original, copy] = await Promise.all([
        north.fetch(`/log/1${path}`),
        south.fetch(`${mirror}${path}`),
      ])
      expect([path, copy.status]).toEqual([path, original.status])
      for (const name of ['etag', 'cache-control', 'content-type'])
        expect(copy.headers.get(name)).toBe(original.headers.get(name))
      if (original.ok) expect(await copy.text()).toBe(await original.text())
    }
  })

  test('[SYNC-20] one that joins late reaches the same roots as all others', async () => {
    await peer.log.publishStandards(300)
    await north.waitFor(peer.member, 300)
    const late = await network.start(2)
    await late.publish(syntheticStandard(4))
    for (const node of [north, south, late]) {
      await node.waitFor(north.member, 2)
      await node.waitFor(peer.member, 300)
      await node.waitFor(late.member, 1)
    }
    for (const member of [...network.members, peer.member]) {
      const roots = await Promise.all(
        [north, south, late].map(async (node) => {
          const state = await node.logOf(member)
          const read = await readLog(`${node.url}${state?.path}`)
          expect(read.signedRoot).toBe(read.root)
          return `${read.size} ${read.root}`
        }),
      )
      expect(new Set(roots).size).toBe(1)
    }
    expect(await late.countStandards()).toBe(303)
    expect(peer.log.size).toBe(300)
  })

  test('[SYNC-1] a node that starts again asks for nothing that it holds', async () => {
    await south.stop()
    await peer.log.publishStandards(1)
    await north.waitFor(peer.member, 301)
    peer.takeRequests()
    south = await network.start(1, { pollSeconds: 0.1 })
    await south.waitFor(peer.member, 301)
    const fetched = peer.takeRequests().filter((path) => path !== 'checkpoint')
    expect(fetched.filter((path) => /^(?:tile\/entries|records)\/000/.test(path))).toEqual([])
    // On a busy machine a pull may be made again; what it asks for stays the same.
    expect(new Set(fetched.filter((path) => path.startsWith('records/')))).toEqual(
      new Set(['records/001.p/45?from=300']),
    )
  })

  test('[SYNC-1] an idle poll is one request, answered 304', async () => {
    await south.waitFor(peer.member, 301)
    peer.takeRequests()
    // Beside them it is asked what it was shown of others (SYNC-31).
    const asked = () => peer.requests.filter(({ path }) => !path.startsWith('/mirror/'))
    await expect.poll(() => asked().length, { timeout: 20_000 }).toBeGreaterThan(6)
    const polls = asked()
    expect(new Set(polls.map(({ path }) => path))).toEqual(new Set(['checkpoint']))
    expect(polls.every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true)
  })
})
