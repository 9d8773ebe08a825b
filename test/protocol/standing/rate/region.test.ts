import { describe, expect, test } from 'vitest'
import { inapplicableLine, syntheticLine as line } from '../../../../fixtures/synthetic/report.ts'
import { compareRates } from '../../../../protocol/standing/rate/difference.ts'
import { formatDifference } from '../../../../protocol/standing/rate/format.ts'
import type { RegionRate } from '../../../../protocol/standing/rate/rate.ts'
import { edition, known, rate, report, shown } from './sample.ts'

const did = (name: string) => `did:web:${name}.example`
const flagsOf = (region: RegionRate) => region.agencies.flatMap(({ flags }) => flags.map(({ code }) => code))
const half = [line(edition(1), 1, 2)]
const editions = { 1: known(1), 2: known(2) }

describe('which report counts', () => {
  const numberOf = (region: RegionRate) => shown(region).figures.utilisation.shown

  test('[RATE-11] the newest correction counts, wherever it stands among what is given', () => {
    const first = report('a', half)
    const second = report('a', [line(edition(1), 2, 2)], { revisionOf: first })
    const third = report('a', [line(edition(1), 0, 2)], { revisionOf: second })
    expect(numberOf(rate([first], editions))).toBe('50.00%')
    expect(numberOf(rate([second, first], editions))).toBe('100.00%')
    const all = rate([third, first, second], editions)
    expect([numberOf(all), flagsOf(all)]).toEqual(['0.00%', ['corrected']])
    const [newest] = all.agencies
    expect(newest?.report.id).toBe(third.id)
  })

  test('[RATE-11] a second report that corrects nothing, and a correction before what it corrects, count for nothing', () => {
    const first = report('a', half, { index: 3 })
    const again = report('a', [line(edition(1), 2, 2)], { index: 5 })
    const region = rate([again, first], editions)
    expect([numberOf(region), flagsOf(region)]).toEqual(['50.00%', ['duplicate']])
    const late = report('a', half, { index: 9 })
    const early = report('a', [line(edition(1), 2, 2)], { index: 8, revisionOf: late })
    const odd = rate([report('a', half, { index: 1 }), early, late], editions)
    expect(numberOf(odd)).toBe('50.00%')
  })

  test('[RATE-11] a later epoch comes after an earlier one, whatever the index', () => {
    const first = report('a', half, { index: 90 })
    const later = report('a', [line(edition(1), 2, 2)], { index: 2, revisionOf: first })
    const moved = { ...later, place: { origin: 'a.example/log/10', index: 2 } }
    expect(numberOf(rate([moved, first], editions))).toBe('100.00%')
  })

  test('[RATE-11] a correction of another agency’s or another period’s report counts for nothing, and is named', () => {
    const first = report('a', half)
    const other = report('b', [line(edition(1), 2, 2)], { revisionOf: first })
    const region = rate([first, other], editions)
    expect(region.agencies.map(({ agency }) => agency)).toEqual([did('a')])
    expect([numberOf(region), flagsOf(region)]).toEqual(['50.00%', []])
    expect(shown(region).reporting.misdirected).toEqual([{ agency: did('b'), id: other.id }])

    const before = report('a', [line(edition(1), 2, 2)], { period: '2025-Q4' })
    const real = report('a', half)
    const stray = report('a', [line(edition(1), 2, 2)], { revisionOf: before })
    const again = report('a', [line(edition(1), 2, 2)], { revisionOf: stray })
    for (const all of [
      [before, real, stray],
      [again, stray, real, before],
    ]) {
      const mine = rate(all, editions)
      expect(numberOf(mine)).toBe('50.00%')
      expect(new Set(flagsOf(mine))).toEqual(new Set(['corrects-other']))
      expect(mine.agencies[0]?.report.id).toBe(real.id)
    }
    // Known without being given.
    const known = rate([real, stray], editions, { seen: [before] })
    expect([numberOf(known), flagsOf(known)]).toEqual(['50.00%', ['corrects-other']])
    const corrected = rate([report('a', half, { revisionOf: real })], editions, { seen: [real] })
    expect(flagsOf(corrected)).toEqual([])
  })

  test('[RATE-12] a correction of what is not at hand counts, and says so', () => {
    const unseen = report('a', half)
    const region = rate([report('a', [line(edition(1), 2, 2)], { revisionOf: unseen })], editions)
    expect([numberOf(region), flagsOf(region)]).toEqual(['100.00%', ['corrects-unseen']])
  })
})

