import { type StandardColumn, standardColumns } from '../../../protocol/identifier/standard-column.ts'
import type { NamedRow } from '../../../protocol/record/mapping-row.ts'
import {
  cellsOf,
  dictionaryColumns,
  dictionaryRows,
  mappingColumns,
  mappingSheetColumns,
  type NamePin,
  stateColours,
} from './mapping-column.ts'
import { formatWorkbook } from './workbook-write.ts'

export type StandardCells = Readonly<Partial<Record<StandardColumn, string>>>

/** A row as it stands in the workspace, with the versions on which an edit of it would stand. */
export interface SheetMapping extends NamedRow {
  readonly bases: readonly string[]
}

export interface WorkbookContent {
  readonly rows: readonly SheetMapping[]
  readonly namePin: NamePin
  readonly standards: readonly StandardCells[]
  /** Project, parties and moment, for whoever finds the file later. */
  readonly heading: readonly string[]
}

const advice = [
  '可以修改、排序、筛选、删除行，也可以在末尾增加行；删除的行不影响系统中的数据。',
  '隐藏的“行标识”和“行版本”两列用于把修改合并回系统，请勿改动。新增的行请把这两列留空。',
  '关系、采信结论、状态请从列表中选择；差异类型可填多个，用“、”隔开。',
  '无对应：关系选“无对应”，填写对方标准号，对方条款填“—”。尚未比对的条款不要填行。',
  '行的底色表示状态，状态同时写在“状态”一列中。',
  'Edit, sort, filter and delete rows as you like; leave the two hidden columns as they are.',
]

/**
 * The workbook of one project's mapping work: 映射, 标准明细, 说明, 字典. The same content is the same bytes.
 *
 * @see spec/mapping.md, MAP-90
 */
export function formatMappingWorkbook({ rows, namePin, standards, heading }: WorkbookContent): Uint8Array {
  const lines = rows.map(({ row, bases, mapping }) => {
    const cells = cellsOf(row, bases, { mapping, namePin })
    return mappingColumns.map((name) => cells[name])
  })
  return formatWorkbook([
    {
      name: '映射',
      columns: mappingSheetColumns(),
      rows: lines,
      colours: { column: mappingColumns.indexOf('状态'), words: stateColours },
    },
    {
      name: '标准明细',
      columns: standardColumns.map((title) => ({ title, width: title === '标准名称' ? 40 : 14 })),
      rows: standards.map((cells) => standardColumns.map((name) => cells[name] ?? '')),
    },
    {
      name: '说明',
      columns: [{ title: '说明', width: 100 }],
      rows: [...heading, ...advice].map((line) => [line]),
    },
    {
      name: '字典',
      columns: dictionaryColumns.map((title) => ({ title, width: 18 })),
      rows: dictionaryRows(),
    },
  ])
}
