import { addDays, type CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { type AgreementStanding, termOf } from './agreement-standing.ts'
import { withdrawalsOf } from './term.ts'

/** What may end an agreement: its own facts, and those of the recognition that it rests on. */
export interface Founded {
  readonly agreement: Agreement
  readonly facts: AgreementFacts
}

/** No real agreement is announced to change so often; whoever announces more does not cost more. */
const maxTurns = 200

/**
 * The standing on a day, with the end that is known on it: what is announced already ends an agreement before its term does. The answer
 * and its conditions are those of the day alone.
 *
 * @see spec/agreement.md, AGREE-38
 */
export function withForeseenEnd<S extends AgreementStanding>(
  standingAt: (day: CalendarDate) => S,
  founded: readonly Founded[],
  day: CalendarDate,
): S {
  const standing = standingAt(day)
  const { answer, end } = standing
  if (answer !== 'effective' || end === undefined) return standing
  for (const turn of turnsOf(founded, day, end)) {
    const then = standingAt(turn)
    if (then.answer === 'not-effective')
      return { ...standing, end: turn, ...(then.cause ? { cause: then.cause } : {}) }
  }
  return standing
}

/** Days after the one asked on which something known changes, in their order. */
function turnsOf(founded: readonly Founded[], day: CalendarDate, end: CalendarDate): readonly CalendarDate[] {
  const turns = new Set<CalendarDate>()
  for (const { agreement, facts } of founded) {
    const changes = [
      ...facts.editions.flatMap(({ subject, events, revisions }) => [
        subject.abolishedOn,
        subject.publishedOn,
        subject.effectiveOn,
        ...events.map(({ subject }) => subject.date),
        ...revisions.flatMap(({ on }) => on ?? []),
      ]),
      ...(facts.basis?.events.map(({ subject }) => subject.date) ?? []),
    ]
    const dates = changes.flatMap((date) => date ?? [])
    const term = termOf(facts, agreement)
    const own = [
      term.end,
      term.latest,
      withdrawalsOf(facts.consent, agreement.noticeDays)[0]?.on,
      facts.renewedOn,
      ...dates,
      ...dates.map((date) => addDays(date, agreement.graceDays)),
    ]
    for (const date of own) if (date !== undefined && day < date && date < end) turns.add(date)
  }
  return [...turns].toSorted().slice(0, maxTurns)
}
