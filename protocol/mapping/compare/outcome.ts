import type { Relation } from '../../record/mapping-word.ts'
import type { Label } from '../../record/vocabulary.ts'

/** How a clause of A stands to what B asks. */
export const outcomes = {
  equal: { zh: '等同', en: 'equal' },
  stricter: { zh: '更严', en: 'stricter' },
  looser: { zh: '更宽', en: 'looser' },
  overlapping: { zh: '部分交叉', en: 'overlapping' },
  conflicting: { zh: '冲突', en: 'conflicting' },
  'no-counterpart': { zh: '无对应', en: 'no counterpart' },
  'not-compared': { zh: '未比对', en: 'not compared' },
} as const satisfies Record<string, Label>

export type Outcome = keyof typeof outcomes

/** What a relation says about requirements. Topics that are broader or narrower say nothing about them. */
export const outcomeOf = {
  equal: 'equal',
  equivalent: 'equal',
  superset: 'stricter',
  subset: 'looser',
  intersects: 'overlapping',
  related: 'no-counterpart',
  conflict: 'conflicting',
  none: 'no-counterpart',
  broader: 'not-compared',
  narrower: 'not-compared',
} as const satisfies Record<Relation, Outcome>

/**
 * Of one clause against several that hold together: where A is no less than one of them, it is no less than all. `equal` to one and
 * `overlapping` with another is `looser`, since that other asks for more; `equal` to one and `stricter` than another is `equal`.
 *
 * @see spec/mapping.md, MAP-71
 */
export function combineOutcomes(found: readonly Outcome[]): Outcome {
  const has = (outcome: Outcome) => found.includes(outcome)
  if (has('conflicting')) return 'conflicting'
  if (has('looser') || (has('equal') && has('overlapping'))) return 'looser'
  if (has('overlapping')) return 'overlapping'
  if (has('equal')) return 'equal'
  if (has('stricter')) return 'stricter'
  return has('no-counterpart') ? 'no-counterpart' : 'not-compared'
}
