import { checkMapping, type MappingReport } from '../../protocol/mapping/rule/check.ts'
import type { EditionLookup } from '../../protocol/mapping/rule/edition.ts'
import type { MappingFinding } from '../../protocol/mapping/rule/finding.ts'
import type { Workspace, WorkspaceRow } from '../../protocol/mapping/work/workspace.ts'
import type { MappingChange } from '../../protocol/record/mapping-proposal.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'

/** What rules M1 to M7 would have against the rows that they have not now. */
export interface NewFindings {
  readonly findings: readonly MappingFinding[]
  /** More than are listed, of codes that are found often. */
  readonly omitted: number
}

/** What rules M1 to M7 have against the rows of a project. */
export interface ProjectFindings extends NewFindings {
  /** What they would have besides, were every row accepted that is in review. */
  readonly ifAccepted: NewFindings
}

/**
 * Holds a workspace against the rules as it stands, and as it would stand once all that is in review is accepted: rows that contradict each
 * other are found before, and not after, people have agreed to them.
 *
 * Proves nothing about rows in conflict, which say nothing yet.
 *
 * @see protocol/spec/workspace.md, WORK-36; protocol/spec/mapping.md, MAP-60 to MAP-68
 */
export function findInProject(
  workspace: Pick<Workspace, 'rows'>,
  lookup: EditionLookup & { readonly parties: readonly [string, string] },
  day: string,
): ProjectFindings {
  const rows = standingRows(workspace)
  const report = checkMapping(rows, lookup)
  const accepting = workspace.rows.flatMap((row) => acceptedBy(row, lookup.parties, day))
  const nothing = { findings: [], omitted: 0 }
  return {
    findings: report.findings,
    omitted: report.omitted.reduce((sum, { count }) => sum + count, 0),
    ifAccepted:
      accepting.length === 0 ? nothing : newIn(checkMapping(changed(rows, accepting), lookup), report),
  }
}

/** The rows that say something: not those that were withdrawn or are in conflict. */
export function standingRows({ rows }: Pick<Workspace, 'rows'>): readonly NamedRow[] {
  return rows.flatMap(({ row, mapping, standing }) =>
    mapping && standing !== 'conflict' ? [{ row, mapping }] : [],
  )
}

function acceptedBy(
  { row, mapping, standing, authors }: WorkspaceRow,
  parties: readonly [string, string],
  day: string,
): readonly MappingChange[] {
  if (mapping?.state !== 'in-review' || standing === 'conflict') return []
  const reviewer = parties.find((party) => party !== mapping.author && authors.some((one) => one !== party))
  const review = reviewer === undefined ? {} : { reviewer, reviewedOn: day }
  return [{ row, bases: [], mapping: { ...mapping, ...review, state: 'accepted' } }]
}

/**
 * Holds the workspace against the rules as it is and as it would be. A finding keeps nothing from being logged.
 *
 * @see protocol/spec/workspace.md, WORK-35; protocol/spec/mapping.md, MAP-60 to MAP-68
 */
export function findNew(
  workspace: Pick<Workspace, 'rows'>,
  changes: readonly MappingChange[],
  lookup: EditionLookup,
): NewFindings {
  const rows = standingRows(workspace)
  return newIn(checkMapping(changed(rows, changes), lookup), checkMapping(rows, lookup))
}

function changed(rows: readonly NamedRow[], changes: readonly MappingChange[]): readonly NamedRow[] {
  const touched = new Set(changes.map(({ row }) => row))
  return [
    ...rows.filter(({ row }) => !touched.has(row)),
    ...changes.flatMap(({ row, mapping }) => (mapping ? [{ row, mapping }] : [])),
  ]
}

function newIn(is: MappingReport, was: MappingReport): NewFindings {
  const known = new Set(was.findings.map(keyOf))
  const more = is.omitted.map(({ code, count }) => {
    const old = was.omitted.find((one) => one.code === code)
    return Math.max(0, count - (old?.count ?? 0))
  })
  return {
    findings: is.findings.filter((finding) => !known.has(keyOf(finding))),
    omitted: more.reduce((sum, count) => sum + count, 0),
  }
}

function keyOf({ code, severity, rows, sentence }: MappingFinding): string {
  return JSON.stringify([code, severity, rows, sentence.zh])
}
