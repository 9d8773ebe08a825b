import { compareText } from '../../canonical.ts'
import { findAncestry, maxHeads } from './ancestry.ts'
import { mergeHeads, rowAt } from './history.ts'
import { type JudgedVersion, judgeVersion, type WorkFault } from './judge.ts'
import { orderVersions } from './order.ts'
import { collectVersions, type PlacedChange, type Placing, type Version } from './version.ts'
import type { Conflict, Head, WaitingVersion, Workspace, WorkspaceRow } from './workspace.ts'

/** Beyond that many versions a merge is not looked at again to record its acceptance: work stays in proportion to their number. */
const maxHistory = 256

/** No agency writes this; it stands where a version has no place, which cannot be. */
const nowhere: Placing = { by: '', origin: '', index: 0, at: '' }

/**
 * The workspace of a project: what all changes of its mapping that were logged come to, by whichever party. A function of the set of
 * changes alone: order, repetition and what came together make no difference, so that two nodes that have the same records show the
 * same workspace.
 *
 * Takes for granted that the records are verified and of this project. A change that is not here leaves no trace but versions that wait
 * for it: whether all are here, the as-of says that is shown beside.
 *
 * @param parties the DIDs of the project's two agencies
 * @see spec/workspace.md, WORK-1 to WORK-11 (DOMAIN section 8.4)
 */
export function foldWorkspace(changes: readonly PlacedChange[], parties: readonly string[]): Workspace {
  const versions = collectVersions(changes)
  const byRow = new Map<string, Map<string, Version>>()
  for (const version of versions.values()) {
    const { row } = version.change
    const known = byRow.get(row)
    if (known) known.set(version.digest, version)
    else byRow.set(row, new Map([[version.digest, version]]))
  }
  const folded = [...byRow.keys()]
    .toSorted(compareText)
    .map((row) =>
      foldRow(row, byRow.get(row) ?? new Map(), { parties, isKnown: (digest) => versions.has(digest) }),
    )
  const judged = new Map<string, JudgedVersion>()
  for (const one of folded) for (const version of one.judged) judged.set(version.version.digest, version)
  return {
    rows: folded.map(({ row }) => row),
    conflicts: folded.flatMap(({ conflicts }) => conflicts),
    faults: folded.flatMap(({ faults }) => faults),
    waiting: folded.flatMap(({ waiting }) => waiting),
    versions: judged,
  }
}

interface FoldedRow {
  readonly row: WorkspaceRow
  readonly judged: readonly JudgedVersion[]
  readonly conflicts: readonly Conflict[]
  readonly faults: readonly WorkFault[]
  readonly waiting: readonly WaitingVersion[]
}

interface FoldCase {
  readonly parties: readonly string[]
  readonly isKnown: (digest: string) => boolean
}

function foldRow(
  name: string,
  versions: ReadonlyMap<string, Version>,
  { parties, isKnown }: FoldCase,
): FoldedRow {
  const { ordered, waiting } = orderVersions(versions, isKnown)
  const judged = new Map<string, JudgedVersion>()
  for (const version of ordered) {
    const bases = [...new Set(version.change.bases)]
    const ours = bases.flatMap((base) => judged.get(base) ?? [])
    const strays = bases.some((base) => !versions.has(base))
    const merged = () => rowAt({ versions: judged }, bases, maxHistory)?.mapping
    judged.set(version.digest, judgeVersion(version, { parties, bases: ours, strays, merged }))
  }
  const all = [...judged.values()]
  const { row, conflicts } = settleRow(name, all)
  const [awaited, strange] = partition(waiting, ({ placings }) =>
    placings.some(({ by }) => parties.includes(by)),
  )
  // Whoever is no party makes nothing wait.
  const refused = strange.map((version) =>
    judgeVersion(version, { parties, bases: [], strays: false, merged: () => undefined }),
  )
  return {
    row: awaited.length > 0 ? { ...row, incomplete: true } : row,
    judged: all,
    conflicts,
    faults: [...all, ...refused].flatMap(({ faults }) => faults).toSorted(compareFaults),
    waiting: awaited.toSorted(compareVersions).map((version) => waitingOf(version, isKnown)),
  }
}

function partition<T>(
  items: readonly T[],
  fits: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))]
}

function settleRow(
  row: string,
  judged: readonly JudgedVersion[],
): { readonly row: WorkspaceRow; readonly conflicts: readonly Conflict[] } {
  const { heads: standing, bases } = findAncestry(judged)
  const heads = standing.map(headOf)
  const authors = [...new Set(standing.flatMap((head) => head.authors))].toSorted()
  const [only, other] = standing
  if (!other) {
    const mapping = only?.version.change.mapping
    const recorded = { row, standing: 'recorded', heads, authors } as const
    return { row: mapping ? { ...recorded, mapping } : recorded, conflicts: [] }
  }
  if (standing.length > maxHeads) return tooMany(row, standing, { heads, authors })
  const { mapping, conflicts, reopened } = mergeHeads({ heads: standing, bases })
  return {
    row: {
      row,
      standing: conflicts.length > 0 ? 'conflict' : 'merged',
      ...(mapping ? { mapping } : {}),
      heads,
      authors,
      ...(reopened ? { reopened: true } : {}),
    },
    conflicts: conflicts.map(({ values, ...conflict }) => ({
      row,
      ...conflict,
      sides: heads.map((head, i) => ({ ...head, ...values[i] })),
    })),
  }
}

function tooMany(
  row: string,
  standing: readonly JudgedVersion[],
  { heads, authors }: Pick<WorkspaceRow, 'heads' | 'authors'>,
) {
  const sides = standing.slice(0, maxHeads).map((head) => {
    const value = head.version.change.mapping
    return value === undefined ? headOf(head) : { ...headOf(head), value }
  })
  const conflict: Conflict = { row, field: 'row', sides, more: standing.length - sides.length }
  const listed = heads.slice(0, maxHeads)
  return { row: { row, standing: 'conflict', heads: listed, authors } as const, conflicts: [conflict] }
}

function headOf({ version, sound: [first = nowhere] }: JudgedVersion): Head {
  return { version: version.digest, ...first }
}

function waitingOf({ digest, change, placings: [first = nowhere] }: Version, isKnown: FoldCase['isKnown']) {
  const missing = [...new Set(change.bases)].filter((base) => !isKnown(base)).toSorted()
  return { row: change.row, code: 'PENDING_DEPENDENCY', version: digest, ...first, missing } as const
}

function compareVersions(a: Version, b: Version): number {
  return compareText(a.digest, b.digest)
}

/** The places of one version stand in order already. */
function compareFaults(a: WorkFault, b: WorkFault): number {
  return compareText(a.version, b.version)
}
