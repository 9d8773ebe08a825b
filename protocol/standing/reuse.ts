import { addDays, type CalendarDate } from '../date.ts'
import type { ReuseAgreement } from '../record/agreement.ts'
import {
  consentCondition,
  digestCondition,
  editionCondition,
  withdrawalCondition,
} from './agreement-condition.ts'
import { type AgreementStanding, standingOf, termOf } from './agreement-standing.ts'
import { changeOf, unchangedCondition } from './edition-change.ts'
import { basisCondition } from './known-basis.ts'
import { editionAt } from './pinned-edition.ts'
import type { ReuseFacts } from './reuse-facts.ts'
import { groundCondition } from './reuse-ground.ts'
import { termCondition } from './term.ts'

export interface ReuseStanding extends AgreementStanding {
  /** The day by which something must be done about it, where its ground has lapsed. */
  readonly disposeBy?: CalendarDate
}

/**
 * Whether a reuse holds on a legal date: consent, one digest, the edition in force, a ground, within the term, not withdrawn, its basis
 * standing. Where its ground has lapsed it is `disposal-due`, and by when.
 *
 * Takes for granted that everything in `facts` is verified, and complete but for what `missing` names. Does not prove that the document
 * named as target exists, or uses what it says.
 *
 * @see spec/agreement.md, AGREE-80 to AGREE-84 (DOMAIN section 8.7)
 */
export function reuseAt(facts: ReuseFacts, agreement: ReuseAgreement, day: CalendarDate): ReuseStanding {
  const { scope, disposalDays } = agreement
  const editions = facts.editions.map((edition) => editionAt(edition, day))
  const term = termOf(facts, agreement)
  const given = { agreement, facts, editions, day }
  const change = changeOf(
    editions,
    ({ clauses }) =>
      clauses === undefined ||
      (scope.clauses ? scope.clauses.some((uid) => clauses.includes(uid)) : clauses.length > 0),
  )
  const ground = groundCondition({ agreement, facts, day })
  const list = [
    consentCondition(given),
    digestCondition(given),
    unchangedCondition(editionCondition(given), change, given),
    ground,
    termCondition(facts, term, day),
    withdrawalCondition(given),
    basisCondition(facts.basis, day),
  ]
  const standing = standingOf(list, { facts, editions, term, day, inGrace: change !== undefined })
  const due = standing.state === 'disposal-due' && ground.since !== undefined
  return { ...standing, ...(due ? { disposeBy: addDays(ground.since, disposalDays) } : {}) }
}
