import type { ProblemCode } from '../../../protocol/error.ts'
import { cellName } from '../../../protocol/identifier/cell-name.ts'
import { type EditedMapping, nameLines } from './copied-line.ts'
import { CellFault, type Words } from './mapping-cell.ts'
import { type FoundSheet, findSheets } from './mapping-header.ts'
import { type ImportContext, type ReadLine, readLine } from './mapping-line.ts'
import { readWorkbook } from './workbook-read.ts'

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

/**
 * What people made of the sheet 映射: rows that came back, edited or not, in whatever order, and new ones. Rows that are gone are not
 * spoken of, and change nothing. A cell that says what it said keeps what the row holds beyond it.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` `SHEET_LIMIT`
 * @see spec/mapping.md, MAP-92 to MAP-95
 */
export function readMappingWorkbook(bytes: Uint8Array, context: ImportContext): MappingImport {
  const [sheet, ...others] = findSheets(readWorkbook(bytes))
  if (!sheet) return { rows: [], faults: [sheetFault('A1', noHeader)] }
  const copies = others
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, header }) => sheetFault(`'${name}'!${header}`, secondSheet))
  if (!sheet.columns.has('行标识'))
    return { rows: [], faults: [...copies, sheetFault(sheet.header, noIdentity)] }
  const lines: ReadLine[] = []
  const faults: ImportFault[] = [...copies]
  for (const row of sheet.rows) {
    const read = readLine(row, sheet, context)
    if (read === undefined) continue
    if ('mapping' in read) lines.push(read)
    else faults.push(...read.map((fault) => faultAt(fault, sheet, row.row)))
  }
  const { rows, repeated } = nameLines(lines)
  return { rows, faults: [...faults, ...repeated.map(([line, first]) => faultAt(twice(first), sheet, line))] }
}

const noHeader: Words = { zh: '找不到“映射”表的表头', en: 'no sheet has the header of 映射' }

const secondSheet: Words = {
  zh: '另有一张“映射”表；只能读取一张，请把修改并入一张并删除其余',
  en: 'another sheet of 映射: only one is read; bring the edits into one and delete the others',
}

const noIdentity: Words = {
  zh: '缺少“行标识”列，无法得知各行原是哪一行；请保留此列，新增的行在此列留空',
  en: 'the column 行标识 is gone, and with it which row is which; keep it, blank for new rows',
}

function sheetFault(cell: string, words: Words): ImportFault {
  return { cell, column: '', code: 'ROW_INVALID', ...words }
}

function twice(line: number): CellFault {
  return new CellFault('本方标准号', 'DUPLICATE_ID', {
    zh: `与第 ${line} 行重复，而内容不同`,
    en: `the row of line ${line} again, with other content`,
  })
}

function faultAt({ column, code, words }: CellFault, { columns }: FoundSheet, line: number): ImportFault {
  return { cell: cellName(columns.get(column) ?? 0, line), column, code, ...words }
}
