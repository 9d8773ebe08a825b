import { columnIndex } from '../../../protocol/identifier/cell-name.ts'

/** A range of cells of which the first alone is kept, columns from 0 and rows from 1. */
export interface MergedCells {
  readonly columns: readonly [first: number, last: number]
  readonly rows: readonly [first: number, last: number]
}

/** `S2:S3`; `undefined` where it is no range. */
export function readMergedCells(reference: string): MergedCells | undefined {
  const [, from = '', top = '', to = '', bottom = ''] =
    /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? []
  const columns = [columnIndex(from), columnIndex(to)] as const
  const rows = [Number(top), Number(bottom)] as const
  return from === '' || columns[1] < columns[0] || rows[1] < rows[0] ? undefined : { columns, rows }
}

/** Its cells, one after the other, but the first. */
export function* coveredCells({
  columns,
  rows,
}: MergedCells): Generator<readonly [column: number, row: number]> {
  for (let row = rows[0]; row <= rows[1]; row += 1)
    for (let column = columns[0]; column <= columns[1]; column += 1)
      if (row !== rows[0] || column !== columns[0]) yield [column, row]
}
