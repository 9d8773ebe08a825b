import type { CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import { type AgreementState, type Answer, answerOf, type Cause, type Condition } from './condition.ts'
import type { Consent } from './consent.ts'
import { basisCondition } from './known-basis.ts'
import { type EditionStanding, editionAt, type PinnedEdition } from './pinned-edition.ts'
import {
  consentCondition,
  digestCondition,
  editionCondition,
  mappingCondition,
  withdrawalCondition,
} from './recognition-condition.ts'
import type { RecognitionFacts } from './recognition-facts.ts'
import { type RowStanding, repinsOf, rowsAt } from './row-standing.ts'
import { earliestStartOf, endOf, startOf, termCondition } from './term.ts'

export interface RecognitionStanding {
  readonly answer: Answer
  readonly state: AgreementState
  readonly conditions: readonly Condition[]
  readonly rows: readonly RowStanding[]
  readonly start?: CalendarDate
  /** The day from which it does not hold, as far as is known on the day asked. */
  readonly end?: CalendarDate
  /** The entry that ended it. */
  readonly cause?: Cause
  /** A pinned edition was overdue for review when it began. */
  readonly reviewOverdue: boolean
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
  const { consent, mapping } = facts
  const editions = facts.editions.map((edition) => editionAt(edition, day))
  const start = startOf(consent)
  const term = endOf(
    agreement,
    agreement.scope.editions.map(({ id }) => reviewOf(facts.editions, id, agreement.effectiveFrom)),
  )
  const rows = rowsAt(agreement, mapping?.rows ?? new Map(), { editions, day })
  const given = { agreement, facts, editions, rows, day }
  const list = [
    consentCondition(given),
    digestCondition(given),
    editionCondition(given),
    mappingCondition(given),
    termCondition(day, { start, earliest: earliestStartOf(consent), ...term }),
    withdrawalCondition(given),
    basisCondition(facts.basis, day),
  ]
  const answer = answerOf(list)
  const failed = list.find(({ outcome, cause }) => outcome === 'failed' && cause)
  const state = stateOf(list, { consent, rows, editions, answer, day, renewedOn: facts.renewedOn })
  const renewed = facts.renewedOn !== undefined && facts.renewedOn <= day
  return {
    answer: renewed && answer === 'effective' ? 'not-effective' : answer,
    state,
    conditions: list,
    rows,
    ...(start === undefined ? {} : { start }),
    end:
      list
        .flatMap(({ outcome, since }) => (outcome === 'failed' && since !== undefined ? [since] : []))
        .toSorted()[0] ?? term.end,
    ...(failed?.cause ? { cause: failed.cause } : {}),
    reviewOverdue: term.overdue,
    repin: [
      ...new Set(repinsOf(agreement, mapping?.rows ?? new Map(), editions).map(({ edition }) => edition)),
    ],
  }
}

/** As known when the agreement begins: a later review does not lengthen what was signed. */
function reviewOf(
  editions: readonly PinnedEdition[],
  id: string,
  from: CalendarDate,
): CalendarDate | undefined {
  const edition = editions.find((one) => one.id === id)
  return edition && editionAt(edition, from).lifecycle.reviewDue
}

interface Judged {
  readonly consent: Consent
  readonly rows: readonly RowStanding[]
  readonly editions: readonly EditionStanding[]
  readonly answer: Answer
  readonly day: CalendarDate
  readonly renewedOn: CalendarDate | undefined
}

/** One word for people; the conditions say why. */
function stateOf(
  list: readonly Condition[],
  { consent, rows, editions, answer, day, renewedOn }: Judged,
): AgreementState {
  const failed = new Map(
    list.filter(({ outcome }) => outcome === 'failed').map((one) => [one.condition, one]),
  )
  if (consent.state === 'none' || consent.state === 'proposed') return 'proposed'
  if (consent.state === 'rejected' || consent.state === 'late') return 'rejected'
  if (consent.state === 'recalled' || failed.has('E6')) return 'withdrawn'
  if (renewedOn !== undefined && renewedOn <= day) return 'renewed'
  const term = failed.get('E5')
  if (term?.code === 'EXPIRED') return 'expired'
  if (editions.some(({ lifecycle }) => lifecycle.state === 'disputed')) return 'disputed'
  if (failed.has('E3') || failed.has('E4') || failed.has('E7')) return 'lapsed'
  if (term) return 'upcoming'
  if (answer === 'undecided') return 'undecided'
  const inGrace = rows.some(({ state }) => state === 'grace') || editions.some((one) => graceEnd(one, day))
  return inGrace ? 'grace' : 'effective'
}

function graceEnd({ lifecycle }: EditionStanding, day: CalendarDate): boolean {
  const ended = lifecycle.state === 'superseded' || lifecycle.state === 'abolished'
  return ended && lifecycle.since !== undefined && lifecycle.since <= day
}
