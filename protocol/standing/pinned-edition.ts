import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import { type Lifecycle, lifecycleAt, type PlacedEvent } from './lifecycle.ts'
import { comparePlaces } from './log-order.ts'

/** A later record of the issuer that says the same edition anew. */
export interface PlacedRevision {
  readonly origin: string
  readonly index: number
  readonly recordId: string
  /** The legal date by which it was logged; absent where nobody at hand says so. */
  readonly on?: CalendarDate
  /** The legal date before which it was not, as the log itself says; `on` where it says no other. */
  readonly from?: CalendarDate
  /** Clauses that are not in it as they were, by `uid`. */
  readonly changed: readonly string[]
}

/** What is known of an edition that an agreement pins. */
export interface PinnedEdition {
  readonly id: string
  readonly digest: string
  readonly issuer: string
  readonly subject: StandardSubject
  /** By its own log, and by that of the authority for its number where there is one. */
  readonly events: readonly PlacedEvent[]
  readonly revisions: readonly PlacedRevision[]
  /** Whose log speaks for the number: `undefined` where the registry names nobody, and its issuer's word is all there is. */
  readonly authority: string | undefined
}

/** Something that changed a pinned edition: from that date on the clauses named are not what was agreed; `undefined`: nobody knows which. */
export interface Change {
  readonly edition: string
  readonly on: CalendarDate
  readonly clauses: readonly string[] | undefined
  readonly cause: {
    readonly origin: string
    readonly index: number
    readonly recordId: string
    readonly kind: string
  }
}

export interface EditionStanding {
  readonly edition: PinnedEdition
  readonly lifecycle: Lifecycle
  /** What was changed by that day, in order of date. */
  readonly changes: readonly Change[]
  /** What may have been changed sooner than those at hand can tell: each on the first day on which that may be. */
  readonly open: readonly Change[]
}

/**
 * An edition on a date: its state, and what was changed in it by then. An amendment or a partial replacement changes the clauses that it
 * names, or nobody knows which; a revision of the record those that differ, from the day by which it was logged.
 *
 * @see spec/agreement.md, AGREE-32 and AGREE-33 (DOMAIN section 8.5)
 */
export function editionAt(edition: PinnedEdition, day: CalendarDate): EditionStanding {
  const changes = edition.events.flatMap(({ origin, index, recordId, subject }): readonly Change[] => {
    const { eventKind, date, affectedClauses } = subject
    if (date > day || (eventKind !== 'amendment' && eventKind !== 'partly-superseded')) return []
    const cause = { origin, index, recordId, kind: eventKind }
    return [{ edition: edition.id, on: date, clauses: affectedClauses, cause }]
  })
  const revised = edition.revisions.flatMap((one) => changeBy(edition, one, { on: one.on, day }))
  const open = edition.revisions.flatMap((one) =>
    one.from === undefined || one.from === one.on ? [] : changeBy(edition, one, { on: one.from, day }),
  )
  return {
    edition,
    lifecycle: lifecycleAt(edition.subject, edition.events, day),
    changes: inOrder([...changes, ...revised]),
    open: inOrder(open),
  }
}

function changeBy(
  { id }: PinnedEdition,
  { origin, index, recordId, changed }: PlacedRevision,
  { on, day }: { readonly on: CalendarDate | undefined; readonly day: CalendarDate },
): readonly Change[] {
  if (on === undefined || on > day) return []
  return [{ edition: id, on, clauses: changed, cause: { origin, index, recordId, kind: 'revision' } }]
}

function inOrder(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => compareText(a.on, b.on) || comparePlaces(a.cause, b.cause))
}
