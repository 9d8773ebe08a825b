import type { CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import {
  consentCondition,
  digestCondition,
  editionCondition,
  withdrawalCondition,
} from './agreement-condition.ts'
import { type AgreementStanding, standingOf, termOf } from './agreement-standing.ts'
import { basisCondition } from './known-basis.ts'
import { editionAt } from './pinned-edition.ts'
import { mappingCondition } from './recognition-condition.ts'
import type { RecognitionFacts } from './recognition-facts.ts'
import { type RowStanding, repinsOf, rowsAt } from './row-standing.ts'
import { termCondition } from './term.ts'

export interface RecognitionStanding extends AgreementStanding {
  readonly rows: readonly RowStanding[]
  /** Editions that changed where nothing was agreed. */
  readonly repin: readonly string[]
}

/**
 * Whether a recognition holds on a legal date: E1 to E7, each with what decides it. Three answers, never two: what is missing makes it
 * undecided, and a failure outweighs what is missing.
 *
 * Takes for granted that everything in `facts` is verified, and complete but for what `missing` names. Knows nothing of the clock:
 * what was logged later than the facts cannot alter the answer given for them.
 *
 * @see spec/agreement.md, AGREE-30 to AGREE-36 (DOMAIN section 8.5; PROTOCOL section 10)
 */
export function recognitionAt(
  facts: RecognitionFacts,
  agreement: RecognitionAgreement,
  day: CalendarDate,
): RecognitionStanding {
  const { mapping } = facts
  const editions = facts.editions.map((edition) => editionAt(edition, day))
  const term = termOf(facts, agreement)
  const known = mapping?.rows ?? new Map()
  const rows = rowsAt(agreement, known, { editions, day })
  const given = { agreement, facts, editions, rows, day }
  const list = [
    consentCondition(given),
    digestCondition(given),
    editionCondition(given),
    mappingCondition(given),
    termCondition(facts, term, day),
    withdrawalCondition(given),
    basisCondition(facts.basis, day),
  ]
  const inGrace = rows.some(({ state }) => state === 'grace')
  return {
    ...standingOf(list, { facts, editions, term, day, inGrace }),
    rows,
    repin: [...new Set(repinsOf(agreement, known, editions).map(({ edition }) => edition))],
  }
}
