/** A calendar date `YYYY-MM-DD` of the proleptic Gregorian calendar; legal dates are those of Asia/Shanghai. */
export type CalendarDate = string

const minutesEast = 8 * 60

export function isCalendarDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1) return false
  return day <= daysInMonth(year, month)
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const [firstDay, lastDay] = ['0000-01-01', '9999-12-31'] as const

/**
 * The legal date of a moment in milliseconds since the epoch. China has had no summer time since 1991. Outside the years that a
 * date can be written with, the nearest that can be: dates are compared as texts.
 */
export function legalDateOf(milliseconds: number): CalendarDate {
  const text = new Date(milliseconds + minutesEast * 60_000).toISOString()
  if (text.startsWith('+')) return lastDay
  return text.startsWith('-') ? firstDay : text.slice(0, 10)
}

/** The same day some years later; 29 February becomes 28 where there is none. */
export function addYears(date: CalendarDate, years: number): CalendarDate {
  const year = Number(date.slice(0, 4)) + years
  const month = Number(date.slice(5, 7))
  const day = Math.min(Number(date.slice(8, 10)), daysInMonth(year, month))
  return `${String(year).padStart(4, '0')}-${date.slice(5, 7)}-${String(day).padStart(2, '0')}`
}

/** The day some days later. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  const text = new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString()
  return text.startsWith('+') ? lastDay : text.slice(0, 10)
}

/** `YYYY-MM-DDThh:mm:ss.sssZ`, the one spelling of a moment in log entries. */
export function formatMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** `2026-01-01T00:00:00Z`, in whole seconds of UTC, as POSIX seconds; `undefined` for any other spelling. */
export function parseInstant(text: string): number | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.exec(text)?.[1]
  return day !== undefined && isCalendarDate(day) ? Date.parse(text) / 1000 : undefined
}
