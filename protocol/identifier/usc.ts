import { ProtocolError } from '../error.ts'
import { refuseForbiddenText } from './text.ts'

/** GB 32100: digits and capital letters without I, O, S, V, Z; the place in it is the value. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** GB 11714 counts A as 10 and Z as 35. */
const organizationAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const organizationWeights: readonly number[] = [3, 7, 9, 10, 5, 8, 4, 2]
const form = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{8}[0-9X][0-9A-HJ-NPQRTUWXY]$/

/** 统一社会信用代码, the unified social credit code of an agency. */
export interface Usc {
  readonly text: string
  /** Division of the office that registered it, at that time: not where the agency is today. */
  readonly division: string
  /** GB 11714 organization code with its check character, without hyphen. */
  readonly organization: string
}

/**
 * Proves form and outer check character (GB 32100). Does not prove that the agency exists, nor the check
 * character of the organization code inside: see `isSyntheticUsc`.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID` — place: index of the first wrong character
 * @throws {ProtocolError} `TEXT_FORBIDDEN_CHAR`
 * @see spec/identifier.md, ID-23, ID-24
 */
export function parseUsc(text: string): Usc {
  refuseForbiddenText(text)
  if (!form.test(text)) throw fault('not 18 characters of a unified social credit code', formFault(text))
  if (uscCheckCharacter(text.slice(0, 17)) !== text.charAt(17)) throw fault('wrong check character', 17)
  return { text, division: text.slice(2, 8), organization: text.slice(8, 17) }
}

/**
 * Whether the code is made up by our rule: right outside, and wrong inside on purpose, so that it passes where
 * codes are checked and can belong to nobody. A real code with a damaged inside counts as made up too.
 *
 * @see spec/identifier.md, ID-25
 */
export function isSyntheticUsc({ organization }: Usc): boolean {
  return organizationCheckCharacter(organization.slice(0, 8)) !== organization.charAt(8)
}

/**
 * The made-up code of a number: any registering office and division, and an inner check character one off.
 *
 * @param serial 0 to 99999999
 * @see spec/identifier.md, ID-25
 */
export function formatSyntheticUsc(division: string, serial: number): string {
  const body = String(serial).padStart(8, '0')
  if (!/^\d{6}$/.test(division) || !/^\d{8}$/.test(body)) throw new TypeError('six digits and up to eight')
  const right = organizationCheckCharacter(body)
  const wrong = right === 'X' ? '0' : String((Number(right) + 1) % 10)
  const first = `11${division}${body}${wrong}`
  return first + uscCheckCharacter(first)
}

/** Check character for the first 17 characters (GB 32100, weights 3^(i-1) mod 31). @see spec/identifier.md, ID-24 */
export function uscCheckCharacter(first: string): string {
  let sum = 0
  let weight = 1
  for (const character of first) {
    sum += valueIn(character, alphabet) * weight
    weight = (weight * 3) % 31
  }
  return alphabet.charAt((31 - (sum % 31)) % 31)
}

/** Check character for the eight characters of an organization code (GB 11714). @see spec/identifier.md, ID-25 */
export function organizationCheckCharacter(body: string): string {
  const sum = organizationWeights.reduce(
    (total, weight, i) => total + weight * valueIn(body.charAt(i), organizationAlphabet),
    0,
  )
  return '0123456789X'.charAt((11 - (sum % 11)) % 11)
}

function valueIn(character: string, alphabet: string): number {
  const value = character === '' ? -1 : alphabet.indexOf(character)
  if (value < 0) throw new TypeError(`no value for ${JSON.stringify(character)}`)
  return value
}

/** The first place whose character is not allowed there, or where the text is too short or too long. */
function formFault(text: string): number {
  for (let i = 0; i < Math.min(text.length, 18); i += 1) {
    const allowed = i >= 2 && i < 8 ? '0123456789' : i === 16 ? '0123456789X' : alphabet
    if (!allowed.includes(text.charAt(i))) return i
  }
  return Math.min(text.length, 18)
}

function fault(message: string, index: number): ProtocolError {
  return new ProtocolError('IDENTIFIER_INVALID', message, { place: { index } })
}
