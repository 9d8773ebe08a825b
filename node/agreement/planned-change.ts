import { changedFields, fieldOf } from '../../protocol/mapping/work/content.ts'
import type { MappingChange } from '../../protocol/record/mapping-proposal.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'

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
