import { sql } from 'drizzle-orm'
import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseNote } from '../../protocol/log/note.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findLog as findTrustedLog, logKeysAt } from '../../protocol/trust/validity.ts'
import type { Deps } from '../deps.ts'
import { applyBatch } from '../projection/apply.ts'
import type { Database } from '../store/database.ts'
import { openLog, type StoredLog, select } from '../store/log-store.ts'
import { proveBundle } from './batch.ts'
import type { CheckingPool } from './pool.ts'
import type { LogSource } from './source.ts'
import { openProvenTree, type ProvenTree } from './tree-proof.ts'

export interface PullOptions {
  readonly deps: Pick<Deps, 'now' | 'logger'>
  readonly database: Database
  readonly trust: Trust
  readonly pool: CheckingPool
  readonly origin: string
  readonly source: LogSource
  /** Told after each batch is committed. */
  readonly onProgress?: (progress: { readonly held: number; readonly target: number }) => void
  /** Ends the pull between two bundles. */
  readonly signal?: AbortSignal
}

export interface PullResult {
  /** New entries that were committed. */
  readonly applied: number
  readonly held: number
  readonly target: number
}

/**
 * One run over one followed log, from the checkpoint to the cursor, resumable after every bundle:
 *
 * 1. checkpoint: unchanged → done; else its signature by the registry's key for this origin and size
 * 2. not smaller than, and consistent with, the newest one ever seen; then it is pinned as the target. A crash before the pin
 *    leaves the old target; after it, the next run goes on to the new one.
 * 3. bundle by bundle: entries that hash to their place in the tree, their records, the checks in the pool
 * 4. one transaction a bundle: copy, read model, cursor (`applyBatch`)
 *
 * @throws {ProtocolError} a log fault or a transport fault; `failure.ts` says which. Faults of single records do not end a pull.
 * @see spec/sync.md, SYNC-1 to SYNC-9 (PROTOCOL section 7)
 */
export async function pullLog(options: PullOptions): Promise<PullResult> {
  const { database, origin, source } = options
  const log = await openLog(database, origin, false)
  const caughtUp = log.pendingSize === log.size
  const fetched = await source.fetchCheckpoint(caughtUp ? (log.etag ?? undefined) : undefined)
  if (!fetched) {
    await touch(options)
    return { applied: 0, held: log.size, target: log.pendingSize }
  }
  const target = openTarget(options, fetched.note)
  const before = log.pending === null ? undefined : parseCheckpoint(parseNote(log.pending).text)
  judgeSize(target, before, [log.pending, fetched.note])
  if (target.size === 0) {
    await pinTarget(options, { log, target, note: fetched.note, etag: fetched.etag })
    return { applied: 0, held: 0, target: 0 }
  }
  if (before?.size === target.size && log.size === target.size) {
    await pinTarget(options, { log, target, note: fetched.note, etag: fetched.etag })
    return { applied: 0, held: log.size, target: target.size }
  }
  const tree = await openTree(options, { target, before, notes: [log.pending, fetched.note] })
  await pinTarget(options, { log, target, note: fetched.note, etag: fetched.etag })
  return pullEntries(options, { log, target, tree })
}

/** The size is read first to find the keys, and believed only with their signature over it. */
function openTarget({ trust, origin }: PullOptions, note: string): Checkpoint {
  const trusted = findTrustedLog(trust, origin)
  const { size } = parseCheckpoint(parseNote(note).text)
  return openCheckpoint(note, { origin, keys: logKeysAt(trusted, size) }).checkpoint
}

function judgeSize(
  target: Checkpoint,
  before: Checkpoint | undefined,
  notes: readonly (string | null)[],
): void {
  if (!before) return
  const evidence = { before: before.size, offered: target.size, notes: notes.filter((note) => note !== null) }
  if (target.size < before.size)
    throw new ProtocolError('LOG_ROLLBACK', 'the peer offers an older tree than it showed before', {
      evidence,
    })
  if (target.size === before.size && !equalBytes(target.root, before.root)) {
    throw new ProtocolError('LOG_EQUIVOCATION', 'two roots are signed for one size', { evidence })
  }
}

