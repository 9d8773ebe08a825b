import { cleanCell, foldWidth } from '../../../protocol/identifier/cell.ts'
import { cellName } from '../../../protocol/identifier/cell-name.ts'
import { type MappingColumn, mappingColumns } from './mapping-column.ts'
import type { ReadSheet } from './workbook-read.ts'

/** A title and whatever else stands above the header. */
const headerWithin = 20

export interface FoundSheet extends ReadSheet {
  /** The address of the first cell of the header. */
  readonly header: string
  readonly columns: ReadonlyMap<MappingColumn, number>
}

/**
 * The sheets of which one of the first rows is a header of 映射, without what stands above it; that which names the most columns first.
 * What a sheet is called does not matter.
 */
export function findSheets(sheets: readonly ReadSheet[]): readonly FoundSheet[] {
  return sheets
    .flatMap((sheet) => findHeader(sheet) ?? [])
    .toSorted((a, b) => b.columns.size - a.columns.size)
}

function findHeader(sheet: ReadSheet): FoundSheet | undefined {
  let best: FoundSheet | undefined
  for (const [i, { row, cells }] of sheet.rows.slice(0, headerWithin).entries()) {
    const columns = new Map<MappingColumn, number>()
    for (const [column, text] of cells) {
      const title = foldWidth(cleanCell(text)).replace(/\s/g, '')
      const name = mappingColumns.find((known) => known === title)
      if (name && !columns.has(name)) columns.set(name, column)
    }
    const enough = columns.has('本方标准号') && columns.has('关系') && columns.has('对方标准号')
    if (enough && columns.size > (best?.columns.size ?? 0))
      best = { ...sheet, rows: sheet.rows.slice(i + 1), header: cellName(0, row), columns }
  }
  return best
}
