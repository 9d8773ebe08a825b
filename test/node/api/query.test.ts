import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { canonicalKey, parseStandardNumber } from '../../../protocol/identifier/standard-number.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'

let network: Network
let node: TestNode
let famous: Receipt
let revised: Receipt

interface Item {
  readonly digest: string
  readonly index: number
  readonly state: string
  readonly numbers: readonly string[]
  readonly keys: readonly string[]
  readonly issuerName: string
  readonly titleZh: string
  readonly synthetic: boolean
  readonly reviewDue?: string
}
interface Page {
  readonly total: number
  readonly limit: number
  readonly offset: number
  readonly at: string
  readonly items: readonly Item[]
}

function numbered(value: string, titleZh: string, extra: Readonly<Record<string, unknown>> = {}) {
  const key = canonicalKey(parseStandardNumber(value))
  return syntheticStandard(0, {
    identifiers: [{ scheme: 'DB-P', value, canonicalKey: key }],
    titleZh,
    ...extra,
  })
}

beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0)
  famous = await node.publish(
    numbered('DB50/T 1055—2020', '机关办公用房节能管理规范', { level: 'provincial', class: 'energy' }),
  )
  await node.publish(numbered('DB50/T 1056—2021', '公务用车100%保障_规程', { class: 'assets' }))
  await node.publish(numbered('DB50/T 10550—2020', '会议服务规范'))
  const old = await node.publish(
    numbered('DB50/T 77—2019', '食堂管理（旧）', { publishedOn: '2019-01-01', effectiveOn: '2019-02-01' }),
  )
  await node.publish(syntheticEvent({ id: old.id, digest: old.digest }, 'superseded', '2024-05-01'))
  const draft = numbered('DB50/T 88—2022', '物业服务分级')
  revised = await node.publish(draft)
  await node.publish({
    ...numbered('DB50/T 88—2022', '物业服务分级（更正）'),
    revisionOf: { id: revised.id, digest: revised.digest },
  })
})
afterAll(() => network.close())

const find = (query: Readonly<Record<string, string>>) =>
  node.get<Page>(`/api/v1/standards?${new URLSearchParams(query)}`)

describe('numbers and words', () => {
  test.each([
    'DB50∕T1055－2020',
    'db50/t 1055—2020',
    'DB50/T 1055-2020',
    'ＤＢ５０／Ｔ　１０５５－２０２０',
    'DB50/T1055–2020',
    'DB50T 1055-2020',
  ])('[NODE-16] %s finds the one record of that number, by q and by number', async (spelling) => {
    for (const query of [{ q: spelling }, { number: spelling }]) {
      const { items } = await find(query)
      expect(items.map(({ digest }) => digest)).toEqual([famous.digest])
    }
  })

  test('[NODE-16] digits alone find it, and a longer number is another one', async () => {
    expect((await find({ q: '1055 2020' })).items.map(({ digest }) => digest)).toEqual([famous.digest])
    expect((await find({ number: 'DB50/T 1055' })).items.map(({ digest }) => digest)).toEqual([famous.digest])
    expect((await find({ q: '10550' })).items.map(({ titleZh }) => titleZh)).toEqual(['会议服务规范'])
  })

  test.each([
    ['节能', ['机关办公用房节能管理规范']],
    ['办公用房 规范', ['机关办公用房节能管理规范']],
    ['规范 办公用房', ['机关办公用房节能管理规范']],
    ['规范 食堂', []],
    ['100%', ['公务用车100%保障_规程']],
    ['0%保', ['公务用车100%保障_规程']],
    ['障_规', ['公务用车100%保障_规程']],
    ['车_0', []],
    ['%', ['公务用车100%保障_规程']],
    ['\\', []],
    ["'", []],
  ])('[NODE-16] the words "%s" find %j', async (q, titles) => {
    expect((await find({ q })).items.map(({ titleZh }) => titleZh)).toEqual(titles)
  })

  test('[NODE-16] conditions narrow together, and what is unknown is nothing', async () => {
    expect((await find({ class: 'energy', q: '节能' })).total).toBe(1)
    expect((await find({ class: 'assets', q: '节能' })).total).toBe(0)
    expect((await find({ issuer: node.member.did })).total).toBe(5)
    expect((await find({ issuer: 'did:web:nobody.example' })).total).toBe(0)
    expect((await find({ level: 'national' })).total).toBe(0)
  })
})

