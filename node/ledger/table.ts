import { ProtocolError } from '../../protocol/error.ts'
import { cellName } from '../../protocol/identifier/cell-name.ts'
import type { Column } from './column.ts'
import { decodeText, type Encoding } from './encoding.ts'
import type { SheetFault, SheetPlace, SheetWarning } from './fault.ts'
import {
  checkHeader,
  faultOfNoHeader,
  findHeader,
  type Header,
  headerWithin,
  warnOfUnknown,
} from './header.ts'
import { type Delimiter, delimiters, probeSheet, readSheet, sheetLimits, tooLarge } from './sheet.ts'

/** One row that is not blank. */
export interface TableRow {
  readonly line: number
  readonly row: number
  /** A cell, if an empty one, for each known column of the header. */
  readonly cells: ReadonlyMap<Column, string>
}

export interface Table {
  readonly encoding: Encoding
  readonly delimiter: Delimiter
  /** Known columns of the header, with their index. */
  readonly columns: ReadonlyMap<Column, number>
  readonly rows: readonly TableRow[]
  /** What is wrong with the table as such; its rows then say nothing. */
  readonly faults: readonly SheetFault[]
  readonly warnings: readonly SheetWarning[]
}

/**
 * Reads a delimited text table whose header names columns of a 标准明细表, wherever it stands and in whatever order.
 *
 * Says nothing about what the cells mean, and evaluates none of them.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ENCODING_UNKNOWN` `SHEET_LIMIT`
 * @see spec/import.md, IMP-1 to IMP-12
 */
export async function parseTable(bytes: Uint8Array): Promise<Table> {
  if (bytes.length > sheetLimits.bytes) throw tooLarge(`larger than ${sheetLimits.bytes} bytes`)
  const { text: decoded, encoding, guessed } = decodeText(bytes)
  const text = Buffer.from(decoded)
  const { delimiter, header } = findDelimiter(text)
  if (!header) {
    if (guessed) throw new ProtocolError('ENCODING_UNKNOWN', 'not UTF-8, and no header when read as GB18030')
    return { encoding, delimiter, columns: new Map(), rows: [], faults: [faultOfNoHeader()], warnings: [] }
  }
  const sheet = await readSheet(text, delimiter)
  const rows = sheet.records
    .slice(header.record.row)
    .filter(({ values }) => values.some((value) => value.trim() !== ''))
  const excess = rows[sheetLimits.rows]
  if (excess) throw tooLarge(`more than ${sheetLimits.rows} rows`, cellName(0, excess.row))
  return {
    encoding,
    delimiter,
    columns: header.columns,
    rows: rows.map(({ line, row, values }) => ({
      line,
      row,
      cells: new Map(Array.from(header.columns, ([column, index]) => [column, values[index] ?? ''])),
    })),
    faults: [...checkHeader(header), ...(sheet.fault ? [sheet.fault] : [])],
    warnings: warnOfUnknown(header),
  }
}

/** Where a column of this row lies; for a column that the table has not, where its row begins. */
export function placeOf({ columns }: Pick<Table, 'columns'>, row: TableRow, column: Column): SheetPlace {
  return { line: row.line, column, cell: cellName(columns.get(column) ?? 0, row.row) }
}

function findDelimiter(text: Buffer): { readonly delimiter: Delimiter; readonly header?: Header } {
  let best: { readonly delimiter: Delimiter; readonly header?: Header } = { delimiter: ',' }
  for (const delimiter of delimiters) {
    const header = findHeader(probeSheet(text, delimiter, headerWithin))
    if (header && header.columns.size > (best.header?.columns.size ?? 0)) best = { delimiter, header }
  }
  return best
}
