import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkMapping } from '../../../../protocol/mapping/rule/check.ts'
import type { NamedRow } from '../../../../protocol/record/mapping-row.ts'
import { clause, here, lookupOf, pin, row, there } from '../sample.ts'

const limited = (uid: string, op: 'le' | 'ge' | 'eq', value: string, unit = '元', per = 'm²') =>
  clause(uid, { limits: [{ quantity: '维修费', op, value, unit, per }] })
const plain = (...uids: readonly string[]) => uids.map((uid) => clause(uid))
const lookup = lookupOf(
  new Map([
    [1, [...plain('c1', 'c2', 'c3'), limited('v', 'le', '1200')]],
    [2, [...plain('c1', 'c2', 'c3'), limited('v', 'le', '1500'), limited('w', 'le', '0.12', '万元')]],
  ]),
)

const codes = (...rows: readonly NamedRow[]) => checkMapping(rows, lookup).findings.map(({ code }) => code)

test('rows that nothing is wrong with have no findings', () => {
  expect(checkMapping([row('r1'), row('r2', { state: 'draft', reviewer: undefined })], lookup)).toEqual({
    findings: [],
    omitted: [],
  })
})

describe('M1', () => {
  test.each([
    [{ object: pin(9, 'c1') }, 'edition-unknown'],
    [{ object: { ...pin('b', 'c1'), digest: pin('a').digest } }, 'edition-unknown'],
    [{ subject: pin('a', 'c9') }, 'clause-unknown'],
    [{ object: undefined, objectSource: pin('b', 'c9'), relation: 'none' }, 'clause-unknown'],
  ])('[MAP-60] %j is found', (change, code) => {
    expect(checkMapping([row('r1', change)], lookup).findings).toMatchObject([
      { rule: 'M1', code, severity: 'error', rows: ['r1'] },
    ])
    expect(checkMapping([row('r1', { ...change, state: 'draft' })], lookup).findings).toMatchObject([
      { rule: 'M1', code, severity: 'warning' },
    ])
  })
})

