import { isCalendarDate } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { parseOrigin } from '../../protocol/identifier/name.ts'
import { formatCover, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import { html, type Markup, quote } from './markup.ts'

const hoursEast = 8

/** `2023年1月29日`; what is no date stays as it is. */
export function formatDay(date: string): string {
  if (!isCalendarDate(date)) return date
  const [year, month, day] = date.split('-').map(Number)
  return `${year}年${month}月${day}日`
}

/** `2026年1月5日 09:00:00`, Beijing time; what is no moment stays as it is. */
export function formatTime(moment: string): string {
  const east = readMoment(moment, hoursEast)
  if (east === undefined) return moment
  const [date = '', time = ''] = east.split('T')
  return `${formatDay(date)} ${time.slice(0, 8)}`
}

/** As ISO 8601, so many hours further east; `undefined` where nobody could write a date for it. */
function readMoment(moment: string, hours = 0): string | undefined {
  const milliseconds = Date.parse(moment) + hours * 3_600_000
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : undefined
}

export function showDay(date: string): Markup {
  return isCalendarDate(date) ? html`<time datetime="${date}">${formatDay(date)}</time>` : quote(date)
}

export function showTime(moment: string): Markup {
  const exact = readMoment(moment)
  if (exact === undefined || readMoment(moment, hoursEast) === undefined) return quote(moment)
  return html`<time datetime="${exact}">${formatTime(moment)}</time><span class="tag">（北京时间）</span>`
}

/** As on covers, with an em dash; a number that nobody can read stays as it is. */
export function coverForm(number: string): string {
  try {
    return formatCover(parseStandardNumber(number))
  } catch (error) {
    if (error instanceof ProtocolError) return number
    throw error
  }
}

const unbroken = 32

export function showNumber(number: string): Markup {
  const cover = coverForm(number)
  return html`<bdi class="${cover.length <= unbroken ? 'number' : 'long number'}">${cover}</bdi>`
}

/** An address that may become a link: http or https, and nobody's password in it. */
export function safeLink(address: string): string | undefined {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return undefined
  }
  const plain = url.username === '' && url.password === ''
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined
}

/** A link out of this node where that is safe, else the text alone. */
export function showLink(address: string): Markup {
  const href = safeLink(address)
  if (href === undefined) return quote(address)
  return html`<a href="${href}" rel="external noopener noreferrer nofollow"><bdi>${address}</bdi></a>`
}

/** Where this node serves a log, below its base. */
export function logPath({ origin, own }: { readonly origin: string; readonly own: boolean }): string {
  return own ? `/log/${parseOrigin(origin).epoch}` : `/mirror/${sha256Hex(origin)}`
}

/** Where this node gives the evidence against a log, below its base. */
export function evidencePath({ origin }: { readonly origin: string }): string {
  return `/api/v1/evidence/${sha256Hex(origin)}`
}

/** 1,234,567 as in tables. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}
