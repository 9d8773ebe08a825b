import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { CsvError, type Options, parse } from 'csv-parse'
import { parse as parseSync } from 'csv-parse/sync'
import { ProtocolError } from '../../protocol/error.ts'
import { cellName } from '../../protocol/identifier/cell-name.ts'
import { makeFault, type SheetFault } from './fault.ts'

export const sheetLimits = { bytes: 16 << 20, rows: 20_000, columns: 64, characters: 4000 } as const

/** Rows of the whole file, titles and blank ones too; blank cells to the right of the last column. */
const mostRecords = 65_536
const mostBlankCells = 1024
const sliceBytes = 64 << 10

export const delimiters = [',', '\t', ';'] as const
export type Delimiter = (typeof delimiters)[number]

export interface SheetRecord {
  /** The line of the text where it begins, and the one after its end. */
  readonly line: number
  readonly nextLine: number
  /** As a spreadsheet counts, from 1. */
  readonly row: number
  readonly values: readonly string[]
}

export interface Sheet {
  readonly records: readonly SheetRecord[]
  /** A quotation mark after which nothing can be read. */
  readonly fault?: SheetFault
}

/**
 * Rows and cells of a delimited text in UTF-8, bounded before they are held.
 *
 * @throws {ProtocolError} `SHEET_LIMIT` — place: the cell, where there is one
 * @see spec/import.md, IMP-6, IMP-7
 */
export async function readSheet(text: Buffer, delimiter: Delimiter): Promise<Sheet> {
  const records: SheetRecord[] = []
  try {
    await pipeline(slicesOf(text), parse(optionsOf(delimiter, records)).resume())
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row = records.length + 1
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLarge('a row is too large', cellName(0, row))
    const index = typeof error.column === 'number' ? error.column : 0
    return { records, fault: badQuote(records.at(-1)?.nextLine ?? 1, cellName(index, row)) }
  }
  return { records }
}

/** With a breath after each: a file of many rows must not keep the node from answering others. */
async function* slicesOf(text: Buffer): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < text.length; at += sliceBytes) {
    yield text.subarray(at, at + sliceBytes)
    await setImmediate()
  }
}

/** Rows from the top, as far as they can be read with this delimiter: a wrong one soon fails, and that is no fault. */
export function probeSheet(text: Buffer, delimiter: Delimiter, most: number): readonly SheetRecord[] {
  const records: SheetRecord[] = []
  try {
    parseSync(text, { ...optionsOf(delimiter, records), to: most })
  } catch (error) {
    if (!(error instanceof CsvError || error instanceof ProtocolError)) throw error
  }
  return records
}

/** What is read is appended to `records`, so that nothing read before a fault is lost with it. */
function optionsOf(delimiter: Delimiter, records: SheetRecord[]): Options {
  let line = 1
  return {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: sheetLimits.columns * sheetLimits.characters,
    cast: (value, { index }) => checkCell(value, index, records.length + 1),
    on_record: (values: string[]) => {
      if (records.length === mostRecords) throw tooLarge(`more than ${mostRecords} rows, blank ones included`)
      const nextLine = line + 1 + values.reduce((sum, value) => sum + breaksIn(value), 0)
      records.push({ line, nextLine, row: records.length + 1, values: values.slice(0, sheetLimits.columns) })
      line = nextLine
      return null
    },
  }
}

/** Counted here: the parser's own count lags behind where line ends are mixed. */
function breaksIn(value: string): number {
  return value.match(/\r\n|\n|\r/g)?.length ?? 0
}

function checkCell(value: string, index: number, row: number): string {
  if (value.length > sheetLimits.characters) {
    throw tooLarge(`a cell has more than ${sheetLimits.characters} characters`, cellName(index, row))
  }
  if (index >= mostBlankCells || (index >= sheetLimits.columns && value.trim() !== '')) {
    throw tooLarge(`more than ${sheetLimits.columns} columns`, cellName(index, row))
  }
  return value
}

export function tooLarge(message: string, cell?: string): ProtocolError {
  return new ProtocolError('SHEET_LIMIT', message, cell === undefined ? {} : { place: { cell } })
}

function badQuote(line: number, cell: string): SheetFault {
  return makeFault({ line, column: '', cell }, 'ROW_INVALID', {
    zh: '半角引号没有成对，从此行起无法读取',
    en: 'a quotation mark has no counterpart: nothing can be read from this row on',
    remedyZh: '单元格内的半角引号须写成两个（""），并以引号括住整个单元格；或改用中文引号',
    remedyEn: 'double each quotation mark inside a cell and put the whole cell in quotation marks',
  })
}