describe('M3', () => {
  const pair = { subject: pin('a', 'v'), object: pin('b', 'v'), predicate: 'close-match' }
  test.each([
    ['superset', []],
    ['subset', ['limits-contradict']],
    ['intersects', ['limits-elsewhere']],
    [undefined, ['relation-missing']],
  ])('[MAP-62] 1200 against 1500 元/m² stated as %s: %j', (relation, expected) => {
    expect(codes(row('r1', { ...pair, relation }))).toEqual(expected)
  })

  test('[MAP-62] a contradiction names both limits and the direction', () => {
    const [found] = checkMapping([row('r1', { ...pair, relation: 'subset' })], lookup).findings
    expect(found).toMatchObject({ rule: 'M3', severity: 'error', rows: ['r1'] })
    expect(found?.sentence.zh).toBe('关系与条款限值相矛盾：写明宽于，维修费 甲方更严：≤1200 对 ≤1500 元/m²')
    const turned = row('r1', { ...pair, subject: pin('b', 'v'), object: pin('a', 'v'), relation: 'superset' })
    expect(checkMapping([turned], lookup).findings[0]?.sentence.zh).toContain('乙方更严：≤1200 对 ≤1500')
  })

  test.each([
    ['equal', 'exact-match', []],
    ['equal', 'close-match', ['predicate-relation']],
    ['equivalent', 'exact-match', ['predicate-relation']],
    ['superset', 'broad-match', ['predicate-relation']],
    ['related', 'related-match', []],
    ['conflict', 'related-match', []],
    ['conflict', 'close-match', ['predicate-relation']],
    ['broader', 'broad-match', []],
    ['broader', 'narrow-match', ['predicate-relation']],
    ['narrower', 'narrow-match', []],
  ])('[MAP-62] %s by %s: %j', (relation, predicate, expected) => {
    expect(codes(row('r1', { relation, predicate }))).toEqual(expected)
  })

  test('[MAP-62] the values of a row count as those of its clauses, and are held against them', () => {
    const values = { subjectValue: '≤1200 元/m²', objectValue: '不超过 1500元/㎡' }
    expect(codes(row('r1', { ...pair, relation: 'superset', ...values }))).toEqual([])
    expect(codes(row('r1', { relation: 'equal', subjectValue: '≤3 h', objectValue: '≤200 min' }))).toEqual([
      'values-contradict',
    ])
    expect(codes(row('r1', { ...pair, relation: 'superset', subjectValue: '≤1300 元/m²' }))).toEqual([
      'value-not-in-clause',
    ])
    expect(codes(row('r1', { ...pair, relation: 'superset', subjectValue: '按需' }))).toEqual([])
    const named = { subjectValue: '维修费≤1200元/m²', objectValue: '维修费：不超过1500元/㎡' }
    expect(codes(row('r1', { ...pair, relation: 'superset', ...named }))).toEqual([])
    expect(codes(row('r1', { ...pair, relation: 'superset', subjectValue: '维修费≤1300元/m²' }))).toEqual([
      'value-not-in-clause',
    ])
    expect(codes(row('r1', { ...pair, relation: 'superset', subjectValue: '停车费≤1300元/m²' }))).toEqual([])
    expect(codes(row('r1', { ...pair, object: pin('b', 'w'), predicate: 'exact-match' }))).toEqual([])
  })

  test.each([
    // One stricter, one looser.
    ['intersects', ['le 5 天', 'ge 5 次'], ['le 10 天', 'ge 8 次'], []],
    ['superset', ['le 5 天', 'ge 5 次'], ['le 10 天', 'ge 8 次'], ['limits-contradict']],
    ['superset', ['le 5 天', 'ge 5 次'], ['le 10 天', 'ge 5 次'], []],
    ['equal', ['le 5 天', 'ge 5 次'], ['le 10 天', 'ge 8 次'], ['limits-contradict', 'limits-contradict']],
    ['superset', ['le 5 天', 'ge 5 次'], ['le 5 天', 'ge 5 次'], ['limits-elsewhere']],
    ['intersects', ['le 5 天', 'ge 5 次'], ['le 10 天', 'ge 5 次'], ['limits-elsewhere']],
    // One that none meets, and one equal.
    ['conflict', ['le 5 天', 'ge 5 次'], ['ge 10 天', 'ge 5 次'], []],
    ['conflict', ['le 5 天', 'ge 5 次'], ['le 5 天', 'ge 5 次'], ['limits-elsewhere']],
    ['intersects', ['le 5 天', 'ge 5 次'], ['ge 10 天', 'ge 5 次'], ['limits-contradict']],
    // Of one nobody can tell.
    ['superset', ['le 5 天', 'ge 5 次'], ['le 5 工作日', 'ge 5 次'], []],
  ])('[MAP-53] [MAP-62] %s, %j against %j: %j', (relation, ours, theirs, expected) => {
    const limits = (texts: readonly string[]) =>
      texts.map((text, n) => {
        const [op = '', value = '', unit = ''] = text.split(' ')
        return { quantity: `合成${n}`, op: op === 'le' ? ('le' as const) : ('ge' as const), value, unit }
      })
    const clauses = [ours, theirs].map((texts) => [clause('v', { limits: limits(texts) })])
    const own = lookupOf(new Map(clauses.map((each, n) => [n + 1, each])))
    const predicate = { conflict: 'related-match', equal: 'exact-match' }[relation] ?? 'close-match'
    const codesOf = (change: object) =>
      checkMapping([row('r1', { ...pair, predicate, relation, ...change })], own).findings.map(
        ({ code }) => code,
      )
    expect(codesOf({})).toEqual(expected)
    // Values of one quantity, written in the row too, are no other ground to look elsewhere.
    const [first = ''] = theirs
    const values = { subjectValue: '≤5 天', objectValue: first.replace('le ', '≤').replace('ge ', '≥') }
    const elsewhere = (found: readonly string[]) => found.filter((code) => code === 'limits-elsewhere')
    expect(elsewhere(codesOf(values))).toEqual(elsewhere(expected))
  })

  test('[MAP-62] two accepted rows about one pair do not exclude each other, whichever way they read', () => {
    const close = { predicate: 'close-match', relation: 'superset' }
    const turned = { subject: pin('b', 'c1'), object: pin('a', 'c1') }
    expect(codes(row('r1', close), row('r2', { ...close, ...turned, relation: 'subset' }))).toEqual([])
    expect(
      checkMapping([row('r2', { ...close, ...turned }), row('r1', close)], lookup).findings,
    ).toMatchObject([{ code: 'relations-contradict', rows: ['r2', 'r1'] }])
    expect(codes(row('r1', close), row('r2', { ...close, ...turned, state: 'in-review' }))).toEqual([])
  })
})

