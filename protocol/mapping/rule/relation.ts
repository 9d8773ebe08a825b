import type { Predicate, Relation } from '../../record/mapping-word.ts'

/** The predicate that says what a relation says, of the table of relations. `none` has no object, and any predicate. */
export const predicateOf = {
  equal: 'exact-match',
  equivalent: 'exact-match',
  superset: 'close-match',
  subset: 'close-match',
  intersects: 'close-match',
  related: 'related-match',
  conflict: 'related-match',
  none: undefined,
  broader: 'broad-match',
  narrower: 'narrow-match',
} as const satisfies Record<Relation, Predicate | undefined>

export const inverseRelation = {
  equal: 'equal',
  equivalent: 'equivalent',
  superset: 'subset',
  subset: 'superset',
  intersects: 'intersects',
  related: 'related',
  conflict: 'conflict',
  none: 'none',
  broader: 'narrower',
  narrower: 'broader',
} as const satisfies Record<Relation, Relation>

export const inversePredicate = {
  'exact-match': 'exact-match',
  'close-match': 'close-match',
  'related-match': 'related-match',
  'broad-match': 'narrow-match',
  'narrow-match': 'broad-match',
} as const satisfies Record<Predicate, Predicate>

/** What a predicate says about requirements where no relation stands beside it. */
export const relationOf = {
  'exact-match': 'equal',
  'close-match': undefined,
  'related-match': 'related',
  'broad-match': 'broader',
  'narrow-match': 'narrower',
} as const satisfies Record<Predicate, Relation | undefined>

/** A relation may be written out; what a predicate means by itself counts too. */
export function statedRelation(mapping: {
  readonly relation?: Relation | undefined
  readonly predicate: Predicate
}): Relation | undefined {
  return mapping.relation ?? relationOf[mapping.predicate]
}
