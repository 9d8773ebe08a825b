import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { askAs, indicesOf, proofFor, tieredStandard, tierRegistry } from '../support/tier.ts'

const names = ['璧山（合成）', '眉山（合成）', '宜宾（合成）']
const page = '/log/1/records/000.p/2'
const day = 86_400_000

let network: Network
afterEach(() => network.close())

/** What the node of a member shows its operator of the log of another. */
async function shownOf(node: TestNode, of: TestNode): Promise<readonly number[]> {
  const { items } = (await (await askAs(node, '/api/v1/standards', 'operator')).json()) as {
    items: { index: number; origin: string }[]
  }
  const own = items.filter(({ origin }) => origin === of.member.origin)
  return own.map(({ index }) => index).toSorted()
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 30_000
  while (!(await check())) {
    if (performance.now() > until) throw new Error('it never came')
    await sleep(50)
  }
}

test('[TIER-32] what a newer registry makes readable is asked for, without a restart', async () => {
  network = await createNetwork(names, {
    change: (registry, members) => {
      const changed = tierRegistry(registry, members)
      delete changed.members[2]!.group
      return changed
    },
  })
  const { registrySource } = network
  const [north, west] = await Promise.all([
    network.start(0, { registrySource }),
    network.start(2, { registrySource }),
  ])
  await north.publish(tieredStandard(1, 'public'))
  await north.publish(tieredStandard(2, 'group'))
  await west.waitFor(north.member, 2)
  expect(await shownOf(west, north)).toEqual([0])
  expect((await west.logOf(north.member))?.quarantined).toBe(0)
  await network.renew((registry) => {
    const group = registry.members[0]!.group ?? ''
    Object.assign(registry.members[2]!, { group })
    return registry
  })
  await eventually(async () => (await shownOf(west, north)).length === 2)
})

test('[TIER-1] a pair ends with its day: the other is refused from then on', async () => {
  let offset = 0
  const now = () => Date.now() + offset
  const to = new Date(Date.now() + 3 * day).toISOString().slice(0, 10)
  network = await createNetwork(names, {
    change: (registry, members) => tierRegistry(registry, members, { to }),
  })
  const north = await network.start(0, { now })
  await north.publish(tieredStandard(1, 'public'))
  await north.publish(tieredStandard(2, 'pair'))
  const [, second] = network.members
  const seen = async () => {
    const authorization = await proofFor(north, page, second!, { now: now() })
    return indicesOf(await north.fetch(page, { headers: { authorization } }))
  }
  expect(await seen()).toEqual([0, 1])
  offset = 4 * day
  expect(await seen()).toEqual([0])
})

test('[TIER-1] a pair ends when the registry no longer names both, and access with suspension', async () => {
  network = await createNetwork(names, { change: (registry, members) => tierRegistry(registry, members) })
  const { registrySource } = network
  const north = await network.start(0, { registrySource })
  await north.publish(tieredStandard(1, 'public'))
  await north.publish(tieredStandard(2, 'pair'))
  await north.publish(tieredStandard(3, 'federation'))
  const [, second, third] = network.members
  const all = '/log/1/records/000.p/3'
  expect(await indicesOf(await askAs(north, all, second!))).toEqual([0, 1, 2])
  await network.renew((registry) => ({
    ...registry,
    projects: registry.projects.map((project) => ({
      ...project,
      parties: [registry.members[0]!.id, third!.did],
    })),
  }))
  await eventually(async () => (await indicesOf(await askAs(north, all, second!))).length === 2)
  expect(await indicesOf(await askAs(north, all, third!))).toEqual([0, 1, 2])
  await network.renew((registry) => {
    const [, member] = registry.members
    const { origin } = member!.origins[0]!
    member!.status = [...member!.status, { status: 'suspended', origin, size: 0 }]
    return registry
  })
  await eventually(async () => (await indicesOf(await askAs(north, all, second!))).length === 1)
})
