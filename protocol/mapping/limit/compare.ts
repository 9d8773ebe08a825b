import {
  compareIntervals,
  type IntervalRelation,
  isEmpty,
  type Limit,
  type Restriction,
  restrictionsOf,
} from './interval.ts'

/** How the first stands to the second: `stricter` means that whatever meets the first meets the second. */
export type LimitRelation = IntervalRelation | 'incomparable'

/** Why two cannot be compared. */
export type Obstacle = 'unit' | 'empty' | 'quantity' | 'none'

export interface QuantityComparison {
  readonly quantity: string
  readonly relation: LimitRelation
  readonly a: readonly Limit[]
  readonly b: readonly Limit[]
  readonly obstacle?: Obstacle
}

export interface LimitComparison {
  readonly relation: LimitRelation
  /** Quantities that both name, in the order of the first. */
  readonly quantities: readonly QuantityComparison[]
  /** Quantities that one of them alone names. */
  readonly onlyA: readonly Limit[]
  readonly onlyB: readonly Limit[]
}

/**
 * Compares two limits of one quantity, whatever they call it: exactly, in whatever units convert into one another.
 *
 * Proves what the typed values say; not that they are what the text of the clause says.
 *
 * @see spec/mapping.md, MAP-50
 */
export function compareLimits(a: Omit<Limit, 'quantity'>, b: Omit<Limit, 'quantity'>): LimitRelation {
  const [one] = restrictionsOf([{ ...a, quantity: '' }]).values()
  const [other] = restrictionsOf([{ ...b, quantity: '' }]).values()
  return one && other ? relate(one, other).relation : 'incomparable'
}

/**
 * Compares all limits of two clauses, quantity by quantity, and as a whole. The whole is over what is stated: a quantity that one clause
 * alone limits makes that clause the stricter one there, and is listed beside, since a record need not hold every limit of its text.
 *
 * @see spec/mapping.md, MAP-53
 */
export function compareClauseLimits(a: readonly Limit[], b: readonly Limit[]): LimitComparison {
  return compareRestrictions(restrictionsOf(a), restrictionsOf(b))
}

/** `compareClauseLimits` for limits that were grouped before, where one clause is compared many times. */
export function compareRestrictions(
  ours: ReadonlyMap<string, Restriction>,
  theirs: ReadonlyMap<string, Restriction>,
): LimitComparison {
  const quantities: QuantityComparison[] = []
  for (const [name, one] of ours) {
    const other = theirs.get(name)
    if (!other) continue
    quantities.push({ quantity: one.quantity, ...relate(one, other), a: one.limits, b: other.limits })
  }
  const onlyA = alone(ours, theirs)
  const onlyB = alone(theirs, ours)
  return { relation: combine(quantities, { onlyA, onlyB }), quantities, onlyA, onlyB }
}

function alone(
  these: ReadonlyMap<string, Restriction>,
  those: ReadonlyMap<string, Restriction>,
): readonly Limit[] {
  return [...these].flatMap(([name, { limits }]) => (those.has(name) ? [] : limits))
}

function relate(
  a: Restriction,
  b: Restriction,
): { readonly relation: LimitRelation; readonly obstacle?: Obstacle } {
  if (a.kind === undefined || a.kind !== b.kind) return { relation: 'incomparable', obstacle: 'unit' }
  if (isEmpty(a.interval) || isEmpty(b.interval)) return { relation: 'incomparable', obstacle: 'empty' }
  return { relation: compareIntervals(a.interval, b.interval) }
}

/** What all quantities together come to; without those that one clause alone limits, what both name. */
export function combine(
  quantities: readonly Pick<QuantityComparison, 'relation'>[],
  { onlyA, onlyB }: Pick<LimitComparison, 'onlyA' | 'onlyB'> = { onlyA: [], onlyB: [] },
): LimitRelation {
  const found = new Set<LimitRelation>(quantities.map(({ relation }) => relation))
  if (found.size === 0) return 'incomparable'
  if (found.has('conflicting')) return 'conflicting'
  if (found.has('incomparable')) return 'incomparable'
  if (found.has('overlapping')) return 'overlapping'
  const stricter = found.has('stricter') || onlyA.length > 0
  const looser = found.has('looser') || onlyB.length > 0
  if (stricter && looser) return 'overlapping'
  return stricter ? 'stricter' : looser ? 'looser' : 'equal'
}

export const inverseRelations = {
  equal: 'equal',
  stricter: 'looser',
  looser: 'stricter',
  overlapping: 'overlapping',
  conflicting: 'conflicting',
  incomparable: 'incomparable',
} as const satisfies Record<LimitRelation, LimitRelation>
