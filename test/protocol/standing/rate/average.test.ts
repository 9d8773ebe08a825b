import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { averageOf, type Figure, type Weighed } from '../../../../protocol/standing/rate/average.ts'
import {
  compareRational,
  formatPercent,
  formatRational,
  makeRational,
  subtract,
} from '../../../../protocol/standing/rate/rational.ts'

const whole = fc.integer({ min: 1, max: 12 })
const portion = whole.chain((of) =>
  fc.record({ part: fc.integer({ min: 0, max: of }), whole: fc.constant(of) }),
)
const weights = fc.constantFrom([1], [2], [0, 1], [0, 2], [0, 1, 2], [])
const named = fc.constantFrom({ of: 'x', weights: [0, 1, 2] }, { of: 'y', weights: [0, 2] })
const items: fc.Arbitrary<readonly Weighed[]> = fc.array(
  fc.oneof(
    fc.tuple(portion, weights).map(([p, w]) => ({ ...p, weights: w })),
    fc.tuple(portion, named).map(([p, w]) => ({ ...p, ...w })),
  ),
  { maxLength: 6 },
)

/** All that what is not known leaves open, one after the other. */
function everyAverage(all: readonly Weighed[]) {
  const choices = all.reduce<(readonly number[])[]>(
    (before, { weights: w }) =>
      before.flatMap((chosen) => (w.length === 0 ? [0] : w).map((one) => [...chosen, one])),
    [[]],
  )
  return choices.flatMap((chosen) => {
    // What is not known of one name is the same of all.
    const torn = all.some(({ of }, i) => of && chosen[i] !== chosen[all.findIndex((one) => one.of === of)])
    if (torn) return []
    const weight = chosen.reduce((sum, one) => sum + one, 0)
    if (weight === 0) return []
    let [n, d] = [0n, 1n]
    for (const [i, one] of all.entries()) {
      n = n * BigInt(one.whole) + BigInt(one.part * chosen[i]!) * d
      d *= BigInt(one.whole)
    }
    return [makeRational(n, d * BigInt(weight))]
  })
}

const textOf = (figure: Figure) =>
  JSON.parse(JSON.stringify(figure, (_, value) => (typeof value === 'bigint' ? String(value) : value)))

describe('averages', () => {
  test('[RATE-6] a weighed average is exact', () => {
    expect(
      averageOf([
        { part: 3, whole: 4, weights: [2] },
        { part: 1, whole: 3, weights: [1] },
      ]),
    ).toEqual({ state: 'determined', value: { numerator: 11n, denominator: 18n } })
    expect(averageOf([])).toEqual({ state: 'none' })
    expect(averageOf([{ part: 1, whole: 1, weights: [] }])).toEqual({ state: 'none' })
  })

  test('[RATE-10] the bounds are the least and the greatest of all that is left open, and one number where these are the same', () => {
    fc.assert(
      fc.property(items, (all) => {
        const possible = everyAverage(all).toSorted(compareRational)
        const [least, most] = [possible[0], possible.at(-1)]
        const expected: Figure =
          !least || !most
            ? { state: 'none' }
            : compareRational(least, most) === 0
              ? { state: 'determined', value: least }
              : { state: 'undetermined', lower: least, upper: most }
        expect(textOf(averageOf(all))).toEqual(textOf(expected))
      }),
      { numRuns: 2000 },
    )
  })

  test('[RATE-13] the order of what is averaged does not matter', () => {
    fc.assert(
      fc.property(items, fc.func(fc.integer()), (all, key) => {
        const shuffled = all.toSorted((a, b) => key(a) - key(b))
        expect(averageOf(shuffled)).toEqual(averageOf(all))
      }),
    )
  })
})

describe('fractions', () => {
  test('[RATE-8] people see per cent with two places, a half rounded up; the number itself stays exact', () => {
    const shown = (n: bigint, d: bigint) => formatPercent(makeRational(n, d))
    expect([shown(1n, 3n), shown(2n, 3n), shown(1n, 1n), shown(0n, 5n)]).toEqual([
      '33.33%',
      '66.67%',
      '100.00%',
      '0.00%',
    ])
    expect([shown(1n, 20_000n), shown(1n, 20_001n), shown(-1n, 20_000n), shown(-1n, 20_001n)]).toEqual([
      '0.01%',
      '0.00%',
      '-0.01%',
      '0.00%',
    ])
    expect(shown(99_995n, 100_000n)).toBe('100.00%')
    expect(formatRational(makeRational(-6n, -8n))).toEqual({ numerator: '3', denominator: '4' })
    expect(() => makeRational(1n, 0n)).toThrow(TypeError)
  })

  test('subtraction and order agree with each other', () => {
    const rational = fc
      .tuple(fc.bigInt({ min: -999n, max: 999n }), fc.bigInt({ min: 1n, max: 99n }))
      .map(([n, d]) => makeRational(n, d))
    fc.assert(
      fc.property(rational, rational, (a, b) => {
        const { numerator } = subtract(a, b)
        expect(Math.sign(compareRational(a, b))).toBe(numerator < 0n ? -1 : numerator > 0n ? 1 : 0)
      }),
    )
  })
})
