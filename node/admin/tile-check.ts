import { equalBytes } from '../../protocol/bytes.ts'
import type { ProblemCode } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import { hashLength, joinHashes, rootOfConcatenated } from '../../protocol/log/merkle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { readTile, select } from '../store/log-store.ts'

/** One thing that is not as it must be. Codes as on the wire; `index` is the first leaf concerned. */
export interface StoredFault {
  readonly index: number
  readonly part: 'entry' | 'record' | 'tile' | 'checkpoint'
  readonly code: ProblemCode
  readonly detail: string
}

/** Compares the stored tiles of every level with leaves that come bundle by bundle. */
export interface TileCheck {
  /** The leaf hashes of the next 256 entries; of fewer only at the end of the log. */
  addBundle(leaves: readonly Hash[]): Promise<void>
  finish(): Promise<void>
}

export function createTileCheck(
  database: Database,
  logId: number,
  report: (fault: StoredFault) => void,
): TileCheck {
  /** Of each level above the leaves: how many hashes went before, and those of the tile that is not full yet. */
  const levels: { first: number; hashes: Hash[] }[] = []
  let leavesSoFar = 0

  /** The root of the row to go on with: what the level above vouches for, so that one fault is found once. */
  async function compare(level: number, first: number, hashes: Uint8Array): Promise<Hash> {
    const index = first / fullWidth
    const root = rootOfConcatenated(hashes)
    const stored = await readTile(database, logId, { level, index, width: fullWidth })
    if (stored && equalBytes(stored, hashes)) return root
    const vouched = stored && (await isVouchedFor(rootOfConcatenated(stored), level, index))
    const at = firstDifference(stored ?? new Uint8Array(0), hashes)
    report({
      index: (first + at) * fullWidth ** level,
      part: level === 0 && stored ? 'entry' : 'tile',
      code: 'LEAF_MISMATCH',
      detail: `the stored tile of level ${level} differs at hash ${first + at}`,
    })
    return vouched ? rootOfConcatenated(stored) : root
  }

  async function isVouchedFor(root: Hash, level: number, index: number): Promise<boolean> {
    const parent = { level: level + 1, index: Math.floor(index / fullWidth), width: fullWidth }
    const above = await readTile(database, logId, parent)
    const start = (index % fullWidth) * hashLength
    return above !== undefined && equalBytes(above.subarray(start, start + hashLength), root)
  }

  async function addHash(level: number, hash: Hash): Promise<void> {
    levels[level - 1] ??= { first: 0, hashes: [] }
    const row = levels[level - 1]
    if (!row) return
    row.hashes.push(hash)
    if (row.hashes.length < fullWidth) return
    const root = await compare(level, row.first, joinHashes(row.hashes))
    row.first += fullWidth
    row.hashes = []
    await addHash(level + 1, root)
  }

  return {
    addBundle: async (leaves) => {
      const root = await compare(0, leavesSoFar, joinHashes(leaves))
      leavesSoFar += leaves.length
      if (leaves.length === fullWidth) await addHash(1, root)
    },
    finish: async () => {
      for (const [i, { first, hashes }] of levels.entries()) {
        if (hashes.length > 0) await compare(i + 1, first, joinHashes(hashes))
      }
      await requireNoMore(leavesSoFar)
    },
  }

  async function requireNoMore(size: number): Promise<void> {
    const [row] = await select<{ entries: number; tiles: number }>(
      database,
      sql`select (select count(*) from entry where log_id = ${logId} and index >= ${size}) as entries,
        (select count(*) from tile where log_id = ${logId} and index * power(256::numeric, level + 1) >= ${size}) as tiles`,
    )
    if (row?.entries !== 0)
      report({
        index: size,
        part: 'entry',
        code: 'LEAF_MISMATCH',
        detail: 'entries beyond the end of the log',
      })
    if (row?.tiles !== 0)
      report({ index: size, part: 'tile', code: 'LEAF_MISMATCH', detail: 'tiles beyond the end of the log' })
  }
}

/** The number of the first hash that differs. */
function firstDifference(stored: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < right.length; at += hashLength) {
    if (!equalBytes(stored.subarray(at, at + hashLength), right.subarray(at, at + hashLength)))
      return at / hashLength
  }
  return Math.max(0, right.length / hashLength - 1)
}
