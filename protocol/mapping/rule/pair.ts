import type { NamedRow } from '../../record/mapping-row.ts'
import type { Relation } from '../../record/mapping-word.ts'
import type { Findings } from './collection.ts'
import { findingOf } from './finding.ts'
import { inverseRelation, statedRelation } from './relation.ts'
import { compareText, conceptOf, isRelied } from './row-set.ts'

/** Relations of topics stand beside those of requirements; equal and equivalent agree. */
const groups = {
  equal: 'equal',
  equivalent: 'equal',
  superset: 'superset',
  subset: 'subset',
  intersects: 'intersects',
  related: undefined,
  conflict: 'conflict',
  none: undefined,
  broader: undefined,
  narrower: undefined,
} as const satisfies Record<Relation, Relation | undefined>

/**
 * Also M3: accepted rows about one pair of clauses, in whichever direction, do not state relations that exclude each other.
 *
 * @see spec/mapping.md, MAP-62
 */
export function checkPairs(sorted: readonly NamedRow[], found: Findings): void {
  const first = new Map<string, { readonly row: NamedRow; readonly relation: Relation }>()
  for (const row of sorted) {
    const { subject, object } = row.mapping
    const stated = statedRelation(row.mapping)
    const group = stated && groups[stated]
    if (!object || !group || !isRelied(row)) continue
    const [one, other] = [conceptOf(subject), conceptOf(object)]
    const turned = compareText(one, other) > 0
    const relation = turned ? inverseRelation[group] : group
    const pair = turned ? `${other} ${one}` : `${one} ${other}`
    const before = first.get(pair)
    if (!before) first.set(pair, { row, relation })
    else if (before.relation !== relation)
      found.add('relations-contradict', () =>
        findingOf('relations-contradict', row, { chain: [before.row.row] }),
      )
  }
}
