import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import { policy } from '../../node/access/policy.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { askAs, tieredStandard, tierRegistry } from '../support/tier.ts'

let network: Network
let north: TestNode
let south: TestNode
const secrets: Receipt[] = []
const words = ['秘密', 'QXZW', '990077', '990078', '990079', '990080']
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  await north.publish(tieredStandard(1, 'public'))
  for (const [n, tier] of ['federation', 'group', 'pair', 'private'].entries()) {
    const draft = tieredStandard(77 + n, tier) as any
    draft.credentialSubject.titleZh = `秘密办法${n}（合成样例）`
    draft.credentialSubject.titleEn = `QXZW ${n} (synthetic)`
    const receipt = await north.publish(draft)
    const event = syntheticEvent({ id: receipt.id, digest: receipt.digest }, 'abolished', '2026-02-01')
    const { audience } = draft
    secrets.push(receipt, await north.publish({ ...event, tier, ...(audience ? { audience } : {}) }))
  }
  await south.waitFor(north.member, 9)
  // Somebody who may reads, so that it could show.
  for (const { digest } of secrets) await askAs(north, `/records/${digest}`, south.member)
})
afterAll(() => network.close())

/** Every route with every address that an outsider could think of, and what he could search for. */
function addressesOf(node: TestNode): readonly string[] {
  const held = sha256Hex(north.member.origin)
  const fill = (path: string) =>
    path
      .replace(':epoch', '1')
      .replace(':name', path.startsWith('/mirror') ? held : 'timestamp.json')
      .replace('/:nothing{^$}', '/')
      .replace(':hash', held)
      .replace(':originHash', held)
      .replace(':type', 'StandardRecord')
  const parts = ['000.p/9', '0/000.p/9', '0/000.p/1']
  const digests = secrets.map(({ digest }) => digest)
  const routes = Object.keys(policy)
    .filter((route) => route.startsWith('GET '))
    .flatMap((route) => {
      const path = fill(route.slice(4))
      if (path.includes(':digest')) return digests.map((digest) => path.replace(':digest', digest))
      return path.endsWith('*') ? parts.map((part) => path.replace('*', part)) : [path]
    })
  const searches = [...words, '', '%', '公'].flatMap((word) => [
    `/api/v1/standards?q=${encodeURIComponent(word)}`,
    `/api/v1/standards?number=${encodeURIComponent(word)}`,
    `/?q=${encodeURIComponent(word)}`,
  ])
  const states = ['abolished', 'in-force', 'superseded'].map((state) => `/api/v1/standards?state=${state}`)
  const ids = secrets.map(({ id }) => `/api/v1/records?id=${encodeURIComponent(id)}`)
  return [...routes, ...searches, ...states, ...ids].map((path) => (node === north ? path : path))
}

test('[TIER-90] an outsider finds nothing of a record that is not public but its entry', async () => {
  for (const node of [north, south])
    for (const path of addressesOf(node))
      for (const accept of ['application/json', 'text/html']) {
        const response = await node.fetch(path, { headers: { accept } })
        const text = `${[...response.headers].join('\n')}\n${Buffer.from(await response.arrayBuffer()).toString()}`
        // What he asked with himself may come back to him.
        const hidden = [
          ...secrets.flatMap(({ id, digest }) => [id, digest, digest.slice(7)]),
          ...words,
        ].filter((word) => !decodeURIComponent(path).includes(word))
        for (const word of hidden) expect([path, word, text.includes(word)]).toEqual([path, word, false])
      }
}, 120_000)

test('[TIER-90] counts and states are those of a node that has none of them', async () => {
  for (const node of [north, south]) {
    expect(await node.countStandards()).toBe(1)
    expect(await node.countStandards('&state=abolished')).toBe(0)
    const log = (await node.logOf(north.member))!
    expect([log.quarantined, log.pending]).toEqual([0, 0])
    const metrics = await (await node.fetch('/metrics')).text()
    expect(metrics).not.toMatch(/tier|withheld|pair/)
  }
})
