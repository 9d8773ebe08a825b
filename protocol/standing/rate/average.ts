import { greatestDivisor, makeRational, type Rational } from './rational.ts'

/** `part` of `whole`, weighed. Several weights: nobody here knows which of them it is; nought: it may not count at all. */
export interface Weighed {
  readonly part: number
  /** At least 1. */
  readonly whole: number
  /** From the smallest to the greatest. */
  readonly weights: readonly number[]
  /** Of what the weight is not known: it is the same for all that name it. */
  readonly of?: string
}

/**
 * What figures come to: `determined` where it is the same whatever is not known, else between two bounds; `none` where nothing counts.
 */
export type Figure =
  | { readonly state: 'determined'; readonly value: Rational }
  | { readonly state: 'undetermined'; readonly lower?: Rational; readonly upper?: Rational }
  | { readonly state: 'none' }

/**
 * The weighed average Σ w·(part/whole) / Σ w, exactly: one number, or the least and the greatest that what is not known leaves open. That
 * something counts is taken for granted where something may.
 *
 * @see spec/rate.md, RATE-6 and RATE-10
 */
export function averageOf(items: readonly Weighed[]): Figure {
  const scale = commonMultiple(items)
  const start = startOf(items, scale)
  const open = openOf(items, scale).toSorted((a, b) => signOf(a.height * b.count - b.height * a.count))
  if (start.weight === 0n && open.length === 0) return { state: 'none' }
  if (open.length === 0) return { state: 'determined', value: quotient(start) }
  const lower = extreme(start, open, (one, sum) => levelOf(one, sum) < 0n)
  const upper = extreme(start, open.toReversed(), (one, sum) => levelOf(one, sum) > 0n)
  const same = lower.numerator === upper.numerator && lower.denominator === upper.denominator
  return same ? { state: 'determined', value: lower } : { state: 'undetermined', lower, upper }
}

interface Sum {
  /** Σ w·(part/whole), in parts of `scale`. */
  readonly total: bigint
  readonly weight: bigint
  readonly scale: bigint
}

/** All of one name together: what is not known of them is known of all or of none. */
interface Open {
  /** Σ part/whole, in parts of the scale. */
  readonly height: bigint
  readonly count: bigint
  readonly extra: bigint
}

function openOf(items: readonly Weighed[], scale: bigint): readonly Open[] {
  const open = new Map<string, Open>()
  for (const [i, { part, whole, weights, of = '' }] of items.entries()) {
    const extra = (weights.at(-1) ?? 0) - (weights[0] ?? 0)
    if (extra <= 0) continue
    const name = of === '' ? `#${i}` : `${extra} ${of}`
    const { height, count } = open.get(name) ?? { height: 0n, count: 0n }
    const more = BigInt(part) * (scale / BigInt(whole))
    open.set(name, { height: height + more, count: count + 1n, extra: BigInt(extra) })
  }
  return [...open.values()]
}

/** The extremes of a weighed average are at the ends of the weights: in order of value, each is taken while it moves the average. */
function extreme(start: Sum, open: readonly Open[], moves: (one: Open, sum: Sum) => boolean): Rational {
  let sum = start
  for (const one of open) {
    if (sum.weight > 0n && !moves(one, sum)) break
    sum = plus(sum, one)
  }
  return quotient(sum)
}

/** Below nought: it would lower the average. */
function levelOf({ height, count }: Open, { weight, total }: Sum): bigint {
  return height * weight - total * count
}

function signOf(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0
}

/** What counts in any case. Parts of one whole are added as plain numbers, so that few large ones are. */
function startOf(items: readonly Weighed[], scale: bigint): Sum {
  const parts = new Map<number, number>()
  let weight = 0
  for (const { part, whole, weights } of items) {
    const [least = 0] = weights
    if (least === 0) continue
    parts.set(whole, (parts.get(whole) ?? 0) + part * least)
    weight += least
  }
  let total = 0n
  for (const [whole, part] of parts) total += BigInt(part) * (scale / BigInt(whole))
  return { total, weight: BigInt(weight), scale }
}

function plus({ total, weight, scale }: Sum, { height, count, extra }: Open): Sum {
  return { total: total + height * extra, weight: weight + count * extra, scale }
}

function quotient({ total, weight, scale }: Sum): Rational {
  return makeRational(total, weight * scale)
}

function commonMultiple(items: readonly Weighed[]): bigint {
  let multiple = 1n
  for (const whole of new Set(items.map((item) => item.whole))) {
    const next = BigInt(whole)
    multiple = (multiple / greatestDivisor(multiple, next)) * next
  }
  return multiple
}
