import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkMapping } from '../../../../protocol/mapping/rule/check.ts'
import { deriveRows } from '../../../../protocol/mapping/rule/derive.ts'
import type { NamedRow } from '../../../../protocol/record/mapping-row.ts'
import { lookupOf, pin, row } from '../sample.ts'

const words = { '=': 'exact-match', '<': 'broad-match', '>': 'narrow-match', '~': 'related-match' } as const

/** `1=2`: clause 1 is exactly clause 2; `1<2`: 2 has the broader topic. Named by its place in the list. */
function rowsOf(...statements: readonly string[]): readonly NamedRow[] {
  return statements.map((statement, n) => {
    const [, from = '', sign = '', to = ''] = /^(\d+)([=<>~])(\d+)$/.exec(statement) ?? []
    return row(`r${String(n + 1).padStart(2, '0')}`, {
      subject: pin(1, `c${from}`),
      object: pin(1, `c${to}`),
      predicate: words[sign as keyof typeof words],
    })
  })
}

const clauses = Array.from({ length: 40 }, (_, n) => ({ uid: `c${n}`, locator: `${n}`, heading: '合成样例' }))
const lookup = lookupOf(new Map([[1, clauses]]))
const found = (rows: readonly NamedRow[]) =>
  checkMapping(rows, lookup)
    .findings.filter(({ rule }) => rule === 'M2')
    .map(({ code, rows: chain }) => [code, ...chain].join(' '))

describe('M2', () => {
  test.each([
    [['1=2', '2=3'], []],
    [['1<2', '2<3', '1<3'], []],
    [['1=2', '1<2'], ['exact-and-broader r02 r01']],
    [['1=2', '3=2', '3=4', '4>1'], ['exact-and-broader r04 r01 r02 r03']],
    [['1=2', '2=3', '1=3', '3~1'], ['exact-and-related r04 r03']],
    [['1<2', '2<1'], ['broader-cycle r01 r02']],
    [['1<2', '1>2'], ['broader-cycle r01 r02']],
    [['1<2', '2=3', '3<4', '4=1'], ['broader-cycle r01 r02 r03 r04']],
    [['1<2', '2<3', '3<1', '3<2'], ['broader-cycle r02 r04']],
    [['1<2', '2<3', '1~3'], ['related-and-broader r03 r01 r02']],
    [['1<2', '2=3', '3<4', '4~1'], ['related-and-broader r04 r01 r02 r03']],
    [['1<2', '1<3', '2~3'], []],
    [['1<1'], ['maps-to-itself r01']],
    [['1~1'], ['maps-to-itself r01']],
    [['1=1'], ['maps-to-itself r01']],
    [
      ['1=1', '1<2', '1~1'],
      ['maps-to-itself r01', 'maps-to-itself r03'],
    ],
    [['1~2', '2~1'], []],
  ])('[MAP-61] %j: %j', (statements, expected) => {
    expect(found(rowsOf(...statements))).toEqual(expected)
  })

  test('[MAP-61] whatever is said of it, and whoever said it, a clause is not compared with itself', () => {
    const [self] = rowsOf('1=1')
    for (const change of [
      { predicate: 'close-match', relation: 'superset' },
      { state: 'candidate', reviewer: undefined },
    ] as const) {
      const row = { ...self!, mapping: { ...self!.mapping, ...change } as never }
      expect(found([row])).toEqual(['maps-to-itself r01'])
    }
    const { subject } = self!.mapping
    const other = { ...subject, digest: `sha256:${'f'.repeat(64)}` }
    expect(found([{ ...self!, mapping: { ...self!.mapping, object: other } as never }])).toEqual([])
  })

  test('[MAP-61] only what people accepted counts', () => {
    for (const change of [
      { state: 'in-review' },
      { state: 'rejected' },
      { justification: 'mapping-chaining', derivedFrom: ['r09'] },
    ] as const) {
      const [exact, broad] = rowsOf('1=2', '1<2')
      expect(found([exact!, { ...broad!, mapping: { ...broad!.mapping, ...change } as never }])).toEqual([])
    }
  })

  const statement = fc
    .tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom('=', '<', '>', '~'),
      fc.integer({ min: 1, max: 6 }),
    )
    .map((parts) => parts.join(''))

  test('[MAP-61] what is found is what the naive closure finds, and each chain is one', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 10 }), (statements) => {
        const rows = rowsOf(...statements)
        const naive = naiveClosure(statements)
        const lines = found(rows)
        const about = (code: string) =>
          new Set(lines.filter((line) => line.startsWith(code)).map((line) => line.split(' ')[1]))
        for (const [n, text] of statements.entries()) {
          const [a = '', sign = '', b = ''] = text
          const name = rows[n]!.row
          const exact = naive.exact(a, b)
          expect(about('exact-and-related').has(name)).toBe(sign === '~' && a !== b && exact)
          expect(about('exact-and-broader').has(name)).toBe('<>'.includes(sign) && a !== b && exact)
          expect(about('related-and-broader').has(name)).toBe(
            sign === '~' && !exact && (naive.broader(a, b) || naive.broader(b, a)),
          )
        }
        const selves = statements.flatMap(([a, , b], n) => (a === b ? [rows[n]!.row] : []))
        expect([...about('maps-to-itself')].sort()).toEqual(selves)
        expect(about('broader-cycle').size > 0).toBe(naive.hasCircle)
        for (const line of lines) expectChain(line.split(' ').slice(1), rows)
      }),
      { numRuns: 1500 },
    )
  })

  test('[MAP-61] a chain of a hundred thousand rows is no depth of calls', () => {
    const long = Array.from({ length: 100_000 }, (_, n) =>
      row(`r${String(n).padStart(6, '0')}`, {
        subject: pin(1, `c${n}`),
        object: pin(1, `c${(n + 1) % 100_000}`),
        predicate: 'broad-match',
      }),
    )
    const cycle = checkMapping(long, lookup).findings.find(({ code }) => code === 'broader-cycle')
    expect(cycle?.rows).toHaveLength(100_000)
  })
})

