import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import { formatBundle } from '../../protocol/bundle.ts'
import { digestOf } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { askAs, pairId, tieredStandard, tierRegistry } from '../support/tier.ts'
import { csx } from './csx.ts'

let network: Network
let north: TestNode
let south: TestNode
let act: Receipt
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  const edition = await north.publish(tieredStandard(1, 'pair'))
  const event = syntheticEvent({ id: edition.id, digest: edition.digest }, 'review', '2026-02-01')
  act = await north.publish({ ...event, tier: 'pair', audience: pairId })
})
afterAll(() => network.close())

interface Line {
  readonly record: { readonly type: readonly string[]; readonly credentialSubject: object }
}

async function receiptsOf(node: TestNode): Promise<readonly Line['record'][]> {
  const { size = 0 } = (await node.logOf(node.member)) ?? {}
  if (size === 0) return []
  const page = await (await askAs(node, `/log/1/records/000.p/${size}`, 'operator')).text()
  const lines = page.split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as Line).record).filter(({ type }) => type[1] === 'Receipt')
}

/** The whole file about one record, opened. */
async function bundleOf(node: TestNode, digest: string) {
  const file = join(node.directory, 'one.csx.json')
  const token = join(node.directory, 'operator.token')
  await csx(['bundle', digest, '--node', node.url, '--token-file', token, '--disclose', '-o', file])
  return JSON.parse(await readFile(file, 'utf8'))
}

test('[TIER-70] the other party logs once that it had an act, by itself and for the pair alone', async () => {
  const until = performance.now() + 30_000
  while ((await receiptsOf(south)).length === 0 && performance.now() < until) await sleep(50)
  await south.stop()
  south = await network.start(1)
  await south.waitFor(north.member, 2)
  await sleep(500)
  const found = await receiptsOf(south)
  expect(found.map(({ credentialSubject }) => credentialSubject)).toEqual([
    { origin: north.member.origin, index: 1, digest: act.digest },
  ])
  await north.waitFor(south.member, 1)
  expect((await receiptsOf(north)).length).toBe(0)
  expect(await (await south.fetch('/log/1/records/000.p/1')).text()).toBe('')
})

test('[TIER-71] with it an act of a pair verifies, and with another it does not', async () => {
  const [receipt] = await receiptsOf(south)
  const digest = digestOf(JSON.stringify(receipt))
  const [whole, proven] = [await bundleOf(north, act.digest), await bundleOf(south, digest)]
  const { openings, ...rest } = whole
  const [{ entry, proof }] = proven.proofs
  const given = { entry, proof, record: proven.records[0], salt: proven.openings[0].salt }
  const verify = async (receipts: readonly (typeof given)[]) => {
    const file = join(north.directory, 'with.csx.json')
    await writeFile(file, formatBundle({ ...rest, opened: { tier: 'pair', openings, receipts } }))
    return csx(['verify', file, '--trust', join(north.directory, 'trust.json'), '--json'])
  }
  expect((await verify([given])).code).toBe(0)
  expect((await verify([])).code).toBe(3)
  expect((await verify([{ ...given, salt: 'a'.repeat(64) }])).code).toBe(1)
  const own = { entry: whole.proofs[0].entry, proof: whole.proofs[0].proof, record: whole.records[0] }
  expect((await verify([{ ...own, salt: openings[0].salt }])).code).toBe(1)
})

