import { compareText } from '../../canonical.ts'
import { type MappingChange, mappingChange } from '../../record/mapping-proposal.ts'
import type { MappingRow } from '../../record/mapping-row.ts'
import { suggestedName } from '../suggest/row.ts'
import { isSameContent, isSameReview, isSameValue } from './content.ts'
import { rowAt } from './history.ts'
import { type FieldConflict, mergeRow, reopen } from './merge.ts'
import type { Workspace, WorkspaceRow } from './workspace.ts'

/** A row of a file that was taken from a workspace, edited, and comes back. */
export interface EditedRow {
  readonly row: string
  /** The versions that the row stood on when the file was made; none: it is new in the file. */
  readonly bases: readonly string[]
  /** Absent: taken out of the file, and meant so. */
  readonly mapping?: MappingRow
}

/** Why a row of a file is not taken over. */
export interface EditConflict {
  readonly row: string
  /**
   * `fields`: both changed them. `base`: what the file was made from is not here. `standing`: the row is in conflict already. `twice`:
   * it stands in the file twice.
   */
  readonly why: 'fields' | 'base' | 'standing' | 'twice'
  /** Values in the order: workspace, file. */
  readonly fields: readonly FieldConflict[]
}

export interface MergedFile {
  /** To be logged: each stands on all that stands in the workspace. */
  readonly changes: readonly MappingChange[]
  readonly conflicts: readonly EditConflict[]
  /** Rows that say what the workspace says. */
  readonly unchanged: number
}

/**
 * Merges an edited file into the workspace, row by row: base is what the file was made from, one side is the workspace as it is now, the
 * other the file. The order of the rows in the file, and rows that are not in it, mean nothing.
 *
 * Changes nothing: says what to log, and what is for people first.
 *
 * @see spec/workspace.md, WORK-20 to WORK-22 (DOMAIN sections 8.4 and 9)
 */
export function mergeFile(workspace: Workspace, edited: readonly EditedRow[]): MergedFile {
  const rows = new Map(workspace.rows.map((row) => [row.row, row]))
  const changes: MappingChange[] = []
  const conflicts: EditConflict[] = []
  let unchanged = 0
  const sorted = edited.toSorted((a, b) => compareText(a.row, b.row))
  for (const [i, edit] of sorted.entries()) {
    if (sorted[i + 1]?.row === edit.row) continue
    const outcome =
      sorted[i - 1]?.row === edit.row
        ? ({ row: edit.row, why: 'twice', fields: [] } as const)
        : mergeEdit(workspace, rows.get(edit.row), edit)
    if (outcome === undefined) unchanged += 1
    else if ('why' in outcome) conflicts.push(outcome)
    else changes.push(outcome)
  }
  return { changes, conflicts, unchanged }
}

function mergeEdit(
  workspace: Workspace,
  current: WorkspaceRow | undefined,
  { row, bases, mapping }: EditedRow,
): MappingChange | EditConflict | undefined {
  const ours = current?.mapping
  if (current?.standing !== 'conflict' && isSameValue(ours, mapping)) return undefined
  if (bases.length === 0 && current && isSuggested(current, mapping)) return undefined
  const before = rowAt(workspace, bases)
  if (!before) return { row, why: 'base', fields: [] }
  if (bases.length > 0 && isSameValue(before.mapping, mapping)) return undefined
  if (current?.standing === 'conflict') return { row, why: 'standing', fields: [] }
  const merged = mergeRow(before.mapping, ours, unreviewed(before.mapping, mapping))
  if (merged.conflicts.length > 0) return { row, why: 'fields', fields: merged.conflicts }
  const stands = current?.standing === 'recorded' && isSameValue(ours, merged.mapping)
  return stands ? undefined : replaceRow(current, row, merged.mapping)
}

/**
 * What a program proposes says nothing beside a row that stands under the name of what it joins: people have it before them, or did more
 * with it, or withdrew it.
 */
function isSuggested({ row, heads }: WorkspaceRow, mapping: MappingRow | undefined): boolean {
  return heads.length > 0 && row.startsWith(suggestedName) && mapping?.state === 'candidate'
}

/** Whoever edits a row in a table leaves the review in it that was of the row before. */
function unreviewed(before: MappingRow | undefined, mapping: MappingRow | undefined): MappingRow | undefined {
  if (!before || !mapping || (mapping.state !== 'accepted' && mapping.state !== 'rejected')) return mapping
  return isSameReview(before, mapping) && !isSameContent(before, mapping) ? reopen(mapping) : mapping
}

/** The change that makes a row say this, whatever stands now. */
export function replaceRow(
  current: { readonly heads: readonly { readonly version: string }[] } | undefined,
  row: string,
  mapping: MappingRow | undefined,
): MappingChange {
  const bases = (current?.heads ?? []).map(({ version }) => version).toSorted(compareText)
  return mappingChange.parse(mapping === undefined ? { row, bases } : { row, bases, mapping })
}
