import { beforeAll, describe, expect, test } from 'vitest'
import {
  findAgency,
  type RegionAgency,
  regionAgencies,
  regionFiles,
} from '../../../fixtures/generate/region.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { parseDivision } from '../../../protocol/identifier/division.ts'
import { isSyntheticUsc, parseUsc } from '../../../protocol/identifier/usc.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import { describeRegistryChanges } from '../../../protocol/trust/difference.ts'
import { nameAt, parseRegistry, type Registry } from '../../../protocol/trust/registry.ts'
import { checkSuccession } from '../../../protocol/trust/succession.ts'
import { openTrust, type Trust } from '../../../protocol/trust/trust.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'
import { readText } from '../../support/source.ts'

let agencies: readonly RegionAgency[]
let registry: Registry
let trust: Trust
let described: any
beforeAll(async () => {
  agencies = await regionAgencies()
  const parsed = parseRegistry(encodeUtf8(readText('fixtures/region/registry.json')))
  registry = parsed.registry
  trust = openTrust(parsed.registry, parsed.fingerprint)
  described = JSON.parse(readText('fixtures/region/agencies.json'))
})

const memberOf = (slug: string) => trust.members.get(findAgency(agencies, slug).member.did)!
const profileAt = (slug: string, day: string) =>
  memberOf(slug).profile.find(({ from, to }) => from <= day && (to === undefined || day < to))

function judge(log: SyntheticLog, index: number): string {
  const { entry, bytes } = log.logged[index]!
  try {
    verifyLoggedRecord(parseEntry(entry), bytes, trust)
    return 'verified'
  } catch (error) {
    return (error as ProtocolError).code
  }
}

