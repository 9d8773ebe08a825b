import type { NamedRow } from '../../record/mapping-row.ts'
import type { Findings } from './collection.ts'
import { findingOf } from './finding.ts'
import { isSamePin } from './row-set.ts'

/**
 * Also M2: no row states how a clause stands to itself, whatever it says of it.
 *
 * @see spec/mapping.md, MAP-61
 */
export function checkItself(row: NamedRow, found: Findings): void {
  const { subject, object } = row.mapping
  if (object && isSamePin(subject, object))
    found.add('maps-to-itself', () => findingOf('maps-to-itself', row))
}
