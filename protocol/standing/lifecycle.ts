import { compareText } from '../canonical.ts'
import { addYears, type CalendarDate } from '../date.ts'
import type { EventSubject } from '../record/lifecycle-event.ts'
import type { StandardSubject } from '../record/standard-record.ts'

/** Where an event stands in its log: ties within a date are broken by it, and a verdict names it. */
export interface PlacedEvent {
  readonly origin: string
  readonly index: number
  readonly recordId: string
  readonly subject: EventSubject
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
  /** Five years after publication or the last review; absent where neither is known. Not "never reviewed". */
  readonly reviewDue?: CalendarDate
}

/** What of an edition its state rests on; all else about it may change without changing the state. */
export type LifecycleFacts = Pick<StandardSubject, 'publishedOn' | 'effectiveOn' | 'abolishedOn'>

/**
 * The state of one edition on a legal date: a fold of its own facts and of the events about it dated on or before that
 * day. Nobody types a state (rule ST9), so node, page and command line cannot disagree.
 *
 * Takes for granted that the facts and events are verified, that the events are about this edition, and that their
 * makers may speak for it; an event left out changes the answer, which is why a verdict needs the range.
 *
 * @see spec/standing.md, STAND-1 to STAND-6 (DOMAIN section 8.3)
 */
export function lifecycleAt(
  facts: LifecycleFacts,
  events: readonly PlacedEvent[],
  day: CalendarDate,
): Lifecycle {
  const past = events
    .filter((event) => event.subject.date <= day)
    .toSorted(
      (a, b) =>
        compareText(a.subject.date, b.subject.date) || compareText(a.origin, b.origin) || a.index - b.index,
    )
  const published = dateOf(facts.publishedOn, past, 'publication')
  const effective = dateOf(facts.effectiveOn, past, 'entry-into-force')
  const lastStart = past.findLast(({ subject }) => subject.eventKind === 'revision-start')
  const lastReview = past.findLast(({ subject }) => subject.eventKind === 'review')
  const reviewFrom = lastReview?.subject.date ?? published
  return {
    ...stateOf(facts, past, { day, published, effective }),
    underRevision: lastStart !== undefined,
    amended: past.some(({ subject }) => subject.eventKind === 'amendment'),
    partlySuperseded: past.some(({ subject }) => subject.eventKind === 'partly-superseded'),
    ...(reviewFrom === undefined ? {} : { reviewDue: addYears(reviewFrom, 5) }),
  }
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
  const ended = endOf(past)
  if (ended) return ended
  if (
    facts.abolishedOn !== undefined &&
    facts.abolishedOn <= day &&
    !past.some(({ subject }) => subject.eventKind === 'reinstated')
  ) {
    return { state: 'abolished', since: facts.abolishedOn }
  }
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

/** The last word of the events that end an edition or bring it back; two different ends that stand together are a dispute. */
function endOf(past: readonly PlacedEvent[]): Pick<Lifecycle, 'state' | 'since' | 'cause'> | undefined {
  const back = past.findLastIndex(({ subject }) => subject.eventKind === 'reinstated')
  const ends = past
    .slice(back + 1)
    .filter(({ subject }) => subject.eventKind === 'superseded' || subject.eventKind === 'abolished')
  const [first] = ends
  if (!first) return undefined
  const disputed = ends.some(
    ({ origin, subject }) => origin !== first.origin && subject.eventKind !== first.subject.eventKind,
  )
  const state = disputed ? 'disputed' : first.subject.eventKind === 'abolished' ? 'abolished' : 'superseded'
  return { state, since: first.subject.date, cause: first }
}

function dateOf(
  fact: CalendarDate | undefined,
  past: readonly PlacedEvent[],
  kind: EventSubject['eventKind'],
): CalendarDate | undefined {
  const event = past.findLast(({ subject }) => subject.eventKind === kind)
  return event?.subject.date ?? fact
}
