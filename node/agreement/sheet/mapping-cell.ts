import type { ProblemCode } from '../../../protocol/error.ts'
import { foldWidth, isBlankCell, readDate, readLine } from '../../../protocol/identifier/cell.ts'
import type { MappingRow, Pin } from '../../../protocol/record/mapping-row.ts'
import {
  differenceKinds,
  effects,
  type Predicate,
  type Relation,
  relations,
  rowStates,
} from '../../../protocol/record/mapping-word.ts'
import { keysOf, type Label } from '../../../protocol/record/vocabulary.ts'
import type { MappingColumn } from './mapping-column.ts'

/** What is known beside a number of a standard, of which there may be several records. */
export interface Near {
  readonly side: 'subject' | 'object'
  /** What the row pins on this side until now. */
  readonly pin: Pin | undefined
  /** The number on the other side. */
  readonly across: string
}

/** The edition or clause that people call so; `undefined`: none, or several. */
export type FindPin = (number: string, clause: string, near: Near) => Pin | undefined

/** What is wrong with one cell. Thrown and caught within one row. */
export class CellFault extends Error {
  readonly column: MappingColumn
  readonly code: ProblemCode
  readonly words: Words

  constructor(column: MappingColumn, code: ProblemCode, words: Words) {
    super(words.en)
    this.column = column
    this.code = code
    this.words = words
  }
}

export interface Words {
  readonly zh: string
  readonly en: string
}

export interface ChangeContext {
  readonly base: MappingRow | undefined
  /** The cells of the base as they were given out. */
  readonly before: ReadonlyMap<MappingColumn, string> | undefined
  readonly findPin: FindPin
}

/** The predicate that belongs to each relation (DOMAIN section 2). */
const predicateOf: Readonly<Record<Relation, Predicate>> = {
  equal: 'exact-match',
  equivalent: 'exact-match',
  superset: 'close-match',
  subset: 'close-match',
  intersects: 'close-match',
  related: 'related-match',
  conflict: 'related-match',
  none: 'exact-match',
  broader: 'broad-match',
  narrower: 'narrow-match',
}

/**
 * A row from its cells: of the base what its cells still say, of the others what they say now.
 *
 * @throws {CellFault}
 */
export function readChanges(texts: ReadonlyMap<MappingColumn, string>, context: ChangeContext): unknown {
  const { base, before } = context
  // A column that somebody deleted says what it said; a blank cell says that there is nothing.
  const text = (name: MappingColumn) => texts.get(name) ?? before?.get(name) ?? ''
  const changed = (...names: MappingColumn[]) =>
    names.some(
      (name) => texts.has(name) && (before === undefined || !isSameText(text(name), before.get(name) ?? '')),
    )
  const put = <T>(names: readonly MappingColumn[], old: T | undefined, read: () => T | undefined) =>
    changed(...names) ? read() : old
  const relation = put(['关系'], base?.relation, () => wordOf(relations, text('关系'), '关系'))
  const objectChanged =
    changed('对方标准号', '对方条款') || (relation === 'none') !== (base?.relation === 'none')
  const effect = put(['采信结论'], base?.effect, () => wordOf(effects, text('采信结论'), '采信结论'))
  const subject = put(['本方标准号', '本方条款'], base?.subject, () =>
    pinOf('subject', text, text('本方条款'), context),
  )
  const made = {
    ...base,
    subject,
    ...(objectChanged || !base ? objectOf(text, relation, context) : {}),
    relation,
    predicate:
      relation && relation !== base?.relation
        ? predicateOf[relation]
        : (base?.predicate ?? missingRelation()),
    rationale: relation === 'equivalent' && relation !== base?.relation ? 'functional' : base?.rationale,
    justification: base?.justification ?? 'manual-curation',
    differences: put(['差异类型'], base?.differences, () => kindsOf(text('差异类型'))),
    subjectValue: put(['本方值'], base?.subjectValue, () => lineOf(text('本方值'))),
    objectValue: put(['对方值'], base?.objectValue, () => lineOf(text('对方值'))),
    effect,
    conditions: put(['条件'], base?.conditions, () => linesOf(text('条件'))),
    basis: put(['依据'], base?.basis, () => lineOf(text('依据'))),
    certainty: put(['置信度'], base?.certainty, () => shareOf(text('置信度'))),
    authorLabel: put(['起草人'], base?.authorLabel, () => lineOf(text('起草人'))),
    author: changed('起草人') && text('起草人') === '' ? undefined : base?.author,
    reviewerLabel: put(['审核人'], base?.reviewerLabel, () => lineOf(text('审核人'))),
    reviewer: changed('审核人') && text('审核人') === '' ? undefined : base?.reviewer,
    reviewedOn: put(['审核日期'], base?.reviewedOn, () => dayOf(text('审核日期'))),
    state: put(['状态'], base?.state, () => wordOf(rowStates, text('状态'), '状态')) ?? 'draft',
    comment: put(['备注'], base?.comment, () => text('备注') || undefined),
  }
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
}

