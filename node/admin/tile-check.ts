import { equalBytes } from '../../protocol/bytes.ts'
import type { ProblemCode } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import { hashLength, rootOfConcatenated } from '../../protocol/log/merkle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { GrownTile } from '../../protocol/log/tree.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { readTile, select } from '../store/log-store.ts'
import { createTileRows } from './tile-row.ts'

/** One thing that is not as it must be. Codes as on the wire; `index` is the first leaf concerned. */
export interface StoredFault {
  readonly index: number
  /** `row`: of the read model; `log`: what the store notes of the log beside its entries. */
  readonly part: 'entry' | 'record' | 'tile' | 'checkpoint' | 'row' | 'log'
  readonly code: ProblemCode
  readonly detail: string
}

export type ReportFault = (fault: StoredFault) => void

/** Compares the stored tiles of every level with leaves that come bundle by bundle. */
export interface TileCheck {
  /** The leaf hashes of the next 256 entries; of fewer only at the end of the log. */
  addBundle(leaves: readonly Hash[]): Promise<void>
  finish(): Promise<void>
}

export function createTileCheck(database: Database, logId: number, report: ReportFault): TileCheck {
  const rows = createTileRows(compare)
  let leavesSoFar = 0

  /** The root of the row to go on with: what the level above vouches for, so that one fault is found once. */
  async function compare({ coord, hashes }: GrownTile): Promise<Hash> {
    const { level, index } = coord
    const root = rootOfConcatenated(hashes)
    const stored = await readTile(database, logId, coord)
    if (stored && equalBytes(stored, hashes)) return root
    const storedRoot = stored && stored.length % hashLength === 0 ? rootOfConcatenated(stored) : undefined
    const first = index * fullWidth + firstDifference(stored ?? new Uint8Array(0), hashes)
    report({
      index: first * fullWidth ** level,
      part: level === 0 && stored ? 'entry' : 'tile',
      code: 'LEAF_MISMATCH',
      detail: `the stored tile of level ${level} differs at hash ${first}`,
    })
    return storedRoot && (await isVouchedFor(storedRoot, level, index)) ? storedRoot : root
  }

  async function isVouchedFor(root: Hash, level: number, index: number): Promise<boolean> {
    const parent = { level: level + 1, index: Math.floor(index / fullWidth), width: fullWidth }
    const above = await readTile(database, logId, parent)
    const start = (index % fullWidth) * hashLength
    return above !== undefined && equalBytes(above.subarray(start, start + hashLength), root)
  }

  return {
    addBundle: async (leaves) => {
      await rows.addBundle(leaves)
      leavesSoFar += leaves.length
    },
    finish: async () => {
      await rows.finish()
      await requireNoMore(leavesSoFar)
    },
  }

  async function requireNoMore(size: number): Promise<void> {
    const [row] = await select<{ entries: number; tiles: number }>(
      database,
      sql`select (select count(*) from entry where log_id = ${logId} and index >= ${size}) as entries,
        (select count(*) from tile where log_id = ${logId} and ${isBeyond(size)}) as tiles`,
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

/** Of a row of `tile`: the tree of this size has no such tile. */
export function isBeyond(size: number): SQL {
  return sql`(index * 256 + 1) * power(256::numeric, level) > ${size}`
}

/** The number of the first hash that differs. */
function firstDifference(stored: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < right.length; at += hashLength) {
    if (!equalBytes(stored.subarray(at, at + hashLength), right.subarray(at, at + hashLength)))
      return at / hashLength
  }
  return Math.max(0, right.length / hashLength - 1)
}
