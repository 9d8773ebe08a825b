import { appendFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachSample, getFile, type SampleFile, standardWith, waitForFile } from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { runNode } from '../support/node-command.ts'
import { tierRegistry } from '../support/tier.ts'

let network: Network
let north: TestNode
let south: TestNode
let open: SampleFile
let pair: SampleFile
let whole: SampleFile
let own: SampleFile
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  ;[open, pair, whole, own] = (await Promise.all(
    [1_000, 2_000, 3_000, 4_000].map((size) => attachSample(north, size)),
  )) as [SampleFile, SampleFile, SampleFile, SampleFile]
  await north.publish(standardWith(1, 'public', [open, whole]))
  await north.publish(standardWith(2, 'pair', [pair]))
  await north.publish(standardWith(3, 'private', [own]))
  for (const { digest } of [open, pair, whole]) await waitForFile(south, digest)
})
afterAll(() => network.close())

function pathOf(node: TestNode, { digest }: SampleFile): string {
  const name = digest.slice('sha256:'.length)
  return join(node.directory, 'blobs', name.slice(0, 2), name)
}

async function damage(node: TestNode, altered: SampleFile, gone: SampleFile): Promise<void> {
  await appendFile(pathOf(node, altered), 'x')
  await rm(pathOf(node, gone))
}

test('[TIER-106] a holder finds what is damaged, and gets it from the log’s own member, of a pair too', async () => {
  await south.stop()
  expect(await runNode(south, ['fsck'])).toMatchObject({ exit: 0 })
  await damage(south, open, pair)
  const { mtimeMs } = await stat(pathOf(south, whole))
  const found = await runNode(south, ['fsck'])
  expect(found.exit).toBe(1)
  expect(found.out).toContain(`DIGEST_MISMATCH file ${open.digest}`)
  expect(found.out).toContain(`BLOB_MISSING file ${pair.digest}`)
  expect(found.out).not.toContain(whole.digest)
  const repaired = await runNode(south, ['fsck', '--repair'])
  expect([repaired.exit, repaired.out]).toEqual([
    0,
    expect.stringContaining(`file ← ${north.url}: ${open.digest}`),
  ])
  expect((await stat(pathOf(south, whole))).mtimeMs).toBe(mtimeMs)
  south = await network.start(1)
  for (const { digest } of [open, pair]) await waitForFile(south, digest)
})

test('[TIER-106] an owner gets a public one from a follower, and asks nobody for one that is not', async () => {
  await north.stop()
  await damage(north, open, own)
  const repaired = await runNode(north, ['fsck', '--repair'])
  expect(repaired.exit).toBe(1)
  expect(repaired.out).toContain(`file ← ${south.url}: ${open.digest}`)
  expect(repaired.out).toContain(`nobody gives it: file ${own.digest}`)
  north = await network.start(0)
  expect((await getFile(north, open.digest)).status).toBe(200)
  expect((await getFile(north, own.digest, 'operator')).status).toBe(404)
  await north.post('/api/v1/blobs', own.bytes, { 'content-type': 'application/octet-stream' })
  expect((await getFile(north, own.digest, 'operator')).status).toBe(200)
})
