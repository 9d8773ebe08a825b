import type { Context } from 'hono'
import { isCalendarDate, legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { isDigest } from '../../protocol/hash.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import type { RecordName, StandardQuery } from '../projection/port.ts'
import { standardQuery } from './schema.ts'

const mostListed = 500

/**
 * The parameters of a request, each once and without control characters: no database takes U+0000, and nobody means it. Where the
 * names that mean something are given, another is refused: what it was to narrow would be answered in full.
 *
 * @throws {ProtocolError} `QUERY_INVALID`
 */
export function readParameters(context: Context, known?: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, values] of Object.entries(context.req.queries())) {
    const [value = ''] = values
    if (known && !known.includes(name))
      throw invalid(name, known.length === 0 ? 'means nothing here' : `is none of: ${known.join(', ')}`)
    if (values.length > 1) throw invalid(name, 'stands more than once')
    if (/[\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) throw invalid(name, 'is no plain text')
    parameters.set(name, value)
  }
  return parameters
}

/**
 * What to look for, and where in what was found.
 *
 * @throws {ProtocolError} `QUERY_INVALID`
 * @see spec/node.md, NODE-16
 */
export function readStandardQuery(context: Context, now: number): StandardQuery {
  const { q, at, limit, offset, ...narrowing } = parseQuery(readParameters(context))
  const { number, class: primary, level, state, issuer } = narrowing
  return {
    ...(q === undefined || q.trim() === '' ? {} : { q }),
    ...(number === undefined ? {} : { number }),
    ...(primary === undefined ? {} : { class: primary }),
    ...(level === undefined ? {} : { level }),
    ...(state === undefined ? {} : { state }),
    ...(issuer === undefined ? {} : { issuer }),
    day: readDay(at, now),
    limit: Math.min(Number(limit ?? '50'), mostListed),
    offset: Number(offset ?? '0'),
  }
}

/**
 * The record that a request is about, by its id; or the receipt of an act, by the digest of that.
 *
 * @throws {ProtocolError} `QUERY_INVALID`
 */
export function readRecordName(context: Context): RecordName {
  const parameters = readParameters(context)
  const [id, receiptOf] = [parameters.get('id'), parameters.get('receiptOf')]
  if (receiptOf !== undefined && id === undefined) {
    if (!isDigest(receiptOf)) throw invalid('receiptOf', 'is the digest of a record')
    return { receiptOf }
  }
  if (id === undefined || id === '' || id.length > 512 || receiptOf !== undefined)
    throw invalid('id', 'is the id of a record')
  return { id }
}

function parseQuery(parameters: ReadonlyMap<string, string>) {
  try {
    return parseWith(standardQuery, Object.fromEntries(parameters))
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('QUERY_INVALID', cause.message, { place: cause.place, cause })
  }
}

/** A legal date; today in Asia/Shanghai when none is given. */
export function readDay(text: string | undefined, now: number, name = 'at'): string {
  if (text === undefined) return legalDateOf(now)
  if (!isCalendarDate(text)) throw invalid(name, 'is no date YYYY-MM-DD')
  return text
}

/** One of the words that a parameter may be. */
export function readChoice<T extends string>(
  parameters: ReadonlyMap<string, string>,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = parameters.get(name)
  const choice = choices.find((word) => word === text)
  if (text !== undefined && choice === undefined) throw invalid(name, `is one of: ${choices.join(', ')}`)
  return choice
}

/** How many, or from which on. */
export function readCount(parameters: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = parameters.get(name)
  if (text !== undefined && !/^(?:0|[1-9]\d{0,8})$/.test(text)) throw invalid(name, 'is a whole number')
  return text === undefined ? undefined : Number(text)
}

export function invalid(name: string, problem: string): ProtocolError {
  return new ProtocolError('QUERY_INVALID', `the parameter ${problem}`, { place: { pointer: `/${name}` } })
}
