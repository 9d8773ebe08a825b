import type { MappingRow } from '../../record/mapping-row.ts'
import type { JudgedVersion, WorkFault } from './judge.ts'
import type { Placing } from './version.ts'

/** A version of a row that stands now: the change, and where it was logged first. */
export interface Head extends Placing {
  readonly version: string
}

/**
 * `recorded`: one version stands. `merged`: several stand and agree, and the next change records what they come to. `conflict`: several
 * stand and do not agree.
 */
export type RowStanding = 'recorded' | 'merged' | 'conflict'

export interface WorkspaceRow {
  readonly row: string
  readonly standing: RowStanding
  /** Absent: withdrawn; or in a conflict, what nobody can tell. Never accepted while there is a conflict. */
  readonly mapping?: MappingRow
  /** By digest; none where nothing of the row counts yet. */
  readonly heads: readonly Head[]
  /** Who wrote what the row says, whoever reviewed it: another must accept it. */
  readonly authors: readonly string[]
  /** A review fell in the merge: what it was about was changed by the other side. */
  readonly reopened?: true
  /** A version waits for one that is not here. */
  readonly incomplete?: true
}

export interface ConflictSide extends Head {
  /** Absent: it has this field no more. */
  readonly value?: unknown
}

/** For people. */
export interface Conflict {
  readonly row: string
  /** A member of a row; `review` for state, reviewer and date as one; `row` for the whole. */
  readonly field: string
  readonly base?: unknown
  readonly sides: readonly ConflictSide[]
  /** Sides that are not listed: there are too many to merge. Settle those that are, and the next are listed. */
  readonly more?: number
}

/** A change that stands on a version which is not here. */
export interface WaitingVersion extends Head {
  readonly row: string
  readonly code: 'PENDING_DEPENDENCY'
  /** Versions that are not here; none where those that it names wait themselves. */
  readonly missing: readonly string[]
}

/** What two agencies' work on one mapping comes to. All lists are in one order, whatever order the changes came in. */
export interface Workspace {
  readonly rows: readonly WorkspaceRow[]
  readonly conflicts: readonly Conflict[]
  readonly faults: readonly WorkFault[]
  readonly waiting: readonly WaitingVersion[]
  /** Every version whose bases are here, by its digest. */
  readonly versions: ReadonlyMap<string, JudgedVersion>
}