function isSameText(a: string, b: string): boolean {
  return a === b || a.replace(/\r\n?/g, '\n') === b
}

function missingRelation(): never {
  throw new CellFault('关系', 'ROW_INVALID', { zh: '缺少关系', en: 'no relation' })
}

type TextOf = (name: MappingColumn) => string

function objectOf(
  text: TextOf,
  relation: Relation | undefined,
  context: ChangeContext,
): { readonly object: Pin | undefined; readonly objectSource: Pin | undefined } {
  const clause = text('对方条款')
  if (relation === 'none') {
    if (!isBlankCell(clause)) {
      throw new CellFault('对方条款', 'ROW_INVALID', {
        zh: '关系为“无对应”，对方条款应填“—”',
        en: 'no counterpart, and yet a clause',
      })
    }
    return { object: undefined, objectSource: pinOf('object', text, '', context) }
  }
  return { object: pinOf('object', text, clause, context), objectSource: undefined }
}

const numberColumns = { subject: '本方标准号', object: '对方标准号' } as const
const clauseColumns = { subject: '本方条款', object: '对方条款' } as const

function pinOf(side: Near['side'], text: TextOf, clause: string, { base, findPin }: ChangeContext): Pin {
  const column = numberColumns[side]
  const number = spell(text(column))
  const near = {
    side,
    pin: side === 'subject' ? base?.subject : (base?.object ?? base?.objectSource),
    across: spell(text(numberColumns[side === 'subject' ? 'object' : 'subject'])),
  }
  const found = number === '' ? undefined : findPin(number, isBlankCell(clause) ? '' : spell(clause), near)
  if (found) return found
  if (number === '')
    throw new CellFault(column, 'ROW_INVALID', { zh: '缺少标准号', en: 'no number of a standard' })
  if (findPin(number, '', near))
    throw new CellFault(clauseColumns[side], 'ROW_INVALID', {
      zh: '该标准中没有这一条款',
      en: 'no such clause in this standard',
    })
  throw new CellFault(column, 'ROW_INVALID', {
    zh: '找不到该标准，或有几项同号；请按“标准明细”表填写标准号',
    en: 'no such standard, or several of this number; the sheet 标准明细 has them',
  })
}

function spell(text: string): string {
  return readLine(foldWidth(text))
}

/** Words of a list, with or without what stands in brackets, whatever the width of their letters. */
function wordOf<K extends string>(
  list: Readonly<Record<K, Label>>,
  cell: string,
  column: MappingColumn,
): K | undefined {
  if (cell === '') return undefined
  const plain = (word: string) => foldWidth(word).replace(/\s/g, '')
  const bare = (word: string) => plain(word).replace(/\(.*\)$/, '')
  const wanted = plain(cell)
  const keys = keysOf(list)
  const found =
    keys.find((key) => plain(list[key].zh) === wanted) ??
    keys.find((key) => bare(list[key].zh) === bare(cell))
  if (found !== undefined) return found
  throw new CellFault(column, 'ROW_INVALID', {
    zh: `“${cell.slice(0, 40)}”不是字典中的词`,
    en: 'not a word of the dictionary',
  })
}

function kindsOf(cell: string): readonly string[] | undefined {
  const words = cell.split(/[、,，;；/\n]/).map((word) => word.trim())
  const kinds = words.filter((word) => word !== '').map((word) => wordOf(differenceKinds, word, '差异类型'))
  return kinds.length === 0 ? undefined : [...new Set(kinds.filter((kind) => kind !== undefined))]
}

function lineOf(cell: string): string | undefined {
  return readLine(cell) || undefined
}

function linesOf(cell: string): readonly string[] | undefined {
  const lines = cell
    .split('\n')
    .map(readLine)
    .filter((line) => line !== '')
  return lines.length === 0 ? undefined : lines
}

/** `0.9`, `０．９`, `90%`, `.9`. */
function shareOf(cell: string): string | undefined {
  if (isBlankCell(cell)) return undefined
  const [, digits, percent] = /^(\d*\.?\d+|\d+\.)(%?)$/.exec(foldWidth(cell).replace(/\s/g, '')) ?? []
  const value = digits === undefined ? Number.NaN : Number(digits) / (percent ? 100 : 1)
  const text = String(Number(value.toPrecision(15)))
  if (value >= 0 && value <= 1 && /^(?:0|1|0\.\d*[1-9])$/.test(text)) return text
  throw new CellFault('置信度', 'ROW_INVALID', {
    zh: '应为 0 到 1 之间的小数',
    en: 'not a number from 0 to 1',
  })
}

function dayOf(cell: string): string | undefined {
  if (isBlankCell(cell)) return undefined
  const day = readDate(cell)
  if (day !== undefined) return day
  throw new CellFault('审核日期', 'ROW_INVALID', { zh: '不是日期', en: 'not a date' })
}
