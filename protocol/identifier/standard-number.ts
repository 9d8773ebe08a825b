import { openSpelling, type Spelling } from './spelling.ts'
import { numberSeparator, readCode, type StandardCode, takesRevisionLetter } from './standard-code.ts'

export interface Amendment {
  readonly number: number
  readonly year?: number
}

/** One number of one standard, free of its spelling. What is absent was not written. */
export interface StandardNumber extends StandardCode {
  /** Digits as written, leading zeros kept (`0505`); with its class for a reference sample (`05-1426`). */
  readonly ordinal: string
  /** Parts, leading zeros kept: `190.07` has `['07']`. */
  readonly parts: readonly string[]
  /** `C` of `GJB 9001C`. */
  readonly revision?: string
  readonly year?: number
  readonly allParts?: true
  readonly amendment?: Amendment
}

/**
 * Reads exactly one number in any known spelling.
 *
 * Proves the form; not that the standard exists, nor that the code fits its publisher.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID` — place: UTF-16 index where reading stopped
 * @throws {ProtocolError} `TEXT_FORBIDDEN_CHAR`
 * @see spec/identifier.md, ID-2 to ID-14
 */
export function parseStandardNumber(text: string): StandardNumber {
  const spelling = openSpelling(text)
  const number = readNumber(spelling)
  if (!spelling.isAtEnd()) throw spelling.fault('text after the number')
  return number
}

/**
 * Reads the numbers of one text, several when it is a joint standard: `/`, `=` or `、` stands between them. In
 * the order as written, since none of them comes first.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID` — also when two of them are one
 * @throws {ProtocolError} `TEXT_FORBIDDEN_CHAR`
 * @see spec/identifier.md, ID-15
 */
export function parseStandardNumbers(text: string): readonly StandardNumber[] {
  const spelling = openSpelling(text)
  const numbers = new Map<string, StandardNumber>()
  do {
    const number = readNumber(spelling)
    const key = canonicalKey(number)
    if (numbers.has(key)) throw spelling.fault(`${key} twice`)
    numbers.set(key, number)
    if (spelling.isAtEnd()) return [...numbers.values()]
  } while (spelling.take(/^[/=]/))
  throw spelling.fault('text after the number')
}

function readNumber(spelling: Spelling): StandardNumber {
  const code = readCode(spelling)
  const sample = code.code === 'GSB' ? (spelling.take(/^\d{2}-(?=\d{1,6}-)/)?.[0] ?? '') : ''
  const [, ordinal = '', parts = ''] = spelling.take(/^(\d{1,8})((?:\.\d{1,4}){0,4})/) ?? []
  const revision = takesRevisionLetter(code) ? spelling.take(/^[A-H](?![0-9A-Z])/)?.[0] : undefined
  const year = readYear(spelling)
  const allParts = spelling.take(/^\((?:所有部分|ALL ?PARTS)\)/) !== undefined
  const amendment = allParts ? undefined : readAmendment(spelling)
  if (amendment && year === undefined) throw spelling.fault('an amendment belongs to a dated number')
  return {
    ...code,
    ordinal: sample + ordinal,
    parts: parts.split('.').slice(1),
    ...(revision === undefined ? {} : { revision }),
    ...(year === undefined ? {} : { year }),
    ...(allParts ? { allParts } : {}),
    ...(amendment === undefined ? {} : { amendment }),
  }
}

function readYear(spelling: Spelling): number | undefined {
  const [, full, short] = spelling.take(/^-(?:(19[5-9]\d|20\d{2})|([5-9]\d))(?!\d)/) ?? []
  if (full !== undefined) return Number(full)
  return short === undefined ? undefined : 1900 + Number(short)
}

