import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticBasis } from '../../fixtures/synthetic/agreement.ts'
import { syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../protocol/hash.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import { csx, folder } from '../cli/csx.ts'
import { environment, interconnectionDrafts, tryEachOther } from '../support/interconnection.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { agreeOnRows, day, type Published, publish } from '../support/recognition.ts'
import { pairId } from '../support/tier.ts'

let network: Network
let bureau: TestNode
let north: TestNode
let south: TestNode
let terms: any
let first: Published
let second: Published
const trust = join(folder, 'agreement-trust.json')

beforeAll(async () => {
  network = await createNetwork(['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）'], {
    registry: ([one, two, a, b]) => ({
      policy: syntheticPolicy([one!, two!]),
      projects: [{ id: pairId, nameZh: '璧山—眉山（合成）', parties: [a!.did, b!.did] }],
    }),
  })
  const nodes = await Promise.all([0, 1, 2, 3].map((n) => network.start(n)))
  ;[bureau, , north, south] = nodes as [TestNode, TestNode, TestNode, TestNode]
  await writeFile(trust, network.trust)
  ;({ terms, first, second } = await agreeOnRows(north, south))
}, 90_000)
afterAll(() => network.close())

async function act(node: TestNode, body: object): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const response = await node.post('/api/v1/agreements/acts', body as never)
    if (response.status === 201) return
    if (tries > 150) throw new Error(await response.text())
    await sleep(100)
  }
}

async function agree(tier: 'public' | 'pair', rows?: readonly string[]): Promise<string> {
  const draft = await north.post('/api/v1/agreements/draft', { ...terms, ...(rows ? { rows } : {}) } as never)
  const { agreement, digest } = (await draft.json()) as any
  const { id } = agreement
  await act(north, { act: 'propose', id, digest, agreement, tier })
  await act(south, { act: 'accept', id, digest })
  return id
}

/** Until it is verified: what was logged a moment ago is on its way round the witnesses. */
function bundle(node: TestNode, id: string, ...flags: string[]): Promise<string> {
  return bundleOf('recognition', 0, node, id, ...flags)
}

async function bundleOf(
  kind: string,
  exit: number,
  node: TestNode,
  id: string,
  ...flags: string[]
): Promise<string> {
  const file = join(folder, `${id.slice(-4)}.csx.json`)
  for (let tries = 0; ; tries += 1) {
    const { code, err } = await csx([
      'bundle',
      kind,
      id,
      '--node',
      node.url,
      '-o',
      file,
      '--trust',
      trust,
      ...flags,
    ])
    if (code === exit) return file
    if (tries > 20) throw new Error(`${code} ${err}`)
    await sleep(500)
  }
}

describe('the evidence about a recognition from a node, with witnesses', () => {
  test('[AGREE-47] [AGREE-106] either party gives it, to anybody, and years of other records do not move its beginning', async () => {
    const id = await agree('public')
    for (const node of [north, south]) await bundle(node, id)
    for (let n = 10; n < 16; n += 1) await publish(north, syntheticStandard(n))
    const file = await bundle(north, id)
    const { logs, texts, contains } = JSON.parse(await readFile(file, 'utf8'))
    expect([contains, texts.length, logs.map(({ origin }: any) => origin)]).toEqual([
      'public',
      1,
      [north, south].map(({ member }) => member.origin).toSorted(),
    ])
    const sizes = logs.map(({ notes }: any) => notes.map((note: string) => parseHead(note).size))
    for (const list of sizes) expect(list.length).toBeGreaterThan(0)
    const ask = (at: string) => csx(['verify', file, '--trust', trust, '--at', at, '--json'])
    expect((await ask(day(299))).code).toBe(0)
    expect((await ask(day(-1))).code).toBe(1)
    expect((await ask(day(300))).code).toBe(1)
  }, 90_000)

  test('[AGREE-47] [AGREE-103] what is for the pair a party alone gives, to itself', async () => {
    const id = await agree('pair')
    const token = ['--token-file', join(north.directory, 'operator.token')]
    const file = await bundle(north, id, '--disclose', ...token)
    const { contains, logs } = JSON.parse(await readFile(file, 'utf8'))
    expect(contains).toBe('pair')
    for (const { openings } of logs) expect(openings.length).toBeGreaterThan(0)
    const to = (...flags: string[]) => csx(['bundle', 'recognition', id, '--node', north.url, ...flags])
    expect((await to(...token)).code).toBe(2)
    expect((await to('--disclose')).err).toContain('NOT_FOUND')
  }, 90_000)
})

const own = (node: TestNode) => ['--node', node.url, '--token-file', join(node.directory, 'operator.token')]
const agreement = (node: TestNode, ...args: readonly string[]) => csx(['agreement', ...args, ...own(node)])

async function read(name: string): Promise<any> {
  return JSON.parse(await readFile(join(folder, name), 'utf8'))
}

/** Until both nodes say so of a day. */
async function both(id: string, state: string, at: string): Promise<any[]> {
  for (let tries = 0; ; tries += 1) {
    const views = await Promise.all(
      [north, south].map(async (node) => (await node.fetch(`/api/v1/agreements/${id}?at=${at}`)).json()),
    )
    if (views.every((view: any) => view.state === state)) return views
    if (tries > 150) throw new Error(JSON.stringify(views, null, 1).slice(0, 6000))
    await sleep(100)
  }
}

