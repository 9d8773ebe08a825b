import { hundredths, type Score } from './score.ts'

export interface SuggestOptions {
  /** How many for each of A. */
  readonly most: number
  /** Nothing below that, from 0 to 1. */
  readonly least: number
}

export const suggestDefaults: SuggestOptions = { most: 5, least: 0.3 }

/** A counterpart that a program proposes, by places in the two lists. People decide. */
export interface Suggestion extends Score {
  readonly a: number
  readonly b: number
}

/** One of B as a counterpart of one of A, with what makes it one. */
export interface Pair<T> {
  readonly b: number
  /** From 0 to 1. */
  readonly value: number
  /** The lesser comes first where points tie. */
  readonly distance: number
  readonly likeness: T
}

/** A pair with its place among the best. */
export interface RankedPair<T> extends Pair<T> {
  readonly a: number
  /** Whether neither of them is more like another. */
  readonly isMutual: boolean
}

/** How much nearer it makes two that neither has a better one. */
const mutualShare = 0.25
/** Two that have nothing but a few characters in common are not each other's nearest in any sense. */
const leastMutual = 30

/**
 * The best of each of A, in a fixed order where they tie. Two that are each other's best are moved a quarter of the way to 1: who has a
 * twin of its own is the less likely counterpart of another.
 */
export class Ranking<T> {
  readonly #options: SuggestOptions
  readonly #lists: (readonly Pair<T>[])[] = []
  readonly #bestOfB = new Map<number, number>()

  constructor(options: SuggestOptions) {
    this.#options = options
  }

  /** All pairs of the next of A. Kept are the few that may be shown. */
  add(pairs: readonly Pair<T>[]): void {
    for (const { b, value } of pairs)
      this.#bestOfB.set(b, Math.max(this.#bestOfB.get(b) ?? 0, hundredths(value)))
    this.#lists.push(firstOf(pairs, 2 * this.#options.most + 10))
  }

  list(): readonly RankedPair<T>[] {
    const { most, least } = this.#options
    return this.#lists.flatMap((pairs, a) => {
      const best = hundredths(pairs[0]?.value ?? 0)
      return pairs
        .map((pair) => {
          const points = hundredths(pair.value)
          const isMutual = points >= leastMutual && points === best && points === this.#bestOfB.get(pair.b)
          const value = isMutual ? pair.value + (1 - pair.value) * mutualShare : pair.value
          return { ...pair, a, value, isMutual }
        })
        .filter(({ value }) => hundredths(value) >= hundredths(least))
        .sort(comparePairs)
        .slice(0, most)
    })
  }
}

/** The first of them in order: only those are sorted that may be among these, since a pair has a hundred others like it. */
function firstOf<T>(pairs: readonly Pair<T>[], count: number): readonly Pair<T>[] {
  const byPoints: Pair<T>[][] = Array.from({ length: 101 }, () => [])
  for (const pair of pairs) byPoints[hundredths(pair.value)]?.push(pair)
  const first: Pair<T>[] = []
  for (let points = 100; points >= 0 && first.length < count; points -= 1)
    first.push(...(byPoints[points] ?? []).sort(comparePairs))
  return first.slice(0, count)
}

function comparePairs<T>(x: Pair<T>, y: Pair<T>): number {
  return hundredths(y.value) - hundredths(x.value) || x.distance - y.distance || x.b - y.b
}

export const mutualWords = { zh: '互为最相似', en: 'each the nearest of the other' } as const
