import { canonicalize, compareText } from '../../canonical.ts'
import { type Digest, digestOf } from '../../hash.ts'
import type { JsonValue } from '../../json-value.ts'
import type { MappingChange } from '../../record/mapping-proposal.ts'

/** Where a change stands, and whose record it is in. */
export interface Placing {
  /** The issuer of the record: a DID. */
  readonly by: string
  readonly origin: string
  readonly index: number
  /** Of the entry. */
  readonly at: string
}

/** One change of a verified MappingProposal. */
export interface PlacedChange extends Placing {
  readonly change: MappingChange
}

/** A change with every place where it was logged, in one order whatever order they came in. */
export interface Version {
  readonly digest: Digest
  readonly change: MappingChange
  readonly placings: readonly Placing[]
}

/**
 * The name of a version of a row: SHA-256 of the canonical form of its change `{bases, mapping?, row}`.
 *
 * Says what was changed and on what it stands, not who did so: two agencies that make the same change of the same version make one
 * version.
 *
 * @see spec/workspace.md, WORK-1
 */
export function versionDigest({ bases, mapping, row }: MappingChange): Digest {
  const change = mapping === undefined ? { bases, row } : { bases, mapping, row }
  return digestOf(canonicalize(isJson(change) ? change : plain(change)))
}

/** All versions of a set of changes; the same change at the same place counts once, however often it is given. */
export function collectVersions(changes: readonly PlacedChange[]): ReadonlyMap<string, Version> {
  const found = new Map<Digest, { readonly change: MappingChange; readonly placings: Placing[] }>()
  for (const { change, by, origin, index, at } of changes) {
    const digest = versionDigest(change)
    const known = found.get(digest)
    const placing = { by, origin, index, at }
    if (known) known.placings.push(placing)
    else found.set(digest, { change, placings: [placing] })
  }
  const versions = new Map<string, Version>()
  for (const [digest, { change, placings }] of found)
    versions.set(digest, { digest, change, placings: distinct(placings) })
  return versions
}

function distinct(placings: readonly Placing[]): readonly Placing[] {
  if (placings.length === 1) return placings
  const sorted = placings.toSorted(comparePlacings)
  return sorted.filter((placing, i) => {
    const before = sorted[i - 1]
    return before === undefined || comparePlacings(before, placing) !== 0
  })
}

function comparePlacings(a: Placing, b: Placing): number {
  return (
    compareText(a.at, b.at) || compareText(a.origin, b.origin) || a.index - b.index || compareText(a.by, b.by)
  )
}

/** What a strict reader made has no member without a value; then nothing is copied. */
function isJson(value: unknown): value is JsonValue {
  if (typeof value !== 'object') return value !== undefined
  return value === null || Object.values(value).every(isJson)
}

function plain(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): [string, JsonValue][] =>
      member === undefined ? [] : [[name, plain(member)]],
    ),
  )
}
