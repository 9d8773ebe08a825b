import type { CalendarDate } from '../../date.ts'
import type { StandardSubject } from '../../record/standard-record.ts'
import { type LifecycleFacts, lifecycleAt, type PlacedEvent } from '../lifecycle.ts'
import type { Period } from './period.ts'

/** What of an edition a rate rests on. */
export type EditionFacts = LifecycleFacts &
  Pick<StandardSubject, 'identifiers' | 'titleZh' | 'important' | 'matters' | 'clauses'>

export interface KnownEdition {
  readonly facts: EditionFacts
  readonly events: readonly PlacedEvent[]
}

/** The edition of this id and digest; `undefined` where it is not at hand. */
export type EditionLookup = (edition: {
  readonly id: string
  readonly digest: string
}) => KnownEdition | undefined

/** `standingIn` for one period, each edition once. */
export type StandingLookup = (known: KnownEdition) => PeriodStanding

export type PeriodStanding = 'in-force' | 'not-in-force' | 'unknown'

/**
 * Whether an edition was in force on a day of the period: states change on the dates of facts and events alone, so these days, the first
 * and the last are all there is to ask about.
 *
 * @see spec/rate.md, RATE-7
 */
export function standingIn({ facts, events }: KnownEdition, period: Period): PeriodStanding {
  const dates = [facts.publishedOn, facts.effectiveOn, facts.abolishedOn, ...events.map(dateOf)]
  const days = new Set([period.first, period.last])
  for (const day of dates) if (day !== undefined && isWithin(day, period)) days.add(day)
  let open = false
  for (const day of days) {
    const { state } = lifecycleAt(facts, events, day)
    if (state === 'in-force') return 'in-force'
    if (state === 'undetermined' || state === 'disputed') open = true
  }
  return open ? 'unknown' : 'not-in-force'
}

/** Editions stand in many reports: each is judged once. */
export function standingsIn(period: Period): StandingLookup {
  const judged = new Map<KnownEdition, PeriodStanding>()
  return (known) => {
    const standing = judged.get(known) ?? standingIn(known, period)
    judged.set(known, standing)
    return standing
  }
}

function dateOf({ subject }: PlacedEvent): CalendarDate {
  return subject.date
}

function isWithin(day: CalendarDate, { first, last }: Period): boolean {
  return first <= day && day <= last
}
