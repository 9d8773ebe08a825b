import { addDays, type CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import type { MappingRow } from '../record/mapping-row.ts'
import type { Consent } from './consent.ts'
import type { KnownBasis } from './known-basis.ts'
import type { PinnedEdition } from './pinned-edition.ts'

/** A mapping set as the agreement pins it, read and judged by M1 to M7. */
export interface KnownMapping {
  readonly rows: ReadonlyMap<string, MappingRow>
  /** What the rules hold against it, in words. */
  readonly errors: readonly string[]
}

/** All that a recognition's standing rests on, as known at one place in each log. */
export interface RecognitionFacts {
  readonly consent: Consent
  /** One for each that the agreement pins and that is at hand. */
  readonly editions: readonly PinnedEdition[]
  readonly mapping: KnownMapping | undefined
  readonly basis: KnownBasis | undefined
  /** When a later agreement that takes its place begins, as known. */
  readonly renewedOn?: CalendarDate
  /** What is missing: logs whose range is not at hand, by origin. */
  readonly missing: readonly string[]
  /** What the registry holds against the pair of them: it knows no such project, or another pair. */
  readonly stranger?: 'NOT_A_MEMBER' | 'ATTESTATION_MISMATCH'
}

/** When an edition that ended on a date takes the agreement with it. */
export function lapseOf(since: CalendarDate, agreement: RecognitionAgreement): CalendarDate {
  return agreement.onRevision === 'grace' ? addDays(since, agreement.graceDays) : since
}
