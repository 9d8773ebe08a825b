import {
  type StandardColumn as Column,
  standardColumns as columns,
} from '../../protocol/identifier/standard-column.ts'

export { type Column, columns }

/** Without them no row says anything: which standard, what it is called, which of the seven classes. */
export const requiredColumns = ['标准号', '标准名称', '类别'] as const satisfies readonly Column[]

/** Other headings in use for the same column. A word that means two things in two tables (编号, 复审日期) is not here. */
const aliases: Readonly<Partial<Record<Column, readonly string[]>>> = {
  序号: ['NO', 'NO.'],
  体系编号: ['标准体系编号', '体系表编号', '体系号', '体系表号'],
  标准号: ['标准编号', '标准代号', '标准代号及编号'],
  标准名称: ['标准名', '标准中文名称', '中文名称', '标准名称(中文)', '名称'],
  级别: ['标准级别', '宜定级别', '层级', '标准层级'],
  类别: ['标准类别', '业务类别', '所属类别'],
  发布日期: ['发布时间', '发布日'],
  实施日期: ['实施时间', '实施日', '施行日期'],
  状态: ['标准状态'],
  代替关系: ['代替标准号', '被代替标准号', '代替标准', '替代标准号', '替代标准', '替代关系', '代替情况'],
  归口单位: ['归口', '归口部门', '责任部门', '归口管理单位'],
  ICS: ['ICS号', 'ICS分类', 'ICS分类号', '国际标准分类号'],
  CCS: ['CCS号', 'CCS分类', 'CCS分类号', '中国标准分类号', '中标分类号'],
  适用职能: ['职能', '适用事项'],
  复审到期: ['复审到期日', '复审到期日期', '复审到期时间'],
  备注: ['附注'],
}

const columnOfHeading: ReadonlyMap<string, Column> = new Map(
  columns.flatMap((column) => [column, ...(aliases[column] ?? [])].map((name) => [name, column] as const)),
)

/**
 * The column that a heading names, in any width, with blanks or line breaks in it, with the mark of a required column
 * (`*`) or a remark in brackets behind it.
 */
export function columnOf(heading: string): Column | undefined {
  if (heading.length > 100) return undefined
  const plain = heading.normalize('NFKC').replace(/[\s*]/g, '').toUpperCase()
  return columnOfHeading.get(plain) ?? columnOfHeading.get(plain.replace(/\([^()]*\)$/, ''))
}
