import type { Hash } from '../../protocol/hash.ts'
import { joinHashes } from '../../protocol/log/merkle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { GrownTile } from '../../protocol/log/tree.ts'

/** Cuts leaves that come bundle by bundle into the tiles of every level, each once and at its final width. */
export interface TileRows {
  /** The leaf hashes of the next 256 entries; of fewer only at the end of the log. */
  addBundle(leaves: readonly Hash[]): Promise<void>
  /** A full bundle of which no more than the root is known. */
  addBundleRoot(root: Hash): Promise<void>
  finish(): Promise<void>
}

/** @param visit answers with the hash that stands for the tile in the level above */
export function createTileRows(visit: (tile: GrownTile) => Promise<Hash>): TileRows {
  /** Of each level above the leaves: the number of its tile that is not full yet, and the hashes of that. */
  const levels: { index: number; hashes: Hash[] }[] = []
  let bundles = 0

  const visitRow = (level: number, index: number, hashes: readonly Hash[]) =>
    visit({ coord: { level, index, width: hashes.length }, hashes: joinHashes(hashes) })

  async function addHash(level: number, hash: Hash): Promise<void> {
    levels[level - 1] ??= { index: 0, hashes: [] }
    const row = levels[level - 1]
    if (!row) return
    row.hashes.push(hash)
    if (row.hashes.length < fullWidth) return
    const root = await visitRow(level, row.index, row.hashes)
    row.index += 1
    row.hashes = []
    await addHash(level + 1, root)
  }

  async function addBundleRoot(root: Hash): Promise<void> {
    bundles += 1
    await addHash(1, root)
  }

  return {
    addBundle: async (leaves) => {
      const root = await visitRow(0, bundles, leaves)
      if (leaves.length === fullWidth) await addBundleRoot(root)
    },
    addBundleRoot,
    finish: async () => {
      for (const [i, { index, hashes }] of levels.entries())
        if (hashes.length > 0) await visitRow(i + 1, index, hashes)
    },
  }
}
