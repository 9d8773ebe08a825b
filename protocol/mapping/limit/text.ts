import { ProtocolError } from '../../error.ts'
import { foldUnitText } from './fold.ts'
import type { Limit } from './interval.ts'

/** A limit whose quantity is known from elsewhere. */
export type Bound = Omit<Limit, 'quantity'>

const longest = 200
const marks = { le: '≤', ge: '≥', eq: '=' } as const satisfies Record<Limit['op'], string>

/** Words before the number, the longest first. Those of less or more than, without equal, have no place in a record. */
const before: readonly (readonly [words: RegExp, op: Limit['op']])[] = [
  [/^(?:≤|<=|≦|⩽)/, 'le'],
  [/^(?:≥|>=|≧|⩾)/, 'ge'],
  [/^(?:=|等于|恰为|为)/, 'eq'],
  [/^(?:应|须|宜)?(?:不[得应宜]?(?:超过|大于|高于|多于|超出|长于|迟于|晚于)|至多|最多|最大|最高|最长)/, 'le'],
  [/^(?:应|须|宜)?(?:不[得应宜]?(?:少于|小于|低于|短于|早于)|至少|最少|最小|最低|最短)/, 'ge'],
]

/** Words after the unit, both ends included as in the Civil Code. */
const after: readonly (readonly [words: RegExp, op: Limit['op']])[] = [
  [/(?:\(含\))?(?:以内|以下|之内|内)(?:\(含\))?$/, 'le'],
  [/(?:\(含\))?以上(?:\(含\))?$/, 'ge'],
]

/**
 * Reads a limit as people write it: `≤1200 元/m²`, `不超过1200元/平方米`, `30分钟以内`. One operator, one number, at most one unit.
 *
 * Strict: what is only partly understood is not understood. Less or more than, without equal, is refused: a record has no such limit.
 *
 * @throws {ProtocolError} `SCHEMA_INVALID` — place: UTF-16 index where reading stopped, in the folded text
 * @see spec/mapping.md, MAP-54
 */
export function parseLimitText(text: string): Bound {
  if (text.length > longest) throw refuse('longer than a limit is', 0)
  const blank = /[\d.,]\s+[\d.,]/.exec(text.normalize('NFKC'))
  if (blank) throw refuse('a blank within a number', blank.index)
  const strange = strangeDigit(text)
  if (strange !== undefined) throw refuse('a sign that is no plain digit', strange)
  const folded = foldUnitText(text)
  const { op, rest } = readOperator(folded)
  const number = /^-?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?(?![\d.,])/.exec(rest)?.[0]
  const at = folded.indexOf(rest)
  if (number === undefined) throw refuse('no number', Math.max(0, at))
  const value = normalize(number.replaceAll(',', ''))
  if (value === undefined) throw refuse('a number with leading zeros', Math.max(0, at))
  return { op, value, ...readUnit(rest.slice(number.length), folded.length) }
}

/** Digits of full width; squared units of length; the powers of a unit of length. */
const plainDigit = /[0-9\uff10-\uff19\u339f-\u33a6]|(?<=[mｍ\u339c-\u339e])[²³₂₃]/gu

/** Where a sign stands that would become a digit, and is none where it stands: `10³`, `①`, `½`. */
function strangeDigit(text: string): number | undefined {
  const rest = text.replace(plainDigit, ' ')
  for (const { 0: sign, index } of rest.matchAll(/[^\u0000-\u007f]/gu))
    if (/[0-9]/.test(sign.normalize('NFKC'))) return index
  return undefined
}

/** `undefined` where `parseLimitText` refuses: a value may also be words. */
export function readLimitText(text: string): Bound | undefined {
  try {
    return parseLimitText(text)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function readOperator(folded: string): { readonly op: Limit['op']; readonly rest: string } {
  const head = before.find(([words]) => words.test(folded))
  const tail = after.find(([words]) => words.test(folded))
  if (head && tail) throw refuse('two operators', 0)
  if (head) return { op: head[1], rest: folded.replace(head[0], '') }
  if (tail) {
    const rest = folded.replace(tail[0], '')
    if (after.some(([words]) => words.test(rest))) throw refuse('two operators', 0)
    return { op: tail[1], rest }
  }
  throw refuse('no operator', 0)
}

/** A unit has a letter or an ideograph, or is a sign; digits occur as powers alone. */
const unitForm =
  /^(?:[%‰¥°]|[A-Za-zμΩ\u4e00-\u9fff])(?:[A-Za-zμΩ\u4e00-\u9fff·%°]|(?<=m)\^?[23](?!\d)|\([A-Za-z]{1,3}\))*$/

/** `1E元` may be a number that was cut. */
const exponent = /^[eE](?![A-Za-z])/

function readUnit(text: string, end: number): Pick<Limit, 'unit' | 'per'> {
  if (text === '') return {}
  const [unit = '', ...rest] = text.split('/')
  const per = rest.map((part) => part.replace(/^\((.+)\)$/, '$1')).join('·')
  // Without a unit it is a number of things that have none, for each of these: `≤5/天`.
  const parts = [...(unit === '' && rest.length > 0 ? [] : [unit]), ...(rest.length === 0 ? [] : [per])]
  const isWhole = parts.every((part) => unitForm.test(part)) && !exponent.test(text)
  if (!isWhole || unit.length > 40 || per.length > 40 || text.includes('每'))
    throw refuse('what follows the number is no unit', end - text.length)
  return { ...(unit === '' ? {} : { unit: spell(unit) }), ...(per === '' ? {} : { per: spell(per) }) }
}

/** Powers as people print them. */
function spell(unit: string): string {
  return unit
    .replace(/(?<=m)\^?2/g, '²')
    .replace(/(?<=m)\^?3/g, '³')
    .replaceAll('°C', '℃')
}

/** As the schema writes a decimal: no zeros that say nothing, and no minus before zero. */
function normalize(number: string): string | undefined {
  const [whole = '', fraction = ''] = number.split('.')
  if (!/^-?(?:0|[1-9]\d*)$/.test(whole)) return undefined
  const kept = fraction.replace(/0+$/, '')
  const value = kept === '' ? whole : `${whole}.${kept}`
  return value === '-0' ? '0' : value
}

/**
 * `≤1200 元/m²`, `≤5/天`; what is counted by a product stands in brackets. `parseLimitText` reads the same limit from it where the unit is
 * one that can stand in words.
 */
export function formatLimit({ op, value, ...unit }: Bound): string {
  const text = formatUnit(unit)
  return `${marks[op]}${value}${text === '' || text.startsWith('/') ? '' : ' '}${text}`
}

export function formatUnit({ unit, per }: Pick<Bound, 'unit' | 'per'>): string {
  if (per === undefined) return unit ?? ''
  return `${unit ?? ''}/${per.includes('·') ? `(${per})` : per}`
}

function refuse(message: string, index: number): ProtocolError {
  return new ProtocolError('SCHEMA_INVALID', `not a limit: ${message}`, { place: { index } })
}
