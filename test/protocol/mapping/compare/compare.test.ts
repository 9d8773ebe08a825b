import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareAgencies } from '../../../../protocol/mapping/compare/agency.ts'
import { coverageShare } from '../../../../protocol/mapping/compare/coverage.ts'
import { compareEditions } from '../../../../protocol/mapping/compare/edition.ts'
import { combineOutcomes, type Outcome } from '../../../../protocol/mapping/compare/outcome.ts'
import type { ComparedEdition } from '../../../../protocol/mapping/compare/statement.ts'
import { ownSides } from '../../../../protocol/mapping/limit/words.ts'
import type { NamedRow } from '../../../../protocol/record/mapping-row.ts'
import { clause, here, pin, row, subjectOf, there } from '../sample.ts'

const digest = (n: number) => `sha256:${String(n).padStart(64, '0')}` as const
const limits = (value: string) => [{ quantity: '维修费', op: 'le' as const, value, unit: '元', per: 'm²' }]

function edition(n: number, clauses: Parameters<typeof subjectOf>[0], texts?: Record<string, string>) {
  const { edition: id, digest: of } = pin(n)
  const made: ComparedEdition = { id, digest: of, subject: subjectOf(clauses) }
  return texts ? { ...made, texts: new Map(Object.entries(texts)) } : made
}

const a = edition(
  1,
  [
    clause('c1', { textDigest: digest(7) }),
    clause('c2', { limits: limits('1200'), textDigest: digest(8) }),
    clause('c3'),
    clause('c4'),
    clause('c5'),
  ],
  { c2: '维修费不超过1200元' },
)
const b = edition(
  2,
  [
    clause('d1', { textDigest: digest(7) }),
    clause('d2', { limits: limits('1500'), textDigest: digest(9) }),
    clause('d3'),
    clause('d4'),
  ],
  { d2: '维修费不超过1500元' },
)

const close = { predicate: 'close-match' }
const rows: readonly NamedRow[] = [
  row('r1', { subject: pin(1, 'c1'), object: pin(2, 'd1') }),
  row('r2', { subject: pin(2, 'd2'), object: pin(1, 'c2'), ...close, relation: 'subset' }),
  row('r3', { subject: pin(1, 'c3'), object: undefined, objectSource: pin(2), relation: 'none' }),
  row('r4', {
    subject: pin(1, 'c4'),
    object: pin(2, 'd3'),
    ...close,
    relation: 'intersects',
    state: 'draft',
  }),
  row('r5', { subject: pin(1, 'c5'), object: pin(2, 'd4'), state: 'candidate' }),
  row('r6', { subject: pin(1, 'c5'), object: pin(2, 'd1'), state: 'rejected' }),
  row('r7', { subject: pin(1), object: pin(2), predicate: 'related-match', relation: 'related' }),
  row('r8', { subject: pin(1, 'c5'), object: pin(9, 'd1') }),
]

