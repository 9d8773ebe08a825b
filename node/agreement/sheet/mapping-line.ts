import { cleanCell } from '../../../protocol/identifier/cell.ts'
import { type MappingRow, mappingRow, rowId } from '../../../protocol/record/mapping-row.ts'
import { CellFault, type FindPin, readChanges, type Words } from './mapping-cell.ts'
import {
  cellsOf,
  type MappingCells,
  type MappingColumn,
  mappingColumns,
  type NamePin,
} from './mapping-column.ts'
import type { FoundSheet } from './mapping-header.ts'
import type { Unread } from './workbook-cell.ts'
import type { SheetRow } from './workbook-read.ts'

export interface ImportContext {
  /** The row as it was in these versions; `undefined` where they are not known. */
  readonly baseOf: (row: string, bases: readonly string[]) => MappingRow | undefined
  readonly namePin: NamePin
  readonly findPin: FindPin
}

/** What one line of the sheet says. */
export interface ReadLine {
  readonly line: number
  readonly mapping: MappingRow
  /** The row that it was given out as; none: the line was added. */
  readonly given?: { readonly row: string; readonly bases: readonly string[]; readonly base: MappingRow }
}

/** Columns that say what others say already, and are not read. */
const shown: readonly MappingColumn[] = ['本方标题', '对方标题']

/** `undefined`: the line is empty. */
export function readLine(
  row: SheetRow,
  sheet: FoundSheet,
  context: ImportContext,
): ReadLine | readonly CellFault[] | undefined {
  const unread = [...sheet.columns].flatMap(([name, index]) => {
    const why = shown.includes(name) ? undefined : row.unread.get(index)
    return why === undefined ? [] : [new CellFault(name, 'ROW_INVALID', unreadWords[why])]
  })
  if (unread.length > 0) return unread
  try {
    return readTexts(textsOf(row, sheet), row.row, context)
  } catch (fault) {
    if (fault instanceof CellFault) return [fault]
    throw fault
  }
}

const unreadWords: Readonly<Record<Unread, Words>> = {
  formula: {
    zh: '公式没有结果值；请用表格软件打开并保存一次，或直接填写内容',
    en: 'a formula without a value',
  },
  error: { zh: '单元格是错误值', en: 'an error instead of a value' },
  text: { zh: '单元格所指的文字不在文件中', en: 'the text of this cell is not in the file' },
  number: { zh: '单元格的数字无法读取', en: 'a number that is none' },
  merged: {
    zh: '单元格已被合并，只留下了第一格的内容；请取消合并后逐格填写',
    en: 'a merged cell, of which the first alone is kept; split it and fill in each',
  },
}

function textsOf(
  { cells, numbers }: SheetRow,
  { columns, dayShift }: FoundSheet,
): ReadonlyMap<MappingColumn, string> {
  const texts = new Map<MappingColumn, string>()
  for (const [name, index] of columns) {
    const text = cleanCell(cells.get(index) ?? '')
    const isNumber = numbers.has(index)
    if (isNumber && (name === '本方条款' || name === '对方条款')) requireWhole(name, text)
    texts.set(name, isNumber && name === '审核日期' ? String(Number(text) + dayShift) : text)
  }
  return texts
}

/** 4.10 and 4.1 are two clauses and one number. */
function requireWhole(column: MappingColumn, text: string): void {
  if (/^\d+$/.test(text)) return
  throw new CellFault(column, 'ROW_INVALID', {
    zh: '条款号成了数字，末尾的零已无从得知；请把单元格设为文本格式后重新填写',
    en: 'a clause that became a number: whether zeros stood at its end cannot be known; format the cell as text and type it again',
  })
}

function readTexts(
  texts: ReadonlyMap<MappingColumn, string>,
  line: number,
  { baseOf, namePin, findPin }: ImportContext,
): ReadLine | undefined {
  if ([...texts.values()].every((text) => text === '')) return undefined
  const row = texts.get('行标识') ?? ''
  const bases = (texts.get('行版本') ?? '').split(/\s+/).filter((base) => base !== '')
  const base = row === '' || !rowId.safeParse(row).success ? undefined : baseOf(row, bases)
  if (row !== '' && !base)
    throw new CellFault('行标识', 'ROW_INVALID', {
      zh: '此行的标识或版本已被改动，或不属于本项目',
      en: 'the identity of this row was altered, or is of another project',
    })
  const before = base && cleaned(cellsOf(row, bases, { mapping: base, namePin }))
  const parsed = mappingRow.safeParse(readChanges(texts, { base, before, findPin }))
  if (!parsed.success) throw schemaFault(parsed.error.issues[0])
  return { line, mapping: parsed.data, ...(base ? { given: { row, bases, base } } : {}) }
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
