import type { ProblemCode } from '../../protocol/error.ts'
import { cleanCell, isBlankCell } from '../../protocol/identifier/cell.ts'
import { findForbiddenCharacter } from '../../protocol/identifier/text.ts'
import type { Column } from './column.ts'
import { makeFault, makeWarning, type SheetFault, type SheetWarning, showCell, type Words } from './fault.ts'
import { placeOf, type Table, type TableRow } from './table.ts'

/** A row while it is read: its cells as they were meant, and what was found wrong so far. */
export interface OpenRow {
  readonly line: number
  readonly faults: readonly SheetFault[]
  readonly warnings: readonly SheetWarning[]
  /** Empty where the table has no such column, the cell says nothing, or it was already found at fault. */
  text(column: Column): string
  isFaulty(column: Column): boolean
  fault(column: Column, code: ProblemCode, words: Words): void
  warn(column: Column, rule: string, words: Words): void
}

export function openRow(table: Pick<Table, 'columns'>, row: TableRow): OpenRow {
  const faults: SheetFault[] = []
  const warnings: SheetWarning[] = []
  const faulty = new Set<Column>()
  const texts = new Map<Column, string>()
  const open: OpenRow = {
    line: row.line,
    faults,
    warnings,
    text: (column) => texts.get(column) ?? '',
    isFaulty: (column) => faulty.has(column),
    fault: (column, code, words) => {
      faulty.add(column)
      faults.push(makeFault(placeOf(table, row, column), code, words))
    },
    warn: (column, rule, words) => {
      warnings.push(makeWarning(placeOf(table, row, column), rule, words))
    },
  }
  for (const [column, raw] of row.cells) {
    const text = cleanCell(raw)
    const index = findForbiddenCharacter(text.replace(/[\n\t]/g, ' '))
    if (index !== undefined) open.fault(column, 'TEXT_FORBIDDEN_CHAR', forbidden(text, index))
    else if (!isBlankCell(text)) texts.set(column, text)
  }
  return open
}

function forbidden(text: string, index: number): Words {
  const character = `U+${(text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  return {
    zh: `第${index + 1}个字符 ${character} 不可见或为控制字符：“${showCell(text)}”`,
    en: `character ${index + 1}, ${character}, is invisible or a control character`,
  }
}
