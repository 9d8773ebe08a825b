import { compareText } from '../canonical.ts'
import { addDays, addYears, type CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { Condition } from './condition.ts'
import type { Consent, PlacedAct } from './consent.ts'

/**
 * When an agreement begins: the latest of the date it states and of those by which both acts were logged. `undefined` where no witness
 * at hand says when that was.
 *
 * @see spec/agreement.md, AGREE-24 (PROTOCOL section 10)
 */
export function startOf({ agreement, proposal, acceptance }: Consent): CalendarDate | undefined {
  if (!agreement || proposal?.loggedOn === undefined || acceptance?.loggedOn === undefined) return undefined
  return [agreement.effectiveFrom, proposal.loggedOn, acceptance.loggedOn].reduce(later)
}

/** Before this day it has not begun, whatever other witnesses may say. */
export function earliestStartOf({ agreement, proposal, acceptance }: Consent): CalendarDate | undefined {
  return agreement && [fromOf(proposal), fromOf(acceptance)].reduce(latest, agreement.effectiveFrom)
}

function fromOf(act: PlacedAct | undefined): CalendarDate | undefined {
  return act?.loggedFrom ?? act?.loggedOn
}

function latest(a: CalendarDate, b: CalendarDate | undefined): CalendarDate {
  return b === undefined ? a : later(a, b)
}

export interface Term {
  /** The day from which it no longer holds. */
  readonly end: CalendarDate
  /** The last day that this may be, where the logs and the witnesses at hand tell otherwise of a review; else `end`. */
  readonly latest: CalendarDate
  /** A review was overdue, or nobody knows when it is due. */
  readonly overdue: boolean
  readonly shortened: boolean
}

/**
 * The day from which it no longer holds: as stated, but no longer than until the first review of a pinned edition is due. Where one
 * is overdue with no review known, a year.
 *
 * @param reviews when a review of each pinned edition is due, as known when the agreement begins
 * @see spec/agreement.md, AGREE-25 (DOMAIN section 8.5)
 */
export function endOf(
  { effectiveFrom, validUntil }: Pick<Agreement, 'effectiveFrom' | 'validUntil'>,
  reviews: readonly (CalendarDate | undefined)[],
): Omit<Term, 'latest'> {
  const overdue = reviews.some((due) => due === undefined || due <= effectiveFrom)
  const due = reviews.flatMap((date) => (date !== undefined && date > effectiveFrom ? [date] : []))
  const ends = [validUntil, ...due, ...(overdue ? [addYears(effectiveFrom, 1)] : [])]
  const end = ends.reduce(earlier)
  return { end, overdue, shortened: end < validUntil }
}

export interface Withdrawal {
  readonly act: PlacedAct
  /** The day on which it takes effect; absent where no witness at hand says when it was logged. */
  readonly on?: CalendarDate
  /** The first day on which that may be, by the word of the logs alone. */
  readonly from?: CalendarDate
}

/**
 * Withdrawals of what both had consented to, by the day on which each takes effect: the notice runs from the day by which it was logged.
 *
 * @see spec/agreement.md, AGREE-26 (DOMAIN section 8.5)
 */
export function withdrawalsOf({ withdrawals }: Consent, noticeDays: number): readonly Withdrawal[] {
  const dated = withdrawals.map((act) => {
    const from = fromOf(act)
    return {
      act,
      ...(act.loggedOn === undefined ? {} : { on: addDays(act.loggedOn, noticeDays) }),
      ...(from === undefined ? {} : { from: addDays(from, noticeDays) }),
    }
  })
  return dated.toSorted((a, b) => compareText(a.on ?? never, b.on ?? never))
}

const never = '9999-12-31'

/**
 * E5 on a day: the agreement has begun, its term has not ended, and no other has taken its place.
 *
 * @see spec/agreement.md, AGREE-24, AGREE-25 and AGREE-36
 */
export function termCondition(
  { consent, renewedOn, renewedFrom = renewedOn }: TermFacts,
  term: Term,
  day: CalendarDate,
): Condition {
  const { end, latest, shortened } = term
  const [start, earliest] = [startOf(consent), earliestStartOf(consent)]
  // What came first ended it, whatever came later.
  if (renewedOn !== undefined && renewedOn <= day && renewedOn <= latest)
    return {
      condition: 'E5',
      outcome: 'failed',
      code: 'SUPERSEDED',
      since: renewedOn,
      zh: `自${renewedOn}起由续签的声明代替`,
      en: `another agreement took its place as of ${renewedOn}`,
    }
  if (day >= latest)
    return {
      condition: 'E5',
      outcome: 'failed',
      code: 'EXPIRED',
      since: latest,
      zh: shortened ? `至${latest}为止：所引版本复审到期` : `已于${latest}到期`,
      en: shortened ? `until ${latest}: a pinned edition is due for review` : `expired on ${latest}`,
    }
  if (day >= end)
    return unwitnessed(
      `所引版本的复审何时入日志无从得知，至${end}或${latest}为止`,
      `no witness at hand says when a review of a pinned edition was logged: until ${end} or ${latest}`,
    )
  if (start === undefined || (day < start && earliest !== undefined && earliest <= day))
    return unwitnessed('无从得知双方签署何时入日志', 'no witness at hand says when both acts were logged')
  if (day < start) {
    const isOver = latest <= start
    return {
      condition: 'E5',
      outcome: 'failed',
      code: 'NOT_YET_VALID',
      zh: isOver ? `双方签署于${start}方见于日志，而期限至${latest}为止` : `自${start}起生效`,
      en: isOver
        ? `both acts are seen in the logs on ${start}, and the term ends on ${latest}`
        : `begins on ${start}`,
    }
  }
  if (renewedFrom !== undefined && renewedFrom <= day)
    return unwitnessed(
      '已续签，但无从得知双方签署何时入日志',
      'renewed, and no witness at hand says when both acts were logged',
    )
  return {
    condition: 'E5',
    outcome: 'passed',
    zh: `自${start}至${end}（不含）`,
    en: `from ${start}, before ${end}`,
  }
}

interface TermFacts {
  readonly consent: Consent
  readonly renewedOn?: CalendarDate
  readonly renewedFrom?: CalendarDate
}

function unwitnessed(zh: string, en: string): Condition {
  return { condition: 'E5', outcome: 'unknown', code: 'NOT_WITNESSED', zh, en }
}

export function later(a: CalendarDate, b: CalendarDate): CalendarDate {
  return a > b ? a : b
}

export function earlier(a: CalendarDate, b: CalendarDate): CalendarDate {
  return a < b ? a : b
}
