import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import { type Lifecycle, lifecycleAt, type PlacedEvent } from './lifecycle.ts'

/** A later record of the issuer that says the same edition anew. */
export interface PlacedRevision {
  readonly origin: string
  readonly index: number
  readonly recordId: string
  /** The legal date of its logging. */
  readonly on: CalendarDate
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
  readonly changes: readonly Change[]
}

/**
 * An edition on a date: its state, and what was changed in it by then. An amendment or a partial replacement changes the clauses that it
 * names, or nobody knows which; a revision of the record those that differ.
 *
 * @see spec/agreement.md, AGREE-32 (DOMAIN section 8.5)
 */
export function editionAt(edition: PinnedEdition, day: CalendarDate): EditionStanding {
  const changes = edition.events.flatMap(({ origin, index, recordId, subject }): readonly Change[] => {
    const { eventKind, date, affectedClauses } = subject
    if (date > day || (eventKind !== 'amendment' && eventKind !== 'partly-superseded')) return []
    const cause = { origin, index, recordId, kind: eventKind }
    return [{ edition: edition.id, on: date, clauses: affectedClauses, cause }]
  })
  const revised = edition.revisions.flatMap(({ origin, index, recordId, on, changed }): readonly Change[] =>
    on > day
      ? []
      : [{ edition: edition.id, on, clauses: changed, cause: { origin, index, recordId, kind: 'revision' } }],
  )
  return {
    edition,
    lifecycle: lifecycleAt(edition.subject, edition.events, day),
    changes: [...changes, ...revised].toSorted(
      (a, b) =>
        compareText(a.on, b.on) ||
        compareText(a.cause.origin, b.cause.origin) ||
        a.cause.index - b.cause.index,
    ),
  }
}
