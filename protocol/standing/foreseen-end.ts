import { addDays, type CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { type AgreementStanding, termOf } from './agreement-standing.ts'
import { decisiveOf, endedOn, lastingFaultOf } from './agreement-state.ts'
import type { Cause } from './condition.ts'
import { earliestStartOf, later, withdrawalsOf } from './term.ts'

/** What may end an agreement: its own facts, and those of the recognition that it rests on. */
export interface Founded {
  readonly agreement: Agreement
  readonly facts: AgreementFacts
}

/** So many events are looked at for one end: a thousand announcements on every day of five years. */
const maxLooks = 2_000_000
const fewTurns = 200

/**
 * The standing on a day, with the end that is known on it: what is announced already ends an agreement before its term does, or before it
 * begins. The answer, the state and the conditions are those of the day alone.
 *
 * @param founded the agreement itself, and what it rests on
 * @see spec/agreement.md, AGREE-38
 */
export function withForeseenEnd<S extends AgreementStanding>(
  standingAt: (day: CalendarDate) => S,
  founded: readonly [Founded, ...Founded[]],
  day: CalendarDate,
): S {
  const standing = standingAt(day)
  if (standing.answer === 'effective') return { ...standing, ...endAfter(standingAt, founded, standing, day) }
  const [{ agreement, facts }] = founded
  const { consent } = facts
  const [start, earliest] = [standing.start, earliestStartOf(consent)]
  if (consent.state !== 'consented' || start === undefined || earliest === undefined) return standing
  // On its first day at the earliest: what has ended by then never begins, whatever the witnesses of the acts say.
  const first = day < earliest ? standingAt(earliest) : standing
  const ended = endedOn(first.conditions)
  const { latest } = termOf(facts, agreement)
  const hasEnded = ended !== undefined && ended <= earliest
  const isFaulty = start === earliest && lastingFaultOf(first.conditions) !== undefined
  if (first.answer === 'not-effective' && (hasEnded || isFaulty)) {
    const never = decisiveOf(first.conditions)
    const turns = turnsWithin(founded, later(day, earliest), latest)
    // What ended an edition or a basis may be taken back.
    if (!never || !turns?.every((turn) => standingAt(turn).answer === 'not-effective')) return standing
    return { ...standing, end: hasEnded ? ended : undefined, cause: first.cause, never }
  }
  const from = later(day, start)
  const waits = first.answer === 'not-effective' && ended === undefined
  const turns = waits ? turnsWithin(founded, from, latest) : []
  for (const turn of [from, ...(turns ?? [])]) {
    const begun = standingAt(turn)
    if (begun.answer === 'effective') return { ...standing, ...endAfter(standingAt, founded, begun, turn) }
  }
  return turns ? standing : { ...standing, end: undefined }
}

interface End {
  readonly end?: CalendarDate | undefined
  readonly cause?: Cause
}

function endBy(end: CalendarDate, { cause }: AgreementStanding): End {
  return { end, ...(cause ? { cause } : {}) }
}

/** Of an agreement that holds on this day. */
function endAfter(
  standingAt: (day: CalendarDate) => AgreementStanding,
  founded: readonly Founded[],
  { end }: AgreementStanding,
  day: CalendarDate,
): End {
  if (end === undefined) return {}
  const turns = turnsOf(founded, day, end)
  const looks = looksFor(founded)
  for (const turn of turns.slice(0, looks)) {
    const then = standingAt(turn)
    if (then.answer === 'not-effective') return endBy(turn, then)
  }
  // What was not looked at may end it: no end is told, and none that is wrong.
  return turns.length > looks ? { end: undefined } : { end }
}

function looksFor(founded: readonly Founded[]): number {
  return Math.max(fewTurns, Math.floor(maxLooks / eventsIn(founded)))
}

/** The same, where all of them can be looked at. */
function turnsWithin(...given: Parameters<typeof turnsOf>): readonly CalendarDate[] | undefined {
  const turns = turnsOf(...given)
  return turns.length > looksFor(given[0]) ? undefined : turns
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
  return [...turns].toSorted()
}

function eventsIn(founded: readonly Founded[]): number {
  const counts = founded.flatMap(({ facts: { editions, basis } }) => [
    ...editions.map(({ events, revisions }) => events.length + revisions.length),
    basis?.events.length ?? 0,
  ])
  return counts.reduce((sum, count) => sum + count, 1)
}
