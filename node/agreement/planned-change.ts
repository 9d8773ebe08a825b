import { checkMapping } from '../../protocol/mapping/rule/check.ts'
import type { EditionLookup } from '../../protocol/mapping/rule/edition.ts'
import type { MappingFinding } from '../../protocol/mapping/rule/finding.ts'
import { changedFields, fieldOf } from '../../protocol/mapping/work/content.ts'
import type { Workspace } from '../../protocol/mapping/work/workspace.ts'
import type { MappingChange } from '../../protocol/record/mapping-proposal.ts'
import type { MappingRow, NamedRow } from '../../protocol/record/mapping-row.ts'

/** What would become of one row, for people who have to say yes. */
export interface PlannedChange {
  readonly row: string
  readonly kind: 'new' | 'changed' | 'withdrawn'
  /** Of a change. */
  readonly fields: readonly string[]
  /** Of a change its fields; of a new row what it says, and of one that is withdrawn what it said, by its chief members. */
  readonly values: readonly FieldChange[]
  /** The row is about this; it stands in the values too where it changes. */
  readonly about: Pick<MappingRow, 'subject' | 'object' | 'objectSource'>
}

export interface FieldChange {
  readonly field: string
  readonly was?: unknown
  readonly becomes?: unknown
}

const chief = ['relation', 'predicate', 'effect', 'conditions', 'state', 'comment'] as const

/** @see protocol/spec/workspace.md, WORK-35 */
export function planChange(
  { row, mapping }: MappingChange,
  was: MappingRow | undefined,
): PlannedChange | undefined {
  const shown = mapping ?? was
  if (!shown) return undefined
  const kind = mapping === undefined ? 'withdrawn' : was === undefined ? 'new' : 'changed'
  const fields = kind === 'changed' ? changedFields(was, mapping) : []
  const { subject, object, objectSource } = shown
  return {
    row,
    kind,
    fields,
    values: (kind === 'changed' ? fields : chief).flatMap((field) => changeOf(field, was, mapping)),
    about: { subject, ...(object ? { object } : {}), ...(objectSource ? { objectSource } : {}) },
  }
}

function changeOf(
  field: string,
  was: MappingRow | undefined,
  becomes: MappingRow | undefined,
): readonly FieldChange[] {
  const [before, after] = [fieldOf(was, field), fieldOf(becomes, field)]
  if (before === undefined && after === undefined) return []
  return [
    {
      field,
      ...(before === undefined ? {} : { was: before }),
      ...(after === undefined ? {} : { becomes: after }),
    },
  ]
}

/** What rules M1 to M7 would have against the rows that they have not now. */
export interface NewFindings {
  readonly findings: readonly MappingFinding[]
  /** More than are listed, of codes that are found often. */
  readonly omitted: number
}

/**
 * Holds the workspace against the rules as it is and as it would be. A finding keeps nothing from being logged.
 *
 * @see protocol/spec/workspace.md, WORK-35; protocol/spec/mapping.md, MAP-60 to MAP-68
 */
export function findNew(
  { rows }: Pick<Workspace, 'rows'>,
  changes: readonly MappingChange[],
  lookup: EditionLookup,
): NewFindings {
  const before = rows.flatMap(({ row, mapping, standing }): readonly NamedRow[] =>
    mapping && standing !== 'conflict' ? [{ row, mapping }] : [],
  )
  const touched = new Set(changes.map(({ row }) => row))
  const after = [
    ...before.filter(({ row }) => !touched.has(row)),
    ...changes.flatMap(({ row, mapping }) => (mapping ? [{ row, mapping }] : [])),
  ]
  const [was, is] = [checkMapping(before, lookup), checkMapping(after, lookup)]
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
