import type { CalendarDate } from '../date.ts'
import type { InterconnectionAgreement } from '../record/agreement.ts'
import {
  consentCondition,
  digestCondition,
  editionCondition,
  withdrawalCondition,
} from './agreement-condition.ts'
import { type AgreementStanding, standingOf, termOf } from './agreement-standing.ts'
import { changeOf, unchangedCondition } from './edition-change.ts'
import { filesCondition, passCondition, runCondition } from './interconnection-condition.ts'
import type { InterconnectionFacts } from './interconnection-facts.ts'
import { basisCondition } from './known-basis.ts'
import { editionAt } from './pinned-edition.ts'
import { termCondition } from './term.ts'

/**
 * Whether an interconnection holds on a legal date: consent, one digest, the interface standard in force and unchanged, schema, suite and
 * both runs known, each run of this suite against the other party with every mandatory case passed, within the term, not withdrawn, its
 * basis standing. Three answers, as for a recognition.
 *
 * Takes for granted that everything in `facts` is verified, and complete but for what `missing` names. Does not prove that the suite was
 * run, or that an endpoint answers on that day as it did then: both parties signed that it did.
 *
 * @see spec/agreement.md, AGREE-70 to AGREE-73 (DOMAIN section 8.6)
 */
export function interconnectionAt(
  facts: InterconnectionFacts,
  agreement: InterconnectionAgreement,
  day: CalendarDate,
): AgreementStanding {
  const editions = facts.editions.map((edition) => editionAt(edition, day))
  const term = termOf(facts, agreement)
  const given = { agreement, facts, editions, day }
  // Whatever is new in an interface standard, what was tested is not it.
  const change = changeOf(editions, () => true)
  const list = [
    consentCondition(given),
    digestCondition(given),
    unchangedCondition(editionCondition(given), change, given),
    filesCondition({ agreement, facts }),
    runCondition({ agreement, facts }),
    passCondition({ agreement, facts }),
    termCondition(facts, term, day),
    withdrawalCondition(given),
    basisCondition(facts.basis, day),
  ]
  return standingOf(list, { facts, editions, term, day, inGrace: change !== undefined })
}