function codeOf(change: (registry: any) => void): string {
  const altered: any = structuredClone(registry)
  change(altered)
  try {
    const parsed = parseRegistry(encodeUtf8(JSON.stringify(altered)))
    openTrust(parsed.registry, parsed.fingerprint)
    return 'opened'
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
}

describe('the 68 agencies', () => {
  test('[TRUST-1] they are a registry, which says that it is synthetic, and which everybody makes again', async () => {
    expect(registry.members).toHaveLength(68)
    expect(trust.members.size).toBe(68)
    expect(registry.network).toBe('synthetic')
    expect(registry.members.every(({ synthetic }) => synthetic === true)).toBe(true)
    for (const { path, text } of await regionFiles()) expect(readText(`fixtures/region/${path}`)).toBe(text)
  })

  test('no host is one that exists or could: every name lies below .example', () => {
    const text = readText('fixtures/region/registry.json') + readText('fixtures/region/agencies.json')
    const others = [...text.matchAll(/[a-z0-9-]+\.(?:gov|cn|com|org|net)\b/g)].map(([name]) => name)
    // That of the context is a name, and no agency's.
    expect(others).toEqual(['w3id.org'])
    for (const { id, endpoints, origins } of registry.members) {
      expect(id).toMatch(/^did:web:jgsw-[a-z-]+\.example$/)
      expect(
        [endpoints.base, ...origins.map(({ url }) => url)].every((url) => /\.example(?:\/|$)/.test(url)),
      ).toBe(true)
    }
  })

  test('each is in one of five groups, and stands in agencies.json with what is made up of it', () => {
    const groups = new Set<string>(described.groups.map(({ id }: any) => id))
    expect(groups.size).toBe(5)
    expect(new Set(registry.members.map(({ group }) => group))).toEqual(groups)
    expect(registry.groups).toEqual(described.groups.map(({ id, nameZh }: any) => ({ id, nameZh })))
    expect(described.agencies.map(({ id }: any) => id)).toEqual(registry.members.map(({ id }) => id))
    expect([...described.agencies, ...described.groups].every(({ synthetic }: any) => synthetic)).toBe(true)
  })

  test('the three that only bring the count to 68 say so, in their name as well', () => {
    const fillers = described.agencies.filter(({ basis }: any) => basis === 'assumed-filler')
    expect(fillers).toHaveLength(3)
    for (const { id, note } of fillers) {
      expect(trust.members.get(id)?.profile[0]?.nameZh).toContain('假定补位')
      expect(note).toContain('凑足68家')
    }
  })

  test('a name that is not known is that of the division and no more', () => {
    const known = described.agencies.filter(({ nameKnown }: any) => nameKnown)
    expect(known.map(({ id }: any) => trust.members.get(id)?.profile.at(-1)?.nameZh).toSorted()).toEqual(
      ['重庆市', '四川省', '成都市', '宜宾市', '沙坪坝区', '璧山区']
        .map((name) => `${name}机关事务管理局`)
        .toSorted(),
    )
    for (const { id, division, nameKnown } of described.agencies)
      if (!nameKnown)
        expect(trust.members.get(id)?.profile.at(-1)?.nameZh).toMatch(
          new RegExp(`^${division.nameZh}机关事务管理部门(?:（假定补位）)?$`),
        )
  })

  test('[ID-25] one credit code is real; the others are right outside, wrong inside, and each another', () => {
    const codes = registry.members.map(({ profile }) => profile.at(-1)?.usc ?? '')
    expect(new Set(codes).size).toBe(68)
    const real = codes.filter((code) => !isSyntheticUsc(parseUsc(code)))
    expect(real).toEqual(['115000000092782446'])
    expect(memberOf('chongqing').profile.at(-1)?.usc).toBe(real[0])
  })

  test('[ID-26] codes are those of the day, none is made up, and one names one division at a time', () => {
    for (const [slug, day, code] of [
      ['bishan', '2014-05-01', '500227'],
      ['bishan', '2014-05-02', '500120'],
      ['tongnan', '2014-12-31', '500223'],
      ['tongnan', '2015-12-31', '500152'],
      ['rongchang', '2014-12-31', '500226'],
      ['rongchang', '2015-12-31', '500153'],
      ['wulong', '2015-12-31', '500232'],
      ['wulong', '2016-12-31', '500156'],
      ['jiangbei', '2025-11-05', '500105'],
      ['jiangbei', '2025-11-06', undefined],
      ['liangjiang', '2025-11-06', undefined],
    ] as const)
      expect(profileAt(slug, day)?.divisionCode, `${slug} ${day}`).toBe(code)
    // Where no source tells the day, nothing is said of the time between two tables.
    expect(profileAt('wulong', '2016-06-01')).toBeUndefined()
    for (const day of ['2013-06-01', '2016-12-31', '2025-01-01', '2025-11-06']) {
      const codes = agencies.flatMap(({ division }) => profileAt(division.slug, day)?.divisionCode ?? [])
      expect(new Set(codes).size).toBe(codes.length)
      for (const code of codes) expect(parseDivision(code).code).toBe(code)
    }
    for (const { profile } of registry.members)
      for (const [i, { from }] of profile.entries())
        if (i > 0) expect((profile[i - 1]?.to ?? '9999') <= from).toBe(true)
  })

  test('six pairs, each of two members that name it', () => {
    expect(registry.projects.map(({ id }) => id)).toEqual([
      'bishan-meishan',
      'shapingba-wuhou',
      'wulong-leshan',
      'rongchang-zigong',
      'tongnan-suining',
      'beibei-mianyang',
    ])
    for (const { id, parties } of registry.projects)
      for (const party of parties) expect(trust.members.get(party)?.projects).toEqual([id])
    expect(registry.members.filter(({ projects }) => projects)).toHaveLength(12)
  })

  test('21 pilots, nine of them named in the sources and the others marked', () => {
    expect(described.pilots).toHaveLength(21)
    const real = described.pilots.filter(({ synthetic }: any) => !synthetic)
    expect(real.map(({ nameZh }: any) => nameZh)).toEqual(
      '沙坪坝 璧山 大渡口 九龙坡 荣昌 大礼堂管理处 机关后勤服务中心 汽车队 渝州宾馆'.split(' '),
    )
    for (const { agency, synthetic, nameZh } of described.pilots) {
      if (agency !== undefined) expect(trust.members.has(agency)).toBe(true)
      expect(nameZh.endsWith('（合成）')).toBe(synthetic)
    }
  })

  test('each bureau speaks for the numbers of its region', () => {
    expect(registry.authority.map(({ prefix, origin }) => [prefix, origin])).toEqual([
      ['DB50', 'jgsw-chongqing.example/log/1'],
      ['DB51', 'jgsw-sichuan.example/log/1'],
    ])
  })
})

describe('two districts that became one', () => {
  test('[TRUST-201] what they signed before verifies under their own names, and nothing after', async () => {
    for (const [slug, size] of [
      ['jiangbei', 12],
      ['yubei', 7],
    ] as const) {
      const { member } = findAgency(agencies, slug)
      const log = new SyntheticLog(member)
      for (let n = 0; n <= size; n += 1) await log.publish(syntheticStandard(n))
      expect([judge(log, 0), judge(log, size - 1), judge(log, size)]).toEqual([
        'verified',
        'verified',
        'NOT_A_MEMBER',
      ])
      expect(memberOf(slug).succeededBy).toEqual([{ id: memberOf('liangjiang').id, on: '2025-11-06' }])
      expect(nameAt(memberOf(slug).profile, '2026-06-01')).toContain('机关事务管理部门')
    }
    const log = new SyntheticLog(findAgency(agencies, 'liangjiang').member)
    await log.publish(syntheticStandard(0))
    expect(judge(log, 0)).toBe('verified')
  })

  test.each([
    ['a successor that is no member', (left: any) => (left.succeededBy[0].id = 'did:web:nobody.example')],
    ['itself', (left: any) => (left.succeededBy[0].id = left.id)],
    ['the same successor twice', (left: any) => left.succeededBy.push(left.succeededBy[0])],
    ['a successor of one that has not left', (left: any) => left.status.pop()],
    ['a day that does not exist', (left: any) => (left.succeededBy[0].on = '2025-02-30')],
    ['no successor at all', (left: any) => (left.succeededBy = [])],
    [
      'a circle',
      (left: any, successor: any) => {
        successor.status.push({ status: 'left', origin: successor.origins[0].origin, size: 1 })
        successor.succeededBy = [{ id: left.id, on: '2025-12-01' }]
      },
    ],
  ])('[TRUST-201] refused: %s', (_name, change) => {
    const find = (r: any, slug: string) => r.members.find(({ id }: any) => id === memberOf(slug).id)
    expect(codeOf((r) => change(find(r, 'jiangbei'), find(r, 'liangjiang')))).toBe('REGISTRY_MALFORMED')
    expect(codeOf(() => {})).toBe('opened')
  })

  test('[TRUST-201] a thousand members, each with twenty successors, are no work', () => {
    const [first] = registry.members
    const members = Array.from({ length: 1000 }, (_, i) => ({
      ...first!,
      id: `did:web:m${i}.example`,
      origins: [],
      succeededBy: Array.from({ length: Math.min(20, 999 - i) }, (_, j) => ({
        id: `did:web:m${i + 1 + j}.example`,
        on: '2026-01-01',
      })),
    }))
    const check = (list: typeof members) => checkSuccession(new Map(list.map((each) => [each.id, each])))
    const start = performance.now()
    check(members)
    expect(performance.now() - start).toBeLessThan(500)
    const back = { id: members[0]!.id, on: '2026-01-01' }
    const circle = members.map((each, i) => (i === 999 ? { ...each, succeededBy: [back] } : each))
    expect(() => check(circle)).toThrow(expect.objectContaining({ code: 'REGISTRY_MALFORMED' }))
  })

  test('[TRUST-201] who signs a registry sees who succeeds whom, and that a past succession is rewritten', () => {
    const before: any = structuredClone(registry)
    for (const member of before.members) delete member.succeededBy
    const told = describeRegistryChanges(before, registry)
    expect(told.map(({ zh }) => zh)).toEqual([
      expect.stringContaining(`自 2025-11-06 起由 ${memberOf('liangjiang').id} 继任`),
      expect.stringContaining('2025-11-06'),
    ])
    expect(told.some(({ history }) => history)).toBe(false)
    expect(describeRegistryChanges(registry, before).filter(({ history }) => history)).toHaveLength(2)
  })
})
