import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inapplicableLine, syntheticLine as line } from '../../../../fixtures/synthetic/report.ts'
import { digestOf } from '../../../../protocol/hash.ts'
import { indicatorDigest } from '../../../../protocol/record/indicator-set.ts'
import { parsePeriod, periodBefore } from '../../../../protocol/standing/rate/period.ts'
import { edition, eventOn, heavySet, known, rate, report, shown } from './sample.ts'

const important = { important: true }
const fraction = (numerator: string, denominator: string) => ({
  state: 'determined',
  numerator,
  denominator,
})

describe('the number of one agency', () => {
  test('[RATE-6] weighs what is important twice, and is an exact fraction', () => {
    const { figures } = shown(
      rate([report('a', [line(edition(1), 3, 4), line(edition(2), 1, 3), inapplicableLine(edition(3))])], {
        1: known(1, important),
        2: known(2),
        3: known(3),
      }),
    )
    expect(figures.utilisation).toEqual({ ...fraction('11', '18'), shown: '61.11%' })
    expect(figures.implementation).toMatchObject(fraction('1', '1'))
    expect(figures['full-implementation']).toMatchObject(fraction('0', '1'))
  })

  test('[RATE-6] where nothing counts there is no number', () => {
    const { figures } = shown(rate([report('a', [inapplicableLine(edition(1))])], { 1: known(1) }))
    expect(figures.utilisation).toEqual({ state: 'none' })
    expect(shown(rate([], {})).figures.utilisation).toEqual({ state: 'none' })
  })

  test.each([
    ['abolished before the period', [eventOn(1, 'abolished', '2025-12-31')], 'none'],
    ['abolished on its first day', [eventOn(1, 'abolished', '2026-01-01')], 'none'],
    ['abolished on its second day', [eventOn(1, 'abolished', '2026-01-02')], 'determined'],
    ['superseded after it', [eventOn(1, 'superseded', '2026-04-01')], 'determined'],
    [
      'abolished before and reinstated in it',
      [eventOn(1, 'abolished', '2025-12-31'), eventOn(1, 'reinstated', '2026-02-01')],
      'determined',
    ],
  ] as const)('[RATE-7] an edition that was %s', (_, events, state) => {
    const { figures, agencies } = shown(
      rate([report('a', [line(edition(1), 1, 2)])], { 1: known(1, {}, events) }),
    )
    expect(figures.utilisation.state).toBe(state)
    expect(agencies[0].flags.map(({ code }: any) => code)).toEqual(state === 'none' ? ['not-in-force'] : [])
  })

  test('[RATE-7] one that takes effect on the last day counts, and one on the day after does not', () => {
    const at = (effectiveOn: string) =>
      shown(rate([report('a', [line(edition(1), 1, 2)])], { 1: known(1, { effectiveOn }) })).figures
        .utilisation.state
    expect([at('2026-03-31'), at('2026-04-01')]).toEqual(['determined', 'none'])
  })

  test('[RATE-9] functions are covered by what counts; recognised standards are used or not', () => {
    const agreement = {
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000a1',
      digest: digestOf('agreement'),
    }
    const lines = [
      line(edition(1), 1, 2, { recognition: agreement, reuse: agreement }),
      line(edition(2), 0, 2, { recognition: agreement }),
      line(edition(3), 2, 2, { reuse: agreement }),
      inapplicableLine(edition(4)),
    ]
    const editions = {
      1: known(1, { matters: ['property', 'assets'] }),
      2: known(2, { matters: ['property'] }),
      3: known(3),
      4: known(4, { matters: ['canteen'] }),
    }
    const functions = ['property', 'canteen', 'meetings'] as const
    const { figures } = shown(rate([report('a', lines, { functions: [...functions] })], editions))
    expect(figures.coverage).toMatchObject(fraction('1', '3'))
    expect(figures['mutual-use']).toMatchObject(fraction('1', '2'))
    expect(figures.implementation).toMatchObject(fraction('2', '3'))
    expect(figures['full-implementation']).toMatchObject(fraction('1', '3'))
    expect(shown(rate([report('a', lines)], editions)).figures.coverage).toEqual({ state: 'none' })
  })

  test('[RATE-10] an edition that nobody knows leaves the number open between two bounds, and is named', () => {
    const one = [report('a', [line(edition(1), 1, 1), line(edition(2), 0, 1)])]
    const { figures, assumptions } = shown(rate(one, { 1: known(1) }))
    expect(figures.utilisation).toMatchObject({
      state: 'undetermined',
      lower: { numerator: '1', denominator: '3' },
      upper: { numerator: '1', denominator: '1' },
    })
    expect(assumptions).toEqual([
      { code: 'edition-unknown', edition: edition(2).id, digest: edition(2).digest },
    ])
    const unclear = known(2, { publishedOn: undefined, effectiveOn: undefined })
    const { publishedOn: _, effectiveOn: __, ...facts } = unclear.facts
    const undecided = shown(rate(one, { 1: known(1), 2: { facts, events: [] } }))
    expect(undecided.figures.utilisation.lower).toMatchObject({ numerator: '1', denominator: '2' })
    expect(undecided.assumptions.map(({ code }: any) => code)).toEqual(['edition-undetermined'])
  })

  test('[RATE-10] where the report alone decides, nothing is open', () => {
    const all = [report('a', [line(edition(1), 2, 2), line(edition(2), 5, 5)])]
    expect(shown(rate(all, {})).figures.utilisation).toMatchObject(fraction('1', '1'))
    expect(shown(rate(all, {})).assumptions).toHaveLength(2)
  })
})

