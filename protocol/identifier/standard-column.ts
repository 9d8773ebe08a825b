/** The columns of a 标准明细表, in the order in which they are written (DOMAIN section 9). */
export const standardColumns = [
  '序号',
  '体系编号',
  '标准号',
  '标准名称',
  '级别',
  '类别',
  '发布日期',
  '实施日期',
  '状态',
  '代替关系',
  '归口单位',
  'ICS',
  'CCS',
  '适用职能',
  '复审到期',
  '备注',
] as const

export type StandardColumn = (typeof standardColumns)[number]