function readAmendment(spelling: Spelling): Amendment | undefined {
  const [, short, chinese, bracketed, titled] =
    spelling.take(
      /^(?:[/ ]?XG ?([1-9]\d?)(?!\d)|第([1-9]\d?)号修改单|\(第([1-9]\d?)号修改单\)|《第([1-9]\d?)号修改单》)/,
    ) ?? []
  const number = short ?? chinese ?? bracketed ?? titled
  if (number === undefined) return undefined
  const year = short === undefined ? undefined : readYear(spelling)
  return { number: Number(number), ...(year === undefined ? {} : { year }) }
}

/**
 * The one string that stands for an edition, or for an undated reference, wherever keys are compared or signed.
 *
 * Equal keys mean the same code, number, parts and year; not the same text, title or publisher. The year of an
 * amendment is not in it.
 *
 * @see spec/identifier.md, ID-16, ID-17
 */
export function canonicalKey(number: StandardNumber): string {
  const { code, year, allParts, amendment } = number
  return (
    `${code} ${digitsOf(number)}${number.revision ?? ''}` +
    (year === undefined ? '' : `-${year}`) +
    (allParts ? '(all parts)' : '') +
    (amendment === undefined ? '' : `/XG${amendment.number}`)
  )
}

/**
 * The key of the work behind its editions: no year, no revision letter, no amendment.
 *
 * Editions of one work may still have two of these, as when a mandatory standard becomes a recommended one.
 *
 * @see spec/identifier.md, ID-18
 */
export function workKey(number: StandardNumber): string {
  return `${number.code} ${digitsOf(number)}${number.allParts ? '(all parts)' : ''}`
}

/** As on covers, with an em dash: `DB50/T 1055—2020`. @see spec/identifier.md, ID-19 */
export function formatCover(number: StandardNumber): string {
  return print(number, '—', '（所有部分）')
}

/** As in databases, all ASCII: `DB50/T 1055-2020`. @see spec/identifier.md, ID-19 */
export function formatDatabase(number: StandardNumber): string {
  return print(number, '-', ' (all parts)')
}

function print(number: StandardNumber, dash: string, allParts: string): string {
  const { code, year, amendment } = number
  const amended =
    amendment && `/XG${amendment.number}${amendment.year === undefined ? '' : `${dash}${amendment.year}`}`
  return (
    `${code}${numberSeparator(code)}${digitsOf(number)}${number.revision ?? ''}` +
    (year === undefined ? '' : `${dash}${year}`) +
    (number.allParts ? allParts : '') +
    (amended ?? '')
  )
}

function digitsOf({ ordinal, parts }: StandardNumber): string {
  return [ordinal, ...parts].join('.')
}

/**
 * The bands of made-up standards that no authority uses: six digits from 990000 in `DB50/T` and `DB51/T`.
 *
 * A number outside them is not thereby real: the record says what it is.
 *
 * @see spec/identifier.md, ID-20
 */
export function isSyntheticNumber({ code, ordinal }: StandardNumber): boolean {
  return (code === 'DB50/T' || code === 'DB51/T') && /^99\d{4}$/.test(ordinal)
}

export type WrittenMandate = 'mandatory' | 'recommended' | 'guidance'

/**
 * What the code says about the duty to follow, `undefined` where codes do not say it (GBn, GSB, GJB, T, Q).
 *
 * Not what holds in law today: mandatory standards were turned into recommended ones by announcement.
 *
 * @see spec/identifier.md, ID-21
 */
export function mandateOf({ scheme, code }: StandardCode): WrittenMandate | undefined {
  if (scheme === 'T' || scheme === 'Q' || /^(?:GBn|GSB|GJB)/.test(code)) return undefined
  if (code.endsWith('/T')) return 'recommended'
  return code.endsWith('/Z') ? 'guidance' : 'mandatory'
}

/** `50` of `DB50/T`, `4103` of `DB4103/T`; `undefined` for others. @see spec/identifier.md, ID-21 */
export function divisionDigitsOf({ code }: StandardCode): string | undefined {
  return /^DB[SJ]?(\d+)/.exec(code)?.[1]
}
