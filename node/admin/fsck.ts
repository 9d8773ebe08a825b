import { encodeBase64, equalBytes } from '../../protocol/bytes.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { openCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { VerifierKey } from '../../protocol/log/note.ts'
import { createFrontier } from '../../protocol/log/range.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { Database } from '../store/database.ts'
import { findLog, type StoredLog } from '../store/log-store.ts'
import { checkRow, readHashedRows } from './stored-entry.ts'
import { createTileCheck, type ReportFault, type StoredFault } from './tile-check.ts'

export interface FsckReport {
  readonly origin: string
  readonly size: number
  /** Base64, of all stored entries; recomputed. */
  readonly root: string
  readonly checkpointSize: number
  /** By index, the first hundred. None: the store is whole. */
  readonly faults: readonly StoredFault[]
  /** Entries of the own log that were recovered without their record: a loss that is known, and no damage. The first hundred. */
  readonly lost: readonly number[]
}

export interface FsckOptions {
  readonly origin: string
  /** The log's keys, from the registry and this node. */
  readonly keys: readonly VerifierKey[]
  readonly onProgress?: (done: number, size: number) => void
}

/** Of one log; a store that is gone altogether needs no longer list. */
export const maxFaults = 100

/**
 * Recomputes a stored log, own or held, from the bytes of its entries: leaves, tiles of every level, the root under
 * the signed checkpoint, the digest of each record. Reads alone; constant memory.
 *
 * Proves that what is stored is what was signed. Not that it is the newest that was ever signed, nor that records
 * mean what they should. Where entry and tile contradict each other, the signed root tells which is wrong; beyond
 * the signed size nothing can tell, and the entry is named.
 *
 * @throws {ProtocolError} `LOG_MISMATCH` — no such log in this database
 * @see spec/durability.md, DUR-28 and DUR-29
 */
export async function checkStoredLog(database: Database, options: FsckOptions): Promise<FsckReport> {
  const log = await database.run((queries) => findLog(queries, options.origin))
  if (!log)
    throw new ProtocolError('LOG_MISMATCH', 'no such log here', { evidence: { origin: options.origin } })
  const faults: StoredFault[] = []
  const report = (fault: StoredFault) => {
    if (faults.length < maxFaults) faults.push(fault)
  }
  const lost: number[] = []
  const frontier = createFrontier()
  const tiles = createTileCheck(database, log.id, report)
  let signedRoot = log.checkpointSize === 0 ? frontier.root() : undefined
  let lastAt = ''
  for (let start = 0; start < log.size; start += fullWidth) {
    const rows = await readHashedRows(database, log, {
      from: start,
      end: Math.min(start + fullWidth, log.size),
    })
    const leaves = rows.map(({ bytes }) => leafHash(bytes))
    for (const [i, row] of rows.entries()) {
      if (row.index !== start + i) break
      lastAt = checkRow(log, row, { lastAt, report })
      if (log.own && row.fault === 'OPENING_LOST' && lost.length < maxFaults) lost.push(row.index)
      frontier.append(leaves[i] ?? new Uint8Array(0))
      if (frontier.size === log.checkpointSize) signedRoot = frontier.root()
    }
    const expected = Math.min(start + fullWidth, log.size)
    if (frontier.size < expected) {
      const detail = 'an entry is missing; what follows was not looked at'
      report({ index: frontier.size, part: 'entry', code: 'LEAF_MISMATCH', detail })
      break
    }
    await tiles.addBundle(leaves)
    options.onProgress?.(expected, log.size)
  }
  if (frontier.size === log.size) {
    await tiles.finish()
    checkNotes(log, lastAt, report)
  }
  const proven = checkCheckpoint(log, signedRoot, { keys: options.keys, report })
  return {
    origin: log.origin,
    size: log.size,
    root: encodeBase64(frontier.root()),
    checkpointSize: log.checkpointSize,
    lost,
    faults: faults.map((fault) => (proven ? blameTile(fault, log) : fault)).sort((a, b) => a.index - b.index),
  }
}

/** What the store says of the log as a whole. The moment of a held log passes over what was faulty when it came, and is not told. */
function checkNotes(log: StoredLog, lastAt: string, report: ReportFault): void {
  const fail = (detail: string) => report({ index: log.size, part: 'log', code: 'LEAF_MISMATCH', detail })
  if (log.own && log.lastAt !== lastAt) fail('the last moment is not that of the last entry')
  if (log.visible > (log.own ? log.checkpointSize : log.size))
    fail('the read model is said to be ahead of the log')
}

/** Whether the entries below the signed size are proven to be the signed ones. */
function checkCheckpoint(
  log: StoredLog,
  root: Uint8Array | undefined,
  { keys, report }: { keys: readonly VerifierKey[]; report: ReportFault },
): boolean {
  const fail = (code: ProblemCode, detail: string) => {
    report({ index: log.checkpointSize, part: 'checkpoint', code, detail })
    return false
  }
  // Entries may be stored before the first note over them is.
  if (log.checkpoint === null)
    return log.checkpointSize === 0 || fail('CHECKPOINT_MALFORMED', 'nothing of this log is signed')
  try {
    const { checkpoint } = openCheckpoint(log.checkpoint, { origin: log.origin, keys })
    if (checkpoint.size !== log.checkpointSize || checkpoint.size > log.size)
      return fail('LEAF_MISMATCH', `the stored checkpoint is over ${checkpoint.size} entries`)
    if (root === undefined || !equalBytes(root, checkpoint.root))
      return fail('LEAF_MISMATCH', 'the stored entries do not have the signed root')
    return true
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return fail(error.code, error.message)
  }
}

/** The signed root vouches for the entry, so the tile beside it is the one that changed. */
function blameTile(fault: StoredFault, log: StoredLog): StoredFault {
  const doubtful =
    fault.part === 'entry' && fault.code === 'LEAF_MISMATCH' && fault.index < log.checkpointSize
  return doubtful ? { ...fault, part: 'tile' } : fault
}
