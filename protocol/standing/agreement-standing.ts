import type { CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { type AgreementState, type Answer, answerOf, type Cause, type Condition } from './condition.ts'
import { type EditionStanding, editionAt } from './pinned-edition.ts'
import { earlier, endOf, later, startOf, type Term } from './term.ts'

/** Whether an agreement of any kind holds on a day, and why. */
export interface AgreementStanding {
  readonly answer: Answer
  readonly state: AgreementState
  readonly conditions: readonly Condition[]
  readonly start?: CalendarDate
  /** The day from which it does not hold, as far as is known on the day asked. */
  readonly end?: CalendarDate
  /** The entry that ended it. */
  readonly cause?: Cause
  /** A pinned edition was overdue for review when it began. */
  readonly reviewOverdue: boolean
}

export interface Judged {
  readonly facts: AgreementFacts
  readonly editions: readonly EditionStanding[]
  readonly term: Term
  readonly day: CalendarDate
  /** Something that is agreed has changed, and the days of grace are running. */
  readonly inGrace: boolean
}

/** One answer, one state and one end from how each condition came out. */
export function standingOf(list: readonly Condition[], judged: Judged): AgreementStanding {
  const { facts, term } = judged
  const start = startOf(facts.consent)
  const answer = answerOf(list)
  const failed = list.find(({ outcome, cause }) => outcome === 'failed' && cause)
  return {
    answer,
    state: stateOf(list, answer, judged),
    conditions: list,
    ...(start === undefined ? {} : { start }),
    end:
      list
        .flatMap(({ outcome, since }) => (outcome === 'failed' && since !== undefined ? [since] : []))
        .toSorted()[0] ?? term.end,
    ...(failed?.cause ? { cause: failed.cause } : {}),
    reviewOverdue: term.overdue,
  }
}

function isRenewed({ facts: { renewedOn }, day }: Judged): boolean {
  return renewedOn !== undefined && renewedOn <= day
}

/** One word for people; the conditions say why. */
function stateOf(list: readonly Condition[], answer: Answer, judged: Judged): AgreementState {
  const { facts, editions, day } = judged
  const { consent } = facts
  const failed = new Map(
    list.filter(({ outcome }) => outcome === 'failed').map((one) => [one.condition, one]),
  )
  if (consent.state === 'none' || consent.state === 'proposed') return 'proposed'
  if (consent.state === 'rejected' || consent.state === 'late') return 'rejected'
  if (consent.state === 'recalled' || failed.has('E6')) return 'withdrawn'
  if (isRenewed(judged)) return 'renewed'
  const term = failed.get('E5')
  if (term?.code === 'EXPIRED') return 'expired'
  if (editions.some(({ lifecycle }) => lifecycle.state === 'disputed')) return 'disputed'
  if (failed.has('E3') || failed.has('E4') || failed.has('E7')) return 'lapsed'
  const ground = failed.get('G1')
  if (ground?.since !== undefined) return 'disposal-due'
  if (ground || failed.has('C1') || failed.has('C2') || failed.has('C3')) return 'unmet'
  if (term) return 'upcoming'
  if (answer === 'undecided') return 'undecided'
  return judged.inGrace || editions.some((one) => hasEnded(one, day)) ? 'grace' : 'effective'
}

function hasEnded({ lifecycle }: EditionStanding, day: CalendarDate): boolean {
  const ended = lifecycle.state === 'superseded' || lifecycle.state === 'abolished'
  return ended && lifecycle.since !== undefined && lifecycle.since <= day
}

/**
 * When it ends by its own terms and by the reviews of what it pins, as known when it begins: a later review does not lengthen what was
 * signed. Of an edition that is not at hand as a whole, nothing is told by this: E3 says that it is missing.
 *
 * @see spec/agreement.md, AGREE-25
 */
export function termOf({ editions, unsettled = [] }: AgreementFacts, agreement: Agreement): Term {
  const settled = editions.filter(({ digest }) => !unsettled.includes(digest))
  const known = settled.map((one) => editionAt(one, agreement.effectiveFrom).lifecycle)
  const term = endOf(
    agreement,
    known.map(({ reviewDue }) => reviewDue),
  )
  const { end } = endOf(
    agreement,
    known.map(({ reviewDue, reviewDueByLogs }) => reviewDueByLogs ?? reviewDue),
  )
  return { ...term, end: earlier(term.end, end), latest: later(term.end, end) }
}
