import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import { formatBundle, parseBundle } from '../../protocol/bundle.ts'
import { digestOf } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { tieredStandard, tierRegistry } from '../support/tier.ts'
import { csx } from './csx.ts'

let network: Network
let north: TestNode
let south: TestNode
let secret: Receipt
let token: string
let asSouth: string
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
  token = join(north.directory, 'operator.token')
  asSouth = join(south.directory, 'keys')
  await writeFile(join(asSouth, 'member.json'), JSON.stringify(south.member.entry))
  await north.publish(tieredStandard(1, 'public'))
  secret = await north.publish(tieredStandard(2, 'pair'))
  await north.publish(tieredStandard(3, 'private'))
  await north.publish(tieredStandard(4, 'pair'))
  await north.publish(tieredStandard(5, 'public'))
  await south.waitFor(north.member, 5)
})
afterAll(() => network.close())

const trust = () => join(north.directory, 'trust.json')
const bundleOf = (name: string, ...flags: string[]) => csx(['bundle', name, '--node', north.url, ...flags])

describe('csx with records that are not public', () => {
  test('[TIER-81] get asks as the operator, as a member, or as nobody', async () => {
    const get = (...flags: string[]) => csx(['get', secret.digest, '--node', north.url, ...flags])
    expect((await get()).err).toContain('NOT_FOUND')
    for (const flags of [
      ['--token-file', token],
      ['--as-member', asSouth],
    ]) {
      const { code: exit, out } = await get(...flags)
      expect([exit, digestOf(out)]).toEqual([0, secret.digest])
    }
    expect((await get('--token-file', token, '--as-member', asSouth)).code).toBe(2)
  })

  test('[TIER-80] a bundle opens it only when asked to, lists what it opens, and verifies', async () => {
    const file = join(north.directory, 'pair.csx.json')
    expect((await bundleOf(secret.digest, '--as-member', asSouth)).code).toBe(2)
    const made = await bundleOf(
      secret.digest,
      '--as-member',
      asSouth,
      '--disclose',
      '-o',
      file,
      '--trust',
      trust(),
    )
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('not public: 第1条') })
    const bytes = new Uint8Array(await readFile(file))
    const { bundle, records } = parseBundle(bytes)
    expect([bundle.contains, bundle.openings?.map(({ index }) => index)]).toEqual(['pair', [1, 3]])
    expect(records.size).toBe(3)
    const { code: exit, out } = await csx(['verify', file, '--trust', trust()])
    expect([exit, out]).toEqual([0, expect.stringContaining('非公开记录')])
    const altered = join(north.directory, 'altered.csx.json')
    for (const [from, to] of [
      [bundle.openings![0]!.salt, 'a'.repeat(64)],
      ['"contains":"pair"', '"contains":"public"'],
      ['"contains":"pair"', '"contains":"group"'],
    ] as const) {
      await writeFile(altered, (await readFile(file, 'utf8')).replace(from, to))
      expect((await csx(['verify', altered, '--trust', trust()])).code).toBe(1)
    }
  })

  test('[TIER-80] the bundle of a public record opens nothing, whoever asks', async () => {
    const file = join(north.directory, 'public.csx.json')
    const { digest } = await north.publish(tieredStandard(6, 'public'))
    await bundleOf(digest, '--token-file', token, '--disclose', '-o', file)
    const { bundle } = parseBundle(new Uint8Array(await readFile(file)))
    expect([bundle.contains, bundle.openings]).toEqual(['public', undefined])
  })

  test('[TIER-82] an act for the same readers ends it, and one that is not opened leaves it open', async () => {
    const { id, digest } = await north.publish(tieredStandard(7, 'pair'))
    const event = syntheticEvent({ id, digest }, 'abolished', '2026-02-01')
    await north.publish({ ...event, tier: 'pair', audience: 'bishan-meishan' })
    const file = join(north.directory, 'ended.csx.json')
    await bundleOf(digest, '--token-file', token, '--disclose', '-o', file)
    const { code: exit, out } = await csx(['verify', file, '--trust', trust(), '--json'])
    expect([exit, out.toString()]).toEqual([1, expect.stringContaining('WITHDRAWN')])
    const text = JSON.parse(await readFile(file, 'utf8'))
    const { records, openings } = text
    const closed = formatBundle({
      ...text,
      records: records.slice(0, 1),
      opened: { tier: 'pair', openings: openings.slice(0, 1), receipts: [] },
    })
    await writeFile(file, closed)
    const left = await csx(['verify', file, '--trust', trust(), '--json'])
    expect([left.code, left.out.toString()]).toEqual([3, expect.stringContaining('RANGE_MISSING')])
  })

  test('[TIER-71] an act of a pair without the receipt of the other is undecided', async () => {
    const { id, digest } = await north.publish(tieredStandard(8, 'pair'))
    const event = syntheticEvent({ id, digest }, 'review', '2026-02-01')
    const act = await north.publish({ ...event, tier: 'pair', audience: 'bishan-meishan' })
    const file = join(north.directory, 'act.csx.json')
    await bundleOf(act.digest, '--token-file', token, '--disclose', '-o', file)
    const { openings, ...made } = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, formatBundle({ ...made, opened: { tier: 'pair', openings, receipts: [] } }))
    const { code: exit, out } = await csx(['verify', file, '--trust', trust(), '--json'])
    expect([exit, out.toString()]).toEqual([3, expect.stringContaining('RECEIPT_MISSING')])
  })

  test('[TIER-40] [TIER-51] disclose and erase name an entry, and say what they did', async () => {
    const run = (command: string, name: string, ...flags: string[]) =>
      csx([command, name, '--node', north.url, '--token-file', token, ...flags])
    const disclosed = await run('disclose', secret.digest)
    expect([disclosed.code, disclosed.out.toString()]).toEqual([
      0,
      expect.stringContaining('entry 1 is open'),
    ])
    expect((await csx(['get', secret.digest, '--node', north.url])).code).toBe(0)
    const erased = await run('erase', '2', '--reason', '误传')
    expect([erased.code, erased.out.toString()]).toEqual([0, expect.stringContaining('entry 2 is destroyed')])
    expect((await run('erase', '0')).err.toString()).toContain('RULE_VIOLATED')
    expect((await run('erase', '2')).err.toString()).toContain('OPENING_LOST')
  })
})
