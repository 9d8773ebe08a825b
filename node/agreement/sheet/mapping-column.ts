import type { MappingRow, Pin } from '../../../protocol/record/mapping-row.ts'
import { differenceKinds, effects, relations, rowStates } from '../../../protocol/record/mapping-word.ts'
import type { Label } from '../../../protocol/record/vocabulary.ts'
import type { SheetColumn } from './workbook-write.ts'

/** Columns of the sheet 映射, in their order (DOMAIN section 9), and the two that tie a row to the workspace. */
export const mappingColumns = [
  '本方标准号',
  '本方条款',
  '本方标题',
  '关系',
  '对方标准号',
  '对方条款',
  '对方标题',
  '差异类型',
  '本方值',
  '对方值',
  '采信结论',
  '条件',
  '依据',
  '置信度',
  '起草人',
  '审核人',
  '审核日期',
  '状态',
  '备注',
  '行标识',
  '行版本',
] as const

export type MappingColumn = (typeof mappingColumns)[number]

/** How what a row pins is called by people. */
export interface PinName {
  readonly number: string
  /** Empty for a whole edition. */
  readonly clause: string
  readonly title: string
}

export type NamePin = (pin: Pin) => PinName

export type MappingCells = Readonly<Record<MappingColumn, string>>

/** 无对应: nothing in the other's edition, where the clause would stand. */
export const noCounterpart = '—'

/**
 * One row as people read it. What this says no more than the row itself is left to the row: a cell that comes back unchanged
 * changes nothing.
 */
export function cellsOf(
  row: string,
  bases: readonly string[],
  { mapping, namePin }: CellsOptions,
): MappingCells {
  const subject = namePin(mapping.subject)
  const pinned = mapping.object ?? mapping.objectSource
  const object = pinned && namePin(pinned)
  return {
    本方标准号: subject.number,
    本方条款: subject.clause,
    本方标题: subject.title,
    关系: mapping.relation ? relations[mapping.relation].zh : '',
    对方标准号: object?.number ?? '',
    对方条款: mapping.object ? (object?.clause ?? '') : noCounterpart,
    对方标题: mapping.object ? (object?.title ?? '') : '',
    差异类型: (mapping.differences ?? []).map((kind) => differenceKinds[kind].zh).join('、'),
    本方值: mapping.subjectValue ?? '',
    对方值: mapping.objectValue ?? '',
    采信结论: mapping.effect ? effects[mapping.effect].zh : '',
    条件: (mapping.conditions ?? []).join('\n'),
    依据: mapping.basis ?? '',
    置信度: mapping.certainty ?? '',
    起草人: mapping.authorLabel ?? mapping.author ?? '',
    审核人: mapping.reviewerLabel ?? mapping.reviewer ?? '',
    审核日期: mapping.reviewedOn ?? '',
    状态: rowStates[mapping.state].zh,
    备注: mapping.comment ?? '',
    行标识: row,
    行版本: bases.join(' '),
  }
}

export interface CellsOptions {
  readonly mapping: MappingRow
  readonly namePin: NamePin
}

const widths: Partial<Record<MappingColumn, number>> = {
  本方标准号: 22,
  对方标准号: 22,
  本方标题: 28,
  对方标题: 28,
  条件: 28,
  备注: 32,
}

const lists = { 关系: relations, 差异类型: differenceKinds, 采信结论: effects, 状态: rowStates } as const

function listOf(name: string): keyof typeof lists | undefined {
  return name === '关系' || name === '差异类型' || name === '采信结论' || name === '状态' ? name : undefined
}

export function mappingSheetColumns(): readonly SheetColumn[] {
  return mappingColumns.map((title) => {
    const list = listOf(title)
    const hidden = title === '行标识' || title === '行版本'
    return {
      title,
      width: widths[title] ?? 12,
      ...(hidden ? { hidden } : {}),
      // Several kinds of difference may stand in one cell, so its list only proposes.
      ...(list ? { choices: { range: choiceRange(list), strict: list !== '差异类型' } } : {}),
    }
  })
}

/** The sheet 字典: the words of each list, one list a column. */
export const dictionaryColumns = ['关系', '差异类型', '采信结论', '状态'] as const

export function dictionaryRows(): readonly (readonly string[])[] {
  const words = dictionaryColumns.map((name) => Object.values<Label>(lists[name]).map(({ zh }) => zh))
  const height = Math.max(...words.map((column) => column.length))
  return Array.from({ length: height }, (_, i) => words.map((column) => column[i] ?? ''))
}

function choiceRange(name: keyof typeof lists): string {
  const letter = String.fromCharCode(65 + dictionaryColumns.indexOf(name))
  return `'字典'!$${letter}$2:$${letter}$${Object.keys(lists[name]).length + 1}`
}

export const stateColours: ReadonlyMap<string, string> = new Map([
  [rowStates.accepted.zh, 'DDF1E1'],
  [rowStates['in-review'].zh, 'FFF3CD'],
  [rowStates.rejected.zh, 'F8D9D9'],
  [rowStates.candidate.zh, 'E8EAF6'],
])