test('[TIER-700] a receipt under a smaller tree of a closed log, or without the witnesses that are asked for, shows nothing', async () => {
  const [receipt] = await receiptsOf(south)
  const digest = digestOf(JSON.stringify(receipt))
  const [whole, proven] = [await bundleOf(north, act.digest), await bundleOf(south, digest)]
  const { openings, ...rest } = whole
  const [{ entry, proof }] = proven.proofs
  const given = { entry, proof, record: proven.records[0], salt: proven.openings[0].salt }
  const file = join(north.directory, 'closed.csx.json')
  await writeFile(file, formatBundle({ ...rest, opened: { tier: 'pair', openings, receipts: [given] } }))
  const found = async (change: (registry: any) => void) => {
    const registry = JSON.parse(await readFile(join(north.directory, 'trust.json'), 'utf8'))
    change(registry)
    const trust = join(north.directory, 'changed.json')
    await writeFile(trust, JSON.stringify(registry))
    const { out } = await csx(['verify', file, '--trust', trust, '--json'])
    const { checks } = JSON.parse(out)
    const { code, outcome } = checks.find(({ check }: { check: string }) => check === 'receipt')
    return [outcome, code]
  }
  expect(await found(() => {})).toEqual(['passed', undefined])
  const closed = { size: 1000, root: Buffer.alloc(32).toString('base64'), reason: '泄露' }
  expect(
    await found(({ members }) => {
      members.find(({ id }: { id: string }) => id === south.member.did).origins[0].closed = closed
    }),
  ).toEqual(['unknown', 'INCLUSION_MISSING'])
  const bureaus = ['宜宾（合成）', '泸州（合成）'].map(
    (name) => network.members.find(({ entry }) => entry.profile[0]?.nameZh === name)!,
  )
  expect(
    await found((registry) => {
      registry.policy = syntheticPolicy(bureaus)
    }),
  ).toEqual(['unknown', 'NOT_WITNESSED'])
})

describe('csx bundle of an act of a pair', () => {
  const make = async (node: TestNode, ...flags: readonly string[]) => {
    const file = join(north.directory, 'act.csx.json')
    const trust = ['--trust', join(north.directory, 'trust.json')]
    const made = await csx([
      'bundle',
      act.digest,
      '--node',
      node.url,
      '--disclose',
      '-o',
      file,
      ...trust,
      ...flags,
    ])
    return { ...made, bundle: JSON.parse(await readFile(file, 'utf8')) }
  }
  const tokenOf = (node: TestNode) => ['--token-file', join(node.directory, 'operator.token')]

  test.each([
    ['the mirror of the partner’s log at one’s own node', () => north],
    ['the partner’s node', () => south],
  ])('[BUNDLE-800] has the receipt out of %s, and verifies', async (_, nodeOf) => {
    const node = nodeOf()
    const { code, err, bundle } = await make(node, ...tokenOf(node))
    expect([code, err]).toEqual([0, expect.not.stringContaining('RECEIPT_MISSING')])
    const [receipt] = bundle.receipts
    expect(JSON.parse(receipt.entry)).toMatchObject({ log: south.member.origin, tier: 'pair' })
    expect(receipt.record.credentialSubject).toMatchObject({ index: 1, digest: act.digest })
  })

  test('[BUNDLE-800] is written without it where the caller may not read it, and says so', async () => {
    const keys = join(south.directory, 'keys')
    await writeFile(join(keys, 'member.json'), JSON.stringify(south.member.entry))
    const { code, err, bundle } = await make(north, '--as-member', keys)
    expect([code, err, bundle.receipts]).toEqual([3, expect.stringContaining('RECEIPT_MISSING'), undefined])
    const path = `/api/v1/records?receiptOf=${act.digest}`
    for (const who of ['stranger', south.member] as const)
      expect((await askAs(north, path, who)).status).toBe(404)
    expect((await askAs(south, path, north.member)).status).toBe(200)
    expect((await askAs(north, '/api/v1/records?receiptOf=sha256:abc', 'operator')).status).toBe(400)
  })

  test('[BUNDLE-800] of a pair’s standard, which needs none, says nothing of one', async () => {
    const { digest } = await north.publish(tieredStandard(5, 'pair'))
    const file = join(north.directory, 'standard.csx.json')
    const { code, err } = await csx([
      'bundle',
      digest,
      '--node',
      north.url,
      '--disclose',
      '-o',
      file,
      ...tokenOf(north),
    ])
    expect([code, err]).toEqual([0, expect.not.stringContaining('RECEIPT_MISSING')])
  })
})
