import { ProtocolError } from '../../../protocol/error.ts'
import { cellName, columnIndex } from '../../../protocol/identifier/cell-name.ts'
import { openArchive } from './archive.ts'
import { coveredCells, readMergedCells } from './merged-cell.ts'
import { cellLength, createTextReader, readCell, type Unread } from './workbook-cell.ts'
import { createWalk, sheetLimit, type Walk } from './xml-part.ts'

/** Of all sheets together. `rows`: that are not empty; `text`: characters of all cells, one text may be that of many. */
export const workbookLimits = {
  rows: 200_000,
  cells: 1_000_000,
  columns: 64,
  text: 64 << 20,
  sheets: 32,
  parts: 1024,
} as const

export interface SheetRow {
  /** As the spreadsheet counts, from 1. */
  readonly row: number
  /** Text by column, from 0; formulas are what they were last worked out to. */
  readonly cells: ReadonlyMap<number, string>
  /** Columns whose text is that of a number: zeros that were typed are not in it. */
  readonly numbers: ReadonlySet<number>
  /** Columns in which something stands that has no text. */
  readonly unread: ReadonlyMap<number, Unread>
}

export interface ReadSheet {
  readonly name: string
  readonly rows: readonly SheetRow[]
  /** Added to a number, makes it a day of the 1900 date system. */
  readonly dayShift: number
}

/**
 * The sheets of an XLSX file as rows of text, bounded before they are held.
 *
 * Says nothing about what the cells mean. Styles, drawings, macros and links are not opened.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` `SHEET_LIMIT`
 * @see spec/mapping.md, MAP-91
 */
export function readWorkbook(bytes: Uint8Array): readonly ReadSheet[] {
  const archive = openArchive(bytes)
  const walk = createWalk(archive)
  const targets = readTargets(walk)
  const sheets: { readonly name: string; readonly part: string }[] = []
  let dayShift = 0
  walk('xl/workbook.xml', {
    open: (name, attributes) => {
      if (name === 'workbookPr' && /^(?:1|true)$/.test(attributes.date1904 ?? '')) dayShift = 1462
      if (name !== 'sheet') return
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? ''
      if (sheets.length === workbookLimits.sheets) throw sheetLimit('too many sheets')
      sheets.push({ name: attributes.name ?? '', part: targets.get(id) ?? '' })
    },
  })
  const shared = archive.has('xl/sharedStrings.xml') ? readShared(walk) : []
  const left = { rows: workbookLimits.rows, cells: workbookLimits.cells, text: workbookLimits.text }
  return sheets.map(({ name, part }) => ({ name, rows: readRows(walk, part, { shared, left }), dayShift }))
}

function readTargets(walk: Walk): ReadonlyMap<string, string> {
  const targets = new Map<string, string>()
  walk('xl/_rels/workbook.xml.rels', {
    open: (name, { Id = '', Target = '' }) => {
      if (name !== 'Relationship') return
      if (targets.size === workbookLimits.parts) throw sheetLimit('too many parts')
      targets.set(Id, Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`)
    },
  })
  return targets
}

function readShared(walk: Walk): readonly string[] {
  const shared: string[] = []
  const reader = createTextReader()
  walk('xl/sharedStrings.xml', {
    open: reader.open,
    text: reader.text,
    close: (name) => {
      reader.close(name)
      if (name !== 'si') return
      if (shared.length === workbookLimits.cells) throw sheetLimit('too many texts')
      shared.push(reader.take())
    },
  })
  return shared
}

interface Sources {
  readonly shared: readonly string[]
  /** What all sheets together may still have. */
  readonly left: { rows: number; cells: number; text: number }
}

interface OpenRow {
  readonly row: number
  readonly cells: Map<number, string>
  numbers?: Set<number>
  unread?: Map<number, Unread>
}

// A million rows of one cell need no sets of their own.
const noNumbers: ReadonlySet<number> = new Set()
const noUnread: ReadonlyMap<number, Unread> = new Map()

function readRows(walk: Walk, part: string, { shared, left }: Sources): readonly SheetRow[] {
  const rows = new Map<number, SheetRow>()
  const reader = createTextReader()
  let current: OpenRow = { row: 0, cells: new Map() }
  let [column, type, value, inValue, formula] = [-1, '', '', false, false]

  function keepCell(): void {
    const { row, cells } = current
    const cell = cellName(Math.max(column, 0), row)
    const reading = readCell({ type, value, inline: reader.take(), formula }, shared)
    const text = 'text' in reading ? reading.text : ''
    left.text -= text.length
    if (left.text < 0) throw sheetLimit(`more than ${workbookLimits.text} characters`, cell)
    if ('text' in reading && text.trim() === '') return
    if (column < 0 || column >= workbookLimits.columns)
      throw sheetLimit(`more than ${workbookLimits.columns} columns`, cell)
    if (text.length > cellLength) throw sheetLimit(`more than ${cellLength} characters`, cell)
    if (cells.has(column) || current.unread?.has(column)) throw twice(cell)
    if ('unread' in reading) {
      current.unread ??= new Map()
      current.unread.set(column, reading.unread)
      return
    }
    cells.set(column, text)
    if (!reading.number) return
    current.numbers ??= new Set()
    current.numbers.add(column)
  }

  function keepMerged(reference: string): void {
    const merged = readMergedCells(reference)
    for (const [column, row] of merged ? coveredCells(merged) : []) {
      left.cells -= 1
      if (left.cells < 0) throw sheetLimit(`more than ${workbookLimits.cells} cells`)
      const found = rows.get(row)
      if (found && column < workbookLimits.columns && !found.cells.has(column))
        rows.set(row, { ...found, unread: new Map(found.unread).set(column, 'merged') })
    }
  }

  walk(part, {
    open: (name, { r, t, ref }) => {
      reader.open(name)
      if (name === 'mergeCell') keepMerged(ref ?? '')
      if (name === 'row') {
        current = openRow(r === undefined ? current.row + 1 : Number(r))
        column = -1
      }
      if (name === 'c') {
        left.cells -= 1
        if (left.cells < 0) throw sheetLimit(`more than ${workbookLimits.cells} cells`)
        column = r === undefined ? column + 1 : columnIndex(r)
        type = t ?? 'n'
        value = ''
        formula = false
      }
      if (name === 'f') formula = true
      inValue = name === 'v'
    },
    text: (text) => {
      reader.text(text)
      if (inValue) value += text
    },
    close: (name) => {
      reader.close(name)
      inValue = false
      if (name === 'c') keepCell()
      if (name !== 'row') return
      const { row, cells, numbers = noNumbers, unread = noUnread } = current
      if (cells.size + unread.size === 0) return
      left.rows -= 1
      if (left.rows < 0) throw sheetLimit(`more than ${workbookLimits.rows} rows`)
      if (rows.has(row)) throw twice(cellName(0, row))
      rows.set(row, { row, cells, numbers, unread })
    },
  })
  return [...rows.values()]
}

function twice(cell: string): ProtocolError {
  return new ProtocolError('FILE_TYPE_REFUSED', 'a row or cell that stands twice', { place: { cell } })
}

function openRow(row: number): OpenRow {
  if (!Number.isSafeInteger(row) || row < 1 || row > 1_048_576) throw sheetLimit('no such row')
  return { row, cells: new Map() }
}
