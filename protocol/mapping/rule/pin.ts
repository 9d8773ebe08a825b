import type { NamedRow, Pin } from '../../record/mapping-row.ts'
import type { Words } from '../limit/words.ts'
import type { Findings } from './collection.ts'
import type { IndexedEdition } from './edition.ts'
import { findingOf } from './finding.ts'

/**
 * M1: each edition that a row pins is known by its id and digest, and has the clause.
 *
 * @see spec/mapping.md, MAP-60
 */
export function checkPins(
  row: NamedRow,
  editionOf: (pin: Pin) => IndexedEdition | undefined,
  found: Findings,
): void {
  const { subject, object, objectSource } = row.mapping
  for (const pin of [subject, object, objectSource]) {
    if (!pin) continue
    const edition = editionOf(pin)
    const words = wordsOf(pin)
    if (!edition) found.add('edition-unknown', () => findingOf('edition-unknown', row, { words }))
    else if (pin.clause !== undefined && !edition.clause(pin.clause))
      found.add('clause-unknown', () => findingOf('clause-unknown', row, { words }))
  }
}

function wordsOf({ edition, clause }: Pin): Words {
  const name = clause === undefined ? edition : `${edition}#${clause}`
  return { zh: name, en: name }
}