describe('M4', () => {
  test.each([
    [{ reviewer: undefined }, ['reviewer-missing']],
    [{ author: undefined }, ['author-missing']],
    [{ reviewedOn: undefined }, ['review-date-missing']],
    [{ reviewer: here }, ['reviewer-is-author']],
    [{ reviewer: 'did:web:third.example' }, ['reviewer-not-other-party']],
    [{ author: 'did:web:third.example' }, []],
    [{ reviewedOn: '2026-01-09' }, ['reviewed-before-mapped']],
    [{ state: 'in-review', reviewer: here }, []],
  ])('[MAP-63] %j: %j', (change, expected) => {
    expect(codes(row('r1', change))).toEqual(expected)
  })

  test('[MAP-63] the parties of the project are the parties, whoever issued the editions', () => {
    const project = { ...lookup, parties: ['did:web:x.example', 'did:web:y.example'] as const }
    const between = (author: string, reviewer: string) =>
      checkMapping([row('r1', { author, reviewer })], project).findings.map(({ code }) => code)
    expect(between('did:web:x.example', 'did:web:y.example')).toEqual([])
    expect(between(here, there)).toEqual(['reviewer-not-other-party'])
  })
})

describe('M5 to M7', () => {
  test('[MAP-64] names: all or none, and each once', () => {
    const [one, two] = [{ object: pin('b', 'c2') }, { object: pin('b', 'c3') }]
    expect(codes(row('', one), row('', two))).toEqual([])
    expect(checkMapping([row('x'), row('', one), row('', two)], lookup).findings).toMatchObject([
      { rule: 'M5', code: 'name-missing', severity: 'error', sentence: { zh: /2/ } },
    ])
    const twice = [row('x'), row('x', one), row('x', { ...two, state: 'rejected' })]
    expect(checkMapping(twice, lookup).findings).toMatchObject([
      { code: 'name-twice', severity: 'error', rows: ['x'] },
    ])
  })

  test.each([
    [{ object: undefined, relation: 'none', objectSource: pin('b') }, []],
    [{ object: undefined, relation: 'none' }, ['source-missing']],
    [{ object: undefined, objectSource: pin('b'), relation: 'superset' }, ['absence-relation']],
    [{ relation: 'none' }, ['absence-relation']],
  ])('[MAP-65] %j: %j', (change, expected) => {
    expect(codes(row('r1', change))).toEqual(expected)
  })

  const candidate = {
    state: 'candidate',
    author: undefined,
    reviewer: undefined,
    reviewedOn: undefined,
    mappedOn: undefined,
  }
  const inverse = {
    ...candidate,
    subject: pin('b', 'c1'),
    object: pin('a', 'c1'),
    predicate: 'close-match',
    relation: 'subset',
    justification: 'mapping-inversion',
    derivedFrom: ['r1'],
  }
  const source = row('r1', { predicate: 'close-match', relation: 'superset' })

  test.each([
    [{}, []],
    [{ derivedFrom: undefined }, ['inputs-missing']],
    [{ derivedFrom: ['r9'] }, ['input-unknown']],
    [{ relation: 'superset' }, ['inputs-give-other']],
    [{ object: pin('a', 'c2') }, ['inputs-give-other']],
    [{ predicate: 'exact-match', relation: 'equal' }, ['inputs-give-other']],
    [{ reviewer: there }, ['derived-as-reviewed']],
    [{ state: 'accepted', author: here, reviewer: there, reviewedOn: '2026-02-01' }, ['derived-as-reviewed']],
  ])('[MAP-66] an inversion changed by %j: %j', (change, expected) => {
    expect(codes(source, row('r2', { ...inverse, ...change }))).toEqual(expected)
  })

  test('[MAP-66] a chain joins its ends, through rows that were accepted', () => {
    const links = [
      row('r1'),
      row('r2', { subject: pin('b', 'c1'), object: pin('a', 'c2') }),
      row('r3', { subject: pin('b', 'c2'), object: pin('a', 'c2') }),
    ]
    const chained = (derivedFrom: readonly string[], change = {}) =>
      row('r4', {
        ...candidate,
        subject: pin('a', 'c1'),
        object: pin('b', 'c2'),
        justification: 'mapping-chaining',
        derivedFrom,
        ...change,
      })
    expect(codes(...links, chained(['r1', 'r2', 'r3']))).toEqual([])
    expect(codes(...links, chained(['r3', 'r1', 'r2']))).toEqual([])
    expect(codes(...links, chained(['r1', 'r2']))).toEqual(['inputs-give-other'])
    expect(codes(...links, chained(['r1', 'r2', 'r3'], { relation: 'superset' }))).toEqual([
      'predicate-relation',
      'inputs-give-other',
    ])
    const [first, ...others] = links
    const draft = { row: 'r1', mapping: { ...first!.mapping, state: 'draft' as const } }
    expect(codes(draft, ...others, chained(['r1', 'r2', 'r3']))).toEqual(['input-not-accepted'])
  })
})

