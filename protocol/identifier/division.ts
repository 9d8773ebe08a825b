import { ProtocolError } from '../error.ts'
import { divisionDigitsOf, type StandardNumber } from './standard-number.ts'

export type DivisionLevel = 'province' | 'prefecture' | 'county'

/** A code of GB/T 2260. Codes change and are reused: what it names depends on the date, and is data elsewhere. */
export interface Division {
  readonly code: string
  readonly level: DivisionLevel
  /** The province it lies in, itself for a province. */
  readonly province: string
}

const form = /^[1-8]\d(?:0000|(?!00)\d{2}(?:00|(?!00)\d{2}))$/

/**
 * Proves the form; not that the code was ever given. Functional zones (高新区, 经开区) have no code: they are
 * without one, never with a made-up one.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID`
 * @see spec/identifier.md, ID-26
 */
export function parseDivision(text: string): Division {
  if (!form.test(text)) throw new ProtocolError('IDENTIFIER_INVALID', 'not a division code of GB/T 2260')
  const level = text.endsWith('0000') ? 'province' : text.endsWith('00') ? 'prefecture' : 'county'
  return { code: text, level, province: `${text.slice(0, 2)}0000` }
}

/**
 * Whether the digits of a local standard's code are those of this division or of one it lies in: two of the
 * province, four of the prefecture. `undefined` for a number that is no local standard.
 *
 * Holds for the code alone; whether the division had it at the date is for the caller to say.
 *
 * @see spec/identifier.md, ID-27
 */
export function matchesDivision(number: StandardNumber, { code }: Division): boolean | undefined {
  const digits = divisionDigitsOf(number)
  return digits === undefined ? undefined : code.startsWith(digits)
}