const dates = () => [
  ...['--basis-number', '合成发〔2026〕1号', '--accept-by', day(9)],
  ...['--effective-from', day(0), '--valid-until', day(200)],
]

/** Proposes a draft in a file of this name, has it accepted, and waits for both. @returns its id */
async function consent(name: string, ...words: readonly string[]): Promise<string> {
  const { id, ...rest } = await read(name)
  const digest = agreementDigest({ id, ...rest })
  const proposed = await agreement(north, 'propose', join(folder, name), '--tier', 'public', '--yes', digest)
  expect([proposed.code, proposed.out]).toEqual([0, expect.stringContaining('已签署')])
  for (const word of words) expect(proposed.err).toContain(word)
  for (let tries = 0; ; tries += 1) {
    const { code, err } = await agreement(south, 'accept', id, '--yes', digest)
    if (code === 0) break
    expect(err).toMatch(/CONFORMANCE_MISSING|PENDING_DEPENDENCY|MAPPING_MISSING|NOT_FOUND|RECORD_UNAVAILABLE/)
    if (tries > 60) throw new Error(err)
  }
  await both(id, 'effective', day(0))
  return id
}

describe('an interconnection between two nodes', () => {
  let id: string
  let standard: Published
  const flags = () => [
    ...['--edition', standard.digest, '--schema', 'schema.json', '--suite', 'suite.json'],
    ...['--our-endpoint', 'north.json', '--their-endpoint', 'south.json', '--output', 'pipe.json'],
    ...dates(),
  ]
  const draft = (...args: readonly string[]) =>
    csx(['agreement', 'draft-interconnection', pairId, ...args, ...own(north)], { cwd: folder })

  beforeAll(async () => {
    standard = await publish(
      north,
      syntheticStandard(30, { publishedOn: '2024-03-01', effectiveOn: '2024-06-01' }),
    )
    await tryEachOther(north, south)
  }, 60_000)

  test('[AGREE-109] [AGREE-111] what could never be in force is not drafted, and why is said', async () => {
    const parts = { north, south, stranger: network.members[0]!.did }
    const { body: plain, changes } = await interconnectionDrafts(parts, terms)
    const body = { ...plain, edition: standard.id }
    for (const [code, change] of changes) {
      const response = await north.post('/api/v1/agreements/draft', { ...body, ...change } as never)
      expect([change, ((await response.json()) as any).code]).toEqual([change, code])
    }
    const number = '合成发〔2026〕3号'
    const twice = [await publish(north, syntheticBasis(number)), await publish(north, syntheticBasis(number))]
    const answer = await north.post('/api/v1/agreements/draft', { ...body, basis: { number } } as never)
    const { code, detail } = (await answer.json()) as any
    expect(code).toBe('QUERY_INVALID')
    for (const { digest } of twice) expect(detail).toContain(digest)
  }, 60_000)

  test('[AGREE-109] [AGREE-112] [AGREE-50] drafted, proposed and accepted it is in force at both, and anybody can check it', async () => {
    const drafted = await draft(...flags(), '--our-run', 'north-run.json', '--their-run', 'south-run.json')
    expect([drafted.code, drafted.err]).toEqual([0, ''])
    for (const words of ['互通声明', '璧山（合成）', 'urn:csx:suite:synthetic-interface', environment])
      expect(drafted.out).toContain(words)
    id = await consent('pipe.json', '璧山（合成）', '合成')
    for (const node of [north, south]) {
      const file = await bundleOf('interconnection', 0, node, id)
      const { code, out } = await csx(['verify', file, '--trust', trust, '--at', day(0)])
      expect([code, out]).toEqual([0, expect.stringContaining('C3 双方运行的必测项全部通过')])
    }
  }, 120_000)

  test('[AGREE-74] [AGREE-75] [WIT-52] what each holds of the other’s log is shown at both, to a stranger too, and proven by the file', async () => {
    const [a, b] = [north, south].toSorted((x, y) => (x.member.did < y.member.did ? -1 : 1)) as [
      TestNode,
      TestNode,
    ]
    const shown = async (node: TestNode) => (await node.get<any>(`/api/v1/agreements/${id}`)).holdings
    const pairs = [
      { by: a.member.did, origin: b.member.origin },
      { by: b.member.did, origin: a.member.origin },
    ]
    for (const node of [north, south, bureau])
      await expect
        .poll(() => shown(node), { timeout: 20_000 })
        .toMatchObject(
          pairs.map((pair) => ({ ...pair, size: expect.any(Number), since: expect.any(String) })),
        )
    expect((await agreement(south, 'show', id)).out).toContain(`持有 ${north.member.origin} 前`)
    for (const node of [north, south]) {
      const file = await bundleOf('interconnection', 0, node, id)
      const { code, out } = await csx(['verify', file, '--trust', trust])
      expect(code).toBe(0)
      for (const { origin } of pairs)
        expect(out).toMatch(new RegExp(`✓ 持有 holding.*持有 ${origin} 前\\d+条`))
    }
  }, 90_000)

  test('[AGREE-102] with files that nobody gives it is not accepted', async () => {
    const agreed = await read('pipe.json')
    const { scope } = agreed
    const text = {
      ...agreed,
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000ff',
      scope: { ...scope, suite: { ...scope.suite, digest: digestOf('nobody has this') } },
    }
    const digest = agreementDigest(text)
    await act(north, { act: 'propose', id: text.id, digest, agreement: text, tier: 'pair' })
    const accept = () =>
      south.post('/api/v1/agreements/acts', { act: 'accept', id: text.id, digest } as never)
    let answer = await accept()
    for (let tries = 0; answer.status === 404 && tries < 100; tries += 1) {
      await sleep(100)
      answer = await accept()
    }
    expect(((await answer.json()) as any).code).toBe('CONFORMANCE_MISSING')
  }, 60_000)

  test('[AGREE-73] the interface standard is replaced: it ends at both nodes, and by the evidence', async () => {
    await publish(north, syntheticEvent(standard, 'superseded', day(3)))
    for (const view of await both(id, 'lapsed', day(3)))
      expect(view.conditions.find(({ condition }: any) => condition === 'E3')).toMatchObject({
        code: 'SUPERSEDED',
        since: day(3),
      })
    const file = await bundleOf('interconnection', 0, south, id)
    const ask = async (at: string) => (await csx(['verify', file, '--trust', trust, '--at', at])).code
    expect([await ask(day(2)), await ask(day(3))]).toEqual([0, 1])
  }, 90_000)
})