describe('flags', () => {
  test('[RATE-14] a report is late after thirty days, by the date in Shanghai; a correction is not', () => {
    const at = (moment: string) => flagsOf(rate([report('a', half, { at: moment })], editions))
    expect(at('2026-04-30T15:59:59.999Z')).toEqual([])
    expect(at('2026-04-30T16:00:00.000Z')).toEqual(['late'])
    const first = report('a', half, { at: '2026-04-02T00:00:00.000Z' })
    const later = report('a', half, { at: '2026-08-02T00:00:00.000Z', revisionOf: first })
    expect(flagsOf(rate([first, later], editions))).toEqual(['corrected'])
    expect(
      flagsOf(rate([report('a', half, { at: '2027-01-01T00:00:00Z', unplaced: true })], editions)),
    ).toEqual([])
  })

  test('[RATE-15] more than thirty of a hundred lines that say "not applicable" are flagged', () => {
    const lines = (not: number, of: number) =>
      Array.from({ length: of }, (_, i) =>
        i < not ? inapplicableLine(edition(i + 10)) : line(edition(i + 10), 1, 1),
      )
    expect(flagsOf(rate([report('a', lines(3, 10))], editions))).toEqual([])
    expect(flagsOf(rate([report('a', lines(4, 10))], editions))).toEqual(['many-not-applicable'])
  })

  test('[RATE-16] another number of clauses than in the period before is flagged unless it is explained', () => {
    const before = report('a', [line(edition(1), 1, 3)], { period: '2025-Q4' })
    const now = (extra = {}) =>
      flagsOf(rate([before, report('a', [line(edition(1), 1, 2, extra)])], editions))
    expect(now()).toEqual(['clauses-changed'])
    expect(now({ changeReason: '职能划转（合成）' })).toEqual([])
    const same = rate([before, report('a', [line(edition(1), 2, 3)])], editions)
    expect(flagsOf(same)).toEqual([])
  })

  test('[RATE-16] a clause that the edition does not have is flagged', () => {
    const clauses = [
      { uid: 'c4-1', executed: true },
      { uid: 'c9-9', executed: false },
    ]
    expect(flagsOf(rate([report('a', [line(edition(1), 1, 2, { clauses })])], editions))).toEqual([
      'clause-unknown',
    ])
  })
})

