import type { ProblemCode } from '../../protocol/error.ts'
import type { ProjectedRow } from './row.ts'

export interface Fault {
  readonly code: ProblemCode
  readonly detail: string
  readonly pointer?: string
}

/** What became of one entry. With a fault it is kept apart and has no row. */
export interface CheckedEntry {
  readonly index: number
  readonly bytes: Uint8Array
  readonly tier: string | null
  /** Of a group or a pair. */
  readonly audience: string | null
  readonly digest: string | null
  readonly recordId: string | null
  /** The exact bytes that were received for it, sound or not. */
  readonly record: Uint8Array | null
  /** What opens an entry that is not public; with neither record nor salt it was withheld. */
  readonly salt: Uint8Array | null
  readonly row: ProjectedRow | null
  readonly fault: Fault | null
}

export interface CheckedBatch {
  readonly origin: string
  readonly start: number
  readonly entries: readonly CheckedEntry[]
  /** All leaf hashes, one after the other. */
  readonly leaves: Uint8Array
  readonly lastAt: string
}

/** What is held against an id that was used before. */
export function asRepeat(entry: CheckedEntry): CheckedEntry {
  return {
    ...entry,
    row: null,
    fault: { code: 'DUPLICATE_ID', detail: 'this id was used by an earlier record' },
  }
}