describe('two editions', () => {
  const found = compareEditions(a, b, rows, { names: ownSides })

  test('[MAP-70] each clause of A has what accepted rows say, what is proposed, or that nobody compared it', () => {
    expect(found.clauses.map(({ clause: { uid }, outcome, state }) => [uid, outcome, state])).toEqual([
      ['c1', 'equal', 'accepted'],
      ['c2', 'stricter', 'accepted'],
      ['c3', 'no-counterpart', 'accepted'],
      ['c4', 'overlapping', 'draft'],
      ['c5', 'not-compared', undefined],
    ])
    expect(found.clauses.map(({ statements }) => statements.map((each) => each.row))).toEqual([
      ['r1'],
      ['r2'],
      ['r3'],
      ['r4'],
      ['r5'],
    ])
    expect(found.whole.map((each) => each.row)).toEqual(['r7'])
    expect(found.unmatched.map(({ clause: { uid }, outcome }) => [uid, outcome])).toEqual([
      ['d4', 'not-compared'],
    ])
  })

  test('[MAP-73] limits stand beside with their direction, and the digests of the texts', () => {
    expect(found.clauses[1]?.statements).toMatchObject([
      {
        relation: 'superset',
        counterpart: { uid: 'd2' },
        limits: { relation: 'stricter', words: [{ zh: '维修费：我方更严：≤1200 对 ≤1500 元/m²' }] },
        text: 'different',
      },
    ])
    expect(found.clauses[1]?.statements[0]?.changes).toContainEqual({ kind: 'removed', text: '1200' })
    expect(found.clauses.map(({ statements }) => statements[0]?.text)).toEqual([
      ...['equal', 'different', 'unknown', 'unknown', 'unknown'],
    ])
    expect(found.clauses[0]?.statements[0]?.changes).toBeUndefined()
  })

  test('[MAP-72] coverage counts each clause of A once, and its share is exact', () => {
    expect(found.coverage).toEqual({
      accepted: 2,
      inReview: 0,
      draft: 1,
      conflicting: 0,
      noCounterpart: 1,
      notCompared: 1,
      total: 5,
    })
    expect(coverageShare(found.coverage)).toEqual({ numerator: 3n, denominator: 5n })
    const put = rows.map(({ row: name, mapping }) => ({
      row: name,
      mapping: mapping.state === 'draft' ? { ...mapping, state: 'in-review' as const } : mapping,
    }))
    const { coverage, clauses } = compareEditions(a, b, put)
    expect(coverage).toEqual({ ...found.coverage, inReview: 1, draft: 0 })
    expect(clauses.filter((one) => one.class === 'inReview')).toMatchObject([{ state: 'in-review' }])
    const { total, ...parts } = coverage
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total)
    const empty = compareEditions(edition(3, []), b, rows)
    expect(coverageShare(empty.coverage)).toBeUndefined()
  })

  test('[MAP-70] turned round, stricter is looser and the lone clauses are the others', () => {
    const turned = compareEditions(b, a, rows)
    expect(turned.clauses.map(({ outcome }) => outcome)).toEqual([
      ...['equal', 'looser', 'overlapping', 'not-compared'],
    ])
    expect(turned.unmatched.map(({ clause: { uid }, outcome }) => [uid, outcome])).toEqual([
      ['c3', 'no-counterpart'],
      ['c5', 'not-compared'],
    ])
  })

  test('[MAP-70] a close match without a relation has that of the limits', () => {
    const [, second] = compareEditions(a, b, [
      row('r1', { subject: pin(1, 'c2'), object: pin(2, 'd2'), ...close }),
      row('r2', { subject: pin(1, 'c3'), object: pin(2, 'd3'), ...close }),
    ]).clauses
    expect(second?.outcome).toBe('stricter')
  })

  test('[MAP-70] on a clause that the record of B does not have nobody can rely', () => {
    const gone = row('r1', { subject: pin(1, 'c1'), object: pin(2, 'd9') })
    const [alone] = compareEditions(a, b, [gone]).clauses
    expect(alone).toMatchObject({
      outcome: 'not-compared',
      class: 'notCompared',
      statements: [{ row: 'r1', outcome: 'not-compared' }],
    })
    expect(alone).not.toHaveProperty('state')
    const proposed = row('r2', { subject: pin(1, 'c1'), object: pin(2, 'd1'), state: 'in-review' })
    const { clauses, coverage } = compareEditions(a, b, [gone, proposed])
    expect(clauses[0]).toMatchObject({ outcome: 'equal', class: 'inReview' })
    expect(coverage).toMatchObject({ accepted: 0, inReview: 1 })
    const whole = row('r3', { subject: pin(1, 'c1'), object: pin(2) })
    expect(compareEditions(a, b, [whole]).clauses[0]).toMatchObject({ outcome: 'equal', class: 'accepted' })
  })

  test('[MAP-70] of an edition compared with itself a row is about both its clauses', () => {
    const inside = row('r1', { subject: pin(1, 'c1'), object: pin(1, 'c2'), ...close, relation: 'superset' })
    const self = row('r2', { subject: pin(1, 'c3'), object: pin(1, 'c3') })
    const { clauses, coverage } = compareEditions(a, a, [inside, self])
    expect(clauses.map(({ outcome, statements }) => [outcome, statements.length])).toEqual([
      ['stricter', 1],
      ['looser', 1],
      ['equal', 1],
      ['not-compared', 0],
      ['not-compared', 0],
    ])
    expect(coverage).toMatchObject({ accepted: 3, notCompared: 2 })
    const agency = { id: here, profile: undefined, editions: [a] }
    expect(compareAgencies(agency, agency, [inside, self]).pairs).toMatchObject([{ comparison: { clauses } }])
  })

  test('[MAP-74] what one comparison spends on the differences of its texts has a bound', () => {
    const uids = Array.from({ length: 400 }, (_, n) => `c${n}`)
    let seed = 1
    const text = () =>
      Array.from({ length: 700 }, () => {
        seed = (seed * 1664525 + 1013904223) % 4294967296
        return String.fromCharCode(0x4e00 + ((seed >>> 16) % 3))
      }).join('')
    const made = (n: number) =>
      edition(
        n,
        uids.map((uid) => clause(uid)),
        Object.fromEntries(uids.map((uid) => [uid, text()])),
      )
    const [one, other] = [made(1), made(2)]
    const between = uids.map((uid) => row(uid, { subject: pin(1, uid), object: pin(2, uid) }))
    const { clauses } = compareEditions(one, other, between)
    const changes = clauses.map(({ statements: [statement] }) => statement?.changes ?? [])
    expect(changes[0]!.length).toBeGreaterThan(10)
    expect(changes.at(-1)!.filter(({ kind }) => kind !== 'same')).toHaveLength(2)
    for (const [n, uid] of uids.entries()) {
      const kept = changes[n]!.filter(({ kind }) => kind !== 'added')
      expect(kept.map((change) => change.text).join('')).toBe(one.texts?.get(uid))
    }
  })

  test('[MAP-70] the order of rows changes nothing', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...rows], { minLength: rows.length }), (shuffled) => {
        expect(compareEditions(a, b, shuffled, { names: ownSides })).toEqual(found)
      }),
    )
  })
})

