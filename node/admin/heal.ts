import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Checkpoint, parseHead } from '../../protocol/log/checkpoint.ts'
import { type Entry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { isBundleOf } from '../../protocol/log/proven-bundle.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import { rootOf, tilesForRoot } from '../../protocol/log/tree.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'
import type { Database } from '../store/database.ts'
import { findLog, readEntries, readTiles, type StoredLog } from '../store/log-store.ts'
import { type Asking, createAsking, type Refusal } from './asking.ts'
import { storeHealed } from './heal-batch.ts'
import type { ProvenTree, RepairPorts, RepairSource } from './port.ts'
import { proveFrom } from './reference.ts'
import { isRecordOf } from './repair-bundle.ts'
import { cutTail } from './tail.ts'

export interface HealOptions {
  readonly origin: string
  /** Over more than is signed here; signed by the log's own key, which the caller has verified. */
  readonly note: string
  readonly sources: readonly RepairSource[]
  readonly ports: RepairPorts
}

export interface HealReport {
  /** The log has this much of the tree of the note. */
  readonly size: number
  readonly recovered: number
  readonly refusals: readonly Refusal[]
}

/**
 * Recovers the own leaves of a frozen log, up to a note that its own key signed, from whoever holds a copy:
 *
 * 1. What is stored beyond the newest note here, and was signed otherwise, goes: one transaction.
 * 2. Bundle by bundle, entries that prove against the note and come after what is here, with the records that anybody still has: one
 *    transaction each. A crash leaves a frozen log with a part of them; the next run goes on there.
 *
 * The note is for the caller to adopt. Signs nothing. A source that offers another tree, or nothing, changes nothing.
 *
 * @throws {ProtocolError} `ENTRY_MALFORMED` — under the log's own key stands what this node never writes; `STORAGE_UNAVAILABLE`
 *   `STORAGE_FULL`
 * @see spec/durability.md, DUR-601 and DUR-602
 */
export async function healLog(database: Database, options: HealOptions): Promise<HealReport> {
  const target = parseHead(options.note)
  const log = await readFrozen(database, options.origin)
  const asking = createAsking(options.sources)
  const trees = openTrees(options.ports, target, log)
  const healing = { database, options, target, asking, trees }
  const begin = await settleTail(healing, log)
  let { size } = begin
  let lastAt = await momentBefore(database, begin)
  while (size < target.size) {
    const taken = await takeBundle(healing, size, lastAt)
    if (!taken) break
    size = taken.size
    lastAt = taken.lastAt
  }
  return {
    size: Math.min(size, target.size),
    recovered: Math.max(0, size - begin.size),
    refusals: asking.refusals,
  }
}

async function readFrozen(database: Database, origin: string): Promise<StoredLog> {
  const log = await database.run((queries) => findLog(queries, origin))
  if (log?.own && log.state === 'frozen') return log
  throw new TypeError('only a frozen log of one’s own is healed')
}

type Trees = (source: RepairSource) => Promise<ProvenTree>

interface Healing {
  readonly database: Database
  readonly options: HealOptions
  readonly target: Checkpoint
  readonly asking: Asking
  readonly trees: Trees
}

/** The tree of the note as each source proves it, with all that is signed here in it. */
function openTrees(ports: RepairPorts, target: Checkpoint, { checkpoint }: StoredLog): Trees {
  const seen = checkpoint === null ? [] : [parseHead(checkpoint)]
  const opened = new Map<RepairSource, Promise<ProvenTree>>()
  return (source) => {
    const tree = opened.get(source) ?? ports.openTree(source, target, seen)
    opened.set(source, tree)
    return tree
  }
}

/** Entries beyond the note here stay where the signed tree has the same ones; that of one who had them is a tree of this log too. */
async function settleTail(
  { database, options: { ports }, target, asking, trees }: Healing,
  log: StoredLog,
): Promise<StoredLog> {
  if (log.size === log.checkpointSize) return log
  const at = Math.min(log.size, target.size)
  const read = await database.run((queries) => readTiles(queries, log.id, tilesForRoot(at)))
  const stored = { origin: log.origin, size: at, root: rootOf(at, read) }
  const fits = await asking.ask(async (source) => {
    await trees(source)
    return ports.openTree(source, target, [stored]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ProtocolError && error.code === 'CONSISTENCY_INVALID') return false
        throw error
      },
    )
  })
  if (fits?.answer !== false) return log
  const signed = { ...log, size: log.checkpointSize }
  await cutTail(database, log, { size: signed.size, lastAt: await momentBefore(database, signed) })
  return signed
}

