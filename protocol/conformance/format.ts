import { isCalendarDate } from '../date.ts'

/** Formats of which everybody has one understanding, each by the text that defines it. @see spec/conformance.md, CONF-20 */
export const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', isCalendarDate],
  ['date-time', isDateTime],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['uuid', (text) => /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/.test(text)],
  ['json-pointer', (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text)],
])

const dateTime =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** RFC 3339, section 5.6; a leap second is the last of a day of UTC. */
function isDateTime(text: string): boolean {
  const [, day = '', hour, minute, second, sign, hoursOff = '0', minutesOff = '0'] = dateTime.exec(text) ?? []
  if (!isCalendarDate(day)) return false
  if (second !== '60') return true
  const offset = (Number(hoursOff) * 60 + Number(minutesOff)) * (sign === '-' ? -1 : 1)
  return (Number(hour) * 60 + Number(minute) - offset + 2 * minutesOfDay) % minutesOfDay === minutesOfDay - 1
}

const minutesOfDay = 24 * 60

/** RFC 2673, section 3.2: a leading zero would mean another number to some. */
function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}

/** RFC 4291, section 2.2: eight groups, of which one run of zeros may be left out, and the last two may be written as IPv4. */
function isIpv6(text: string): boolean {
  const [left = '', right, ...more] = text.split('::')
  if (text.length > 45 || more.length > 0) return false
  const groups = countGroups(left, right === undefined)
  if (right === undefined) return groups === 8
  return groups + countGroups(right, true) <= 7
}

/** Of a part without gaps; more than any address has where one of them is none. */
function countGroups(part: string, isLast: boolean): number {
  if (part === '') return 0
  const groups = part.split(':')
  const tail = groups.at(-1) ?? ''
  const mixed = isLast && tail.includes('.') && isIpv4(tail)
  const plain = mixed ? groups.slice(0, -1) : groups
  if (!plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return 9
  return plain.length + (mixed ? 2 : 0)
}
