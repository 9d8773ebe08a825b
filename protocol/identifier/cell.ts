import { isCalendarDate } from '../date.ts'

/** First and last serial number taken for a date: 1950-01-01 and 2099-12-31. Below lie ordinals and years. */
const serialRange = [18_264, 73_050] as const
/** Day 0 of the 1900 date system for days after its 29 February 1900, which never was. */
const serialEpoch = Date.UTC(1899, 11, 30)
const dayLength = 86_400_000

const dashes = /[\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]/g
const spaces = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g

/**
 * Text of a cell as it was meant: Unicode NFC, line feeds alone as line breaks, no blanks at its ends, and without one
 * apostrophe in front, which spreadsheets and exports set before what is not to be a formula.
 *
 * Evaluates nothing: what begins with `=`, `+`, `-` or `@` is text like any other.
 *
 * @see spec/import.md, IMP-13, IMP-14
 */
export function cleanCell(raw: string): string {
  const text = raw.replace(/\r\n?/g, '\n').normalize('NFC').trim()
  return /^['\u2019\uff07]/.test(text) ? text.slice(1).trim() : text
}

/** What people write where they have nothing to write. */
export function isBlankCell(text: string): boolean {
  return text === '' || /^(?:[-/\\\u2010-\u2015\u2212\uff0d\uff0f]{1,4}|无|暂无|N\/A)$/i.test(text)
}

/** Full-width letters, digits and punctuation as ASCII, every dash as `-`, every blank as a space. For codes, not for prose. */
export function foldWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(dashes, '-')
    .replace(spaces, ' ')
}

/** A line of prose: blanks of any kind and number are one space; a line break between ideographs is nothing. */
export function readLine(text: string): string {
  return text
    .replace(/([\u3000-\u9fff\uff00-\uffef])[ \t]*\n\s*/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}

/**
 * `2023-01-29` from `2023-1-29`, `2023.1.29`, `2023/1/29`, `20230129`, `2023年1月29日`, with or without a time of
 * midnight, or from the serial number of a spreadsheet. Day before month and two-digit years are not guessed at.
 *
 * @see spec/import.md, IMP-15
 */
export function readDate(cell: string): string | undefined {
  if (cell.length > 40) return undefined
  const text = foldWidth(cell).replace(/ +0{1,2}:00(?::00)?$/, '')
  const [, year, month = '', day = ''] =
    /^(\d{4}) ?[-./] ?(\d{1,2}) ?[-./] ?(\d{1,2})$/.exec(text) ??
    /^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text) ??
    []
  if (year === undefined) return readSerial(text)
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return isCalendarDate(date) && date >= '1900' ? date : undefined
}

function readSerial(text: string): string | undefined {
  const [, digits] = /^(\d{5})(?:\.0+)?$/.exec(text) ?? []
  const serial = Number(digits)
  if (!(serial >= serialRange[0] && serial <= serialRange[1])) return undefined
  return new Date(serialEpoch + serial * dayLength).toISOString().slice(0, 10)
}

/**
 * Codes of the International Classification for Standards. `3.08` is what a spreadsheet makes of `03.080`, and can be
 * of nothing else: a field has two digits, a group three.
 *
 * @see spec/import.md, IMP-19
 */
export function readIcs(cell: string): { readonly codes: readonly string[]; readonly repaired: boolean } {
  const written = splitList(foldWidth(cell), /[、,;\s/]/)
  const codes = written.map((code) => {
    const [, field = '', group = ''] = /^(\d{1,2})(?:\.(\d{1,3}))?$/.exec(code) ?? []
    if (field === '') return code
    return field.padStart(2, '0') + (group === '' ? '' : `.${group.padEnd(3, '0')}`)
  })
  return { codes, repaired: codes.some((code, i) => code !== written[i]) }
}

/** Codes of the Chinese Classification for Standards: `A16`, `A00/09`. */
export function readCcs(cell: string): readonly string[] {
  const text = foldWidth(cell).toUpperCase()
  return splitList(text.replace(/([A-Z]) (?=\d)/g, '$1').replace(/\/(?=[A-Z])/g, ';'), /[、,;\s]/)
}

/** Names with `、`, `；`, a comma or a line break between them, but not inside brackets. */
export function readNames(cell: string): readonly string[] {
  let depth = 0
  let marked = ''
  for (const character of cell) {
    if ('（(〔['.includes(character)) depth += 1
    if ('）)〕]'.includes(character)) depth = Math.max(0, depth - 1)
    marked += depth === 0 && '、；;，,\n'.includes(character) ? '\0' : character
  }
  return splitList(marked, /\0/).map(readLine)
}

/** Parts that are not blank, each once, in the order as written. */
export function splitList(text: string, separator: RegExp): readonly string[] {
  const parts = text.split(separator).map((part) => part.trim())
  return [...new Set(parts.filter((part) => part !== ''))]
}
