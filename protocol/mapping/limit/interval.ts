import type { StandardSubject } from '../../record/standard-record.ts'
import { foldQuantity } from './fold.ts'
import { multiply, order, type Rational, rationalOf } from './rational.ts'
import { measureOf } from './unit.ts'

export type Clause = NonNullable<StandardSubject['clauses']>[number]

/** A number in a clause that programs can compare. */
export type Limit = NonNullable<Clause['limits']>[number]

/** The values that meet a requirement, in the first unit of their kind; an end that is absent is open without bound. */
export interface Interval {
  readonly low?: Rational
  readonly high?: Rational
}

/** What one clause says about one quantity. */
export interface Restriction {
  /** As the clause first names it. */
  readonly quantity: string
  readonly limits: readonly Limit[]
  /** Kind of the unit. `undefined`: the limits have units that do not convert. */
  readonly kind: string | undefined
  readonly interval: Interval
}

export type IntervalRelation = 'equal' | 'stricter' | 'looser' | 'overlapping' | 'conflicting'

/** How the values that meet the first stand to those that meet the second: as sets. */
export function compareIntervals(a: Interval, b: Interval): IntervalRelation {
  const low = orderLow(a.low, b.low)
  const high = orderHigh(a.high, b.high)
  if (low === 0 && high === 0) return 'equal'
  if (isEmpty({ ...a, ...lowOf(low < 0 ? b : a), ...highOf(high > 0 ? b : a) })) return 'conflicting'
  if (low >= 0 && high <= 0) return 'stricter'
  return low <= 0 && high >= 0 ? 'looser' : 'overlapping'
}

export function isEmpty({ low, high }: Interval): boolean {
  return low !== undefined && high !== undefined && order(low, high) > 0
}

/** No lower end is the lowest. */
function orderLow(a: Rational | undefined, b: Rational | undefined): number {
  if (!a || !b) return a ? 1 : b ? -1 : 0
  return order(a, b)
}

function orderHigh(a: Rational | undefined, b: Rational | undefined): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0
  return order(a, b)
}

function lowOf({ low }: Interval): Interval {
  return low ? { low } : {}
}

function highOf({ high }: Interval): Interval {
  return high ? { high } : {}
}

function intersect(a: Interval, b: Interval): Interval {
  return {
    ...lowOf(orderLow(a.low, b.low) < 0 ? b : a),
    ...highOf(orderHigh(a.high, b.high) > 0 ? b : a),
  }
}

function intervalOf({ op, value }: Pick<Limit, 'op' | 'value'>, factor: Rational): Interval {
  const end = multiply(rationalOf(value), factor)
  return { ...(op === 'le' ? {} : { low: end }), ...(op === 'ge' ? {} : { high: end }) }
}

/**
 * The limits of one clause by quantity: those of one quantity hold together, so that `≥18` and `≤26` are one range. Under the folded name
 * of the quantity, in the order of the clause.
 *
 * @see spec/mapping.md, MAP-52
 */
export function restrictionsOf(limits: readonly Limit[]): ReadonlyMap<string, Restriction> {
  const found = new Map<string, Restriction>()
  for (const limit of limits) {
    const name = foldQuantity(limit.quantity)
    const { kind, factor } = measureOf(limit.unit, limit.per)
    const interval = intervalOf(limit, factor)
    const before = found.get(name)
    found.set(
      name,
      before
        ? {
            quantity: before.quantity,
            limits: [...before.limits, limit],
            kind: before.kind === kind ? kind : undefined,
            interval: intersect(before.interval, interval),
          }
        : { quantity: limit.quantity, limits: [limit], kind, interval },
    )
  }
  return found
}
