import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, digestOf, sha256 } from '../../protocol/hash.ts'
import { type Entry, isOpenedBy, isPublicEntry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { isBundleOf, type ProvenBundle } from '../../protocol/log/proven-bundle.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import { remakeEntries } from '../projection/remake.ts'
import type { Database } from '../store/database.ts'
import type { StoredLog } from '../store/log-store.ts'
import type { Asking } from './asking.ts'
import type { CheckEntries } from './port.ts'
import { type FullRow, fitsColumns, readFullRows } from './stored-entry.ts'

/** Something that is whole again. */
export interface Mended {
  readonly index: number
  readonly part: 'entry' | 'record' | 'tile' | 'row' | 'log'
  /** Where its bytes came from; absent where it was made of what is stored. */
  readonly from?: string
}

export interface BundleOptions {
  readonly database: Database
  readonly log: StoredLog
  readonly asking: Asking
  readonly check: CheckEntries
  /** `at` of the last good entry before the bundle. */
  readonly lastAt: string
}

export interface RepairedBundle {
  readonly entries: readonly Uint8Array[]
  readonly mended: readonly Mended[]
}

/**
 * Mends the entries of one bundle and what stands beside them, in one transaction. Entries are those that hash to `expected`, records
 * those with the digest in their entry, whoever offers them; what is right already is not written.
 *
 * @returns `undefined` when nobody has the entries: then nothing of the bundle is touched
 * @see spec/durability.md, DUR-32
 */
export async function repairBundle(
  options: BundleOptions,
  bundle: BundleCoordinate,
  expected: ProvenBundle,
): Promise<RepairedBundle | undefined> {
  const { database, log } = options
  const start = bundle.index * fullWidth
  const stored = await readFullRows(database, log, { from: start, end: start + bundle.width })
  const found = await findEntries(options, bundle, { stored, expected })
  if (!found) return undefined
  const rows = new Map(stored.map((row) => [row.index, row]))
  const pieces = found.entries.map((bytes, i) => readPiece(bytes, start + i, rows.get(start + i)))
  const fetched = await fetchRecords(options, bundle, pieces)
  const mended = pieces.flatMap((piece) => mendingOf(log, piece, { entries: found.from, records: fetched }))
  if (mended.length > 0) {
    const records = pieces.map(({ index, record }) => record ?? fetched.get(index)?.bytes ?? null)
    const checked = await options.check({
      origin: log.origin,
      own: log.own,
      start,
      entries: pieces.map(({ bytes, row }, i) => ({
        bytes,
        record: records[i] ?? null,
        salt: row?.salt ?? null,
      })),
      lastAt: options.lastAt,
    })
    const damaged = new Set(mended.map(({ index }) => index))
    await remakeEntries(
      database,
      log.origin,
      checked.entries.filter(({ index }) => damaged.has(index)),
    )
  }
  return { entries: found.entries, mended }
}

interface FoundEntries {
  readonly entries: readonly Uint8Array[]
  readonly from?: string
}

async function findEntries(
  { asking }: BundleOptions,
  bundle: BundleCoordinate,
  { stored, expected }: { readonly stored: readonly FullRow[]; readonly expected: ProvenBundle },
): Promise<FoundEntries | undefined> {
  const own = stored.map(({ bytes }) => bytes)
  if (isBundleOf(own.map(leafHash), expected)) return { entries: own }
  const found = await asking.ask(async (source) => {
    const entries = await source.fetchEntryBundle(bundle)
    if (isBundleOf(entries.map(leafHash), expected)) return entries
    throw new ProtocolError('PAGE_MALFORMED', 'the entries offered are not those that were signed')
  })
  return found && { entries: found.answer, from: found.from }
}

/** A proven entry, and what the store has of it. */
interface Piece {
  readonly index: number
  readonly bytes: Uint8Array
  /** `undefined`: the log holds bytes here that are no entry. */
  readonly entry: Entry | undefined
  readonly row: FullRow | undefined
  /** Stored here already, as record or in quarantine, with the right digest. */
  readonly record: Uint8Array | undefined
  readonly altered: boolean
}

function readPiece(bytes: Uint8Array, index: number, row: FullRow | undefined): Piece {
  const entry = readEntry(bytes)
  // Of bytes that are no entry nothing proves the record, and it counts for nothing.
  const record =
    entry === undefined
      ? row?.quarantined
      : [row?.record, row?.quarantined].find((kept) => kept && isRecordOf(entry, kept, row?.salt ?? null))
  const altered = row === undefined || !equalBytes(row.bytes, bytes)
  return { index, bytes, entry, row, record: record ?? undefined, altered }
}

/** Whether these are the very bytes that an entry stands for. */
export function isRecordOf(entry: Entry, record: Uint8Array, salt: Uint8Array | null): boolean {
  if (isPublicEntry(entry)) return digestOf(record) === entry.digest
  return salt !== null && isOpenedBy(entry, { salt, recordHash: sha256(record) })
}

function readEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return parseEntry(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function digestIn(entry: Entry | undefined): Digest | undefined {
  return entry?.tier === 'public' ? entry.digest : undefined
}

type FetchedRecords = ReadonlyMap<number, { readonly bytes: Uint8Array; readonly from: string }>

/** Records that the store must have and has not. What was found faulty when it came is for the follower to ask for again. */
async function fetchRecords(
  { asking, log }: BundleOptions,
  bundle: BundleCoordinate,
  pieces: readonly Piece[],
): Promise<FetchedRecords> {
  const found = new Map<number, { readonly bytes: Uint8Array; readonly from: string }>()
  const wanted = new Map<number, Digest>()
  for (const { index, entry, row, record, altered } of pieces) {
    const digest = digestIn(entry)
    const due = log.own || altered || row?.fault === null
    if (digest !== undefined && record === undefined && due) wanted.set(index, digest)
  }
  if (wanted.size === 0) return found
  await asking.ask(async (source) => {
    let others = false
    await source.fetchRecords({ bundle, indices: [...wanted.keys()] }, (index, { bytes }) => {
      if (digestOf(bytes) !== wanted.get(index)) others ||= wanted.has(index)
      else if (wanted.delete(index)) found.set(index, { bytes, from: source.name })
    })
    if (others)
      throw new ProtocolError('DIGEST_MISMATCH', 'the records offered are not those that were logged')
    if (wanted.size > 0) throw new ProtocolError('RECORD_UNAVAILABLE', 'not every missing record is offered')
  })
  return found
}

/** What is to be written anew. Beside an entry that is right nothing is touched while its record is not to be had. */
function mendingOf(
  log: StoredLog,
  { index, entry, row, record, altered }: Piece,
  from: { readonly entries: string | undefined; readonly records: FetchedRecords },
): readonly Mended[] {
  if (row === undefined || altered)
    return [{ index, part: 'entry', ...(from.entries === undefined ? {} : { from: from.entries }) }]
  if (row.fault !== null && !log.own) return []
  // What is no entry was found faulty when it came.
  if (entry === undefined) return log.own ? [] : [{ index, part: 'record' }]
  const fetched = from.records.get(index)
  if (fetched) return [{ index, part: 'record', from: fetched.from }]
  const whole = fitsColumns(row, entry) && (entry.tier !== 'public' || record === row.record)
  const lost = entry.tier === 'public' && record === undefined
  return whole || lost ? [] : [{ index, part: 'record' }]
}

/** The moment of the last good entry after these: of one that stands in its place, and not before its predecessor. */
export function momentAfter(
  { origin }: Pick<StoredLog, 'origin'>,
  start: number,
  entries: readonly Uint8Array[],
  before: string,
): string {
  return entries.reduce((lastAt, bytes, i) => {
    const entry = readEntry(bytes)
    const stands = entry?.log === origin && entry.index === start + i && entry.at >= lastAt
    return stands ? entry.at : lastAt
  }, before)
}
