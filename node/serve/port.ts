import type { BundleCoordinate, TileCoordinate } from '../../protocol/log/tile.ts'
import type { Scope } from '../store/scope.ts'

/** A log as this node can serve it: its own, or the verified copy of another. */
export interface ServedLog {
  readonly origin: string
  readonly own: boolean
  /** Everything below this size is here and proven; the note is signed over exactly this size. */
  readonly size: number
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: string
  /** The note as it came from the log, where this node has added its own line. */
  readonly original?: string
  /** The newest note with the quorum of the policy, over entries that are here. */
  readonly witnessed?: string
}

export interface ServedRecord {
  readonly index: number
  /** Exact canonical bytes. */
  readonly bytes: Uint8Array
  /** Opens the entry, where it is not public. */
  readonly salt?: Uint8Array
}

/** What serving reads; every answer is of what was committed, and of what the reader may have. */
export interface LogReader {
  /** `undefined`: no such log here, or nothing of it signed yet. */
  findLog(origin: string): Promise<ServedLog | undefined>
  listLogs(): Promise<readonly ServedLog[]>
  /** The first note with the quorum over more than `after` entries, all of which are served. */
  findWitnessedAfter(log: ServedLog, after: number): Promise<string | undefined>
  /** The tile at the width asked for; `undefined` where the log is not that large. */
  readTile(log: ServedLog, tile: TileCoordinate): Promise<Uint8Array | undefined>
  readEntryBundle(log: ServedLog, bundle: BundleCoordinate): Promise<Uint8Array | undefined>
  /** Records from an index on, below an end, until about `maxBytes`; `complete` says that the end was reached. */
  readRecords(
    log: ServedLog,
    range: { readonly from: number; readonly end: number; readonly maxBytes: number; readonly scope: Scope },
  ): Promise<{ readonly records: readonly ServedRecord[]; readonly complete: boolean }>
  findRecord(
    digest: string,
    scope: Scope,
  ): Promise<{ readonly bytes: Uint8Array; readonly tier: string } | undefined>
}
