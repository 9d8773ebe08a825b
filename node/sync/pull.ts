import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Checkpoint, type OpenedCheckpoint, parseHead } from '../../protocol/log/checkpoint.ts'
import { audienceOf, type CommittedEntryOfAnyTier } from '../../protocol/log/entry.ts'
import { arePartners, type Grant } from '../../protocol/trust/audience.ts'
import { findWitnesses, holderLinesIn, sightingsIn } from '../../protocol/trust/cosigner.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'
import type { Deps } from '../deps.ts'
import { applyBatch } from '../projection/apply.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { keepHolding } from '../store/holding-store.ts'
import { openLog, type StoredLog, select } from '../store/log-store.ts'
import { findWitness, noteSightings } from '../store/witness-store.ts'
import { orProven } from './contradiction.ts'
import { fetchBatches } from './fetch.ts'
import { judgeOlderCopy } from './older-copy.ts'
import type { CheckingPool } from './pool.ts'
import { sightingsFor } from './sighting.ts'
import type { FetchedCheckpoint, LogSource } from './source.ts'
import { openProvenTree, type ProvenTree } from './tree-proof.ts'

export interface PullOptions {
  readonly deps: Pick<Deps, 'now' | 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  readonly pool: CheckingPool
  readonly origin: string
  readonly source: LogSource
  /** What this node may read of the log beyond tier public, as of now. */
  readonly grants: () => readonly Grant[]
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
  // Before it is asked: whatever was offered to be witnessed by now, the log has.
  const cosigned = await findWitness(database, origin)
  const caughtUp = log.pendingSize === log.size && (cosigned?.size ?? 0) <= log.pendingSize
  const fetched = await source.fetchCheckpoint(caughtUp ? (log.etag ?? undefined) : undefined)
  if (!fetched) {
    await touch(options)
    return { applied: 0, held: log.size, target: log.pendingSize }
  }
  const opened = openTarget(options, { note: fetched.note, pending: log.pending })
  const target = opened.checkpoint
  const before = log.pending === null ? undefined : parseHead(log.pending)
  const suspicion = { ...options, log, note: fetched.note, ...(cosigned ? { cosigned: cosigned.note } : {}) }
  if (fetched.copy && before && target.size < before.size)
    await orProven(suspicion, async () => {
      throw await judgeOlderCopy(database, log, { target, note: fetched.note })
    })
  await orProven(suspicion, () => judgeSize(target, before, [log.pending, fetched.note]))
  // A copy may be older than what was offered since it was made.
  const witnessed = cosigned && !(fetched.copy && target.size < cosigned.size) ? cosigned : undefined
  await orProven(suspicion, () => judgeSize(target, witnessed, [cosigned?.note ?? null, fetched.note]))
  if (target.size === 0) {
    await pinTarget(options, { log, opened, fetched })
    return { applied: 0, held: 0, target: 0 }
  }
  if (before?.size === target.size && log.size === target.size) {
    await pinTarget(options, { log, opened, fetched })
    return { applied: 0, held: log.size, target: target.size }
  }
  const tree = await orProven(suspicion, () =>
    openTree(options, { target, before, witnessed, notes: [log.pending, fetched.note] }),
  )
  await pinTarget(options, { log, opened, fetched })
  return pullEntries(options, { log, target, tree })
}

/** A text that is no checkpoint is evidence of nothing; of one that is, whatever is wrong with it is kept with the notes. */
function openTarget(
  { trust, origin }: PullOptions,
  { note, pending }: { note: string; pending: string | null },
): OpenedCheckpoint {
  parseHead(note)
  try {
    return openWithTrust(note, origin, trust())
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const evidence = { ...error.evidence, notes: pending === null ? [note] : [pending, note] }
    throw new ProtocolError(error.code, error.message, { place: error.place, evidence, cause: error })
  }
}

type SeenTree = Pick<Checkpoint, 'size' | 'root'>