async function momentBefore(
  database: Database,
  { id, size }: { readonly id: number; readonly size: number },
): Promise<string> {
  const [last] = size === 0 ? [] : await readEntries(database, id, { from: size - 1, end: size })
  return last ? parseEntry(last.bytes).at : ''
}

/** @returns `undefined`: nobody could prove it, or has it */
async function takeBundle(
  healing: Healing,
  start: number,
  before: string,
): Promise<{ readonly size: number; readonly lastAt: string } | undefined> {
  const { database, options, target, asking, trees } = healing
  const { origin, ports } = options
  const index = Math.floor(start / fullWidth)
  const bundle = { index, width: Math.min(fullWidth, target.size - index * fullWidth) }
  const found = await asking.ask(async (source) => {
    const expected = await proveFrom(await trees(source), bundle)
    const leaves = await source.fetchEntryBundle(bundle)
    if (isBundleOf(leaves.map(leafHash), expected)) return leaves
    throw new ProtocolError('PAGE_MALFORMED', 'the entries offered are not those that were signed')
  })
  if (!found) return undefined
  const leaves = found.answer.slice(start - index * fullWidth)
  const entries = readOwn(origin, leaves, { start, lastAt: before })
  const records = await fetchRecords(asking, bundle, entries)
  const checked = await ports.check({
    origin,
    own: true,
    start,
    entries: leaves.map((bytes, i) => {
      const { bytes: record = null, salt = null } = records.get(start + i) ?? {}
      return { bytes, record, salt }
    }),
    lastAt: before,
  })
  const lastAt = entries.at(-1)?.at ?? before
  await storeHealed(database, { ...checked, lastAt })
  return { size: start + leaves.length, lastAt }
}

/** What this node wrote: entries of this log, in their places, in the order of time. */
function readOwn(
  origin: string,
  leaves: readonly Uint8Array[],
  { start, lastAt }: { readonly start: number; readonly lastAt: string },
): readonly Entry[] {
  let at = lastAt
  return leaves.map((bytes, i) => {
    const entry = parseEntry(bytes)
    if (entry.log !== origin || entry.index !== start + i || entry.at < at)
      throw new ProtocolError(
        'ENTRY_MALFORMED',
        'the log’s key signed an entry that this node never writes',
        {
          place: { index: start + i },
        },
      )
    at = entry.at
    return entry
  })
}

/** Of each entry the record, from the first who has the very bytes. What only this node ever had is lost. */
async function fetchRecords(
  asking: Asking,
  bundle: BundleCoordinate,
  entries: readonly Entry[],
): Promise<ReadonlyMap<number, RecordOpening>> {
  const found = new Map<number, RecordOpening>()
  const wanted = new Map(
    entries.filter(({ tier }) => tier !== 'private').map((entry) => [entry.index, entry]),
  )
  if (wanted.size === 0) return found
  await asking.ask(async (source) => {
    const proven = [...wanted.values()].some(({ tier }) => tier !== 'public')
    await source.fetchRecords({ bundle, indices: [...wanted.keys()], proven }, (index, record) => {
      const entry = wanted.get(index)
      if (!entry || !isRecordOf(entry, record.bytes, record.salt ?? null)) return
      found.set(index, record)
      wanted.delete(index)
    })
    if (wanted.size > 0) throw new ProtocolError('RECORD_UNAVAILABLE', 'not every record is offered')
  })
  return found
}

/** Whether the stored entries have the root of a note: before it is adopted. */
export async function hasTree(
  database: Database,
  log: StoredLog,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Promise<boolean> {
  if (size > log.size) return false
  const read = await database.run((queries) => readTiles(queries, log.id, tilesForRoot(size)))
  return equalBytes(rootOf(size, read), root)
}
