import { isSound } from '../../protocol/mapping/work/judge.ts'
import type { Conflict, Workspace, WorkspaceRow } from '../../protocol/mapping/work/workspace.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'
import type { Relation, RowState } from '../../protocol/record/mapping-word.ts'
import { type EditionTable, type Side, type SpelledRow, spellRow } from './named-row.ts'

/** What a row is to people: its state, or that its sides disagree, or that it was withdrawn. */
export type DeskState = RowState | 'conflict' | 'withdrawn'

/** Which rows are asked for. */
export interface RowQuery {
  readonly state?: DeskState
  readonly relation?: Relation | 'unstated'
  /** DID of the agency that reviewed, or is to. */
  readonly reviewer?: string
  /** Of the standard of the subject. */
  readonly class?: string
}

/** A row with names. */
export interface DeskRow {
  readonly row: string
  readonly state: DeskState
  readonly merged: boolean
  readonly incomplete: boolean
  /** Fields about which its versions do not agree. */
  readonly contested: readonly string[]
  /** What it says; of a row in conflict, what its first version says. */
  readonly mapping?: MappingRow
  readonly spelled?: SpelledRow
}

/** One version of a row, in the order in which they were logged. */
export interface RowVersion {
  readonly version: string
  readonly by: string
  readonly origin: string
  readonly index: number
  readonly at: string
  readonly stands: boolean
  readonly counts: boolean
  /** Absent: the row is withdrawn by it. */
  readonly mapping?: MappingRow
}

/** Rows that are read next, in the order of the table. */
export interface RowNeighbours {
  readonly before?: string
  readonly after?: string
  /** The next that is in review: after this one, else from the first on. */
  readonly inReview?: string
}

export interface RowDetail extends DeskRow {
  readonly neighbours: RowNeighbours
  readonly authors: readonly string[]
  readonly reopened: boolean
  /** Versions that stand, as `csx mapping show` counts them. */
  readonly heads: readonly RowVersion[]
  readonly history: readonly RowVersion[]
  readonly conflicts: readonly Conflict[]
}

export interface RowCase {
  readonly workspace: Workspace
  readonly editions: EditionTable
  /** The DID of this node. */
  readonly self: string
  readonly parties: readonly string[]
}

/** One page of the rows asked for, and how many there are. */
export function chooseRows(
  given: RowCase,
  { limit, offset, ...query }: RowQuery & { readonly limit: number; readonly offset: number },
): { readonly total: number; readonly rows: readonly DeskRow[] } {
  const asked = given.workspace.rows.filter((row) => isAsked(row, query, given))
  return { total: asked.length, rows: asked.slice(offset, offset + limit).map((row) => deskRow(row, given)) }
}

function isAsked(
  row: WorkspaceRow,
  { state, relation, reviewer, class: name }: RowQuery,
  given: RowCase,
): boolean {
  if (state !== undefined && stateOf(row) !== state) return false
  if (relation === undefined && reviewer === undefined && name === undefined) return true
  const mapping = mappingOf(row, given.workspace)
  if (!mapping) return false
  if (relation !== undefined && (mapping.object ? (mapping.relation ?? 'unstated') : 'none') !== relation)
    return false
  if (reviewer !== undefined && mapping.reviewer !== reviewer) return false
  if (name === undefined) return true
  const { edition, digest } = mapping.subject
  return given.editions.get(`${edition} ${digest}`)?.subject.class === name
}

export function stateOf({ standing, mapping }: WorkspaceRow): DeskState {
  if (standing === 'conflict') return 'conflict'
  return mapping?.state ?? 'withdrawn'
}

/** In a conflict nobody can tell what the row says: one version names its clauses. */
function mappingOf({ mapping, heads }: WorkspaceRow, { versions }: Workspace): MappingRow | undefined {
  if (mapping) return mapping
  for (const { version } of heads) {
    const found = versions.get(version)?.version.change.mapping
    if (found) return found
  }
  return undefined
}

function deskRow(row: WorkspaceRow, { workspace, editions, self, parties }: RowCase): DeskRow {
  const mapping = mappingOf(row, workspace)
  const sideOf = (issuer: string): Side =>
    issuer === self ? 'ours' : parties.includes(issuer) ? 'theirs' : 'other'
  return {
    row: row.row,
    state: stateOf(row),
    merged: row.standing === 'merged',
    incomplete: row.incomplete === true,
    contested:
      row.standing === 'conflict'
        ? workspace.conflicts.flatMap((one) => (one.row === row.row ? [one.field] : []))
        : [],
    ...(mapping ? { mapping, spelled: spellRow(mapping, editions, sideOf) } : {}),
  }
}

export function reviewersIn({ rows }: Workspace): readonly string[] {
  const found = new Set(rows.flatMap(({ mapping }) => mapping?.reviewer ?? []))
  return [...found].toSorted()
}

/** A row with its versions; `undefined` where there is none of this name. */
export function openRow(given: RowCase, name: string): RowDetail | undefined {
  const { workspace } = given
  const place = workspace.rows.findIndex((one) => one.row === name)
  const row = workspace.rows[place]
  if (!row) return undefined
  const standing = new Set(row.heads.map(({ version }) => version))
  const history: RowVersion[] = []
  for (const judged of workspace.versions.values()) {
    const { version } = judged
    const [placing] = judged.sound.length > 0 ? judged.sound : version.placings
    if (version.change.row !== name || !placing) continue
    history.push({
      version: version.digest,
      ...placing,
      stands: standing.has(version.digest),
      counts: isSound(judged),
      ...(version.change.mapping ? { mapping: version.change.mapping } : {}),
    })
  }
  history.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.origin === b.origin ? a.index - b.index : 0))
  const byVersion = new Map(history.map((version) => [version.version, version]))
  return {
    ...deskRow(row, given),
    neighbours: neighboursOf(workspace.rows, place),
    authors: row.authors,
    reopened: row.reopened === true,
    heads: row.heads.flatMap(({ version }) => byVersion.get(version) ?? []),
    history,
    conflicts: workspace.conflicts.filter((conflict) => conflict.row === name),
  }
}

function neighboursOf(rows: readonly WorkspaceRow[], place: number): RowNeighbours {
  const [before, after] = [rows[place - 1], rows[place + 1]]
  const inReview = [...rows.slice(place + 1), ...rows.slice(0, place)].find(
    (row) => stateOf(row) === 'in-review',
  )
  return {
    ...(before ? { before: before.row } : {}),
    ...(after ? { after: after.row } : {}),
    ...(inReview ? { inReview: inReview.row } : {}),
  }
}
