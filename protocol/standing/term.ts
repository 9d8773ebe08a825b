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
): Term {
  const overdue = reviews.some((due) => due === undefined || due <= effectiveFrom)
  const due = reviews.flatMap((date) => (date !== undefined && date > effectiveFrom ? [date] : []))
  const ends = [validUntil, ...due, ...(overdue ? [addYears(effectiveFrom, 1)] : [])]
  const end = ends.reduce(earlier)
  return { end, overdue, shortened: end < validUntil }
}

/**
 * The first withdrawal to take effect, and when: the notice runs from the day by which it was logged. `from` is the first day on which
 * that may be, by the word of the logs alone.
 *
 * @see spec/agreement.md, AGREE-26 (DOMAIN section 8.5)
 */
export function withdrawalOf(
  { withdrawals }: Consent,
  noticeDays: number,
):
  | {
      readonly act: PlacedAct
      readonly on: CalendarDate | undefined
      readonly from: CalendarDate | undefined
    }
  | undefined {
  const froms = withdrawals.flatMap((act) => fromOf(act) ?? []).map((date) => addDays(date, noticeDays))
  const dated = withdrawals.map((act) => ({
    act,
    on: act.loggedOn === undefined ? undefined : addDays(act.loggedOn, noticeDays),
  }))
  const [first] = dated.toSorted((a, b) => (a.on ?? '9999-12-31').localeCompare(b.on ?? '9999-12-31', 'en'))
  return first && { ...first, from: froms.length === 0 ? undefined : froms.reduce(earlier) }
}

/** E5 on a day. */
export function termCondition(
  day: CalendarDate,
  {
    start,
    earliest = start,
    end,
    shortened,
  }: {
    readonly start: CalendarDate | undefined
    readonly earliest?: CalendarDate | undefined
    readonly end: CalendarDate
    readonly shortened: boolean
  },
): Condition {
  const shared = { condition: 'E5' } as const
  if (day >= end)
    return {
      ...shared,
      outcome: 'failed',
      code: 'EXPIRED',
      since: end,
      zh: shortened ? `至${end}为止：所引版本复审到期` : `已于${end}到期`,
      en: shortened ? `until ${end}: a pinned edition is due for review` : `expired on ${end}`,
    }
  if (start === undefined || (day < start && earliest !== undefined && earliest <= day))
    return {
      ...shared,
      outcome: 'unknown',
      code: 'NOT_WITNESSED',
      zh: '无从得知双方签署何时入日志',
      en: 'no witness at hand says when both acts were logged',
    }
  if (day < start)
    return {
      ...shared,
      outcome: 'failed',
      code: 'NOT_YET_VALID',
      zh: `自${start}起生效`,
      en: `begins on ${start}`,
    }
  return {
    ...shared,
    outcome: 'passed',
    zh: `自${start}至${end}（不含）`,
    en: `from ${start}, before ${end}`,
  }
}

export function later(a: CalendarDate, b: CalendarDate): CalendarDate {
  return a > b ? a : b
}

export function earlier(a: CalendarDate, b: CalendarDate): CalendarDate {
  return a < b ? a : b
}
