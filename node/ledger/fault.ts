import type { ProblemCode } from '../../protocol/error.ts'
import { messageOf } from '../../protocol/message.ts'

/** Something in a table that stops its import, for the person who has the table open. */
export interface SheetFault {
  /** Line of the file's text, from 1. Differs from the row of the cell where cells hold line breaks. */
  readonly line: number
  /** The heading, in its one spelling where it is a known column. */
  readonly column: string
  /** As spreadsheets name it, in the rows of the file itself: `C7`. */
  readonly cell: string
  readonly code: ProblemCode
  readonly zh: string
  readonly en: string
  readonly remedyZh: string
  readonly remedyEn: string
}

/** Something that is taken as it stands, or left out, and that a person should look at. */
export interface SheetWarning extends SheetFault {
  /** The rule of DOMAIN section 8.2 (`ST5`) or the clause of spec/import.md (`IMP-21`) behind it. */
  readonly rule: string
}

export interface SheetPlace {
  readonly line: number
  readonly column: string
  readonly cell: string
}

/** What is wrong, in both languages; a remedy where that of the code says too little. */
export interface Words {
  readonly zh: string
  readonly en: string
  readonly remedyZh?: string
  readonly remedyEn?: string
}

export function makeFault({ line, column, cell }: SheetPlace, code: ProblemCode, words: Words): SheetFault {
  const { remedyZh, remedyEn } = messageOf(code)
  return {
    line,
    column,
    cell,
    code,
    zh: words.zh,
    en: words.en,
    remedyZh: words.remedyZh ?? remedyZh,
    remedyEn: words.remedyEn ?? remedyEn,
  }
}

export function makeWarning(place: SheetPlace, rule: string, words: Words): SheetWarning {
  const code = rule.startsWith('ST') ? 'RULE_VIOLATED' : 'ROW_INVALID'
  return {
    ...makeFault(place, code, {
      remedyZh: '请核对；不妨碍导入',
      remedyEn: 'check it; the import goes on',
      ...words,
    }),
    rule,
  }
}

/** Contents of a cell inside a sentence: short, and with nothing invisible in it. */
export function showCell(text: string): string {
  const points = Array.from(text.slice(0, 100))
  const short = points.length > 40 ? `${points.slice(0, 40).join('')}…` : points.join('')
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}