function judgeSize(
  target: Checkpoint,
  before: SeenTree | undefined,
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

interface Growth {
  readonly target: Checkpoint
  readonly before: Checkpoint | undefined
  /** The tree that this node cosigned, which may be another than it pulled. */
  readonly witnessed: SeenTree | undefined
  readonly notes: readonly (string | null)[]
}

/** Tiles that hash to the new root and yet not to an old one: the log was rewritten, and both notes prove it. */
async function openTree(
  { source, origin }: PullOptions,
  { target, before, witnessed, notes }: Growth,
): Promise<ProvenTree> {
  const seen = [before, witnessed && { ...witnessed, origin }].filter((tree) => tree !== undefined)
  try {
    return await openProvenTree(source, target, seen)
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
  readonly opened: OpenedCheckpoint
  readonly fetched: FetchedCheckpoint
}

/**
 * The held note moves with the target when there is nothing between them. A peer that is consistent again is no longer halted; what it
 * was halted for is kept. One that others showed to have two histories meanwhile stays halted.
 */
async function pinTarget(
  { database, deps, trust }: PullOptions,
  { log, opened, fetched: { note, etag, copy } }: Pinned,
): Promise<void> {
  const { size } = opened.checkpoint
  const held = size === log.size
  const counts = findWitnesses(trust(), opened) !== undefined
  const witnessed = counts && size >= log.witnessedSize
  // That a copy is what it was does not tell that nothing came after it.
  const looked = copy && note === log.pending ? log.checkedAt : new Date(deps.now()).toISOString()
  const pinned = await select(
    database,
    sql`with pinned as (update log set pending = ${note}, pending_size = ${size}, etag = ${etag ?? null}, state = 'active',
      checkpoint = case when ${held} then ${note} else checkpoint end,
      checkpoint_size = case when ${held} then ${size}::bigint else checkpoint_size end,
      witnessed = case when ${witnessed} then ${note} else witnessed end,
      witnessed_size = case when ${witnessed} then ${size}::bigint else witnessed_size end,
      checked_at = ${looked}
      where id = ${log.id} and not (state = 'halted' and fault->>'code' = 'LOG_EQUIVOCATION') returning id),
      kept as (insert into witnessed_note (log_id, size, note) select id, ${size}::bigint, ${note} from pinned where ${counts}
        on conflict (log_id, size) do nothing)
      select id from pinned`,
  )
  if (pinned.length === 0)
    throw new ProtocolError('LOG_EQUIVOCATION', 'this log was halted: it signed two versions of itself')
  const owner = trust().logs.get(log.origin)?.member.id ?? ''
  const holders = holderLinesIn(trust(), opened).filter(({ by }) => arePartners(trust(), owner, by))
  await database.run(async (queries) => {
    await noteSightings(queries, log.id, sightingsIn(trust(), opened))
    for (const { line } of holders) await keepHolding(queries, log.id, { note, line })
  })
}

async function touch({ database, deps, origin }: PullOptions): Promise<void> {
  await select(
    database,
    sql`update log set checked_at = ${new Date(deps.now()).toISOString()} where origin = ${origin}`,
  )
}

/** Three batches at once, each in another hand: one is fetched, one is checked, one is stored. A check needs only the time of the one before. */
async function pullEntries(
  options: PullOptions,
  { log, target, tree }: { log: StoredLog; target: Checkpoint; tree: ProvenTree },
): Promise<PullResult> {
  const grants = options.grants()
  const mayRead = (entry: CommittedEntryOfAnyTier) =>
    grants.some(({ tier, audience }) => tier === entry.tier && audience === audienceOf(entry))
  const batches = fetchBatches(options.source, tree, { from: log.size, target, mayRead })
  let { lastAt } = log
  let storing = Promise.resolve(log)
  let next = batches.next()
  try {
    for (let fetched = await next; !fetched.done; fetched = await next) {
      next = options.signal?.aborted ? batches.return() : batches.next()
      // A rejection is met when its turn comes; until then it must not count as unhandled.
      next.catch(() => {})
      const { start, entries } = fetched.value
      const sightings = await sightingsFor(options, log, { from: start, end: start + entries.length })
      const checked = await options.pool.check({
        ...fetched.value,
        sightings,
        origin: options.origin,
        lastAt,
        now: options.deps.now(),
      })
      lastAt = checked.lastAt
      const before = await storing
      options.onProgress?.({ held: before.size, target: target.size })
      storing = applyBatch(options.database, checked)
      storing.catch(() => {})
    }
  } finally {
    // Whatever went wrong with a later batch, this one is stored or not when the pull ends.
    await storing
  }
  const current = await storing
  options.onProgress?.({ held: current.size, target: target.size })
  return { applied: current.size - log.size, held: current.size, target: target.size }
}
