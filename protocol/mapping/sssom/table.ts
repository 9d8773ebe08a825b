import { ProtocolError } from '../../error.ts'
import { type Remark, sssomLimits } from './set.ts'

/** A file can have one in each cell, and nobody reads a thousand. */
export const maxRemarks = 100

export function malformed(message: string, cell: string): never {
  throw new ProtocolError('SSSOM_MALFORMED', message, { place: { cell } })
}

/** Lines of a table from one place of a text on, one record at a time. */
export interface TableReader {
  /** The line of the text, from 1, where the record that was read last begins. */
  line(): number
  /** The cells of the next record; `undefined` at the end of the text. */
  next(): readonly string[] | undefined
}

export interface TableOptions {
  readonly firstLine: number
  readonly remarks: Remark[]
}

/**
 * Tab-separated cells under the quoting rules of SSSOM/TSV. Line breaks are LF or CRLF. Empty lines are taken at the end alone. A
 * quotation mark inside a cell that does not begin with one is that character, with a remark: sets of the specification have it.
 *
 * @see spec/mapping.md, MAP-10
 */
export function readTable(text: string, from: number, { firstLine, remarks }: TableOptions): TableReader {
  const carriage = text.includes('\r', from)
  let at = from
  let [line, begun] = [firstLine, firstLine]

  function next(): readonly string[] | undefined {
    if (at >= text.length) return undefined
    begun = line
    const end = text.indexOf('\n', at)
    const whole = end < 0 ? text.length : end
    const row = text.slice(
      at,
      carriage && text.charCodeAt(whole - 1) === 13 && whole > at ? whole - 1 : whole,
    )
    if (row.includes('"')) return quoted()
    if (carriage && row.includes('\r')) malformed('a line break outside quotation marks', `row ${begun}`)
    at = whole + 1
    line += 1
    if (row !== '') return row.split('\t', sssomLimits.columns + 1)
    if (/[^\r\n]/.test(text.slice(at))) malformed('an empty line', `row ${begun}`)
    return undefined
  }

  function quoted(): readonly string[] {
    const cells: string[] = []
    for (;;) {
      const place = () => `row ${begun}, column ${cells.length + 1}`
      if (text.charCodeAt(at) === 0x22) cells.push(quotedCell(place))
      else {
        const end = endOfCell(at)
        const cell = text.slice(at, end)
        if (cell.includes('"') && remarks.length < maxRemarks)
          remarks.push({ what: 'a quotation mark in a cell that is not quoted', cell: place() })
        if (cell.includes('\r')) malformed('a line break outside quotation marks', place())
        cells.push(cell)
        at = end
      }
      if (cells.length > sssomLimits.columns) malformed('more cells than a table can have', place())
      const after = text.charAt(at)
      if (after === '\t') {
        at += 1
        continue
      }
      if (after === '\r' && text.charAt(at + 1) === '\n') at += 1
      else if (after !== '\n' && after !== '') malformed('text after a quoted cell', place())
      at += 1
      line += 1
      return cells
    }
  }

  function quotedCell(place: () => string): string {
    const begin = at + 1
    let end = text.indexOf('"', begin)
    while (end >= 0 && text.charCodeAt(end + 1) === 0x22) end = text.indexOf('"', end + 2)
    if (end < 0) malformed('a quotation mark without its counterpart', place())
    at = end + 1
    const cell = text.slice(begin, end)
    for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) line += 1
    return cell.replaceAll('""', '"')
  }

  function endOfCell(begin: number): number {
    let i = begin
    while (i < text.length) {
      const unit = text.charCodeAt(i)
      if (unit === 9 || unit === 10 || (unit === 13 && text.charCodeAt(i + 1) === 10)) return i
      i += 1
    }
    return i
  }

  return { line: () => begun, next }
}