test.each<readonly [readonly Outcome[], Outcome]>([
  [['equal', 'stricter'], 'equal'],
  [['equal', 'overlapping'], 'looser'],
  [['stricter', 'looser'], 'looser'],
  [['stricter', 'overlapping'], 'overlapping'],
  [['stricter', 'conflicting'], 'conflicting'],
  [['no-counterpart', 'stricter'], 'stricter'],
  [['no-counterpart', 'not-compared'], 'no-counterpart'],
  [[], 'not-compared'],
])('[MAP-71] several counterparts hold together: %j is %s', (several, one) => {
  expect(combineOutcomes(several)).toBe(one)
})

test('[MAP-71] the rule is that of sets', () => {
  const sets = Array.from({ length: 15 }, (_, n) => n + 1)
  const relate = (x: number, y: number): Outcome => {
    if (x === y) return 'equal'
    if ((x & y) === 0) return 'conflicting'
    return (x & y) === x ? 'stricter' : (x & y) === y ? 'looser' : 'overlapping'
  }
  const wrong = sets.flatMap((x) =>
    sets.flatMap((y) =>
      sets.flatMap((z) => {
        const said = combineOutcomes([relate(x, y), relate(x, z)])
        const true_ = (y & z) === 0 ? 'conflicting' : relate(x, y & z)
        // What the pairs do not tell: whether those that overlap still meet, or together are just A.
        const open = said === 'overlapping' || said === 'stricter' || said === 'looser'
        return said === true_ || open ? [] : [[x, y, z, said, true_]]
      }),
    ),
  )
  expect(wrong).toEqual([])
})

test('[MAP-75] two agencies: five attributes side by side, and editions pair by pair', () => {
  const other = edition(4, [clause('e1')])
  const found = compareAgencies(
    {
      id: here,
      profile: { nameZh: '合成机关甲', nature: '行政机关', rank: '县处级', functions: ['食堂', '会议'] },
      editions: [a, other],
    },
    {
      id: there,
      profile: { nameZh: '合成机关乙', nature: '事业单位', rank: '县处级', functions: ['会议', '食堂'] },
      editions: [b],
    },
    [
      ...rows,
      row('r9', { subject: pin(2, 'd4'), object: undefined, objectSource: pin(4), relation: 'none' }),
    ],
  )
  expect(found.attributes.map(({ attribute, outcome }) => [attribute, outcome])).toEqual([
    ['name', 'different'],
    ['nature', 'different'],
    ['rank', 'equal'],
    ['superior', 'unknown'],
    ['functions', 'equal'],
  ])
  expect(found.pairs.map((pair) => [pair.a, pair.b])).toEqual([
    [a.id, b.id],
    [other.id, b.id],
  ])
  expect(found.pairs[0]?.comparison).toEqual(compareEditions(a, b, rows))
  expect(found.pairs[1]?.comparison.unmatched).toMatchObject([
    {},
    {},
    {},
    { clause: { uid: 'd4' }, outcome: 'no-counterpart' },
  ])
  expect(found.aloneA).toEqual([])
  expect(found.coverage).toMatchObject({ accepted: 2, notCompared: 2, total: 6 })
  const none = compareAgencies(
    { id: here, profile: undefined, editions: [a] },
    { id: there, profile: undefined, editions: [b] },
    [],
  )
  expect(none).toMatchObject({ pairs: [], aloneA: [a.id], aloneB: [b.id], coverage: { notCompared: 5 } })
})
