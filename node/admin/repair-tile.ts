import { equalBytes } from '../../protocol/bytes.ts'
import { leafHash, rootOfConcatenated } from '../../protocol/log/merkle.ts'
import type { ProvenBundle } from '../../protocol/log/proven-bundle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { GrownTile } from '../../protocol/log/tree.ts'
import { writeTiles } from '../store/append-store.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { readEntries, readTile, type StoredLog, select } from '../store/log-store.ts'
import type { Mended } from './repair-bundle.ts'
import { isBeyond } from './tile-check.ts'
import { createTileRows } from './tile-row.ts'

export interface TileRepair {
  /** The signed size: below it entries are proven, but for those of the bundles that are left. */
  readonly signed: number
  readonly left: ReadonlyMap<number, ProvenBundle | undefined>
  readonly mended: Mended[]
}

/**
 * Computes the tiles of every level anew and writes those that differ. A bundle that is left as it is has its proven root in the
 * tiles above it all the same; one without a root ends the work.
 *
 * @see spec/durability.md, DUR-32
 */
export async function mendTiles(
  database: Database,
  log: StoredLog,
  { signed, left, mended }: TileRepair,
): Promise<void> {
  const note = ({ level, index }: { level: number; index: number }) =>
    mended.push({ index: index * fullWidth ** (level + 1), part: 'tile' })

  async function mend(tile: GrownTile) {
    const stored = await readTile(database, log.id, tile.coord)
    // What stands beyond the signed part is not judged while bundles are left.
    const judged = left.size === 0 ? stored : stored?.subarray(0, tile.hashes.length)
    if (!judged || !equalBytes(judged, tile.hashes)) {
      await database.transaction((tx) => writeTiles(tx, log.id, [tile]))
      note(tile.coord)
    }
    return rootOfConcatenated(tile.hashes)
  }

  const rows = createTileRows(mend)
  const size = left.size === 0 ? log.size : signed
  for (let from = 0; from < size; from += fullWidth) {
    const bundle = from / fullWidth
    const end = Math.min(from + fullWidth, size)
    const proven = left.get(bundle)
    if (!left.has(bundle)) {
      const stored = await readEntries(database, log.id, { from, end })
      if (left.size === 0 || end - from === fullWidth)
        await rows.addBundle(stored.map(({ bytes }) => leafHash(bytes)))
    } else if (proven && 'root' in proven) await rows.addBundleRoot(proven.root)
    else if (!proven) return
  }
  await rows.finish()
  if (left.size > 0) return
  const beyond = await select<{ level: number; index: number }>(
    database,
    sql`delete from tile where log_id = ${log.id} and ${isBeyond(size)} returning level, index`,
  )
  for (const tile of beyond) note(tile)
}