/** Tiles that hash to the new root and yet not to the old one: the log was rewritten, and both notes prove it. */
async function openTree(
  { source }: PullOptions,
  {
    target,
    before,
    notes,
  }: { target: Checkpoint; before: Checkpoint | undefined; notes: readonly (string | null)[] },
): Promise<ProvenTree> {
  try {
    return await openProvenTree(source, target, before)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'CONSISTENCY_INVALID') throw error
    throw new ProtocolError('CONSISTENCY_INVALID', 'the log is not the one that was seen before', {
      cause: error,
      evidence: {
        before: before?.size ?? 0,
        offered: target.size,
        notes: notes.filter((note) => note !== null),
      },
    })
  }
}

interface Pinned {
  readonly log: StoredLog
  readonly target: Checkpoint
  readonly note: string
  readonly etag: string | undefined
}

/** The held note moves with the target when there is nothing between them. A peer that is consistent again is no longer halted. */
async function pinTarget(
  { database, deps }: PullOptions,
  { log, target, note, etag }: Pinned,
): Promise<void> {
  const held = target.size === log.size
  await select(
    database,
    sql`update log set pending = ${note}, pending_size = ${target.size}, etag = ${etag ?? null}, state = 'active', fault = null,
      checkpoint = case when ${held} then ${note} else checkpoint end,
      checkpoint_size = case when ${held} then ${target.size}::bigint else checkpoint_size end,
      checked_at = ${new Date(deps.now()).toISOString()}
      where id = ${log.id}`,
  )
}

async function touch({ database, deps, origin }: PullOptions): Promise<void> {
  await select(
    database,
    sql`update log set checked_at = ${new Date(deps.now()).toISOString()} where origin = ${origin}`,
  )
}

interface Prepared {
  readonly bundle: BundleCoordinate
  readonly start: number
  readonly entries: readonly Uint8Array[]
  readonly pages: readonly Uint8Array[]
}

/** Fetches the next bundle while the last one is checked and stored; at most two are in memory. */
async function pullEntries(
  options: PullOptions,
  { log, target, tree }: { log: StoredLog; target: Checkpoint; tree: ProvenTree },
): Promise<PullResult> {
  let current = log
  let next: Promise<Prepared> | undefined = fetchBundle(options, tree, { from: current.size, target })
  while (next) {
    const prepared: Prepared = await next
    const end = prepared.start + prepared.entries.length
    next =
      end < target.size && !options.signal?.aborted
        ? fetchBundle(options, tree, { from: end, target })
        : undefined
    // A rejection is met when its turn comes; until then it must not count as unhandled.
    next?.catch(() => {})
    const checked = await options.pool.check({
      origin: options.origin,
      start: prepared.start,
      entries: prepared.entries,
      pages: prepared.pages,
      lastAt: current.lastAt,
      now: options.deps.now(),
    })
    current = await applyBatch(options.database, checked)
    options.onProgress?.({ held: current.size, target: target.size })
  }
  return { applied: current.size - log.size, held: current.size, target: target.size }
}

async function fetchBundle(
  { source }: PullOptions,
  tree: ProvenTree,
  { from, target }: { from: number; target: Checkpoint },
): Promise<Prepared> {
  const index = Math.floor(from / fullWidth)
  const bundle = { index, width: Math.min(fullWidth, target.size - index * fullWidth) }
  const [entries, pages] = await Promise.all([
    source.fetchEntryBundle(bundle),
    fetchPages(source, bundle, from),
  ])
  proveBundle(
    entries,
    bundle.width === fullWidth
      ? { root: await tree.bundleRoot(index) }
      : { leaves: tree.lastLeaves ?? new Uint8Array(0) },
  )
  const skip = from - index * fullWidth
  return { bundle, start: from, entries: entries.slice(skip), pages }
}

/** Pages until one is empty or gives nothing new: a peer cannot make us ask for ever. */
async function fetchPages(
  source: LogSource,
  bundle: BundleCoordinate,
  from: number,
): Promise<readonly Uint8Array[]> {
  const pages: Uint8Array[] = []
  const end = bundle.index * fullWidth + bundle.width
  for (let next = from; next < end; ) {
    const page = await source.fetchRecords(bundle, next)
    if (!page || page.length === 0) break
    pages.push(page)
    const last = lastIndexOf(page)
    if (last === undefined || last < next) break
    next = last + 1
  }
  return pages
}

function lastIndexOf(page: Uint8Array): number | undefined {
  if (page.at(-1) !== 0x0a) return undefined
  const start = page.lastIndexOf(0x0a, page.length - 2) + 1
  const head = Buffer.from(page.subarray(start, start + 40)).toString('latin1')
  const digits = /^\{"index":(\d{1,16}),/.exec(head)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
