import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { type Draft, parseDraft } from '../../../protocol/record/draft.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

interface Text {
  readonly id: string
  readonly digest: string
}

const about = ({ id, digest }: Text) => syntheticEvent({ id, digest }, 'abolished', '2026-01-01')
const revision = (n: number, { id, digest }: Text): Draft =>
  parseDraft({ ...syntheticStandard(n), revisionOf: { id, digest } } as any)
const stranger = { id: 'https://b.example/id/00000000-0000-4000-8000-0000000000ff', digest: zeros() }

function zeros(): string {
  return `sha256:${'0'.repeat(64)}`
}

/** Everything that the node tells of what it holds. */
async function stateOf(node: PeerFollower) {
  const { catalogue } = node
  const { items } = await catalogue.searchStandards({ day: '2026-06-01', limit: 500, offset: 0 })
  const details = await Promise.all(items.map(({ digest }) => catalogue.findStandard(digest, '2026-06-01')))
  const logs = await catalogue.listLogs()
  return { details, waiting: await waitingIn(node), logs: logs.map(({ checkedAt: _, ...log }) => log) }
}

async function waitingIn(node: PeerFollower) {
  const entries = await node.catalogue.listQuarantine(500)
  return entries.map(({ origin, index, code, pointer }) => ({ origin, index, code, pointer }))
}

async function withPeers(amount: number, run: (peers: readonly Peer[]) => Promise<void>): Promise<void> {
  const peers = await Promise.all(Array.from({ length: amount }, (_, n) => startPeer(`合成${n}`)))
  try {
    await run(peers)
  } finally {
    await Promise.all(peers.map((peer) => peer.close()))
  }
}

async function withFollower<T>(peers: readonly Peer[], run: (node: PeerFollower) => Promise<T>): Promise<T> {
  const node = await createPeerFollower(peers)
  try {
    return await run(node)
  } finally {
    await node.close()
  }
}

describe('what waits for a record', () => {
  test('[SYNC-22] an event waits for its edition and a revision for what it revises, named by log, index and id', async () => {
    await withPeers(2, async ([a, b]) => {
      const edition = await a!.log.publish(syntheticStandard(1))
      const other = { id: edition.id, digest: zeros() }
      for (const draft of [about(edition), about(other), revision(3, edition), syntheticStandard(4)])
        await b!.log.publish(draft)
      await withFollower([a!, b!], async (node) => {
        const { catalogue } = node
        const { origin } = b!.member
        const summary = async () => (await catalogue.listLogs()).find((log) => log.origin === origin)
        await node.pull(b!)
        const entries = await catalogue.listQuarantine(500)
        const code = 'PENDING_DEPENDENCY'
        expect(entries.map(({ index }) => index)).toEqual([0, 1, 2])
        for (const entry of entries)
          expect(entry).toMatchObject({ origin, code, detail: expect.stringContaining(edition.id) })
        expect(await summary()).toMatchObject({ quarantined: 0, pending: 3, held: 4, visible: 4 })
        await node.pull(a!)
        // The edition has come, in whatever log; a text that nobody has, and a revision of another's record, wait on.
        expect(await waitingIn(node)).toEqual([
          { origin, index: 1, code, pointer: '/credentialSubject/edition' },
          { origin, index: 2, code, pointer: '/revisionOf' },
        ])
        expect(await summary()).toMatchObject({ quarantined: 0, pending: 2 })
        expect(await catalogue.findStandard(edition.digest, '2026-06-01')).toMatchObject({ events: [] })
      })
    })
  })

  test('[SYNC-22] in whatever order the logs come, the end is the same', async () => {
    const act = fc.record({
      log: fc.nat(1),
      kind: fc.constantFrom('standard', 'event', 'event', 'revision', 'stranger'),
      of: fc.nat(),
    })
    const step = fc.record({ log: fc.nat(1), amount: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 4, maxLength: 16 }),
        fc.array(step, { maxLength: 8 }),
        (acts, steps) =>
          withPeers(2, async (peers) => {
            const waits = await publish(peers, acts)
            const expected = await withFollower(peers, async (node) => {
              for (const peer of peers) await node.pull(peer)
              return stateOf(node)
            })
            expect(expected.waiting).toHaveLength(waits)
            const found = await withFollower(peers, async (node) => {
              await deliver(node, peers, steps)
              return stateOf(node)
            })
            expect(found).toEqual(expected)
          }),
      ),
      { numRuns: 12 },
    )
  })
})

interface Act {
  readonly log: number
  readonly kind: string
  readonly of: number
}

/** @returns how many will wait for ever */
async function publish(peers: readonly Peer[], acts: readonly Act[]): Promise<number> {
  const texts: (Text & { readonly log: number })[] = []
  let waits = 0
  for (const [n, { log, kind, of }] of acts.entries()) {
    const target = texts[of % Math.max(texts.length, 1)]
    const { log: into } = peers[log]!
    if (kind === 'standard' || !target) texts.push({ ...(await into.publish(syntheticStandard(n))), log })
    else if (kind === 'event') await into.publish(about(target))
    else if (kind === 'stranger') await into.publish(about(stranger))
    else texts.push({ ...(await into.publish(revision(n, target))), log })
    if (target && (kind === 'stranger' || (kind === 'revision' && target.log !== log))) waits += 1
  }
  return waits
}

/** The logs by turns and in parts, and then what is left of both, the second first. */
async function deliver(
  node: PeerFollower,
  peers: readonly Peer[],
  steps: readonly { readonly log: number; readonly amount: number }[],
): Promise<void> {
  const sizes = [0, 0]
  for (const { log, amount } of steps) {
    const peer = peers[log]!
    sizes[log] = Math.min(sizes[log]! + amount, peer.log.size)
    peer.note = await peer.log.checkpointAt(sizes[log]!)
    await node.pull(peer)
  }
  for (const peer of peers.toReversed()) {
    peer.note = undefined
    await node.pull(peer)
  }
}

describe('a node', () => {
  let network: Network
  let node: TestNode
  let peer: Peer
  beforeAll(async () => {
    peer = await startPeer('眉山（合成）')
    network = await createNetwork(['璧山（合成）'], { peers: [peer] })
    node = await network.start(0)
  })
  afterAll(async () => {
    await network.close()
    await peer.close()
  })

  test('[SYNC-22] lists what waits, counts it apart, shows it, and takes it off the list by itself', async () => {
    const listed = async () =>
      (await node.get<{ entries: { code: string; origin: string; index: number }[] }>('/api/v1/quarantine'))
        .entries
    const page = async () => (await node.fetch('/')).text()
    const edition = await peer.log.publish(syntheticStandard(7))
    peer.note = await peer.log.checkpointAt(0)
    await node.publish(about(edition))
    const { origin } = node.member
    expect(await listed()).toEqual([
      {
        origin,
        index: 0,
        code: 'PENDING_DEPENDENCY',
        detail: `waits for ${edition.id}`,
        pointer: '/credentialSubject/edition',
      },
    ])
    expect(await node.logOf(node.member)).toMatchObject({ quarantined: 0, pending: 1 })
    expect(await page()).toContain('PENDING_DEPENDENCY')
    expect(await (await node.fetch('/metrics')).text()).toContain(
      `csx_log_pending{origin="${origin}",own="true"} 1`,
    )
    peer.note = undefined
    await node.waitFor(peer.member, 1)
    expect(await listed()).toEqual([])
    expect(await node.logOf(node.member)).toMatchObject({ quarantined: 0, pending: 0 })
    expect(await page()).not.toContain('PENDING_DEPENDENCY')
  })
})
