import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { rootOfConcatenated, verifyConsistency } from '../../protocol/log/merkle.ts'
import { fullWidth, narrowTile, type TileCoordinate, tileWidth } from '../../protocol/log/tile.ts'
import { proveConsistency, rootOf, tilesForConsistency, tilesForRoot } from '../../protocol/log/tree.ts'
import type { LogSource } from './source.ts'

/** All that a proof reads. */
export type TileSource = Pick<LogSource, 'fetchTile'>

/**
 * Tiles of one tree, each believed only once it hashes up to the root that the log signed. Fetches each once.
 *
 * @see spec/sync.md, SYNC-4
 */
export interface ProvenTree {
  /** The root of a full bundle of entries, out of a proven tile of level 1. */
  bundleRoot(index: number): Promise<Hash>
  /** The leaf hashes of the last, partial bundle, out of the proven tile of level 0; `undefined` where the last is full. */
  readonly lastLeaves: Uint8Array | undefined
}

/**
 * Fetches the right edge and proves it against the checkpoint, and that it contains each tree of the log that was seen before.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED` — the tiles do not hash to the root; `CONSISTENCY_INVALID` — they do, and the log is
 *   not the one seen before: with both notes, that is evidence
 */
export async function openProvenTree(
  source: TileSource,
  target: Checkpoint,
  seen: readonly Checkpoint[],
): Promise<ProvenTree> {
  const proven = new Map<string, Uint8Array>()
  await proveEdge(source, target, proven)
  for (const before of seen) if (before.size > 0) await proveGrowth(source, { target, before }, proven)
  const lastLeaves =
    target.size % fullWidth === 0 ? undefined : proven.get(`0/${Math.floor(target.size / fullWidth)}`)
  return { lastLeaves, bundleRoot: (index) => findBundleRoot(source, target.size, index, proven) }
}

async function proveEdge(
  source: TileSource,
  target: Checkpoint,
  proven: Map<string, Uint8Array>,
): Promise<void> {
  for (const tile of tilesForRoot(target.size)) proven.set(nameOf(tile), await fetchExact(source, tile))
  if (!equalBytes(rootOf(target.size, readFrom(proven)), target.root)) {
    throw new ProtocolError('PAGE_MALFORMED', 'the tiles do not hash to the root of the checkpoint', {
      evidence: { size: target.size },
    })
  }
}

async function proveGrowth(
  source: TileSource,
  { target, before }: { target: Checkpoint; before: Checkpoint },
  proven: Map<string, Uint8Array>,
): Promise<void> {
  for (const tile of tilesForConsistency(before.size, target.size)) {
    // Proven against its parent first, so that a damaged tile is told from a log that was rewritten.
    if (!proven.has(nameOf(tile))) await proveTile(source, target.size, tile, proven)
  }
  verifyConsistency({
    oldSize: before.size,
    oldRoot: before.root,
    newSize: target.size,
    newRoot: target.root,
    path: proveConsistency(before.size, target.size, readFrom(proven)),
  })
}

async function findBundleRoot(
  source: TileSource,
  size: number,
  index: number,
  proven: Map<string, Uint8Array>,
): Promise<Hash> {
  const tileIndex = Math.floor(index / fullWidth)
  const tile = { level: 1, index: tileIndex, width: tileWidth(1, tileIndex, size) }
  const bytes = proven.get(nameOf(tile)) ?? (await proveTile(source, size, tile, proven))
  const at = (index % fullWidth) * 32
  return bytes.subarray(at, at + 32)
}

/** A full tile is proven by its hash in the tile above it; a partial one stands on the right edge and is proven already. */
async function proveTile(
  source: TileSource,
  size: number,
  tile: TileCoordinate,
  proven: Map<string, Uint8Array>,
): Promise<Uint8Array> {
  const parentIndex = Math.floor(tile.index / fullWidth)
  const parent = {
    level: tile.level + 1,
    index: parentIndex,
    width: tileWidth(tile.level + 1, parentIndex, size),
  }
  const above = proven.get(nameOf(parent)) ?? (await proveTile(source, size, parent, proven))
  const bytes = await fetchExact(source, tile)
  const at = (tile.index % fullWidth) * 32
  if (tile.width !== fullWidth || !equalBytes(rootOfConcatenated(bytes), above.subarray(at, at + 32))) {
    throw new ProtocolError('PAGE_MALFORMED', 'a tile does not hash to its place in the tree', {
      evidence: { ...tile },
    })
  }
  proven.set(nameOf(tile), bytes)
  return bytes
}

async function fetchExact(source: TileSource, tile: TileCoordinate): Promise<Uint8Array> {
  return narrowTile(await source.fetchTile(tile), tile.width)
}

function readFrom(proven: ReadonlyMap<string, Uint8Array>): (tile: TileCoordinate) => Uint8Array {
  return (tile) => {
    const bytes = proven.get(nameOf(tile))
    if (!bytes) throw new TypeError(`tile ${nameOf(tile)} was not fetched`)
    return bytes.subarray(0, tile.width * 32)
  }
}

function nameOf({ level, index }: TileCoordinate): string {
  return `${level}/${index}`
}
