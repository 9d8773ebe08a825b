import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryText } from '../../fixtures/synthetic/member.ts'
import {
  recognitionBundle,
  recognitionTrust,
  syntheticConsent,
} from '../../fixtures/synthetic/recognition.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { agreeOnRows, day } from '../support/recognition.ts'
import { pairId, tierRegistry } from '../support/tier.ts'
import { csx, folder, linesOf } from './csx.ts'

let network: Network
let north: TestNode
let south: TestNode
let basis: { readonly digest: string }
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south] = (await Promise.all([network.start(0), network.start(1)])) as [TestNode, TestNode]
  ;({ basis } = await agreeOnRows(north, south))
}, 60_000)
afterAll(() => network.close())

/** A command about agreements, as the operator of a node. */
const agreement = (node: TestNode, act: string, ...args: readonly string[]) =>
  csx(['agreement', act, ...args, '--node', node.url, '--token-file', join(node.directory, 'operator.token')])

const file = join(folder, 'draft.json')

describe('csx agreement', () => {
  test('[AGREE-100] the statement is shown before it is signed, and only its own digest signs it', async () => {
    const drafted = await agreement(
      north,
      'draft',
      pairId,
      ...['--basis-number', '合成发〔2026〕1号', '--basis-digest', basis.digest, '--accept-by', day(9)],
      ...['--effective-from', day(0), '--valid-until', day(200), '--grace-days', '20', '--output', file],
    )
    expect([drafted.code, drafted.err]).toEqual([0, ''])
    for (const words of ['互认声明', '璧山（合成）', '直接互认', '何时终止', '签署的摘要：sha256:'])
      expect(drafted.out).toContain(words)
    const digest = /签署的摘要：(sha256:[0-9a-f]{64})/.exec(drafted.out)?.[1] ?? ''
    const unknown = await agreement(
      north,
      'draft',
      pairId,
      ...['--basis-number', '合成发〔2026〕1号', '--accept-by', day(9), '--rows', 'r1,r9'],
      ...['--effective-from', day(0), '--valid-until', day(200), '--output', join(folder, 'none.json')],
    )
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringMatching(/NOT_FOUND \(\/rows\/1\) .*r9/)])
    const wrong = await agreement(north, 'propose', file, '--yes', `sha256:${'0'.repeat(64)}`)
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('ATTESTATION_MISMATCH')])
    expect((await agreement(north, 'propose', file)).code).toBe(2)
    const { id } = JSON.parse(await readFile(file, 'utf8'))
    expect((await agreement(north, 'show', id)).err).toContain('NOT_FOUND')
    const done = await agreement(north, 'propose', file, '--tier', 'public', '--yes', digest)
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('已签署并记入日志')])
  })

  test('[AGREE-105] accepted by the other it is in force: 0; not on another day: 1; list says the same', async () => {
    const { id } = JSON.parse(await readFile(file, 'utf8'))
    const until = async (done: () => Promise<boolean>) => {
      for (let tries = 0; !(await done()) && tries < 100; tries += 1) await sleep(100)
    }
    const shown = async (node: TestNode, ...args: readonly string[]) => agreement(node, 'show', id, ...args)
    await until(async () => (await shown(south)).out.includes('提议'))
    const proposed = await shown(south)
    expect([proposed.code, proposed.out]).toEqual([1, expect.stringContaining('ATTESTATION_INCOMPLETE')])
    const digest = /签署的摘要：(sha256:[0-9a-f]{64})/.exec(proposed.out)?.[1] ?? ''
    await until(async () => (await agreement(south, 'accept', id, '--yes', digest)).code === 0)
    await until(async () => (await shown(north)).code === 0)
    const { code, out } = await shown(north)
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`${day(0)}：有效 effective；自${day(0)}起，至${day(200)}（不含）`),
    ])
    expect((await shown(north, '--at', day(200))).code).toBe(1)
    const listed = linesOf((await agreement(south, 'list', '--json')).out)
    expect(listed).toMatchObject([{ agreements: [{ id, state: 'effective', answer: 'effective' }] }])
    const table = (await csx(['agreement', 'list', '--node', north.url])).out
    expect(table).toMatch(
      /编号 id +种类 kind +双方 parties +状态 state +起 from +止 until +处置期 dispose by\n/,
    )
    expect(table).toMatch(new RegExp(`${id} +互认 recognition +.* ${day(200)} +—\n`))
    const noReason = await agreement(south, 'withdraw', id, '--yes', digest)
    expect(noReason.code).toBe(2)
  })

  test('[AGREE-107] what if, by number and by clause; a clause that is not there is no answer', async () => {
    const { id } = JSON.parse(await readFile(file, 'utf8'))
    const ask = (...args: readonly string[]) =>
      csx([
        'what-if',
        'DB50/T 990001—2020',
        '--node',
        north.url,
        '--on',
        day(9),
        '--kind',
        'amendment',
        ...args,
      ])
    const { code, out } = await ask('--clauses', '4.1')
    expect(code).toBe(0)
    expect(out).toContain(`于 ${day(9)} 发布修改单`)
    expect(out).toMatch(/所及条款 [^\n]*4\.1 第1项要求/)
    expect(out).toContain(id)
    expect(out).toContain('没有实施报告涉及该版本')
    const absent = await ask('--clauses', '4.1,9.9')
    expect([absent.code, absent.out]).toEqual([4, ''])
    expect(absent.err).toMatch(/NOT_FOUND \(\/clauses\/1\) .*9\.9.*→ .*条款/)
    expect((await csx(['what-if', 'DB50/T 999999—2020', '--node', north.url])).err).toContain('(/edition)')
  })

  test('[AGREE-106] where the evidence is, from where on', async () => {
    const { id } = JSON.parse(await readFile(file, 'utf8'))
    const plan = (await (await north.fetch(`/api/v1/agreements/${id}/evidence`)).json()) as any
    expect(plan).toMatchObject({ agreement: id, contains: 'public' })
    expect(plan.logs.map(({ origin }: any) => origin)).toEqual(
      [north.member.origin, south.member.origin].toSorted(),
    )
    for (const { path, origin } of plan.logs)
      expect((await (await north.fetch(`${path}/checkpoint`)).text()).split('\n')[0]).toBe(origin)
    for (const digest of plan.files) expect((await north.fetch(`/blobs/${digest}`)).status).toBe(200)
  })
})

describe('csx verify of a bundle about an agreement', () => {
  test('[AGREE-46] one line for each log and condition, the place in each log, and the verdict for the day asked', async () => {
    const bundle = join(folder, 'recognition.csx.json')
    const trust = join(folder, 'recognition-trust.json')
    await writeFile(bundle, await recognitionBundle(await syntheticConsent()))
    await writeFile(trust, registryText(recognitionTrust().registry))
    const verify = (at: string, ...more: readonly string[]) =>
      csx(['verify', bundle, '--trust', trust, '--at', at, ...more])
    const { code, out } = await verify('2026-06-01')
    expect(code).toBe(0)
    for (const words of ['E1 双方同意', 'E7 依据合成发〔2026〕1号有效', '2026-06-01：有效；自', '已核实'])
      expect(out).toContain(words)
    expect(out.match(/✓ .*重算根相符/g)).toHaveLength(3)
    expect((await verify('2027-06-01')).code).toBe(1)
    const [line] = linesOf((await verify('2026-06-01', '--json')).out) as any[]
    expect(line).toMatchObject({
      verdict: 'verified',
      asOf: {
        logs: [{ size: 1 }, { size: 2 }, { size: 2 }].map(() =>
          expect.objectContaining({ size: expect.any(Number) }),
        ),
      },
    })
  })
})
