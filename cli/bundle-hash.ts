import { concatBytes, equalBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Hash } from '../protocol/hash.ts'
import type { Checkpoint } from '../protocol/log/checkpoint.ts'
import { emptyRoot, rootOfConcatenated } from '../protocol/log/merkle.ts'
import { isBundleOf } from '../protocol/log/proven-bundle.ts'
import {
  formatTilePath,
  fullWidth,
  narrowTile,
  type TileCoordinate,
  tileWidth,
} from '../protocol/log/tile.ts'
import type { CopyFolder } from './copy-folder.ts'
import type { LogReader } from './log-reader.ts'

/** The hashes of its bundles, 128 MiB of them, are held in memory; and a size is no more than what somebody signed. */
const maxCopySize = 2 ** 30

/** What each bundle of entries of one signed tree hashes to. */
export interface BundleHashes {
  /** Whether these are the leaves of the bundle, all of them. */
  holds(index: number, leaves: readonly Hash[]): boolean
}

/**
 * The hashes of all full bundles and the leaves of the last one, proven to the root: from then on each bundle is judged by itself.
 * Tiles that lie in the directory are taken where they give the root.
 *
 * @throws {ProtocolError} `SIZE_LIMIT`; `LEAF_MISMATCH` — the tiles served do not give the root that was signed; and as `LogReader`
 * @see protocol/spec/verify.md, VERIFY-28
 */
export async function proveBundles(
  reader: LogReader,
  folder: CopyFolder,
  { size, root }: Checkpoint,
): Promise<BundleHashes> {
  if (size > maxCopySize)
    throw new ProtocolError('SIZE_LIMIT', `a log of more than ${maxCopySize} entries is not copied`, {
      evidence: { size },
    })
  const tiles = listTiles(size)
  for (const read of [readKept, readServed]) {
    const rows = await read(tiles, reader, folder)
    const last = size % fullWidth === 0 ? undefined : rows.at(-1)
    const hashes = concatBytes(...(last ? rows.slice(0, -1) : rows))
    const whole = last ? concatBytes(hashes, rootOfConcatenated(last)) : hashes
    // Every bundle but the last is a complete subtree, so the tree over their hashes has the root of the log.
    if (!equalBytes(size === 0 ? emptyRoot : rootOfConcatenated(whole), root)) continue
    const full = hashes.length / 32
    return {
      holds(index, leaves) {
        if (index < full) return isBundleOf(leaves, { root: hashes.subarray(index * 32, index * 32 + 32) })
        return last !== undefined && isBundleOf(leaves, { leaves: last })
      },
    }
  }
  throw new ProtocolError('LEAF_MISMATCH', 'the tiles served do not give the root that was signed', {
    evidence: { size },
  })
}

/** All of level 1, and the last of level 0 where it is partial. */
function listTiles(size: number): readonly TileCoordinate[] {
  const tiles: TileCoordinate[] = []
  for (let index = 0; tileWidth(1, index, size) > 0; index += 1)
    tiles.push({ level: 1, index, width: tileWidth(1, index, size) })
  const last = Math.floor(size / fullWidth)
  if (size % fullWidth > 0) tiles.push({ level: 0, index: last, width: size % fullWidth })
  return tiles
}

type ReadRows = (
  tiles: readonly TileCoordinate[],
  reader: LogReader,
  folder: CopyFolder,
) => Promise<readonly Uint8Array[]>

const readServed: ReadRows = async (tiles, reader) => {
  const read = await reader.fetchTiles(tiles)
  return tiles.map((tile) => narrowTile(read(tile), tile.width))
}

const readKept: ReadRows = async (tiles, reader, folder) => {
  const kept = new Map<TileCoordinate, Uint8Array>()
  for (const tile of tiles) {
    const bytes = await folder.read(formatTilePath(tile), tile.width * 32)
    if (bytes?.length === tile.width * 32) kept.set(tile, bytes)
  }
  const missing = tiles.filter((tile) => !kept.has(tile))
  const served = await readServed(missing, reader, folder)
  return tiles.map((tile) => kept.get(tile) ?? served[missing.indexOf(tile)] ?? new Uint8Array(0))
}
