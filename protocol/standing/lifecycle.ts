import { compareText } from '../canonical.ts'
import { addYears, type CalendarDate } from '../date.ts'
import type { EventSubject } from '../record/lifecycle-event.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import { comparePlaces, ownerOf, type Place } from './log-order.ts'

/** Where an event stands in its log: ties within a date are broken by it, and a verdict names it. */
export interface PlacedEvent extends Place {
  readonly recordId: string
  readonly subject: EventSubject
  /** Whether it stands in the log of the authority for the number; absent where the registry names none, or was not asked. */
  readonly authoritative?: boolean
  /** The legal date by which it was logged, as its witnesses say; with `loggedFrom` and without this, nobody at hand says so. */
  readonly loggedOn?: CalendarDate
  /** The legal date before which it was not, as the log itself says. */
  readonly loggedFrom?: CalendarDate
}

export const lifecycleStates = {
  drafting: { zh: '制定中', en: 'being drafted' },
  upcoming: { zh: '即将实施', en: 'not yet in force' },
  'in-force': { zh: '现行', en: 'in force' },
  superseded: { zh: '被代替', en: 'superseded' },
  abolished: { zh: '废止', en: 'abolished' },
  disputed: { zh: '有争议', en: 'disputed' },
  undetermined: { zh: '不可判定', en: 'undetermined' },
} as const

export type LifecycleState = keyof typeof lifecycleStates

export interface Lifecycle {
  readonly state: LifecycleState
  /** The legal date from which the state holds, where one is known. */
  readonly since?: CalendarDate
  /** The event that made the state, where it was one. */
  readonly cause?: PlacedEvent
  readonly underRevision: boolean
  readonly amended: boolean
  readonly partlySuperseded: boolean
  /** Five years after publication or the last review known by that day; absent where neither is known. Not "never reviewed". */
  readonly reviewDue?: CalendarDate
  /** The same by the logs' own dates, where that is later: others may have seen a review by that day, nobody at hand has. */
  readonly reviewDueByLogs?: CalendarDate
}

/** What of an edition its state rests on; all else about it may change without changing the state. */
export type LifecycleFacts = Pick<StandardSubject, 'publishedOn' | 'effectiveOn' | 'abolishedOn'>

/**
 * The state of one edition on a legal date: a fold of its own facts and of the events about it dated on or before that
 * day. Nobody types a state (rule ST9), so node, page and command line cannot disagree.
 *
 * Takes for granted that the facts and events are verified, that the events are about this edition, and that their
 * makers may speak for it; an event left out changes the answer, which is why a verdict needs the range. Where events say
 * whether they are authoritative, others count against the edition alone.
 *
 * @see spec/standing.md, STAND-1 to STAND-6 and STAND-10 (DOMAIN section 8.3)
 */
export function lifecycleAt(
  facts: LifecycleFacts,
  events: readonly PlacedEvent[],
  day: CalendarDate,
): Lifecycle {
  const past = events
    .filter((event) => event.subject.date <= day)
    .toSorted((a, b) => compareText(a.subject.date, b.subject.date) || comparePlaces(a, b))
  const favourable = past.filter(({ authoritative }) => authoritative !== false)
  const published = dateOf(facts.publishedOn, favourable, 'publication')
  const effective = dateOf(facts.effectiveOn, favourable, 'entry-into-force')
  const reviews = favourable.filter(({ subject }) => subject.eventKind === 'review')
  const issuedBy = (isKnown: (event: PlacedEvent) => boolean) =>
    reviews.findLast(isKnown) ?? dateOf(facts.publishedOn, favourable.filter(isKnown), 'publication')
  const due = dueAfter(issuedBy((event) => isKnownBy(event, day)))
  const claimed = dueAfter(issuedBy(({ loggedFrom = day }) => loggedFrom <= day))
  return {
    ...stateOf(facts, past, { day, published, effective }),
    underRevision: past.some(({ subject }) => subject.eventKind === 'revision-start'),
    amended: past.some(({ subject }) => subject.eventKind === 'amendment'),
    partlySuperseded: past.some(({ subject }) => subject.eventKind === 'partly-superseded'),
    ...(due === undefined ? {} : { reviewDue: due }),
    ...(claimed === undefined || claimed === due ? {} : { reviewDueByLogs: claimed }),
  }
}

