import type { Version } from './version.ts'

/** The versions of one row: bases before what stands on them; and apart, those that stand on something that is not here. */
export interface OrderedVersions {
  readonly ordered: readonly Version[]
  readonly waiting: readonly Version[]
}

/**
 * Puts the versions of one row in an order in which each comes after its bases. A version waits while one of its bases, near or far, is
 * not here. A circle, which no digest allows, would wait too.
 *
 * @param isKnown whether a version of whatever row is here
 * @see spec/workspace.md, WORK-2
 */
export function orderVersions(
  versions: ReadonlyMap<string, Version>,
  isKnown: (digest: string) => boolean,
): OrderedVersions {
  const above = new Map<string, Version[]>()
  const open = new Map<string, number>()
  const ready: Version[] = []
  for (const version of versions.values()) {
    const bases = [...new Set(version.change.bases)].filter((base) => versions.has(base) || !isKnown(base))
    if (bases.length === 0) ready.push(version)
    else open.set(version.digest, bases.length)
    for (const base of bases) {
      const others = above.get(base)
      if (others) others.push(version)
      else above.set(base, [version])
    }
  }
  // The list grows while it is walked.
  for (const version of ready) {
    for (const next of above.get(version.digest) ?? []) {
      const left = (open.get(next.digest) ?? 0) - 1
      open.set(next.digest, left)
      if (left === 0) ready.push(next)
    }
  }
  if (ready.length === versions.size) return { ordered: ready, waiting: [] }
  const placed = new Set(ready)
  return { ordered: ready, waiting: [...versions.values()].filter((version) => !placed.has(version)) }
}
