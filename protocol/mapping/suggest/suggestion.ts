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

/** A pair with its likeness. */
export interface Pair {
  readonly a: number
  readonly b: number
  /** From 0 to 1. */
  readonly value: number
  /** The lesser comes first where points tie. */
  readonly distance: number
}

/** How much nearer it makes two that neither has a better one. */
const mutualShare = 0.25

/** A pair with its place among the best of its clause or standard. */
export interface RankedPair extends Pair {
  /** In hundredths. */
  readonly points: number
  /** Whether neither of them is more like another. */
  readonly isMutual: boolean
}

/**
 * The best of each of A, in a fixed order where they tie. Two that are each other's best are moved a quarter of the way to 1: who has a
 * twin of its own is the less likely counterpart of another.
 */
export function rankPairs(pairs: readonly Pair[], { most, least }: SuggestOptions): readonly RankedPair[] {
  const [bestA, bestB] = [new Map<number, number>(), new Map<number, number>()]
  for (const { a, b, value } of pairs) {
    bestA.set(a, Math.max(bestA.get(a) ?? 0, hundredths(value)))
    bestB.set(b, Math.max(bestB.get(b) ?? 0, hundredths(value)))
  }
  const lists = new Map<number, RankedPair[]>()
  for (const pair of pairs) {
    const points = hundredths(pair.value)
    const isMutual = bestA.get(pair.a) === points && bestB.get(pair.b) === points && points >= 30
    const value = isMutual ? pair.value + (1 - pair.value) * mutualShare : pair.value
    const ranked = { ...pair, value, points: hundredths(value), isMutual }
    if (ranked.points < Math.round(least * 100)) continue
    const list = lists.get(pair.a)
    if (list) list.push(ranked)
    else lists.set(pair.a, [ranked])
  }
  return [...lists.values()].flatMap((list) =>
    list.sort((x, y) => y.points - x.points || x.distance - y.distance || x.b - y.b).slice(0, most),
  )
}

export const mutualWords = { zh: '互为最相似', en: 'each the nearest of the other' } as const
