import type { MappingRow } from '../record/mapping-row.ts'
import type { AgreementFacts } from './agreement-facts.ts'

/** A mapping set as the agreement pins it, read and judged by M1 to M7. */
export interface KnownMapping {
  readonly rows: ReadonlyMap<string, MappingRow>
  /** What the rules hold against it, in words. */
  readonly errors: readonly string[]
}

/** All that a recognition's standing rests on, as known at one place in each log. */
export interface RecognitionFacts extends AgreementFacts {
  readonly mapping: KnownMapping | undefined
}
