import type { Hash } from '../../protocol/hash.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import type { BundleCoordinate, TileCoordinate } from '../../protocol/log/tile.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'
import type { CheckedBatch } from '../projection/checked.ts'

/** Stored or offered tiles of one log. */
export interface TileSource {
  fetchTile(tile: TileCoordinate): Promise<Uint8Array>
}

/** What the bundles of one tree hash to, proven against its root. */
export interface ProvenTree {
  bundleRoot(index: number): Promise<Hash>
  /** The leaf hashes of the last, partial bundle; `undefined` where the last is full. */
  readonly lastLeaves: Uint8Array | undefined
}

/** Somebody who may still have what is damaged here. Nothing of it is believed. */
export interface RepairSource extends TileSource {
  /** As the operator knows it: a URL or a directory. */
  readonly name: string
  fetchEntryBundle(bundle: BundleCoordinate): Promise<readonly Uint8Array[]>
  /** The signed note that it shows of the log; `undefined` where it shows none. Whose it is is for the caller. */
  fetchNote(): Promise<string | undefined>
  /**
   * Calls with whatever is offered as a record of these indices; what it hashes to is for the caller. `proven`: whether to ask with a
   * proof of who asks, for what is not public.
   */
  fetchRecords(
    wanted: {
      readonly bundle: BundleCoordinate
      readonly indices: readonly number[]
      readonly proven?: boolean
    },
    take: (index: number, record: RecordOpening) => void,
  ): Promise<void>
}

/** Entries at consecutive indices, each with its record where there is one. */
export interface EntryRun {
  readonly origin: string
  readonly own: boolean
  readonly start: number
  readonly entries: readonly {
    readonly bytes: Uint8Array
    readonly record: Uint8Array | null
    /** Opens an entry that is not public. */
    readonly salt: Uint8Array | null
  }[]
  /** `at` of the last good entry before them. */
  readonly lastAt: string
}

/** What every entry goes through on its way to the read model. */
export type CheckEntries = (run: EntryRun) => Promise<CheckedBatch>

/** What repair needs of the doors of a node; wired by the program. */
export interface RepairPorts {
  readonly check: CheckEntries
  /** Proves tiles against a checkpoint as a follower does, and that its tree contains those that were seen before. */
  openTree(tiles: TileSource, target: Checkpoint, seen: readonly Checkpoint[]): Promise<ProvenTree>
}