describe('indicator sets', () => {
  const lines = [line(edition(1), 1, 1), line(edition(2), 0, 1)]
  const editions = { 1: known(1, important), 2: known(2) }
  const heavy = { indicatorSet: { code: heavySet.code, digest: indicatorDigest(heavySet) } }

  test('[RATE-5] a period is computed by the set that its reports name, and an old one as it was', () => {
    const old = [report('a', lines)]
    const later = [report('a', lines, { period: '2026-Q2', ...heavy })]
    const both = [...old, ...later]
    const of = (period: string) => shown(rate(both, editions, { period, sets: [heavySet] }))
    expect(of('2026-Q1').figures.utilisation).toMatchObject(fraction('2', '3'))
    expect(of('2026-Q2').figures.utilisation).toMatchObject(fraction('3', '4'))
    expect(of('2026-Q2').indicatorSet).toEqual({ code: 'ui-heavy', digest: indicatorDigest(heavySet) })
    expect(shown(rate(both, editions, { indicators: heavySet })).figures.utilisation).toMatchObject(
      fraction('3', '4'),
    )
  })

  test('[RATE-16] a report that names another set than was computed by is flagged', () => {
    const mixed = shown(rate([report('a', lines), report('b', lines, heavy)], editions, { sets: [heavySet] }))
    expect(mixed.indicatorSet.code).toBe('ui-1')
    expect(mixed.agencies.map(({ flags }: any) => flags.map(({ code }: any) => code))).toEqual([
      [],
      ['other-set'],
    ])
  })
})

describe('periods', () => {
  test('[RATE-1] a quarter has its days, and the one before it', () => {
    expect(parsePeriod('2024-Q1')).toEqual({ name: '2024-Q1', first: '2024-01-01', last: '2024-03-31' })
    expect(parsePeriod('2026-Q4')).toMatchObject({ first: '2026-10-01', last: '2026-12-31' })
    expect(periodBefore(parsePeriod('2026-Q1'))?.name).toBe('2025-Q4')
    expect(periodBefore(parsePeriod('1000-Q1'))).toBeUndefined()
    for (const text of ['2026', '2026-Q0', '2026-Q5', '2026-q1', '0999-Q1', ' 2026-Q1', '2026-Q1\n'])
      expect(() => parsePeriod(text)).toThrow('a period is written')
  })
})

describe('order', () => {
  test('[RATE-13] reports in any order, and again, give the same JSON', () => {
    const first = report('a', [line(edition(1), 1, 4)])
    const all = [
      first,
      report('a', [line(edition(1), 2, 4)], { revisionOf: first }),
      report('a', [line(edition(2), 2, 4)]),
      report('b', [line(edition(1), 1, 3), line(edition(2), 5, 7)]),
      report('c', [inapplicableLine(edition(1))]),
      report('b', [line(edition(1), 1, 2)], { period: '2025-Q4' }),
    ]
    const editions = { 1: known(1, important) }
    const expected = JSON.stringify(shown(rate(all, editions)))
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.subarray(all),
        (shuffled, again) => {
          expect(JSON.stringify(shown(rate([...shuffled, ...again], editions)))).toBe(expected)
        },
      ),
    )
  })
})
