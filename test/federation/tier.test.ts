import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../protocol/hash.ts'
import { commit } from '../../protocol/log/commitment.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { askAs, indicesOf, pairId, tieredStandard, tierRegistry } from '../support/tier.ts'

const tiers = ['public', 'federation', 'group', 'pair', 'private'] as const

let network: Network
let north: TestNode
let south: TestNode
let west: TestNode
let east: TestNode
const receipts = new Map<string, Receipt>()

beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south, west, east] = (await Promise.all([0, 1, 2, 3].map((n) => network.start(n)))) as [
    TestNode,
    TestNode,
    TestNode,
    TestNode,
  ]
  for (const [n, tier] of tiers.entries())
    receipts.set(tier, await north.publish(tieredStandard(n + 1, tier), `key-${tier}`))
  for (const node of [south, west, east]) await node.waitFor(north.member, tiers.length)
})
afterAll(() => network.close())

const page = '/log/1/records/000.p/5'

/** Which tiers each may read of the log of the first. */
const mayRead: readonly (readonly [string, readonly number[]])[] = [
  ['stranger', [0]],
  ['east', [0, 1]],
  ['west', [0, 1, 2]],
  ['south', [0, 1, 3]],
  ['operator', [0, 1, 2, 3, 4]],
]
const who = (name: string) =>
  name === 'stranger' || name === 'operator' ? name : { east, west, south }[name]!.member

describe('a log with records of every tier', () => {
  test('[TIER-1] an entry that is not public is a commitment, and its receipt says what was logged', async () => {
    for (const tier of tiers.slice(1)) {
      const { entry, digest } = receipts.get(tier) as any
      expect([entry.tier, entry.digest, entry.id, entry.type]).toEqual([
        tier,
        undefined,
        undefined,
        undefined,
      ])
      expect(entry.commitment).toMatch(/^c1:[0-9a-f]{64}$/)
      expect(digest).toMatch(/^sha256:/)
    }
    expect((receipts.get('pair') as any).entry.audience).toBe(pairId)
  })

  test.each(mayRead)(
    '[TIER-20] %s gets the records that the registry makes theirs',
    async (name, indices) => {
      expect(await indicesOf(await askAs(north, page, who(name)))).toEqual(indices)
    },
  )

  test('[TIER-3] a line holds what opens the entry, and it opens', async () => {
    const text = await (await askAs(north, page, south.member)).text()
    const line = text.split('\n').find((each) => each.startsWith('{"index":3,')) ?? ''
    const { record, salt } = JSON.parse(line)
    const { entry, digest } = receipts.get('pair') as any
    const recordBytes = Buffer.from(JSON.stringify(record))
    expect(digestOf(recordBytes)).toBe(digest)
    const opening = { log: north.member.origin, tier: 'pair', audience: pairId, recordBytes } as const
    expect(commit({ ...opening, salt: Buffer.from(salt, 'hex') })).toBe(entry.commitment)
  })

  test.each(mayRead.slice(1, 4))(
    '[TIER-30] the node of %s holds and shows its operator just these',
    async (name, indices) => {
      const node = { east, west, south }[name]!
      const held = await askAs(node, '/api/v1/standards', 'operator')
      const { items } = (await held.json()) as { items: { index: number; tier?: string }[] }
      expect(items.map(({ index }) => index).toSorted()).toEqual(indices)
      expect(items.map(({ tier }) => tier ?? 'public').toSorted()).toEqual(
        indices.map((n) => tiers[n]).toSorted(),
      )
      expect(await node.countStandards()).toBe(1)
      expect((await node.logOf(north.member))?.quarantined).toBe(0)
    },
  )

  test('[TIER-31] what is held for another is given on as far as it is public', async () => {
    const { path } = (await south.logOf(north.member))!
    for (const asking of ['stranger', east.member] as const)
      expect(await indicesOf(await askAs(south, `${path}/records/000.p/5`, asking))).toEqual([0])
    expect(await indicesOf(await askAs(south, `${path}/records/000.p/5`, 'operator'))).toEqual([0, 1, 3])
  })

  test('[TIER-600] to the member whose log it is everything goes back that came from it, and on that route alone', async () => {
    const { path } = (await south.logOf(north.member))!
    expect(await indicesOf(await askAs(south, `${path}/records/000.p/5`, north.member))).toEqual([0, 1, 3])
    const digests = ['public', 'federation', 'pair'].map((tier) => receipts.get(tier)!.digest)
    const statuses = []
    for (const digest of digests)
      statuses.push((await askAs(south, `/records/${digest}`, north.member)).status)
    expect(statuses).toEqual([200, 404, 404])
  })
})
