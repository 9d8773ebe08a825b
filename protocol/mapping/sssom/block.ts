import { ProtocolError } from '../../error.ts'
import { type Remark, sssomLimits } from './set.ts'
import { malformed } from './table.ts'

/** The metadata of a set as YAML, and where its table begins. */
export interface Block {
  readonly yaml: string
  /** Of the text, where the table begins. */
  readonly end: number
  readonly lines: number
}

/** Of a file that stands beside the table. */
export function externalBlock(text: string): Block {
  const lines = text.split(/\r?\n/)
  const bad = lines.findIndex((line) => line.startsWith('#'))
  if (bad >= 0) malformed('a line of external metadata begins with #', `line ${bad + 1}`)
  return { yaml: lines.join('\n'), end: 0, lines: 0 }
}

/**
 * The lines above a table: each begins with `#` and as many blanks as the first. A spreadsheet takes them for cells: it puts quotation
 * marks round those that have one, and a tab after each for every column more.
 *
 * @see spec/mapping.md, MAP-11
 */
export function embeddedBlock(text: string, remarks: Remark[]): Block {
  const lines: string[] = []
  let [end, indent, isSheet] = [0, '', false]
  while (text.startsWith('#', end) || text.startsWith('"#', end)) {
    const newline = text.indexOf('\n', end)
    const whole = newline < 0 ? text.length : newline
    if (whole > sssomLimits.metadataBytes * 2)
      throw new ProtocolError('SIZE_LIMIT', 'the metadata block is too long')
    const written = text.slice(end, text.charAt(whole - 1) === '\r' ? whole - 1 : whole)
    const line = written.startsWith('#') ? written.slice(1) : unquote(written)
    if (line === undefined) break
    if (!written.startsWith('#')) isSheet = true
    if (lines.length === 0) indent = /^ */.exec(line)?.[0] ?? ''
    if (!line.startsWith(indent) && line.trim() !== '')
      malformed('a line of the metadata with fewer blanks than the first', `row ${lines.length + 1}`)
    lines.push(line.slice(indent.length))
    end = Math.min(whole + 1, text.length)
  }
  if (lines.length === 0) malformed('no metadata block, and none beside the file', 'row 1')
  const isPadded = isSheet || lines.every((line) => line.endsWith('\t'))
  if (isPadded) remarks.push({ what: 'the metadata block was saved by a spreadsheet', cell: 'row 1' })
  const kept = isPadded ? lines.map(withoutTabs) : lines
  return { yaml: kept.join('\n'), end, lines: lines.length }
}

/** `"#a: ""b"""` as `a: "b"`. */
function unquote(written: string): string | undefined {
  const cell = withoutTabs(written)
  const inner = cell.slice(2, -1)
  if (!cell.endsWith('"') || cell.length < 3 || /(?<!")(?:"")*"(?!")/.test(inner)) return undefined
  return inner.replaceAll('""', '"')
}

function withoutTabs(line: string): string {
  let end = line.length
  while (line.charCodeAt(end - 1) === 9) end -= 1
  return line.slice(0, end)
}