const predicates = ['exact-match', 'broad-match', 'narrow-match', 'related-match', 'close-match'] as const
const anyRow = fc
  .record({
    name: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f'),
    from: fc.integer({ min: 1, max: 4 }),
    to: fc.integer({ min: 1, max: 4 }),
    predicate: fc.constantFrom(...predicates),
    relation: fc.constantFrom(undefined, 'equal', 'superset', 'conflict', 'none'),
    state: fc.constantFrom('accepted', 'accepted', 'draft', 'rejected'),
    justification: fc.constantFrom('manual-curation', 'mapping-inversion', 'mapping-chaining'),
    derivedFrom: fc.constantFrom(undefined, ['a'], ['a', 'b']),
    reviewer: fc.constantFrom(undefined, here, there),
  })
  .map(({ name, from, to, ...rest }) =>
    row(name, { ...rest, subject: pin(from, 'c1'), object: pin(to, 'v') }),
  )

test('[MAP-68] the order of rows changes nothing', () => {
  fc.assert(
    fc.property(
      fc
        .array(anyRow, { maxLength: 14 })
        .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      ([rows, shuffled]) => {
        expect(checkMapping(shuffled, lookup)).toEqual(checkMapping(rows, lookup))
      },
    ),
  )
})

test('[MAP-68] of one code two hundred are written out and the others counted', () => {
  const rows = Array.from({ length: 250 }, (_, n) =>
    row(`r${String(n).padStart(3, '0')}`, { reviewer: undefined, object: pin('b', 'c2') }),
  )
  const { findings, omitted } = checkMapping(rows, lookup)
  expect(findings).toHaveLength(200)
  expect(findings.at(-1)?.rows).toEqual(['r199'])
  expect(omitted).toEqual([{ code: 'reviewer-missing', count: 50 }])
})
