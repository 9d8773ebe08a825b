import type { RecognitionAgreement } from '../record/agreement.ts'
import type { Pin } from '../record/mapping-row.ts'
import type { Condition } from './condition.ts'
import type { RecognitionFacts } from './recognition-facts.ts'
import type { RowStanding } from './row-standing.ts'

export interface MappingGiven {
  readonly agreement: RecognitionAgreement
  readonly facts: Pick<RecognitionFacts, 'mapping'>
  readonly rows: readonly RowStanding[]
}

/** E4 of a recognition. @see spec/agreement.md, AGREE-35 */
export function mappingCondition({ agreement, facts: { mapping }, rows }: MappingGiven): Condition {
  const shared = { condition: 'E4' } as const
  if (!mapping)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'MAPPING_MISSING',
      zh: '声明所引摘要的映射集不在手边',
      en: 'the mapping set of the digest that was signed is not at hand',
    }
  const [error] = mapping.errors
  if (error !== undefined)
    return {
      ...shared,
      outcome: 'failed',
      code: 'MAPPING_INVALID',
      zh: `映射集不合规：${error}`,
      en: `the mapping set breaks a rule: ${error}`,
    }
  const pinned = new Map(agreement.scope.editions.map(({ id, digest }) => [id, digest]))
  const clauses = agreement.scope.clauses && new Set(agreement.scope.clauses)
  const within = (pin: Pin | undefined) =>
    pin === undefined ||
    (pinned.get(pin.edition) === pin.digest &&
      (clauses === undefined || pin.clause === undefined || clauses.has(`${pin.edition}#${pin.clause}`)))
  for (const { row } of agreement.effects) {
    const mapped = mapping.rows.get(row)
    if (mapped?.state === 'accepted' && mapped.object && within(mapped.subject) && within(mapped.object))
      continue
    return {
      ...shared,
      outcome: 'failed',
      code: 'MAPPING_INVALID',
      zh: `所依据的映射行 ${row} 未通过、不存在或超出范围`,
      en: `row ${row}, which is relied on, is not accepted, not there, or outside the scope`,
    }
  }
  const fallen = rows.filter(({ state }) => state === 'fallen')
  const last = fallen.toSorted((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1)).at(-1)
  if (last && fallen.length === rows.length)
    return {
      ...shared,
      outcome: 'failed',
      code: 'SUPERSEDED',
      ...(last.until === undefined ? {} : { since: last.until }),
      ...(last.cause ? { cause: last.cause } : {}),
      zh: '所依据的各行均因条款变更而失效',
      en: 'every row that is relied on fell with a change of its clause',
    }
  const open = rows.find(({ state }) => state === 'open')
  if (open && rows.every(({ state }) => state === 'fallen' || state === 'open'))
    return {
      ...shared,
      outcome: 'unknown',
      code: 'NOT_WITNESSED',
      ...(open.cause ? { cause: open.cause } : {}),
      zh: '所依据的条款有变更，但无从得知其入日志日期',
      en: 'the clauses that are relied on were changed, and no witness at hand says when that was logged',
    }
  return {
    ...shared,
    outcome: 'passed',
    zh: fallen.length === 0 ? `${rows.length}行均有效` : `${rows.length}行中${fallen.length}行已失效`,
    en:
      fallen.length === 0 ? `all ${rows.length} rows stand` : `${fallen.length} of ${rows.length} rows fell`,
  }
}
