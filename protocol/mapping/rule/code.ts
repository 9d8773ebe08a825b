/** What a rule may find. A slug is stable for ever; the words may change. */
type Row = readonly [rule: Rule, zh: string, en: string, repairZh: string, repairEn: string]

export const rules = ['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7'] as const
export type Rule = (typeof rules)[number]

const removeOne = ['请撤回或改正链中的一行', 'withdraw or correct one row of the chain'] as const
const correctRelation = [
  '请改正关系，或改正标准记录中的限值',
  'correct the relation, or the limits in the record of the standard',
] as const
const askOther = ['请由另一方审核', 'have the other party review it'] as const

/** @see spec/mapping.md, MAP-60 to MAP-66 */
export const findingCodes = {
  'edition-unknown': [
    'M1',
    '所指的标准版本未知，无法核对',
    'the edition is not known, so nothing about it can be checked',
    '请取得该版本的记录，或改正标识与摘要',
    'get the record of the edition, or correct its id and digest',
  ],
  'clause-unknown': [
    'M1',
    '该标准版本中没有所指的条款',
    'the edition has no such clause',
    '请改指该版本中的条款',
    'name a clause of the edition',
  ],
  'exact-and-broader': [
    'M2',
    '既精确匹配又为上下位（SKOS S46）',
    'exactMatch and broadMatch or narrowMatch at once (SKOS S46)',
    ...removeOne,
  ],
  'exact-and-related': [
    'M2',
    '既精确匹配又为相关匹配（SKOS S46）',
    'exactMatch and relatedMatch at once (SKOS S46)',
    ...removeOne,
  ],
  'related-and-broader': [
    'M2',
    '既相关匹配又经上位链相连（SKOS S27）',
    'relatedMatch, and joined by a way of broader topics (SKOS S27)',
    ...removeOne,
  ],
  'broader-cycle': ['M2', '上位匹配成环', 'broadMatch runs in a circle', ...removeOne],
  'maps-to-itself': [
    'M2',
    '条款被映射到自身',
    'a clause is matched with itself',
    '请撤回此行',
    'withdraw the row',
  ],
  'predicate-relation': [
    'M3',
    '谓词与关系不相配',
    'the predicate is not the one of the relation',
    '请按关系表改用相应的谓词',
    'take the predicate that the table of relations asks for',
  ],
  'relation-missing': [
    'M3',
    '近似匹配未写明关系',
    'closeMatch without a relation',
    '请写明严于、宽于或部分交叉',
    'say whether it is stricter, looser or overlapping',
  ],
  'limits-contradict': [
    'M3',
    '关系与条款限值相矛盾',
    'the relation contradicts the limits of the clauses',
    ...correctRelation,
  ],
  'values-contradict': [
    'M3',
    '关系与行内所写双方的值相矛盾',
    'the relation contradicts the values in the row',
    '请改正关系，或改正所写的值',
    'correct the relation, or the values',
  ],
  'limits-elsewhere': [
    'M3',
    '仅凭限值得不出此关系',
    'the limits alone do not give this relation',
    '请写明差异在何处，或改正关系',
    'say where else they differ, or correct the relation',
  ],
  'value-not-in-clause': [
    'M3',
    '行内所写的值不在条款的限值之中',
    'a value in the row is no limit of its clause',
    '请改正所写的值',
    'correct the value',
  ],
  'relations-contradict': [
    'M3',
    '同一对条款有两种不相容的关系',
    'two relations of one pair of clauses exclude each other',
    '请双方商定，保留一行',
    'agree which one stays',
  ],
  'author-missing': [
    'M4',
    '已通过的行没有起草方',
    'an accepted row has no author',
    '请补写起草方',
    'name the author',
  ],
  'reviewer-missing': ['M4', '已通过的行没有审核方', 'an accepted row has no reviewer', ...askOther],
  'review-date-missing': [
    'M4',
    '已通过的行没有审核日期',
    'an accepted row has no date of review',
    '请补写审核日期',
    'add the date',
  ],
  'reviewer-is-author': ['M4', '审核方与起草方为同一方', 'the reviewer is the author', ...askOther],
  'reviewer-not-other-party': ['M4', '审核方不是另一方', 'the reviewer is not the other party', ...askOther],
  'reviewed-before-mapped': [
    'M4',
    '审核日期早于起草日期',
    'the review is dated before the mapping',
    '请核对日期',
    'check the dates',
  ],
  'name-missing': [
    'M5',
    '有的行有标识，有的没有',
    'some rows have names and others have none',
    '请为每一行写上标识',
    'give each row a name',
  ],
  'name-twice': [
    'M5',
    '两行用了同一标识',
    'two rows have one name',
    '请为其中一行另取标识',
    'give one of them another name',
  ],
  'source-missing': [
    'M6',
    '写明无对应，但没有写明在哪一标准中查找',
    'says that there is no counterpart, and not in which standard',
    '请写明查找的标准版本',
    'name the edition that was looked through',
  ],
  'absence-relation': [
    'M6',
    '有无对应条款与所写关系不符',
    'the relation does not fit whether there is a counterpart',
    '请改正关系，或补写对应条款',
    'correct the relation, or name the counterpart',
  ],
  'inputs-missing': [
    'M7',
    '推导所得的行没有写明依据的行',
    'a derived row does not say from what',
    '请写明所依据的行',
    'name the rows that it follows from',
  ],
  'input-unknown': [
    'M7',
    '推导所依据的行不存在',
    'a row that it is derived from is not there',
    '请撤回此行，或重新推导',
    'withdraw the row, or derive it again',
  ],
  'input-not-accepted': [
    'M7',
    '推导所依据的行未通过审核',
    'a row that it is derived from is not accepted',
    '请先审核所依据的行',
    'have the rows that it follows from reviewed first',
  ],
  'inputs-give-other': [
    'M7',
    '所依据的行推导不出此行',
    'the rows that it names do not give this row',
    '请撤回此行，或重新推导',
    'withdraw the row, or derive it again',
  ],
  'derived-as-reviewed': [
    'M7',
    '推导所得的行被当作已审核',
    'a derived row counts as reviewed',
    '经人审核的，请把依据改为“映射审核”',
    'where people reviewed it, let the justification say so',
  ],
} as const satisfies Record<string, Row>

export type FindingCode = keyof typeof findingCodes
