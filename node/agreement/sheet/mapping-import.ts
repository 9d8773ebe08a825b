import type { ProblemCode } from '../../../protocol/error.ts'
import { cleanCell, foldWidth } from '../../../protocol/identifier/cell.ts'
import { rowIdOf } from '../../../protocol/mapping/row-id.ts'
import { type MappingRow, mappingRow, rowId } from '../../../protocol/record/mapping-row.ts'
import { cellName } from './cell-name.ts'
import { CellFault, type FindPin, readChanges } from './mapping-cell.ts'
import {
  cellsOf,
  type MappingCells,
  type MappingColumn,
  mappingColumns,
  type NamePin,
} from './mapping-column.ts'
import { type ReadSheet, readWorkbook } from './workbook-read.ts'

/** A row of the workbook with what was changed in it; the shape that the three-way merge takes. */
export interface EditedMapping {
  readonly row: string
  /** What the row stood on when the workbook was made; none: it is new in it. */
  readonly bases: readonly string[]
  readonly mapping: MappingRow
  /** The row of the sheet. */
  readonly line: number
}

export interface ImportFault {
  readonly cell: string
  readonly column: string
  readonly code: ProblemCode
  readonly zh: string
  readonly en: string
}

export interface MappingImport {
  readonly rows: readonly EditedMapping[]
  /** If there is one, nothing of the workbook is to be taken. */
  readonly faults: readonly ImportFault[]
}

export interface ImportContext {
  /** The row as it was in these versions; `undefined` where they are not known. */
  readonly baseOf: (row: string, bases: readonly string[]) => MappingRow | undefined
  readonly namePin: NamePin
  readonly findPin: FindPin
}

/** A title and whatever else stands above the header. */
const headerWithin = 20

/**
 * What people made of the sheet 映射: rows that came back, edited or not, in whatever order, and new ones. Rows that are gone are not
 * spoken of, and change nothing. A cell that says what it said keeps what the row holds beyond it.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` `SHEET_LIMIT`
 * @see spec/mapping.md, MAP-92 to MAP-94
 */
export function readMappingWorkbook(bytes: Uint8Array, context: ImportContext): MappingImport {
  const sheet = findSheet(readWorkbook(bytes))
  if (!sheet) {
    const fault = { cell: 'A1', column: '', code: 'ROW_INVALID' } as const
    return {
      rows: [],
      faults: [{ ...fault, zh: '找不到“映射”表的表头', en: 'no sheet has the header of 映射' }],
    }
  }
  const rows: EditedMapping[] = []
  const faults: ImportFault[] = []
  const seen = new Map<string, EditedMapping>()
  for (const { row: line, cells } of sheet.rows) {
    const read = readLine(cells, { ...context, columns: sheet.columns, taken: seen })
    if (read instanceof CellFault) faults.push(faultAt(read, sheet.columns, line))
    else if (read) {
      const edited = { ...read, line }
      const before = seen.get(edited.row)
      if (before && JSON.stringify(before.mapping) !== JSON.stringify(edited.mapping))
        faults.push(faultAt(twice(before.line), sheet.columns, line))
      else if (!before) {
        seen.set(edited.row, edited)
        rows.push(edited)
      }
    }
  }
  return { rows, faults }
}

function twice(line: number): CellFault {
  return new CellFault('本方标准号', 'DUPLICATE_ID', {
    zh: `与第 ${line} 行重复，而内容不同`,
    en: `the row of line ${line} again, with other content`,
  })
}

function faultAt(
  { column, code, words }: CellFault,
  columns: ReadonlyMap<MappingColumn, number>,
  line: number,
): ImportFault {
  return { cell: cellName(columns.get(column) ?? 0, line), column, code, ...words }
}

interface FoundSheet {
  readonly columns: ReadonlyMap<MappingColumn, number>
  readonly rows: ReadSheet['rows']
}

/** The sheet whose first rows name the most of our columns; its name does not matter. */
function findSheet(sheets: readonly ReadSheet[]): FoundSheet | undefined {
  let best: FoundSheet | undefined
  for (const { rows } of sheets) {
    for (const [i, { cells }] of rows.slice(0, headerWithin).entries()) {
      const columns = new Map<MappingColumn, number>()
      for (const [column, text] of cells) {
        const title = foldWidth(cleanCell(text)).replace(/\s/g, '')
        const name = mappingColumns.find((known) => known === title)
        if (name && !columns.has(name)) columns.set(name, column)
      }
      const enough = columns.has('本方标准号') && columns.has('关系') && columns.has('对方标准号')
      if (enough && columns.size > (best?.columns.size ?? 0)) best = { columns, rows: rows.slice(i + 1) }
    }
  }
  return best
}

interface LineContext extends ImportContext {
  readonly columns: ReadonlyMap<MappingColumn, number>
  readonly taken: ReadonlyMap<string, unknown>
}

type ReadRow = Omit<EditedMapping, 'line'>

function readLine(cells: ReadonlyMap<number, string>, context: LineContext): ReadRow | CellFault | undefined {
  const texts = new Map<MappingColumn, string>()
  for (const [name, index] of context.columns) texts.set(name, cleanCell(cells.get(index) ?? ''))
  if ([...texts.values()].every((text) => text === '')) return undefined
  const row = texts.get('行标识') ?? ''
  const bases = (texts.get('行版本') ?? '').split(/\s+/).filter((base) => base !== '')
  const base = row === '' ? undefined : context.baseOf(row, bases)
  if (row !== '' && (!base || !rowId.safeParse(row).success)) {
    return new CellFault('行标识', 'ROW_INVALID', {
      zh: '此行的标识或版本已被改动，或不属于本项目',
      en: 'the identity of this row was altered, or is of another project',
    })
  }
  try {
    const before = base && cellsOf(row, bases, { mapping: base, namePin: context.namePin })
    const mapping = readChanges(texts, { base, before: before && cleaned(before), findPin: context.findPin })
    const parsed = mappingRow.safeParse(mapping)
    if (!parsed.success) return schemaFault(parsed.error.issues[0])
    const name = rowIdOf(parsed.data)
    // A copied line that speaks of something else is a new row, not the one it was copied from.
    const copied = base !== undefined && context.taken.has(row) && name !== rowIdOf(base)
    if (base === undefined || copied) return { row: name, bases: [], mapping: parsed.data }
    return { row, bases, mapping: parsed.data }
  } catch (fault) {
    if (fault instanceof CellFault) return fault
    throw fault
  }
}

function cleaned(cells: MappingCells): ReadonlyMap<MappingColumn, string> {
  return new Map(mappingColumns.map((name) => [name, cells[name].normalize('NFC').trim()]))
}

const columnOf: Readonly<Record<string, MappingColumn>> = {
  subjectValue: '本方值',
  objectValue: '对方值',
  conditions: '条件',
  basis: '依据',
  certainty: '置信度',
  authorLabel: '起草人',
  reviewerLabel: '审核人',
  reviewedOn: '审核日期',
  comment: '备注',
  differences: '差异类型',
}

function schemaFault(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): CellFault {
  const column = columnOf[String(issue?.path[0])] ?? '本方标准号'
  return new CellFault(column, 'ROW_INVALID', {
    zh: '内容过长，或含有不可见字符',
    en: issue?.message ?? 'not a value of a row',
  })
}
