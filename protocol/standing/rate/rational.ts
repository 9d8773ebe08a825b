/** An exact fraction in lowest terms, its denominator positive. Rounded only for people. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** @throws {TypeError} a denominator of nought */
export function makeRational(numerator: bigint, denominator: bigint): Rational {
  if (denominator === 0n) throw new TypeError('a fraction over nought')
  const divisor = greatestDivisor(numerator, denominator)
  const sign = denominator < 0n ? -1n : 1n
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor }
}

/** Never nought: that of nought and nought is one. */
export function greatestDivisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one < 0n ? -one : one, other < 0n ? -other : other]
  while (b > 0n) [a, b] = [b, a % b]
  return a === 0n ? 1n : a
}

export function subtract(a: Rational, b: Rational): Rational {
  return makeRational(
    a.numerator * b.denominator - b.numerator * a.denominator,
    a.denominator * b.denominator,
  )
}

/** Below, at or above nought, as comparators say it. */
export function compareRational(a: Rational, b: Rational): number {
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator]
  return left < right ? -1 : left > right ? 1 : 0
}

/** As JSON carries it, where no number is that large. */
export interface RationalText {
  readonly numerator: string
  readonly denominator: string
}

export function formatRational({ numerator, denominator }: Rational): RationalText {
  return { numerator: String(numerator), denominator: String(denominator) }
}

/**
 * For people: per cent with two places, a half rounded up (away from nought).
 *
 * @see spec/rate.md, RATE-8
 */
export function formatPercent({ numerator, denominator }: Rational): string {
  const size = numerator < 0n ? -numerator : numerator
  const hundredths = (size * 20_000n + denominator) / (2n * denominator)
  const [whole, part] = [hundredths / 100n, hundredths % 100n]
  const sign = numerator < 0n && hundredths > 0n ? '-' : ''
  return `${sign}${whole}.${String(part).padStart(2, '0')}%`
}
