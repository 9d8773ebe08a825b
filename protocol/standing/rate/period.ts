import { type CalendarDate, daysInMonth } from '../../date.ts'
import { ProtocolError } from '../../error.ts'

/** A quarter of a year, with its first and last legal date. */
export interface Period {
  readonly name: string
  readonly first: CalendarDate
  readonly last: CalendarDate
}

/** @throws {ProtocolError} `SCHEMA_INVALID` — not `YYYY-Qn` */
export function parsePeriod(text: string): Period {
  const match = /^([1-9]\d{3})-Q([1-4])$/.exec(text)
  if (!match) throw new ProtocolError('SCHEMA_INVALID', `a period is written 2026-Q1: ${text.slice(0, 40)}`)
  const [year, quarter] = [Number(match[1]), Number(match[2])]
  const month = (n: number) => `${year}-${String(n).padStart(2, '0')}`
  const end = quarter * 3
  return { name: text, first: `${month(end - 2)}-01`, last: `${month(end)}-${daysInMonth(year, end)}` }
}

/** `undefined` before the first year that can be written. */
export function periodBefore({ name }: Period): Period | undefined {
  const [year, quarter] = [Number(name.slice(0, 4)), Number(name.slice(6))]
  if (quarter > 1) return parsePeriod(`${year}-Q${quarter - 1}`)
  return year > 1000 ? parsePeriod(`${year - 1}-Q4`) : undefined
}
