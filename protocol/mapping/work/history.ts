import type { MappingRow } from '../../record/mapping-row.ts'
import { type Ancestry, findAncestry } from './ancestry.ts'
import { isSound, type JudgedVersion } from './judge.ts'
import { type MergedRow, mergeSides } from './merge.ts'
import { orderVersions } from './order.ts'
import type { Workspace } from './workspace.ts'

/** What the versions that stand come to, over what all of them come from. */
export function mergeHeads({ heads, bases }: Ancestry): MergedRow {
  return mergeSides(bases.map(contentOf), heads.map(contentOf))
}

/**
 * What a row said when these versions of it stood: nothing new since then plays a part. `undefined` where one of them is not here or
 * does not count, or they stand on more than `most`.
 *
 * @see spec/workspace.md, WORK-21
 */
export function rowAt(
  { versions }: Pick<Workspace, 'versions'>,
  digests: readonly string[],
  most = Number.POSITIVE_INFINITY,
): { readonly mapping?: MappingRow } | undefined {
  const found = digests.map((digest) => versions.get(digest))
  if (found.some((judged) => judged === undefined || !isSound(judged))) return undefined
  const below = new Map<string, JudgedVersion>()
  const walk = [...digests]
  for (const digest of walk) {
    const judged = versions.get(digest)
    if (!judged || below.has(digest)) continue
    below.set(digest, judged)
    if (below.size > most) return undefined
    for (const base of judged.version.change.bases) walk.push(base)
  }
  const { ordered } = orderVersions(
    new Map([...below].map(([digest, { version }]) => [digest, version])),
    () => true,
  )
  const { mapping } = mergeHeads(findAncestry(ordered.flatMap(({ digest }) => below.get(digest) ?? [])))
  return mapping === undefined ? {} : { mapping }
}

function contentOf({ version }: JudgedVersion): MappingRow | undefined {
  return version.change.mapping
}
