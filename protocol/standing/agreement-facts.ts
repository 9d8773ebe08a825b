import { addDays, type CalendarDate } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { Consent } from './consent.ts'
import type { KnownBasis } from './known-basis.ts'
import type { EditionStanding, PinnedEdition } from './pinned-edition.ts'

/** What the standing of an agreement of every kind rests on, as known at one place in each log. */
export interface AgreementFacts {
  readonly consent: Consent
  /** One for each that the agreement pins and that is at hand. */
  readonly editions: readonly PinnedEdition[]
  readonly basis: KnownBasis | undefined
  /** When a later agreement that takes its place begins, as known. */
  readonly renewedOn?: CalendarDate
  /** The first day on which that may be, by the word of the logs alone. */
  readonly renewedFrom?: CalendarDate
  /** What is missing: logs whose range is not at hand, by origin. */
  readonly missing: readonly string[]
  /** Of these, the logs of the parties: an act may stand in what is missing. */
  readonly missingActs?: readonly string[]
  /** There is what is for other readers, and not opened here: their consent may stand in it. */
  readonly unopened?: boolean
  /** Digests of editions of which a log that may speak is missing: what ended one may have been taken back there. */
  readonly unsettled?: readonly string[]
  /** What the registry holds against the pair of them: it knows no such project, or another pair. */
  readonly stranger?: 'NOT_A_MEMBER' | 'ATTESTATION_MISMATCH'
}

/** One agreement, its facts, and the day asked about. */
export interface AgreementGiven {
  readonly agreement: Agreement
  readonly facts: AgreementFacts
  readonly editions: readonly EditionStanding[]
  readonly day: CalendarDate
}

/** When an edition that ended on a date takes the agreement with it. */
export function lapseOf(
  since: CalendarDate,
  { onRevision, graceDays }: Pick<Agreement, 'onRevision' | 'graceDays'>,
): CalendarDate {
  return onRevision === 'grace' ? addDays(since, graceDays) : since
}
