import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf, sha256Hex } from '../../protocol/hash.ts'
import {
  attach,
  attachSample,
  eventually,
  getFile,
  type Reader,
  type SampleFile,
  sampleFile,
  standardWith,
  waitForFile,
} from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { expectProblem } from '../support/node-request.ts'
import { askAs, tierRegistry } from '../support/tier.ts'

/** North and south are a pair, north and west a group; east is a member and no more. */
let network: Network
let north: TestNode
let south: TestNode
let east: TestNode
let open: SampleFile
let secret: SampleFile
let loose: SampleFile
let publicRecord: Receipt
let pairRecord: Receipt

beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south, east] = await Promise.all([network.start(0), network.start(1), network.start(3)])
  ;[open, secret, loose] = (await Promise.all(
    [300_000, 200_000, 1_000].map((size) => attachSample(north, size)),
  )) as [SampleFile, SampleFile, SampleFile]
  publicRecord = await north.publish(standardWith(1, 'public', [open]))
  pairRecord = await north.publish(standardWith(2, 'pair', [secret]))
  for (const node of [south, east]) await node.waitFor(north.member, 2)
})
afterAll(() => network.close())

async function facts(response: Response) {
  const body = (await response.text()).replace(/"traceId":"[0-9a-f]{16}"/, '')
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  return { status: response.status, headers, body }
}

const filesOf = async (node: TestNode) =>
  (await readdir(join(node.directory, 'blobs'), { recursive: true })).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  )

const missingAt = async (node: TestNode, who: Reader = 'stranger') =>
  (
    (await (await askAs(node, '/api/v1/blobs', who)).json()) as {
      missing: { digest: string; code: string }[]
    }
  ).missing

describe('files that records name', () => {
  test('[TIER-101] go to whoever may read a record that names them, and look absent to all others', async () => {
    const absent = `sha256:${'a'.repeat(64)}`
    const allowed: readonly (readonly [SampleFile, readonly Reader[]])[] = [
      [open, ['stranger', east.member, south.member, 'operator']],
      [secret, [south.member, 'operator']],
      [loose, ['operator']],
    ]
    for (const [{ digest, bytes }, readers] of allowed)
      for (const who of ['stranger', east.member, south.member, 'operator'] as const) {
        const answer = await getFile(north, digest, who)
        if (readers.includes(who)) {
          expect(answer.status).toBe(200)
          expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(digest)
          expect(answer.headers.get('content-length')).toBe(String(bytes.length))
        } else expect(await facts(answer)).toEqual(await facts(await getFile(north, absent, who)))
      }
    await expectProblem(await getFile(north, secret.digest), 'NOT_FOUND', { status: 404 })
  })

  test('[TIER-101] are linked on the page of their standard', async () => {
    const page = await (await north.fetch(`/standards/${publicRecord.digest}`)).text()
    expect(page).toContain(`<a href="/blobs/${open.digest}">`)
  })

  test('[TIER-102] are shown by no browser, and stand in shared caches only where a public record names them', async () => {
    for (const [{ digest }, who, caching] of [
      [open, 'stranger', 'public, max-age=31536000, immutable'],
      [secret, south.member, 'private, no-store'],
      [loose, 'operator', 'private, no-store'],
    ] as const)
      for (const method of ['GET', 'HEAD']) {
        const path = `/blobs/${digest}`
        const { headers } =
          method === 'GET' || who !== 'stranger'
            ? await askAs(north, path, who)
            : await north.fetch(path, { method })
        expect(Object.fromEntries(headers)).toMatchObject({
          'content-type': 'application/octet-stream',
          'content-disposition': 'attachment',
          'x-content-type-options': 'nosniff',
          'content-security-policy': "default-src 'none'; sandbox",
          'cache-control': caching,
        })
      }
  })

  test('[TIER-103] come to every follower that may read the record, and are given on as far as public', async () => {
    for (const node of [south, east]) await waitForFile(node, open.digest)
    await waitForFile(south, secret.digest)
    for (const node of [south, east]) expect((await getFile(node, open.digest)).status).toBe(200)
    expect((await getFile(east, secret.digest, 'operator')).status).toBe(404)
    for (const who of ['stranger', north.member, east.member] as const)
      expect((await getFile(south, secret.digest, who)).status).toBe(404)
    expect((await filesOf(east)).length).toBe(1)
    expect(await missingAt(south, 'operator')).toEqual([])
  })

  test('[TIER-103] [NODE-802] that came late, or in another record again, wait for nobody and hold up nobody', async () => {
    const late = sampleFile(5_000)
    await north.publish(standardWith(3, 'public', [late, open]))
    await south.waitFor(north.member, 3)
    expect(await missingAt(south)).toMatchObject([
      { digest: late.digest, origin: north.member.origin, index: 2 },
    ])
    expect(await missingAt(north)).toMatchObject([{ digest: late.digest, code: 'BLOB_MISSING' }])
    await attach(north, late)
    await waitForFile(south, late.digest)
    for (const node of [north, south]) expect(await missingAt(node)).toEqual([])
  })

  test('[TIER-105] are held when the holder says so', async () => {
    const note = async () =>
      (await south.fetch(`/mirror/${sha256Hex(north.member.origin)}/checkpoint`)).text()
    const late = sampleFile(100)
    const { index } = await north.publish(standardWith(4, 'public', [late]))
    await south.waitFor(north.member, index + 1)
    await eventually(async () => (await missingAt(south)).some(({ code }) => code === 'BLOB_MISSING'))
    expect(await note()).not.toContain('/holder ')
    await attach(north, late)
    await waitForFile(south, late.digest)
    await eventually(async () => (await note()).includes('/holder '))
  })
})

describe('files of a record that is disclosed, and of one that is erased', () => {
  test('[TIER-101] a disclosure opens them to everybody, but to no cache', async () => {
    expect((await north.post('/api/v1/disclosures', { index: pairRecord.index })).status).toBe(201)
    const answer = await getFile(north, secret.digest)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
    await waitForFile(east, secret.digest)
    await eventually(async () => (await getFile(east, secret.digest)).status === 200)
  })

  test('[TIER-104] an erasure removes them here and at holders, unless another record names them', async () => {
    const alone = await attachSample(north, 2_000)
    const shared = await attachSample(north, 2_000)
    const first = await north.publish(standardWith(5, 'pair', [alone, shared]))
    await north.publish(standardWith(6, 'pair', [shared]))
    for (const { digest } of [alone, shared]) await waitForFile(south, digest)
    expect((await north.post('/api/v1/erasures', { index: first.index })).status).toBe(201)
    const nameOf = ({ digest }: SampleFile) => digest.slice('sha256:'.length)
    const here = async (node: TestNode, file: SampleFile) =>
      (await filesOf(node)).some((name) => name.endsWith(nameOf(file)))
    expect(await here(north, alone)).toBe(false)
    await eventually(async () => !(await here(south, alone)))
    for (const node of [north, south]) {
      expect((await getFile(node, alone.digest, 'operator')).status).toBe(404)
      expect((await getFile(node, shared.digest, 'operator')).status).toBe(200)
    }
  })
})
