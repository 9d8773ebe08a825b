import type { NamedRow } from '../../record/mapping-row.ts'
import type { Relation } from '../../record/mapping-word.ts'
import type { Findings } from './collection.ts'
import type { NumberedRows } from './concept.ts'
import { findingOf } from './finding.ts'
import { inverseRelation, statedRelation } from './relation.ts'
import { isRelied } from './row-set.ts'

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
export function checkPairs({ rows, subjects, objects, size }: NumberedRows, found: Findings): void {
  const first = new Map<number, { readonly row: NamedRow; readonly relation: Relation }>()
  for (const [rank, row] of rows.entries()) {
    const [one, other] = [subjects[rank] ?? -1, objects[rank] ?? -1]
    const stated = statedRelation(row.mapping)
    const group = stated && groups[stated]
    if (other < 0 || !group || !isRelied(row)) continue
    const relation = one > other ? inverseRelation[group] : group
    const pair = Math.min(one, other) * size + Math.max(one, other)
    const before = first.get(pair)
    if (!before) first.set(pair, { row, relation })
    else if (before.relation !== relation)
      found.add('relations-contradict', () =>
        findingOf('relations-contradict', row, { chain: [before.row.row] }),
      )
  }
}
