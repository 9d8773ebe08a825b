import { decodeUtf8 } from '../../bytes.ts'
import { ProtocolError } from '../../error.ts'
import { embeddedBlock, externalBlock } from './block.ts'
import { checkRecords } from './check.ts'
import { type Column, readHeader } from './column.ts'
import { undeclaredExtension } from './extension.ts'
import { type Head, readHead } from './head.ts'
import { orderColumns, propagate } from './propagate.ts'
import {
  type Extension,
  type MappingRecord,
  type MappingSet,
  type ReadSet,
  type Remark,
  sssomLimits,
} from './set.ts'
import { rowSlots } from './slot.ts'
import { malformed, maxRemarks, readTable, type TableReader } from './table.ts'
import { curieRules } from './value.ts'
import { parseYamlBlock } from './yaml-block.ts'

/**
 * A mapping set from SSSOM/TSV, of version 1.0 or 1.1, with what the set says of all rows given to each of them. `metadata`: the
 * bytes of the file that stands beside it, in external mode.
 *
 * Proves: every slot has a value of its type, every identifier an IRI, every row what a row must have. Says nothing about whether a
 * mapping is true, and forgets how it was spelled: line breaks, quoting, prefixes, order of the columns.
 *
 * @throws {ProtocolError} `SIZE_LIMIT` `TEXT_INVALID_UNICODE` `SSSOM_MALFORMED` `SSSOM_PREFIX_INVALID` `SSSOM_SLOT_MISSING`
 *   `SSSOM_VALUE_INVALID` `SSSOM_VERSION_UNKNOWN` — place: `row 17, column predicate_id`, the row being the line where it begins,
 *   or a pointer into the metadata
 * @see spec/mapping.md, MAP-10 to MAP-18
 */
export function parseSssomTsv(bytes: Uint8Array, metadata?: Uint8Array): ReadSet {
  const text = textOf(bytes)
  const remarks: Remark[] = []
  const block = metadata ? externalBlock(textOf(metadata)) : embeddedBlock(text, remarks)
  if (metadata && /^"?#/.test(text)) malformed('metadata in the file and beside it', 'row 1')
  const head = readHead(parseYamlBlock(block.yaml), curieRules, remarks)
  const table = readTable(text, block.end, { firstLine: block.lines + 1, remarks })
  const header = table.next()
  if (!header) return malformed('a set without a header', `row ${block.lines + 1}`)
  const columns = readHeader(header, head, { line: table.line(), remarks })
  const { records, lines } = readRecords(table, { columns, header, remarks })
  const placeOf = (index: number) => `row ${lines[index]}`
  return {
    set: assemble(head, columns, records, placeOf),
    remarks: [...remarks, ...versionRemarks(head, columns)],
    placeOf,
  }
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > sssomLimits.bytes)
    throw new ProtocolError('SIZE_LIMIT', `larger than ${sssomLimits.bytes} bytes`)
  const text = decodeUtf8(bytes)
  if (text.startsWith('\ufeff')) malformed('a byte order mark', 'row 1')
  if (text.includes('\0')) malformed('a NUL character', 'row 1')
  return text
}

/** Spreadsheets leave empty cells out at the end of a row, or add some. */
function checkWidth(
  cells: readonly string[],
  width: number,
  { line, remarks }: { readonly line: number; readonly remarks: Remark[] },
): void {
  if (cells.length > sssomLimits.columns || cells.slice(width).some((cell) => cell !== ''))
    malformed(`${cells.length} cells where the header has ${width}`, `row ${line}`)
  const what = cells.length < width ? 'cells are missing at the end' : 'empty cells at the end'
  if (remarks.length < maxRemarks) remarks.push({ what, cell: `row ${line}` })
}

interface Layout {
  readonly columns: readonly Column[]
  readonly header: readonly string[]
  readonly remarks: Remark[]
}

function readRecords(
  table: TableReader,
  { columns, header, remarks }: Layout,
): { readonly records: readonly MappingRecord[]; readonly lines: readonly number[] } {
  const records: MappingRecord[] = []
  const lines: number[] = []
  const width = header.length
  const nameless = header.flatMap((name, at) => (name === '' ? [at] : []))
  const blank = nameless.length > 1 ? nameless : []
  for (let cells = table.next(); cells; cells = table.next()) {
    if (cells.length !== width) checkWidth(cells, width, { line: table.line(), remarks })
    for (const at of blank)
      if (cells[at]) malformed('a cell below no name', `row ${table.line()}, column ${at + 1}`)
    checkSize(records.length + 1, columns.length)
    records.push(readRecord(cells, columns, table))
    lines.push(table.line())
  }
  return { records, lines }
}

/** @throws {ProtocolError} `SIZE_LIMIT` */
export function checkSize(records: number, columns: number): void {
  if (records > sssomLimits.records || records * columns > sssomLimits.cells)
    throw new ProtocolError('SIZE_LIMIT', 'more rows than a set can have', { evidence: { records, columns } })
}

function readRecord(cells: readonly string[], columns: readonly Column[], table: TableReader): MappingRecord {
  const record = new Array(columns.length)
  let column: Column | undefined
  try {
    for (let i = 0; i < columns.length; i += 1) {
      column = columns[i]
      const cell = column ? cells[column.at] : undefined
      record[i] = column && cell ? column.read(cell) : undefined
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const place = { cell: `row ${table.line()}, column ${column?.name}` }
    throw new ProtocolError(error.code, error.message, { place, evidence: error.evidence, cause: error })
  }
  return record
}

/** Also from JSON: puts the columns in order, propagates, checks the rows. */
export function assemble(
  head: Head,
  columns: readonly Pick<Column, 'name' | 'extension'>[],
  records: readonly MappingRecord[],
  placeOf: (index: number) => string,
): MappingSet {
  const extensions = new Map<string, Extension>()
  for (const { name, extension } of columns) if (extension) extensions.set(name, extension)
  const ordered = orderColumns(
    columns.map(({ name }) => name),
    records,
    extensions,
  )
  const table = propagate({ metadata: head.metadata, ...ordered }, extensions)
  checkRecords(table, placeOf)
  const used = new Map([...extensions].filter(([name]) => table.columns.includes(name)))
  for (const name of head.extra.keys())
    used.set(name, head.definitions.get(name) ?? undeclaredExtension(name))
  checkProperties(used)
  return { ...table, prefixes: head.declared, extensions: used, extra: head.extra }
}

/** A declared extension may have the property that another has without a declaration. */
function checkProperties(extensions: ReadonlyMap<string, Extension>): void {
  const properties = new Set([...extensions.values()].map(({ property }) => property))
  if (properties.size < extensions.size)
    throw new ProtocolError('SSSOM_VALUE_INVALID', 'two extensions of one property', {
      place: { pointer: '/extension_definitions' },
    })
}

/** A set that names no version is of 1.0; slots that came later are taken all the same, as the published examples have them. */
function versionRemarks({ version }: Head, columns: readonly Column[]): readonly Remark[] {
  if (version === '1.1') return []
  return columns
    .filter(({ name }) => rowSlots.get(name)?.added && rowSlots.get(name)?.added !== 'set')
    .map(({ name }) => ({ what: `${name} is a slot of version 1.1`, pointer: '/sssom_version' }))
}
