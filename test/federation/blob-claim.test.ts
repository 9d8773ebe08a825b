import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  attach,
  attachSample,
  eventually,
  getFile,
  type SampleFile,
  sampleFile,
  standardWith,
} from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { askAs, tierRegistry } from '../support/tier.ts'

/** North and south are a pair; east is a member and no more, and names what others have. */
let network: Network
let north: TestNode
let south: TestNode
let east: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south, east] = await Promise.all([network.start(0), network.start(1), network.start(3)])
})
afterAll(() => network.close())

let number = 0
async function publish(node: TestNode, tier: string, file: { readonly digest: string }): Promise<Receipt> {
  number += 1
  const receipt = await node.publish(standardWith(number, tier, [file]))
  for (const other of [north, south, east])
    if (other !== node) await other.waitFor(node.member, receipt.index + 1)
  return receipt
}

async function erase(node: TestNode, { index }: Receipt): Promise<void> {
  const answer = await node.post('/api/v1/erasures', { index })
  expect(answer.status).toBe(201)
  const size = ((await answer.json()) as Receipt).index + 1
  for (const other of [north, south, east]) if (other !== node) await other.waitFor(node.member, size)
}

const statusOf = async (node: TestNode, { digest }: SampleFile, who?: Parameters<typeof getFile>[2]) =>
  (await getFile(node, digest, who)).status
const missingAt = async (node: TestNode) =>
  (
    (await (await askAs(node, '/api/v1/blobs', 'stranger')).json()) as { missing: { digest: string }[] }
  ).missing.map(({ digest }) => digest)
const isStored = async (node: TestNode, { digest }: SampleFile) =>
  (await readdir(join(node.directory, 'blobs'), { recursive: true })).some((name) =>
    name.endsWith(digest.slice('sha256:'.length)),
  )

describe('whoever names the digest of a file that he does not have', () => {
  test('[TIER-101] [TIER-90] opens nobody’s file by it, and learns not whether it is there', async () => {
    const [secret, loose] = [await attachSample(north, 20_000), await attachSample(north, 1_000)]
    const absent = sampleFile(10)
    await publish(north, 'pair', secret)
    for (const file of [secret, loose, absent]) await publish(east, 'public', file)
    for (const who of ['stranger', east.member] as const)
      expect(await Promise.all([secret, loose, absent].map((file) => statusOf(north, file, who)))).toEqual([
        404, 404, 404,
      ])
    const missing = await missingAt(north)
    for (const { digest } of [secret, loose, absent]) expect(missing).toContain(digest)
    expect(await statusOf(north, secret, south.member)).toBe(200)
  })

  test('[TIER-101] has it opened once he has it himself', async () => {
    const shared = await attachSample(north, 3_000)
    await publish(north, 'pair', shared)
    await publish(east, 'public', shared)
    expect(await statusOf(north, shared)).toBe(404)
    expect((await attach(east, shared)).status).toBe(201)
    await eventually(async () => (await statusOf(north, shared)) === 200)
    expect(await missingAt(north)).not.toContain(shared.digest)
  })

  test('[TIER-104] keeps no file from being erased with the record that it came for', async () => {
    const secret = await attachSample(north, 4_000)
    const receipt = await publish(north, 'pair', secret)
    await eventually(async () => (await statusOf(south, secret, 'operator')) === 200)
    await publish(east, 'public', secret)
    await erase(north, receipt)
    expect([await statusOf(north, secret, 'operator'), await isStored(north, secret)]).toEqual([404, false])
    await eventually(async () => !(await isStored(south, secret)))
  })

  test('[TIER-104] takes no file away by erasing his own record, neither attached nor held for another', async () => {
    const [mine, held] = [await attachSample(north, 5_000), await attachSample(north, 6_000)]
    await publish(north, 'public', held)
    await eventually(async () => (await statusOf(east, held)) === 200)
    for (const file of [mine, held]) await erase(south, await publish(south, 'pair', file))
    expect(await statusOf(north, mine, 'operator')).toBe(200)
    for (const node of [north, east]) expect(await statusOf(node, held)).toBe(200)
    // Once a record of its own names it, it goes with that record.
    await erase(north, await publish(north, 'pair', mine))
    expect([await statusOf(north, mine, 'operator'), await isStored(north, mine)]).toEqual([404, false])
  })
})
