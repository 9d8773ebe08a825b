import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plantedClauses, plantedRegion } from '../../../../fixtures/synthetic/counterpart.ts'
import { checkMapping } from '../../../../protocol/mapping/rule/check.ts'
import { suggestClauses } from '../../../../protocol/mapping/suggest/clause.ts'
import { candidateRows } from '../../../../protocol/mapping/suggest/row.ts'
import { foldTitle, subjectText } from '../../../../protocol/mapping/suggest/similarity.ts'
import { suggestStandards } from '../../../../protocol/mapping/suggest/standard.ts'
import type { Suggestion } from '../../../../protocol/mapping/suggest/suggestion.ts'
import { mappingRow } from '../../../../protocol/record/mapping-row.ts'
import { standardSubject } from '../../../../protocol/record/standard-record.ts'
import { clause, lookupOf, pin, subjectOf } from '../sample.ts'

const edition = (n: number, clauses: Parameters<typeof subjectOf>[0], texts?: Record<string, string>) => ({
  id: pin(n).edition,
  digest: pin(n).digest,
  subject: subjectOf(clauses),
  ...(texts ? { texts: new Map(Object.entries(texts)) } : {}),
})

const titled = (titleZh: string, change: Parameters<typeof subjectOf>[1] = {}) =>
  subjectOf([], { titleZh, identifiers: [], ...change })

describe('standards', () => {
  test('[MAP-80] titles are compared by pairs of characters, whatever their width, marks and kind of document', () => {
    expect(foldTitle('机关　食堂（Ａ级）、评价')).toBe('机关食堂a级评价')
    expect(subjectText('机关会议服务规范（合成样例）')).toBe('机关会议服务')
    expect(subjectText('规范')).toBe('规范')
    const [best] = suggestStandards(
      [titled('机关会议服务规范')],
      [titled('公务用车管理规范'), titled('机关会议室服务管理规程'), titled('物业服务规范')],
    )
    expect(best).toMatchObject({ a: 0, b: 1 })
    expect(best?.score).toMatch(/^0\.\d\d$/)
  })

  test('[MAP-81] each suggestion says why, in both languages', () => {
    const [best] = suggestStandards(
      [titled('会议服务规范', { class: 'logistics', matters: ['meetings'], documentKind: 'specification' })],
      [titled('会议服务规程', { class: 'logistics', matters: ['meetings'], documentKind: 'guide' })],
    )
    expect(best?.reason).toEqual({
      zh: '标题相似 1.00；同类：后勤服务；共同事项：会议；互为最相似',
      en: 'titles alike 1.00; same class: logistics services; common matters: meetings; each the nearest of the other',
    })
  })

  test('[MAP-81] one number is one edition, and another year of it another edition', () => {
    const numbered = (value: string) =>
      titled(value.slice(0, 2), { identifiers: [{ scheme: 'DB-P', value, canonicalKey: value }] })
    const found = suggestStandards(
      [numbered('DB50/T 990001-2020'), numbered('DB50/T 990002-2020')],
      [numbered('DB50/T 990002-2023'), numbered('DB50/T 990001-2020')],
      { most: 1, least: 0.3 },
    )
    expect(found.map(({ a, b }) => [a, b])).toEqual([
      [0, 1],
      [1, 0],
    ])
    expect(found.map(({ reason }) => reason.zh.split('；')[0])).toEqual(['标准号相同', '同一标准的不同版本'])
    expect(found[0]?.score).toBe('1.00')
  })
})

describe('clauses', () => {
  test('[MAP-80] heading, quantities, type and digest count, and place where they tie', () => {
    const limit = (quantity: string) => ({
      limits: [{ quantity, op: 'le' as const, value: '30', unit: 'min' }],
    })
    const digest = `sha256:${'7'.repeat(64)}` as const
    const a = edition(1, [
      clause('c1', { heading: '响应时限', ...limit('响应时间') }),
      clause('c2', { heading: '记录', textDigest: digest }),
      clause('c3', { heading: '一般要求' }),
    ])
    const b = edition(2, [
      clause('d1', { heading: '一般要求' }),
      clause('d2', { heading: '响应时限', ...limit('修复时间') }),
      clause('d3', { heading: '到场时限', ...limit('响应时间') }),
      clause('d4', { heading: '归档', textDigest: digest }),
      clause('d5', { heading: '一般要求' }),
    ])
    const best = suggestClauses(a, b, { most: 1, least: 0.3 })
    expect(best.map(({ a: n, b: m }) => [n, m])).toEqual([
      [0, 1],
      [1, 3],
      [2, 4],
    ])
    expect(best[1]).toMatchObject({ score: '1.00', reason: { zh: /文本摘要相同/ } })
  })

  test('[MAP-80] texts count where both sides have them', () => {
    const headings = (uids: readonly string[]) => uids.map((uid) => clause(uid, { heading: '要求' }))
    const a = edition(1, headings(['c1']), { c1: '保洁人员应每日清洁两次' })
    const b = edition(2, headings(['d1', 'd2']), {
      d1: '会议室应提前检查音响',
      d2: '保洁人员每日清洁不少于两次',
    })
    expect(suggestClauses(a, b)[0]).toMatchObject({ b: 1 })
  })
})

