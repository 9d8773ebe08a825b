import type { WorkFault } from '../../protocol/mapping/work/judge.ts'
import type {
  Conflict,
  Head,
  WaitingVersion,
  Workspace,
  WorkspaceRow,
} from '../../protocol/mapping/work/workspace.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'
import { type RowState, rowStates } from '../../protocol/record/mapping-word.ts'
import { keysOf } from '../../protocol/record/vocabulary.ts'
import type { ProjectSummary } from './project.ts'
import type { LogPosition, ReadWorkspace } from './workspace-read.ts'

/** Which rows are asked for. */
export interface WorkspaceQuery {
  readonly state?: RowState
  readonly standing?: WorkspaceRow['standing']
  readonly row?: string
  readonly limit: number
  readonly offset: number
}

/** How many rows there are of each kind; a row in conflict is counted as that alone. */
export interface WorkspaceCounts {
  readonly rows: number
  readonly states: Readonly<Record<RowState, number>>
  readonly conflict: number
  readonly withdrawn: number
  /** Settled by themselves, and not yet recorded. */
  readonly merged: number
  readonly incomplete: number
}

/** Of a row in conflict, each version that stands with what it says: absent where it withdraws the row. */
export interface ShownRow extends WorkspaceRow {
  readonly heads: readonly (Head & { readonly mapping?: MappingRow })[]
}

/** What a node shows of a workspace. */
export interface WorkspaceView {
  readonly project: ProjectSummary
  readonly asOf: readonly LogPosition[]
  readonly counts: WorkspaceCounts
  /** Of the rows asked for. */
  readonly total: number
  readonly rows: readonly ShownRow[]
  readonly conflicts: readonly Conflict[]
  readonly faults: { readonly total: number; readonly items: readonly WorkFault[] }
  readonly waiting: { readonly total: number; readonly items: readonly WaitingVersion[] }
}

/** No list of mishaps fills an answer. */
const mostListed = 500

/** Rows by the query, with the conflicts of those; faults and waiting versions of all. */
export function viewWorkspace(
  { workspace, asOf }: ReadWorkspace,
  project: ProjectSummary,
  query: WorkspaceQuery,
): WorkspaceView {
  const asked = workspace.rows.filter(
    ({ row, standing, mapping }) =>
      (query.row === undefined || row === query.row) &&
      (query.standing === undefined || standing === query.standing) &&
      (query.state === undefined || (standing !== 'conflict' && mapping?.state === query.state)),
  )
  const rows = asked.slice(query.offset, query.offset + query.limit)
  const shown = new Set(rows.map(({ row }) => row))
  const { faults, waiting } = workspace
  return {
    project,
    asOf,
    counts: countRows(workspace.rows),
    total: asked.length,
    rows: rows.map((row) => (row.standing === 'conflict' ? withVersions(row, workspace) : row)),
    conflicts: workspace.conflicts.filter(({ row }) => shown.has(row)),
    faults: { total: faults.length, items: faults.slice(0, mostListed) },
    waiting: { total: waiting.length, items: waiting.slice(0, mostListed) },
  }
}

function withVersions(row: WorkspaceRow, { versions }: Workspace): ShownRow {
  const heads = row.heads.map((head) => {
    const mapping = versions.get(head.version)?.version.change.mapping
    return mapping === undefined ? head : { ...head, mapping }
  })
  return { ...row, heads }
}

export function countRows(rows: readonly WorkspaceRow[]): WorkspaceCounts {
  const states: Record<RowState, number> = {
    candidate: 0,
    draft: 0,
    'in-review': 0,
    accepted: 0,
    rejected: 0,
  }
  const counts = { conflict: 0, withdrawn: 0, merged: 0, incomplete: 0 }
  for (const { standing, mapping, heads, incomplete } of rows) {
    if (standing === 'conflict') counts.conflict += 1
    else if (mapping) states[mapping.state] += 1
    else if (heads.length > 0) counts.withdrawn += 1
    if (standing === 'merged') counts.merged += 1
    if (incomplete) counts.incomplete += 1
  }
  return { rows: rows.length, states, ...counts }
}

export const rowStateNames: readonly RowState[] = keysOf(rowStates)