describe('a reuse between two nodes', () => {
  test('[AGREE-110] [AGREE-84] it rests on a recognition, and is to be disposed of when that lapses', async () => {
    const recognition = await agree('public', ['r1'])
    await both(recognition, 'effective', day(0))
    const draft = (...args: readonly string[]) =>
      csx(
        [
          ...['agreement', 'draft-reuse', south.member.did, '--manner', 'clause-citation'],
          ...['--target-number', '合成办〔2026〕8号', '--output', 'use.json', '--disposal-days', '60'],
          ...dates(),
          ...args,
          ...own(north),
        ],
        { cwd: folder },
      )
    const { basis: _, ...rest } = terms
    const body = {
      ...rest,
      kind: 'reuse',
      basis: terms.basis,
      edition: second.digest,
      manner: 'direct-use',
      target: { documentNo: '合成办〔2026〕8号' },
      ground: { recognition: { id: recognition } },
      disposalDays: 60,
    }
    const nobodys = 'urn:uuid:00000000-0000-4000-8000-00000000000e'
    for (const [code, change] of [
      [undefined, { clauses: ['c4-1'], matters: ['property'] }],
      ['NOT_FOUND', { edition: digestOf('nobody has this') }],
      ['NOT_FOUND', { clauses: ['c9-9'] }],
      ['NOT_FOUND', { ground: { recognition: { id: nobodys } } }],
      ['RECORD_UNAVAILABLE', { ground: { recognition: { id: recognition, digest: digestOf('x') } } }],
      ['ATTESTATION_MISMATCH', { clauses: ['c4-2'] }],
      ['ATTESTATION_MISMATCH', { edition: first.digest, reuser: network.members[0]!.did }],
      ['RULE_VIOLATED', { ground: { statute: 'national' } }],
      ['BLOB_MISSING', { clauses: ['c4-1'], evidence: [{ digest: digestOf('nobody has this') }] }],
      ['SCHEMA_INVALID', { manner: 'as-we-like' }],
    ] as const) {
      const response = await north.post('/api/v1/agreements/draft', { ...body, ...change } as never)
      expect([change, ((await response.json()) as any).code]).toEqual([change, code])
    }
    const cited = ['--recognition', recognition, '--edition', second.id]
    const drafted = await draft(...cited, '--clauses', 'c4-1', '--matters', 'property')
    expect([drafted.code, drafted.err]).toEqual([0, ''])
    for (const words of [
      '互用声明',
      '璧山（合成）',
      '引用条款',
      '合成办〔2026〕8号',
      '限于事项：物业',
      '60日内处置',
    ])
      expect(drafted.out).toContain(words)
    const id = await consent('use.json', '璧山（合成）')
    await bundleOf('reuse', 0, north, id)
    await publish(north, syntheticEvent(first, 'superseded', day(5)))
    for (const view of await both(id, 'disposal-due', day(25))) expect(view.disposeBy).toBe(day(85))
    const shown = await agreement(south, 'show', id, '--at', day(25))
    expect([shown.code, shown.out]).toEqual([1, expect.stringContaining(`须于${day(85)}前处置`)])
    const file = await bundleOf('reuse', 0, south, id)
    const { code, out } = await csx(['verify', file, '--trust', trust, '--at', day(25)])
    expect([code, out]).toEqual([1, expect.stringContaining(`应于${day(85)}前处置`)])
    expect((await csx(['verify', file, '--trust', trust, '--at', day(24)])).code).toBe(0)
  }, 120_000)
})
