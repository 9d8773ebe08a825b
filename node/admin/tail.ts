import { equalBytes } from '../../protocol/bytes.ts'
import { hashLength, leafHash } from '../../protocol/log/merkle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import { deleteRows } from '../projection/remake.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, readTile, rowsOf, type StoredLog, select } from '../store/log-store.ts'
import { findFormerHolders, returnClaims } from './claim.ts'
import { checkRow, readHashedRows } from './stored-entry.ts'
import { isBeyond, type StoredFault } from './tile-check.ts'

/** Where the signed part of a log ends, and the moment of its last good entry. */
export interface SignedEnd {
  readonly size: number
  readonly lastAt: string
}

/** Whether what stands beyond the signed part fits together, and what the store notes of the log fits it. Nothing proves it. */
export async function isTailWhole(
  database: Database,
  log: StoredLog,
  { size, lastAt }: SignedEnd,
): Promise<boolean> {
  const faults: StoredFault[] = []
  let at = lastAt
  for (let from = size; from < log.size; ) {
    const index = Math.floor(from / fullWidth)
    const end = Math.min(log.size, (index + 1) * fullWidth)
    const rows = await readHashedRows(database, log, { from, end })
    const tile = await readTile(database, log.id, { level: 0, index, width: fullWidth })
    if (rows.length < end - from || !tile) return false
    for (const row of rows) {
      at = checkRow(log, row, { lastAt: at, report: (fault) => faults.push(fault) })
      const start = (row.index % fullWidth) * hashLength
      if (!equalBytes(tile.subarray(start, start + hashLength), leafHash(row.bytes))) return false
    }
    from = end
  }
  const beyond = await select(
    database,
    sql`select index from entry where log_id = ${log.id} and index >= ${log.size} limit 1`,
  )
  return faults.length === 0 && beyond.length === 0 && log.size >= size && (!log.own || at === log.lastAt)
}

/**
 * One transaction: entries beyond the signed part go, with the claims and keys that came with them, and the log ends where its note
 * does. An own tail was acknowledged to nobody; that of a held log is pulled again.
 *
 * A crash before the commit leaves the tail; after it, it is gone, and tiles that are too wide do no harm until they are mended.
 *
 * @returns how many entries went
 * @see spec/durability.md, DUR-33
 */
export async function cutTail(
  database: Database,
  log: StoredLog,
  { size, lastAt }: SignedEnd,
): Promise<number> {
  const holders = log.own ? await findFormerHolders(database, log, size) : new Map<string, never>()
  return database.transaction(async (tx) => {
    await findLog(tx, log.origin, { lock: true })
    if (log.own) await returnClaims(tx, log, { end: size, holders })
    await deleteRows(tx, log, sql`>= ${size}`)
    await rowsOf(tx, sql`delete from quarantine where log_id = ${log.id} and index >= ${size}`)
    await rowsOf(tx, sql`delete from tile where log_id = ${log.id} and ${isBeyond(size)}`)
    const gone = await rowsOf(
      tx,
      sql`delete from entry where log_id = ${log.id} and index >= ${size} returning index`,
    )
    await rowsOf(
      tx,
      sql`update log set size = ${size}, last_at = ${lastAt}, visible = ${log.own ? sql`least(visible, ${size})` : size} where id = ${log.id}`,
    )
    return gone.length
  })
}
