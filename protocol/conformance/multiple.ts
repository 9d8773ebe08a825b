/** What a number says, as an integer and a power of ten: the decimal that it is written as, not the double beside it. */
interface Decimal {
  readonly digits: bigint
  readonly power: number
}

function decimalOf(value: number): Decimal {
  const [mantissa = '0', power = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), power: Number(power) - fraction.length }
}

/**
 * Whether a number is a multiple of another, by the decimals as they are written: 19.99 is one of 0.01, and 3.00000001 none of 3.
 *
 * @param divisor above zero
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  const [a, b] = [decimalOf(value), decimalOf(divisor)]
  const least = Math.min(a.power, b.power)
  const scaled = ({ digits, power }: Decimal) => digits * 10n ** BigInt(power - least)
  return scaled(a) % scaled(b) === 0n
}
