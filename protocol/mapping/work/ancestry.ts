import { isSound, type JudgedVersion } from './judge.ts'

/** What a row has come to: versions that nothing took the place of, and the nearest that all of them come from. */
export interface Ancestry {
  /** By digest. */
  readonly heads: readonly JudgedVersion[]
  /** One, as a rule; none where the row was begun twice; several where edits crossed. Empty too with more than `maxHeads` heads. */
  readonly bases: readonly JudgedVersion[]
}

/** As many as one change can take the place of, and fewer than a word has bits. What is beyond is for people, step by step. */
export const maxHeads = 16

/**
 * Finds heads and common ancestors in two walks over the versions of one row, bases before what stands on them. A version that does
 * not count takes nobody's place, but what stands on it stands on its bases.
 *
 * @see spec/workspace.md, WORK-3
 */
export function findAncestry(ordered: readonly JudgedVersion[]): Ancestry {
  const only = ordered.length === 1 ? ordered[0] : undefined
  if (only) return { heads: isSound(only) ? [only] : [], bases: [] }
  const replaced = new Set<string>()
  const heads: JudgedVersion[] = []
  for (const judged of ordered.toReversed()) {
    const { digest, change } = judged.version
    const taken = replaced.has(digest)
    if (isSound(judged) && !taken) heads.push(judged)
    if (isSound(judged) || taken) for (const base of change.bases) replaced.add(base)
  }
  heads.sort((a, b) => (a.version.digest < b.version.digest ? -1 : 1))
  const meets = heads.length > 1 && heads.length <= maxHeads
  return { heads, bases: meets ? nearestCommon(ordered, heads) : [] }
}

/** Each head has a bit, which goes down to all that it comes from. Whatever is below a common ancestor is one too. */
function nearestCommon(
  ordered: readonly JudgedVersion[],
  heads: readonly JudgedVersion[],
): readonly JudgedVersion[] {
  const reach = new Map<string, number>(heads.map(({ version }, i) => [version.digest, 1 << i]))
  const all = heads.reduce((mask, _, i) => mask | (1 << i), 0)
  const below = new Set<string>()
  const nearest: JudgedVersion[] = []
  for (const judged of ordered.toReversed()) {
    const { digest, change } = judged.version
    const mask = reach.get(digest) ?? 0
    const common = mask === all
    if (common && isSound(judged) && !below.has(digest)) nearest.push(judged)
    const covers = common && (isSound(judged) || below.has(digest))
    for (const base of change.bases) {
      reach.set(base, (reach.get(base) ?? 0) | mask)
      if (covers) below.add(base)
    }
  }
  return nearest.toSorted((a, b) => (a.version.digest < b.version.digest ? -1 : 1))
}
