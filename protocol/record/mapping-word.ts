import type { Label } from './vocabulary.ts'

/** The closed lists of mapping work: an English slug on the wire, Chinese and English words for people. */

/**
 * How the requirements of the subject (A) stand to those of the object (B). Severity of a requirement and breadth of a topic are
 * different axes: `superset` is never `broader`.
 *
 * @see spec/mapping.md, MAP-2 (DOMAIN section 2)
 */
export const relations = {
  equal: { zh: '等同', en: 'equal: the same words' },
  equivalent: { zh: '等效', en: 'equivalent: the same effect' },
  superset: { zh: '严于（含）', en: 'stricter: what meets the first meets the second' },
  subset: { zh: '宽于', en: 'looser: what meets the second meets the first' },
  intersects: { zh: '部分交叉', en: 'overlapping: some meet both' },
  related: { zh: '相关不对应', en: 'related, not corresponding' },
  conflict: { zh: '冲突', en: 'conflicting: none can meet both' },
  none: { zh: '无对应', en: 'no counterpart' },
  broader: { zh: '主题上位', en: 'the second has the broader topic' },
  narrower: { zh: '主题下位', en: 'the second has the narrower topic' },
} as const satisfies Record<string, Label>

export type Relation = keyof typeof relations

export const predicates = {
  'exact-match': { zh: '精确匹配', en: 'skos:exactMatch' },
  'close-match': { zh: '近似匹配', en: 'skos:closeMatch' },
  'related-match': { zh: '相关匹配', en: 'skos:relatedMatch' },
  'broad-match': { zh: '上位匹配', en: 'skos:broadMatch' },
  'narrow-match': { zh: '下位匹配', en: 'skos:narrowMatch' },
} as const satisfies Record<string, Label>

export type Predicate = keyof typeof predicates

/** Why somebody holds a row to be so: terms of the Semantic Mapping Vocabulary. */
export const justifications = {
  'manual-curation': { zh: '人工比对', en: 'semapv:ManualMappingCuration' },
  'lexical-matching': { zh: '文本相似', en: 'semapv:LexicalMatching' },
  'composite-matching': { zh: '综合相似', en: 'semapv:CompositeMatching' },
  'mapping-review': { zh: '映射审核', en: 'semapv:MappingReview' },
  'mapping-chaining': { zh: '链式推导', en: 'semapv:MappingChaining' },
  'mapping-inversion': { zh: '反向推导', en: 'semapv:MappingInversion' },
  unspecified: { zh: '未说明', en: 'semapv:UnspecifiedMatching' },
} as const satisfies Record<string, Label>

export const rationales = {
  syntactic: { zh: '文字', en: 'the same words' },
  semantic: { zh: '含义', en: 'the same meaning' },
  functional: { zh: '功能', en: 'the same effect' },
} as const satisfies Record<string, Label>

export const differenceKinds = {
  terminology: { zh: '术语', en: 'terms' },
  scope: { zh: '范围', en: 'scope' },
  subject: { zh: '主体', en: 'who is bound' },
  value: { zh: '数值', en: 'values' },
  process: { zh: '流程', en: 'process' },
  function: { zh: '职能', en: 'functions' },
  nothing: { zh: '无', en: 'none' },
} as const satisfies Record<string, Label>

/** What a row leads to when it is agreed. */
export const effects = {
  direct: { zh: '直接互认', en: 'recognised in both directions' },
  'one-way': { zh: '单向采信', en: 'accepted in one direction' },
  conditional: { zh: '附条件', en: 'accepted under conditions' },
  refused: { zh: '不互认', en: 'not recognised' },
} as const satisfies Record<string, Label>

export type Effect = keyof typeof effects

export const rowStates = {
  candidate: { zh: '候选', en: 'candidate' },
  draft: { zh: '草拟', en: 'draft' },
  'in-review': { zh: '待审', en: 'in review' },
  accepted: { zh: '通过', en: 'accepted' },
  rejected: { zh: '驳回', en: 'rejected' },
} as const satisfies Record<string, Label>

export type RowState = keyof typeof rowStates

/** Members of a row, and `review` and `row`, as a conflict names them. */
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
  reviewer: { zh: '审核方', en: 'reviewer' },
  reviewerLabel: { zh: '审核人岗位', en: 'role of the reviewer' },
  reviewedOn: { zh: '审核日期', en: 'reviewed on' },
  basis: { zh: '依据', en: 'basis' },
  comment: { zh: '备注', en: 'remark' },
  review: { zh: '审核', en: 'review' },
  row: { zh: '整行', en: 'the whole row' },
} as const satisfies Record<string, Label>
