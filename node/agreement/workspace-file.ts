import { canonicalize } from '../../protocol/canonical.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { digestOf } from '../../protocol/hash.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { formatMappingSet } from '../../protocol/mapping/mapping-set.ts'
import { rowsOfSet } from '../../protocol/mapping/set-to-row.ts'
import { parseSssomTsv } from '../../protocol/mapping/sssom/read.ts'
import { foldWorkspace } from '../../protocol/mapping/work/fold.ts'
import { type EditConflict, type EditedRow, mergeFile } from '../../protocol/mapping/work/propose.ts'
import type { Workspace, WorkspaceRow } from '../../protocol/mapping/work/workspace.ts'
import type { MappingChange } from '../../protocol/record/mapping-proposal.ts'
import type { MappingRow, NamedRow } from '../../protocol/record/mapping-row.ts'
import type { Project } from '../../protocol/trust/audience.ts'
import { type PlannedChange, planChange } from './planned-change.ts'
import type { LogPosition, ReadWorkspace } from './workspace-read.ts'

/** What an import would do, or did. */
export interface ImportPlan {
  /** To be logged, in the order of the rows. */
  readonly changes: readonly MappingChange[]
  /** The same for people. */
  readonly summary: readonly PlannedChange[]
  readonly unchanged: number
  readonly conflicts: readonly EditConflict[]
  /** Rows of the file that are no rows, and changes that would count for nothing. */
  readonly faults: readonly FileFault[]
  /** Columns that say nothing here. */
  readonly dropped: readonly string[]
}

export interface FileFault {
  readonly code: ProblemCode
  readonly detail: string
  readonly cell?: string
  readonly row?: string
}

/** Name of the parameter of a set's id that says from what it was made. */
const asOfName = 'as-of'

/**
 * The rows of a workspace as canonical SSSOM/TSV; its id says how far the logs went, so that the file finds its base when it comes back.
 * Rows in conflict are left out.
 *
 * @see protocol/spec/workspace.md, WORK-34
 */
export function exportTsv(
  { workspace, asOf }: ReadWorkspace,
  { address, title }: { readonly address: string; readonly title: string },
): Uint8Array {
  const parameters = new URLSearchParams(
    asOf.map(({ origin, size }): [string, string] => [asOfName, `${origin}@${size}`]),
  )
  const rows = workspace.rows.flatMap((row) => {
    const mapping = exported(row)
    return mapping ? [{ row: row.row, mapping }] : []
  })
  return formatMappingSet(rows, { setId: `${address}?${parameters}`, title })
}

function exported({ standing, mapping }: WorkspaceRow): MappingRow | undefined {
  return standing === 'conflict' ? undefined : mapping
}

/** What a file brings back. */
export interface ReadFile {
  readonly rows: readonly EditedRow[]
  readonly faults: readonly FileFault[]
  readonly dropped: readonly string[]
}

/**
 * The rows of a table that was edited: each stands on what stood when the table was made.
 *
 * @throws {ProtocolError} what `parseSssomTsv` throws; `PENDING_DEPENDENCY` — it was made from more than is here;
 *   `QUERY_INVALID` — rows that it lacks are to be withdrawn, and it names nothing that it was made from
 * @see protocol/spec/workspace.md, WORK-35
 */
export function readTsvRows(
  read: ReadWorkspace,
  bytes: Uint8Array,
  { project, withdraw }: { readonly project: Project; readonly withdraw: boolean },
): ReadFile {
  const { set, placeOf } = parseSssomTsv(bytes)
  const { rows, faults, dropped } = rowsOfSet(set, { placeOf })
  if (faults.length > 0) return { rows: [], faults, dropped }
  const before = workspaceAt(read, project, readAsOf(set.metadata.get('mapping_set_id')))
  if (withdraw && !before)
    throw new ProtocolError(
      'QUERY_INVALID',
      'the table does not say from what it was made, and so not what was in it',
      {
        place: { pointer: '/withdraw' },
      },
    )
  return { rows: editsOf(rows, before, withdraw), faults, dropped }
}

/** Merges what a file brings back, unless something in it could not be read. Nothing is logged. */
export function planImport({ workspace }: ReadWorkspace, { rows, faults, dropped }: ReadFile): ImportPlan {
  if (faults.length > 0) return { changes: [], summary: [], unchanged: 0, conflicts: [], faults, dropped }
  const { changes, conflicts, unchanged } = mergeFile(workspace, rows)
  const now = new Map(workspace.rows.map((row) => [row.row, row]))
  const summary = changes.flatMap((change) => planChange(change, now.get(change.row)?.mapping) ?? [])
  return { changes, summary, unchanged, conflicts, faults, dropped }
}

/** What somebody who saw the plan confirms. */
export function planDigest({ changes }: ImportPlan): string {
  const value: JsonValue = JSON.parse(JSON.stringify(changes))
  return digestOf(canonicalize(value))
}

/** A row of the file stands on what stood when the file was made. */
function editsOf(
  rows: readonly NamedRow[],
  before: Workspace | undefined,
  withdraw: boolean,
): readonly EditedRow[] {
  const were = new Map(before?.rows.map((row) => [row.row, row]))
  const basesOf = (row: string) => (were.get(row)?.heads ?? []).map(({ version }) => version)
  const edited = rows.map(({ row, mapping }) => ({ row, bases: basesOf(row), mapping }))
  if (!withdraw) return edited
  const there = new Set(rows.map(({ row }) => row))
  const gone = [...were.values()].filter((row) => exported(row) && !there.has(row.row))
  return [...edited, ...gone.map(({ row }) => ({ row, bases: basesOf(row) }))]
}

function workspaceAt(
  { changes, asOf: here }: ReadWorkspace,
  project: Project,
  asOf: readonly LogPosition[] | undefined,
): Workspace | undefined {
  if (!asOf) return undefined
  const known = new Map(here.map(({ origin, size }) => [origin, size]))
  const sizes = new Map(asOf.map(({ origin, size }) => [origin, size]))
  for (const [origin, size] of sizes)
    if (size > (known.get(origin) ?? 0))
      throw new ProtocolError(
        'PENDING_DEPENDENCY',
        `the file was made from ${size} entries of ${origin}, and ${known.get(origin) ?? 0} are here`,
        { evidence: { origin, size } },
      )
  return foldWorkspace(
    changes.filter(({ origin, index }) => index < (sizes.get(origin) ?? 0)),
    project.parties,
  )
}

/** `undefined` of a file that was not made by a node: all its rows are new. */
function readAsOf(setId: unknown): readonly LogPosition[] | undefined {
  const url = typeof setId === 'string' && URL.canParse(setId) ? new URL(setId) : undefined
  const positions = url?.searchParams.getAll(asOfName) ?? []
  if (positions.length === 0) return undefined
  return positions.map((text) => {
    const [, origin, size] = /^([!-?A-~]{1,300})@(0|[1-9]\d{0,14})$/.exec(text) ?? []
    if (origin === undefined)
      throw new ProtocolError('SSSOM_VALUE_INVALID', 'the id of the set does not say from what it was made', {
        place: { pointer: '/mapping_set_id' },
      })
    return { origin, size: Number(size) }
  })
}
