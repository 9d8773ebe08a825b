import { cellName } from '../../protocol/identifier/cell-name.ts'
import { type Column, columnOf, columns, requiredColumns } from './column.ts'
import {
  makeFault,
  makeWarning,
  type SheetFault,
  type SheetPlace,
  type SheetWarning,
  showCell,
} from './fault.ts'
import type { SheetRecord } from './sheet.ts'

/** A title above the header is a few rows. */
export const headerWithin = 50

export interface Header {
  readonly record: SheetRecord
  /** Known columns with their index; of a column that stands twice the first. */
  readonly columns: ReadonlyMap<Column, number>
}

/**
 * The first row that names number and title; where none does, the one that comes nearest to being a header.
 *
 * @see spec/import.md, IMP-8, IMP-9
 */
export function findHeader(records: readonly SheetRecord[]): Header | undefined {
  let nearest: Header | undefined
  for (const record of records) {
    const found = new Map<Column, number>()
    for (const [index, value] of record.values.entries()) {
      const column = columnOf(value)
      if (column !== undefined && !found.has(column)) found.set(column, index)
    }
    if (found.has('标准号') && found.has('标准名称')) return { record, columns: found }
    const plausible = found.size > 1 || found.has('标准号') || found.has('标准名称')
    if (plausible && found.size > (nearest?.columns.size ?? 0)) nearest = { record, columns: found }
  }
  return nearest
}

/** @see spec/import.md, IMP-10 */
export function checkHeader(header: Header): readonly SheetFault[] {
  const { record } = header
  const missing = requiredColumns
    .filter((column) => !header.columns.has(column))
    .map((column) =>
      makeFault({ line: record.line, column, cell: cellName(0, record.row) }, 'ROW_INVALID', {
        zh: `表头中没有列“${column}”`,
        en: `the header has no column ${column}`,
        remedyZh: `请在表头加上列“${column}”`,
        remedyEn: `add a column ${column} to the header`,
      }),
    )
  const twice: SheetFault[] = []
  for (const [index, value] of record.values.entries()) {
    const column = columnOf(value)
    const first = column === undefined ? index : (header.columns.get(column) ?? index)
    if (column === undefined || first === index) continue
    twice.push(
      makeFault(placeIn(record, index, column), 'ROW_INVALID', {
        zh: `列“${column}”出现两次，另一处在 ${cellName(first, record.row)}`,
        en: `the column ${column} stands twice, first in ${cellName(first, record.row)}`,
        remedyZh: '请删去或改名其中一列',
        remedyEn: 'delete or rename one of them',
      }),
    )
  }
  return [...missing, ...twice]
}

/** @see spec/import.md, IMP-11 */
export function warnOfUnknown({ record }: Header): readonly SheetWarning[] {
  const warnings: SheetWarning[] = []
  for (const [index, value] of record.values.entries()) {
    const name = showCell(value.trim())
    if (name === '' || columnOf(value) !== undefined) continue
    warnings.push(
      makeWarning(placeIn(record, index, name), 'IMP-11', {
        zh: `列“${name}”不在明细表的列名之中，未读取`,
        en: `the column ${name} is not one of a 标准明细表 and is not read`,
        remedyZh: `可用的列名：${columns.join('、')}`,
        remedyEn: `columns that are read: ${columns.join(', ')}`,
      }),
    )
  }
  return warnings
}

export function faultOfNoHeader(): SheetFault {
  return makeFault({ line: 1, column: '标准号', cell: 'A1' }, 'ROW_INVALID', {
    zh: `前${headerWithin}行中找不到表头`,
    en: `no header within the first ${headerWithin} rows`,
    remedyZh: `请加一行表头：${columns.join('、')}`,
    remedyEn: `add a header row: ${columns.join(', ')}`,
  })
}

function placeIn(record: SheetRecord, index: number, column: string): SheetPlace {
  return { line: record.line, column, cell: cellName(index, record.row) }
}
