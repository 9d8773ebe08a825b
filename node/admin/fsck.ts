import { encodeBase64, equalBytes } from '../../protocol/bytes.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { formatDigest } from '../../protocol/hash.ts'
import { openCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { VerifierKey } from '../../protocol/log/note.ts'
import { createFrontier } from '../../protocol/log/range.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, type StoredLog, select } from '../store/log-store.ts'
import { createTileCheck, type StoredFault } from './tile-check.ts'

export interface FsckReport {
  readonly origin: string
  readonly size: number
  /** Base64, of all stored entries; recomputed. */
  readonly root: string
  readonly checkpointSize: number
  /** By index, the first hundred. None: the store is whole. */
  readonly faults: readonly StoredFault[]
}

export interface FsckOptions {
  readonly origin: string
  /** The log's keys, from the registry and this node. */
  readonly keys: readonly VerifierKey[]
  readonly onProgress?: (done: number, size: number) => void
}

type StoredRow = {
  readonly index: number
  readonly bytes: Uint8Array
  readonly digest: Uint8Array | null
  readonly tier: string | null
  readonly fault: string | null
  /** SHA-256 of the record, by the server: records are not worth the journey. */
  readonly recordHash: Uint8Array | null
}

const maxFaults = 100

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
  const frontier = createFrontier()
  const tiles = createTileCheck(database, log.id, report)
  let signedRoot = log.checkpointSize === 0 ? frontier.root() : undefined
  let lastAt = ''
  for (let start = 0; start < log.size; start += fullWidth) {
    const rows = await readRows(database, log, start)
    const leaves = rows.map(({ bytes }) => leafHash(bytes))
    for (const [i, row] of rows.entries()) {
      if (row.index !== start + i) break
      lastAt = checkRow(log, row, { lastAt, report })
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
  if (frontier.size === log.size) await tiles.finish()
  const proven = checkCheckpoint(log, signedRoot, { keys: options.keys, report })
  return {
    origin: log.origin,
    size: log.size,
    root: encodeBase64(frontier.root()),
    checkpointSize: log.checkpointSize,
    faults: faults.map((fault) => (proven ? blameTile(fault, log) : fault)).sort((a, b) => a.index - b.index),
  }
}

function readRows(database: Database, log: StoredLog, start: number): Promise<readonly StoredRow[]> {
  return select<StoredRow>(
    database,
    sql`select index, bytes, digest, tier, fault, sha256(convert_to(record, 'UTF8')) as "recordHash" from entry
      where log_id = ${log.id} and index >= ${start} and index < ${Math.min(start + fullWidth, log.size)} order by index`,
  )
}

interface RowContext {
  readonly lastAt: string
  readonly report: (fault: StoredFault) => void
}

/** An entry of a held log may be faulty, and then says so; an own one never. Returns its moment. */
function checkRow(log: StoredLog, row: StoredRow, { lastAt, report }: RowContext): string {
  const fail = (part: 'entry' | 'record', code: ProblemCode, detail: string) =>
    report({ index: row.index, part, code, detail })
  if (row.fault !== null && !log.own) return lastAt
  try {
    const entry = parseEntry(row.bytes)
    if (entry.index !== row.index || entry.log !== log.origin)
      fail('entry', 'INDEX_MISMATCH', 'the entry names another place')
    if (entry.at < lastAt) fail('entry', 'CLOCK_WENT_BACK', 'the entry is dated before the one it follows')
    if (entry.tier === 'public') {
      if (row.digest === null || formatDigest(row.digest) !== entry.digest)
        fail('record', 'DIGEST_MISMATCH', 'the digest beside the entry is not the one in it')
      if (row.recordHash === null) fail('record', 'RECORD_UNAVAILABLE', 'the record is not there')
      else if (formatDigest(row.recordHash) !== entry.digest)
        fail('record', 'DIGEST_MISMATCH', 'the record does not have the digest in its entry')
    }
    return entry.at
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    fail('entry', error.code, error.message)
    return lastAt
  }
}

/** Whether the entries below the signed size are proven to be the signed ones. */
function checkCheckpoint(
  log: StoredLog,
  root: Uint8Array | undefined,
  { keys, report }: { keys: readonly VerifierKey[]; report: (fault: StoredFault) => void },
): boolean {
  const fail = (code: ProblemCode, detail: string) => {
    report({ index: log.checkpointSize, part: 'checkpoint', code, detail })
    return false
  }
  if (log.checkpoint === null)
    return log.size === 0 || fail('CHECKPOINT_MALFORMED', 'nothing of this log is signed')
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
