import type { NamedRow } from '../../record/mapping-row.ts'
import type { Findings } from './collection.ts'
import { findingOf } from './finding.ts'

/**
 * M6: a row without object says where nothing was found, and has no relation but that there is none.
 *
 * @see spec/mapping.md, MAP-65
 */
export function checkAbsence(row: NamedRow, found: Findings): void {
  const { object, objectSource, relation } = row.mapping
  if (!object && !objectSource) found.add('source-missing', () => findingOf('source-missing', row))
  const saysNone = relation === 'none'
  if (object ? saysNone : relation !== undefined && !saysNone)
    found.add('absence-relation', () => findingOf('absence-relation', row))
}