function naiveClosure(statements: readonly string[]) {
  const ids = ['1', '2', '3', '4', '5', '6']
  const same = new Set(ids.map((id) => id + id))
  for (const [a = '', sign, b = ''] of statements) if (sign === '=') same.add(a + b).add(b + a)
  close(same, ids)
  const up = new Set<string>()
  for (const [a = '', sign, b = ''] of statements) {
    const [low, high] = sign === '<' ? [a, b] : [b, a]
    if (sign !== '<' && sign !== '>') continue
    for (const x of ids)
      for (const y of ids) if (same.has(x + low) && same.has(high + y) && !same.has(low + high)) up.add(x + y)
  }
  close(up, ids)
  return {
    exact: (a: string, b: string) => same.has(a + b),
    broader: (a: string, b: string) => up.has(a + b),
    hasCircle: ids.some((id) => up.has(id + id)),
  }
}

function close(pairs: Set<string>, ids: readonly string[]): void {
  for (const via of ids)
    for (const a of ids) for (const b of ids) if (pairs.has(a + via) && pairs.has(via + b)) pairs.add(a + b)
}

/** Each row of a chain shares a clause with the one before; the last meets the first again. */
function expectChain(names: readonly string[], rows: readonly NamedRow[]): void {
  const ends = names.map((name) => {
    const { subject, object } = rows.find((each) => each.row === name)!.mapping
    return [subject.clause, object!.clause]
  })
  for (const [n, each] of ends.entries()) {
    const next = ends[(n + 1) % ends.length]!
    expect(each.some((end) => next.includes(end))).toBe(true)
  }
}

describe('derived rows', () => {
  test('[MAP-67] inversions and chains are candidates that M7 accepts, and deriving again adds none', () => {
    const rows = rowsOf('1=2', '3=2', '3=4', '5<1')
    const derived = deriveRows(rows)
    const all = [...rows, ...derived]
    expect(derived.every(({ mapping }) => mapping.state === 'candidate')).toBe(true)
    expect(derived.map(({ mapping }) => mapping.justification.slice(8)).sort()).toEqual([
      ...['chaining', 'chaining', 'chaining'],
      ...['inversion', 'inversion', 'inversion', 'inversion'],
    ])
    expect(checkMapping(all, lookup).findings).toEqual([])
    expect(deriveRows(all)).toEqual([])
    expect(deriveRows(rows.toReversed())).toEqual(derived)
    expect(deriveRows(rows, { most: 2 })).toEqual(derived.slice(0, 2))
  })

  test('[MAP-67] a class of thousands is no work without end, and no way is longer than a record can name', () => {
    const long = Array.from({ length: 5000 }, (_, n) =>
      row(`r${String(n).padStart(6, '0')}`, {
        subject: pin(1, `c${n}`),
        object: pin(1, `c${n + 1}`),
      }),
    )
    const derived = deriveRows(long, { most: 20_000 })
    const chains = derived.filter(({ mapping }) => mapping.justification === 'mapping-chaining')
    expect(derived).toHaveLength(20_000)
    expect(Math.max(...chains.map(({ mapping }) => mapping.derivedFrom?.length ?? 0))).toBe(50)
  })

  test('[MAP-67] the direction is that of the first row, and the same effect stays the same effect', () => {
    const [one, two] = rowsOf('1=2', '2=3')
    const same = {
      ...one!,
      mapping: { ...one!.mapping, relation: 'equivalent' as const, rationale: 'functional' as const },
    }
    const chained = deriveRows([same, two!]).filter(
      ({ mapping }) => mapping.justification === 'mapping-chaining',
    )
    expect(chained).toMatchObject([
      {
        mapping: {
          subject: { clause: 'c1' },
          object: { clause: 'c3' },
          relation: 'equivalent',
          derivedFrom: ['r01', 'r02'],
        },
      },
    ])
  })
})