/** Who gives no day by which it was logged takes every event for known. */
function isKnownBy({ loggedOn, loggedFrom }: PlacedEvent, day: CalendarDate): boolean {
  return loggedOn === undefined ? loggedFrom === undefined : loggedOn <= day
}

function dueAfter(last: PlacedEvent | CalendarDate | undefined): CalendarDate | undefined {
  const from = typeof last === 'object' ? last.subject.date : last
  return from === undefined ? undefined : addYears(from, 5)
}

interface Dates {
  readonly day: CalendarDate
  readonly published: CalendarDate | undefined
  readonly effective: CalendarDate | undefined
}

function stateOf(
  facts: LifecycleFacts,
  past: readonly PlacedEvent[],
  { day, published, effective }: Dates,
): Pick<Lifecycle, 'state' | 'since' | 'cause'> {
  const ended = endOf(facts, past, day)
  if (ended) return ended
  if (effective !== undefined && effective <= day) return { state: 'in-force', since: effective }
  if (effective !== undefined)
    return { state: published !== undefined && published > day ? 'drafting' : 'upcoming', since: effective }
  if (published !== undefined)
    return { state: published > day ? 'drafting' : 'undetermined', since: published }
  const drafted = past.some(({ subject }) =>
    ['project-approval', 'public-comment', 'submission'].includes(subject.eventKind),
  )
  return { state: drafted ? 'drafting' : 'undetermined' }
}

/** The first in date of the ends that stand, the record's own among them; two different ends that stand together are a dispute. */
function endOf(
  { abolishedOn }: LifecycleFacts,
  past: readonly PlacedEvent[],
  day: CalendarDate,
): Pick<Lifecycle, 'state' | 'since' | 'cause'> | undefined {
  const ends = standingEnds(past)
  const [first] = ends
  const stated =
    abolishedOn !== undefined && abolishedOn <= day && !isReinstated(past, abolishedOn)
      ? abolishedOn
      : undefined
  const disputed = ends.some(
    ({ origin, subject }) => origin !== first?.origin && subject.eventKind !== first?.subject.eventKind,
  )
  if (stated !== undefined && (!first || stated < first.subject.date))
    return { state: disputed ? 'disputed' : 'abolished', since: stated }
  if (!first) return undefined
  const state = disputed ? 'disputed' : first.subject.eventKind === 'abolished' ? 'abolished' : 'superseded'
  return { state, since: first.subject.date, cause: first }
}

function isReinstated(past: readonly PlacedEvent[], since: CalendarDate): boolean {
  return past.some(({ subject }) => subject.eventKind === 'reinstated' && subject.date >= since)
}

/** Ends that nobody took back who may: their maker does, and the authority for all but what another authority says. */
function standingEnds(past: readonly PlacedEvent[]): readonly PlacedEvent[] {
  const standing: PlacedEvent[] = []
  const back = { byOwner: new Set<string>(), byAuthority: new Set<string>() }
  for (const event of past.toReversed()) {
    const { eventKind } = event.subject
    const owner = ownerOf(event.origin)
    const authoritative = event.authoritative === true
    if (eventKind === 'reinstated') {
      back.byOwner.add(owner)
      if (authoritative) back.byAuthority.add(owner)
    } else if (eventKind === 'superseded' || eventKind === 'abolished') {
      const taken = authoritative
        ? back.byAuthority.has(owner)
        : back.byOwner.has(owner) || back.byAuthority.size > 0
      if (!taken) standing.push(event)
    }
  }
  return standing.toReversed()
}

function dateOf(
  fact: CalendarDate | undefined,
  past: readonly PlacedEvent[],
  kind: EventSubject['eventKind'],
): CalendarDate | undefined {
  const event = past.findLast(({ subject }) => subject.eventKind === kind)
  return event?.subject.date ?? fact
}