describe('states and pages', () => {
  test('[NODE-16] states are told for the day asked, and found by it', async () => {
    const at = async (day: string) => {
      const { items } = await find({ q: '食堂', at: day })
      return items.map(({ state }) => state)
    }
    expect([
      await at('2018-01-01'),
      await at('2019-01-15'),
      await at('2020-01-01'),
      await at('2024-05-01'),
    ]).toEqual([['drafting'], ['upcoming'], ['in-force'], ['superseded']])
    expect(
      (await find({ state: 'superseded', at: '2024-05-01' })).items.map(({ titleZh }) => titleZh),
    ).toEqual(['食堂管理（旧）'])
    expect((await find({ state: 'superseded', at: '2024-04-30' })).total).toBe(0)
  })

  test('[NODE-16] the lists by state, together, are the whole list, in its order', async () => {
    const day = '2024-06-01'
    const all = await find({ at: day })
    const states = ['drafting', 'upcoming', 'in-force', 'superseded', 'abolished', 'disputed', 'undetermined']
    const parts = await Promise.all(states.map((state) => find({ at: day, state })))
    expect(parts.reduce((sum, { total }) => sum + total, 0)).toBe(all.total)
    for (const [i, part] of parts.entries())
      expect(part.items).toEqual(all.items.filter(({ state }) => state === states[i]))
  })

  test('[NODE-16] pages follow one another without a gap, by state too', async () => {
    for (const state of [undefined, 'in-force']) {
      const narrowed = { at: '2026-01-01', ...(state === undefined ? {} : { state }) }
      const all = await find(narrowed)
      const pieces = await Promise.all(
        [0, 2, 4, 6].map((offset) => find({ ...narrowed, limit: '2', offset: String(offset) })),
      )
      expect(pieces.flatMap(({ items }) => items)).toEqual(all.items)
      expect(pieces.map(({ total }) => total)).toEqual(Array(4).fill(all.total))
    }
    expect((await find({ limit: '100000' })).limit).toBe(500)
    expect(await find({ limit: '0' })).toMatchObject({ total: 5, items: [] })
  })

  test('[NODE-16] what a later record revises is not listed, and still found by its digest', async () => {
    expect((await find({ q: '物业' })).items.map(({ titleZh }) => titleZh)).toEqual(['物业服务分级（更正）'])
    const detail = await node.get<Item & { revisedBy?: string }>(`/api/v1/standards/${revised.digest}`)
    expect(detail.revisedBy).toMatch(/^https:\/\//)
  })
})

describe('one standard', () => {
  test('[NODE-17] it carries what the registry and the log say, and its signed record', async () => {
    const detail = await node.get<Item & { record: { id: string }; events: unknown[]; warnings: unknown[] }>(
      `/api/v1/standards/${famous.digest}?at=2021-01-01`,
    )
    expect(detail).toMatchObject({
      digest: famous.digest,
      index: famous.index,
      issuerName: '璧山（合成）',
      synthetic: true,
      numbers: ['DB50/T 1055—2020'],
      keys: ['DB50/T 1055-2020'],
      state: 'in-force',
      record: { id: famous.id },
      events: [],
      warnings: expect.any(Array),
    })
    expect(detail.reviewDue).toMatch(/^\d{4}-/)
  })

  test('[NODE-18] its place is told by digest and by id, with the log below which the evidence lies', async () => {
    const byDigest = await node.get<{ log: string }>(`/api/v1/records/${famous.digest}`)
    const byId = await node.get(`/api/v1/records?id=${encodeURIComponent(famous.id)}`)
    expect(byId).toEqual(byDigest)
    expect(byDigest).toEqual({
      id: famous.id,
      digest: famous.digest,
      type: 'StandardRecord',
      issuer: node.member.did,
      origin: node.member.origin,
      own: true,
      index: famous.index,
      at: famous.entry.at,
      tier: 'public',
      log: '/log/1',
    })
    expect((await node.fetch(`${byDigest.log}/checkpoint`)).status).toBe(200)
  })

  test('[NODE-19] the logs are listed with their sizes and states', async () => {
    expect(await node.logs()).toEqual([
      expect.objectContaining({
        origin: node.member.origin,
        own: true,
        path: '/log/1',
        size: 7,
        held: 7,
        visible: 7,
        state: 'active',
        quarantined: 0,
        pending: 0,
      }),
    ])
  })
})
