import { type SaxesAttributePlain, SaxesParser } from 'saxes'
import { decodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Archive, openArchive } from './archive.ts'
import { cellName, columnIndex } from './cell-name.ts'

export const workbookLimits = { cells: 1_000_000, columns: 64, cell: 32_767, sheets: 32 } as const

export interface SheetRow {
  /** As the spreadsheet counts, from 1. */
  readonly row: number
  /** Text by column, from 0; formulas are what they were last worked out to, and are never worked out here. */
  readonly cells: ReadonlyMap<number, string>
}

export interface ReadSheet {
  readonly name: string
  readonly rows: readonly SheetRow[]
}

type Attributes = Readonly<Record<string, string>>

interface Listener {
  readonly open: (name: string, attributes: Attributes) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
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
  const targets = new Map<string, string>()
  walk(archive, 'xl/_rels/workbook.xml.rels', {
    open: (name, { Id = '', Target = '' }) => {
      if (name === 'Relationship') targets.set(Id, Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`)
    },
  })
  const sheets: { readonly name: string; readonly part: string }[] = []
  let shift = 0
  walk(archive, 'xl/workbook.xml', {
    open: (name, attributes) => {
      if (name === 'workbookPr' && /^(?:1|true)$/.test(attributes.date1904 ?? '')) shift = 1462
      if (name !== 'sheet') return
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? ''
      if (sheets.length === workbookLimits.sheets) throw limit('too many sheets')
      sheets.push({ name: attributes.name ?? '', part: targets.get(id) ?? '' })
    },
  })
  if (shift > 0) throw new ProtocolError('FILE_TYPE_REFUSED', 'a workbook that counts its days from 1904')
  const shared = archive.has('xl/sharedStrings.xml') ? readShared(archive) : []
  const budget = { cells: workbookLimits.cells }
  return sheets.map(({ name, part }) => ({ name, rows: readRows(archive, part, { shared, budget }) }))
}

function limit(message: string, cell?: string): ProtocolError {
  return new ProtocolError('SHEET_LIMIT', message, cell === undefined ? {} : { place: { cell } })
}

/** Goes through one XML part. A document type, and so every entity of its own, is refused. */
function walk(archive: Archive, part: string, { open, text, close }: Listener): void {
  const bytes = archive.open(part)
  if (!bytes) throw new ProtocolError('FILE_TYPE_REFUSED', `no workbook: ${part} is missing`)
  const parser = new SaxesParser()
  const local = (name: string) => name.slice(name.indexOf(':') + 1)
  parser.on('error', (cause) => {
    throw new ProtocolError('FILE_TYPE_REFUSED', `${part} is not XML`, { cause })
  })
  parser.on('doctype', () => {
    throw new ProtocolError('FILE_TYPE_REFUSED', `${part} has a document type`)
  })
  parser.on('opentag', ({ name, attributes }) => open(local(name), plain(attributes)))
  if (text) parser.on('text', text)
  if (close) parser.on('closetag', ({ name }) => close(local(name)))
  parser.write(decodeUtf8(bytes).replace(/^\ufeff/, '')).close()
}

function plain(attributes: Readonly<Record<string, string | SaxesAttributePlain>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.value,
    ]),
  )
}

function readShared(archive: Archive): readonly string[] {
  const shared: string[] = []
  const reader = textReader()
  walk(archive, 'xl/sharedStrings.xml', {
    open: (name) => reader.open(name),
    text: (text) => reader.text(text),
    close: (name) => {
      reader.close(name)
      if (name !== 'si') return
      if (shared.length === workbookLimits.cells) throw limit('too many texts')
      shared.push(reader.take())
    },
  })
  return shared
}

/** The text of `t` elements, without those that only say how it is pronounced. */
function textReader() {
  let [text, inText, aside] = ['', false, 0]
  return {
    open: (name: string) => {
      if (name === 'rPh') aside += 1
      if (name === 't') inText = aside === 0
    },
    text: (part: string) => {
      if (inText) text += part
      if (text.length > 4 * workbookLimits.cell)
        throw limit(`a cell has more than ${workbookLimits.cell} characters`)
    },
    close: (name: string) => {
      if (name === 'rPh') aside -= 1
      if (name === 't') inText = false
    },
    take: () => {
      const whole = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
      text = ''
      return whole
    },
  }
}

interface Sources {
  readonly shared: readonly string[]
  readonly budget: { cells: number }
}

function readRows(archive: Archive, part: string, { shared, budget }: Sources): readonly SheetRow[] {
  const rows: SheetRow[] = []
  const reader = textReader()
  let cells = new Map<number, string>()
  let [row, column, type, value, inValue] = [0, -1, '', '', false]
  walk(archive, part, {
    open: (name, { r, t }) => {
      reader.open(name)
      if (name === 'row') {
        row = r === undefined ? row + 1 : Number(r)
        if (!Number.isSafeInteger(row) || row < 1 || row > 1_048_576) throw limit('no such row')
        column = -1
        cells = new Map()
      }
      if (name === 'c') {
        column = r === undefined ? column + 1 : columnIndex(r)
        type = t ?? 'n'
        value = ''
      }
      inValue = name === 'v'
    },
    text: (text) => {
      reader.text(text)
      if (inValue) value += text
    },
    close: (name) => {
      reader.close(name)
      inValue = false
      if (name === 'row' && cells.size > 0) rows.push({ row, cells })
      if (name !== 'c') return
      const inline = reader.take()
      const text = type === 'inlineStr' ? inline : textOfCell(type, value, shared)
      if (text.trim() === '') return
      const cell = cellName(column, row)
      if (column < 0 || column >= workbookLimits.columns)
        throw limit(`more than ${workbookLimits.columns} columns`, cell)
      if (text.length > workbookLimits.cell) throw limit(`more than ${workbookLimits.cell} characters`, cell)
      budget.cells -= 1
      if (budget.cells < 0) throw limit(`more than ${workbookLimits.cells} cells`, cell)
      cells.set(column, text)
    },
  })
  return rows
}

function textOfCell(type: string, value: string, shared: readonly string[]): string {
  if (type === 's') return shared[Number(value)] ?? ''
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type !== 'n' || value === '') return value
  const number = Number(value)
  // A spreadsheet keeps seventeen digits of what was typed as fifteen.
  return Number.isFinite(number) ? String(Number(number.toPrecision(15))) : value
}
