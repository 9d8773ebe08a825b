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
 *
 * Of millions of pairs a few are kept: nothing is made or sorted for the others.
 */
export class Ranking<T> {
  readonly #options: SuggestOptions
  readonly #kept: number
  readonly #lists: Pair<T>[][] = []
  readonly #bestOfB: Uint8Array
  #list: Pair<T>[] = []

  constructor(options: SuggestOptions, sizeOfB: number) {
    this.#options = options
    this.#kept = 2 * options.most + 10
    this.#bestOfB = new Uint8Array(sizeOfB)
  }

  /** Begins the next of A. */
  next(): void {
    this.#list = []
    this.#lists.push(this.#list)
  }

  /** Whether a pair that is at most so good could change anything: what cannot need not be looked at closer. */
  couldMatter(b: number, most: number): boolean {
    const points = hundredths(most)
    const { least } = this.#options
    if (points < leastMutual && points < hundredths(least)) return false
    if (points > (this.#bestOfB[b] ?? 0)) return true
    return this.#list.length < this.#kept || points >= hundredths(this.#list.at(-1)?.value ?? 0)
  }

  /** Takes note of a pair of the one that was begun. */
  offer(b: number, value: number, { distance, likeness }: Pick<Pair<T>, 'distance' | 'likeness'>): void {
    const points = hundredths(value)
    if (points > (this.#bestOfB[b] ?? 0)) this.#bestOfB[b] = points
    const list = this.#list
    const last = list.at(-1)
    const pair = { b, value, distance, likeness }
    if (last && list.length >= this.#kept && comparePairs(pair, last) >= 0) return
    let at = list.length
    for (let above = list[at - 1]; above && comparePairs(pair, above) < 0; above = list[at - 1]) at -= 1
    list.splice(at, 0, pair)
    if (list.length > this.#kept) list.pop()
  }

  list(): readonly RankedPair<T>[] {
    const { most, least } = this.#options
    return this.#lists.flatMap((pairs, a) => {
      const best = hundredths(pairs[0]?.value ?? 0)
      return pairs
        .map((pair) => {
          const points = hundredths(pair.value)
          const isMutual = points >= leastMutual && points === best && points === this.#bestOfB[pair.b]
          const value = isMutual ? pair.value + (1 - pair.value) * mutualShare : pair.value
          return { ...pair, a, value, isMutual }
        })
        .filter(({ value }) => hundredths(value) >= hundredths(least))
        .sort(comparePairs)
        .slice(0, most)
    })
  }
}

function comparePairs(x: Pair<unknown>, y: Pair<unknown>): number {
  return hundredths(y.value) - hundredths(x.value) || x.distance - y.distance || x.b - y.b
}

export const mutualWords = { zh: '互为最相似', en: 'each the nearest of the other' } as const
