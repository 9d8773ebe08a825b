/** An exact number: what a decimal is after its unit has been converted. The denominator is above zero. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const one: Rational = { numerator: 1n, denominator: 1n }

/**
 * A decimal as the record schema writes it, exactly.
 *
 * @throws {TypeError} text that is no such decimal
 */
export function rationalOf(decimal: string): Rational {
  const match = /^(-?\d{1,40})(?:\.(\d{1,40}))?$/.exec(decimal)
  if (!match) throw new TypeError(`not a decimal: ${decimal}`)
  const [, whole = '0', fraction = ''] = match
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) }
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

export function divide(a: Rational, b: Rational): Rational {
  if (b.numerator <= 0n) throw new TypeError('a divisor is above zero')
  return { numerator: a.numerator * b.denominator, denominator: a.denominator * b.numerator }
}

/** Below zero, zero, above zero, as for sorting. */
export function order(a: Rational, b: Rational): number {
  const left = a.numerator * b.denominator
  const right = b.numerator * a.denominator
  return left < right ? -1 : left > right ? 1 : 0
}