describe('at the limits of a record', () => {
  test('[MAP-84] two thousand clauses that are all alike are compared in a time that somebody waits for', () => {
    let seed = 7
    const next = (most: number) => {
      seed = (seed * 1664525 + 1013904223) % 4294967296
      return Math.floor((seed / 4294967296) * most)
    }
    const text = (length: number) =>
      Array.from({ length }, () => String.fromCharCode(0x4e00 + next(12))).join('')
    const many = (n: number) =>
      edition(
        n,
        Array.from({ length: 2000 }, (_, i) =>
          clause(`c${i}`, {
            heading: text(300),
            limits: Array.from({ length: 5 }, () => ({ quantity: text(1), op: 'le' as const, value: '1' })),
          }),
        ),
      )
    const [a, b] = [many(1), many(2)]
    const before = process.cpuUsage()
    const found = suggestClauses(a, b)
    const { user, system } = process.cpuUsage(before)
    // Some times what it takes; a reason for each of the four million pairs would take longer. Others on the machine do not count.
    expect((user + system) / 1000).toBeLessThan(6000)
    expect(found.length).toBeGreaterThan(0)
  })
})

describe('what is proposed', () => {
  const region = plantedRegion(120)

  test('[MAP-83] suggestions are candidates that the rules have nothing against, and the same each time', () => {
    const clauses = (letter: string) => [
      clause(`${letter}1`, { heading: '保洁' }),
      clause(`${letter}2`, { heading: '绿化' }),
    ]
    const [a, b] = [edition(1, clauses('c')), edition(2, clauses('d'))]
    const pins = { a: [pin(1, 'c1'), pin(1, 'c2')], b: [pin(2, 'd1'), pin(2, 'd2')] }
    const rows = candidateRows(suggestClauses(a, b), pins)
    expect(rows).toHaveLength(2)
    expect(rows[0]?.mapping).toMatchObject({
      state: 'candidate',
      justification: 'composite-matching',
      predicate: 'close-match',
      certainty: '1',
    })
    for (const { mapping } of rows) expect(mappingRow.parse(mapping)).toEqual(mapping)
    for (const { mapping } of rows)
      expect(mapping.reviewer ?? mapping.relation ?? mapping.author).toBeUndefined()
    expect(candidateRows(suggestClauses(a, b), pins)).toEqual(rows)
    const lookup = lookupOf(
      new Map([
        [1, clauses('c')],
        [2, clauses('d')],
      ]),
    )
    expect(checkMapping(rows, lookup).findings).toEqual([])
  })

  test('[MAP-82] no more than asked for, none below the least, each of A in order and best first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 100 }), (most, least) => {
        const found = suggestStandards(region.a, region.b, { most, least: least / 100 })
        const places = found.map(({ a }) => a)
        expect(places).toEqual(places.toSorted((x, y) => x - y))
        for (const n of new Set(places)) {
          const list = found.filter(({ a }) => a === n)
          expect(list.length).toBeLessThanOrEqual(most)
          const scores = list.map(({ score }) => Number(score))
          expect(scores).toEqual(scores.toSorted((x, y) => y - x))
          expect(Math.min(...scores)).toBeGreaterThanOrEqual(least / 100)
          expect(Math.max(...scores)).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('[MAP-82] what was planted is mostly found, though that says nothing about the world', () => {
    const shareOf = (planted: readonly (number | undefined)[], found: readonly Suggestion[]) => {
      const wanted = planted.flatMap((b, a) => (b === undefined ? [] : [{ a, b }]))
      return (
        wanted.filter(({ a, b }) => found.some((each) => each.a === a && each.b === b)).length / wanted.length
      )
    }
    expect(shareOf(region.planted, suggestStandards(region.a, region.b))).toBeGreaterThan(0.7)
    const { a, b, planted } = plantedClauses(120)
    const asEdition = (n: number, subject = a[0]!) => ({ id: pin(n).edition, digest: pin(n).digest, subject })
    expect(shareOf(planted, suggestClauses(asEdition(1), asEdition(2, b[0]!)))).toBeGreaterThan(0.7)
  })

  test('the planted region is one of records, the same each time', () => {
    expect(plantedRegion(120)).toEqual(region)
    for (const subject of [...region.a, ...region.b]) expect(standardSubject.parse(subject)).toEqual(subject)
  })
})
