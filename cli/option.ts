import { isCalendarDate } from '../protocol/date.ts'
import { usageError } from './exit.ts'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * `90s` `15m` `24h` `30d`, in milliseconds.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 * @see protocol/spec/verify.md, VERIFY-21
 */
export function parseDuration(text: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text)
  const unit = units[match?.[2] ?? '']
  if (!match || unit === undefined)
    throw usageError(`时长写作 90s、15m、24h 或 30d / a duration is 90s, 15m, 24h or 30d: ${text}`)
  return Number(match[1]) * unit
}

/**
 * A legal date that an option names. Told here, before anything is asked: a node would call it its parameter.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 * @see protocol/spec/verify.md, VERIFY-21
 */
export function parseDay(text: string, option: string): string {
  if (!isCalendarDate(text))
    throw usageError(
      `${option} 写作 2026-06-01，须为存在的日期 / ${option} is a date that exists, as 2026-06-01: ${text}`,
    )
  return text
}

const moment =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i

/**
 * RFC 3339 with its offset, or `YYYY-MM-DD`: the end of that day in Asia/Shanghai, so that whatever happened on the day counts.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 * @see protocol/spec/verify.md, VERIFY-21
 */
export function parseTime(text: string, option = '--at'): number {
  if (isCalendarDate(text)) return Date.parse(`${text}T23:59:59.999+08:00`)
  const date = moment.exec(text)?.[1]
  if (date === undefined || !isCalendarDate(date))
    throw usageError(
      `${option} 写作 2026-06-01 或 2026-06-01T08:00:00+08:00，须存在 / ${option} is a date that exists, or RFC 3339 with an offset: ${text}`,
    )
  return Date.parse(text.toUpperCase())
}

/** The version of a registry. @throws {ProtocolError} `USAGE_INVALID` */
export function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usageError(`版本为正整数 / a version is a whole number: ${text}`)
  return Number(text)
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

/**
 * The address of a node, without the slash at its end. Plain HTTP is for this machine alone: whoever sits on the line could
 * read a token and choose every answer.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 * @see protocol/spec/verify.md, VERIFY-20
 */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url?.protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  if (
    !url ||
    !(url.protocol === 'https:' || plain) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw usageError(
      `需要 https 地址（本机可用 http）/ an https address is needed, or http of this machine: ${text}`,
    )
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