describe('a region', () => {
  const reports = [
    report('a', [line(edition(1), 1, 2)], { functions: ['property'] }),
    report('b', [line(edition(1), 3, 3), line(edition(2), 3, 3), line(edition(3), 0, 1)]),
  ]
  const all = { ...editions, 3: known(3) }

  test('[RATE-10] [RATE-22] whether an edition counts is one and the same for all who report on it', () => {
    const lines = (m: number) => [line(edition(1), 1, 2), line(edition(9), m, 4)]
    const { figures } = shown(rate([report('a', lines(0)), report('b', lines(4))], { 1: known(1) }))
    expect(figures.utilisation).toMatchObject({ state: 'determined', numerator: '1', denominator: '2' })
    const apart = shown(rate([report('a', lines(1)), report('b', lines(4))], { 1: known(1) }))
    expect(apart.figures.utilisation).toMatchObject({
      state: 'undetermined',
      lower: { numerator: '1', denominator: '2' },
      upper: { numerator: '7', denominator: '12' },
    })
  })

  test('[RATE-22] sums are pooled, and an agency without a report is missing, neither 0 nor 100 %', () => {
    const region = shown(rate(reports, all, { expected: [did('a'), did('b'), did('c')] }))
    expect(region.figures.utilisation).toMatchObject({ numerator: '5', denominator: '8' })
    expect(region.reporting).toEqual({ reported: 2, expected: 3, missing: [did('c')] })
    expect(shown(rate(reports, all)).figures).toEqual(region.figures)
    expect(shown(rate(reports, all, { expected: 68 })).reporting).toEqual({
      reported: 2,
      expected: 68,
      missing: null,
    })
    expect(shown(rate(reports, all)).reporting.expected).toBeNull()
  })

  test('[RATE-18] the leader is named with the indicator that made it, equals with each other', () => {
    const { leaders } = shown(rate(reports, all))
    expect(leaders).toMatchObject([
      { indicator: 'utilisation', agencies: [did('b')], value: { numerator: '2', denominator: '3' } },
      { indicator: 'implementation', agencies: [did('a')], value: { numerator: '1' } },
      { indicator: 'full-implementation', agencies: [did('b')], contested: false },
    ])
    const open = shown(
      rate([...reports, report('c', [line(edition(1), 0, 1), line(edition(99), 1, 1)])], all),
    )
    expect(open.leaders[0]).toMatchObject({ indicator: 'utilisation', agencies: [did('b')], contested: true })
    const equal = shown(rate([report('d', half), report('e', half)], all))
    expect(equal.leaders[0].agencies).toEqual([did('d'), did('e')])
  })

  test('[RATE-19] the sheet of an agency has its numbers with rank, flags and the report', () => {
    const region = shown(rate([...reports, report('c', half)], all))
    expect(region.agencies[0]).toMatchObject({
      agency: did('a'),
      report: { id: reports[0]?.id, origin: 'a.example/log/1' },
      places: { utilisation: { rank: 2, of: 3 }, implementation: { rank: 1, of: 3 } },
      flags: [],
      training: { times: 0, people: 0 },
    })
    expect(region.agencies[2].places.utilisation).toEqual({ rank: 2, of: 3 })
  })

  test('[RATE-20] each edition has its own number, and its clauses theirs', () => {
    const clauses = (...executed: boolean[]) =>
      executed.map((done, i) => ({ uid: `c4-${i + 1}`, executed: done }))
    const region = shown(
      rate(
        [
          report('a', [line(edition(1), 1, 2, { clauses: clauses(true, false) })]),
          report('b', [line(edition(1), 2, 2, { clauses: clauses(true, true) })]),
          report('c', [line(edition(1), 1, 1), inapplicableLine(edition(2))]),
        ],
        all,
      ),
    )
    expect(region.editions).toMatchObject([
      {
        edition: edition(1).id,
        applicable: 3,
        notApplicable: 0,
        executed: { numerator: '5', denominator: '6' },
        clauses: [
          { uid: 'c4-1', executed: 2, of: 2 },
          { uid: 'c4-2', executed: 1, of: 2 },
        ],
      },
      { edition: edition(2).id, applicable: 0, notApplicable: 1, executed: { state: 'none' } },
    ])
  })

  test('[RATE-17] two periods give a difference, and whoever reported once has none', () => {
    const next = [
      report('a', [line(edition(1), 2, 2)], { period: '2026-Q2' }),
      report('c', half, { period: '2026-Q2' }),
    ]
    const [before, after] = [rate(reports, all), rate(next, all, { period: '2026-Q2' })]
    const difference: any = formatDifference(compareRates(before, after))
    expect([difference.from, difference.to]).toEqual(['2026-Q1', '2026-Q2'])
    expect(difference.figures.utilisation.change).toEqual({
      numerator: '1',
      denominator: '8',
      shown: '12.50%',
    })
    expect(difference.agencies).toMatchObject([
      {
        agency: did('a'),
        reported: 'both',
        figures: { utilisation: { change: { numerator: '1', denominator: '2' } } },
        lines: [{ edition: edition(1).id, before: { clausesExecuted: 1 }, after: { clausesExecuted: 2 } }],
      },
      { agency: did('b'), reported: 'before' },
      { agency: did('c'), reported: 'after' },
    ])
    expect(difference.agencies[1].figures).toBeUndefined()
    const back: any = formatDifference(compareRates(after, before))
    expect(back.figures.utilisation.change.shown).toBe('-12.50%')
  })

  test('[RATE-21] JSON has fractions as decimal text, and no number of the machine among them', () => {
    const text = JSON.stringify(shown(rate(reports, all)))
    expect(text).toContain('"numerator":"5","denominator":"8","shown":"62.50%"')
    expect(text).not.toMatch(/\d\.\d+[,}]/)
  })
})
