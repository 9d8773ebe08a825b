import type { CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { decisiveOf, endedOn, stateOf } from './agreement-state.ts'
import { type AgreementState, type Answer, answerOf, type Cause, type Condition } from './condition.ts'
import { type EditionStanding, editionAt } from './pinned-edition.ts'
import { earlier, endOf, later, startOf, type Term } from './term.ts'

/** Whether an agreement of any kind holds on a day, and why. */
export interface AgreementStanding {
  readonly answer: Answer
  readonly state: AgreementState
  readonly conditions: readonly Condition[]
  readonly start?: CalendarDate
  /** The day from which it does not hold, as far as is known on the day asked; absent where too much is announced to tell. */
  readonly end?: CalendarDate | undefined
  /** The entry that ended it. */
  readonly cause?: Cause | undefined
  /** Why it never begins, by what is known: it ends no later than it would begin. */
  readonly never?: Condition
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
export function standingOf(
  list: readonly Condition[],
  { facts, editions, term, day, inGrace }: Judged,
): AgreementStanding {
  const start = startOf(facts.consent)
  const answer = answerOf(list)
  const cause = decisiveOf(list)?.cause
  const running = inGrace || editions.some((one) => hasEnded(one, day))
  return {
    answer,
    state: stateOf(list, answer, { facts, inGrace: running }),
    conditions: list,
    ...(start === undefined ? {} : { start }),
    end: endedOn(list) ?? term.end,
    ...(cause ? { cause } : {}),
    reviewOverdue: term.overdue,
  }
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
