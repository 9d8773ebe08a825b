import type { Text } from '../../protocol/verdict.ts'

/** Members of a row, `review` and `row`, as a conflict names them. */
export const fieldWords = {
  subject: { zh: '主体条款', en: 'subject' },
  object: { zh: '对应条款', en: 'object' },
  objectSource: { zh: '查找的标准', en: 'looked through' },
  predicate: { zh: '谓词', en: 'predicate' },
  relation: { zh: '关系', en: 'relation' },
  justification: { zh: '理由', en: 'justification' },
  state: { zh: '状态', en: 'state' },
  rationale: { zh: '相同之处', en: 'rationale' },
  strength: { zh: '强度', en: 'strength' },
  certainty: { zh: '置信度', en: 'confidence' },
  differences: { zh: '差异', en: 'differences' },
  subjectValue: { zh: '主体值', en: 'value of the subject' },
  objectValue: { zh: '对应值', en: 'value of the object' },
  effect: { zh: '采信结论', en: 'effect' },
  conditions: { zh: '条件', en: 'conditions' },
  author: { zh: '起草方', en: 'author' },
  authorLabel: { zh: '起草人岗位', en: 'role of the author' },
  mappedOn: { zh: '起草日期', en: 'mapped on' },
  derivedFrom: { zh: '推导自', en: 'derived from' },
  basis: { zh: '依据', en: 'basis' },
  comment: { zh: '备注', en: 'remark' },
  review: { zh: '审核', en: 'review' },
  row: { zh: '整行', en: 'the whole row' },
} as const satisfies Record<string, Text>
