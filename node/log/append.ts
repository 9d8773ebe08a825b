import { encodeBase64 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Digest, Hash } from '../../protocol/hash.ts'
import type { Signer } from '../../protocol/key.ts'
import { signCheckpoint } from '../../protocol/log/checkpoint.ts'
import { formatEntry, type PublicEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { growTree, tilesForGrowth } from '../../protocol/log/tree.ts'
import type { Deps } from '../deps.ts'
import {
  type AppendPlan,
  type AppendStore,
  isOutcomeUnknown,
  type StoredIdempotency,
} from '../store/append-store.ts'
import type { StoredLog } from '../store/log-store.ts'
import type { LogClock } from './clock.ts'
import type { PreparedRecord } from './publish.ts'

export interface Appended {
  readonly id: string
  readonly digest: Digest
  readonly origin: string
  readonly index: number
  readonly entry: PublicEntry
}

export interface AppendAnswer {
  /** A replayed request finds its entries by these indices instead. */
  readonly first: number
  readonly appended: readonly Appended[]
  readonly replayed: boolean
  readonly checkpoint: string
}

export interface AppendRequest {
  readonly records: readonly PreparedRecord[]
  readonly idempotency?: { readonly key: string; readonly body: string }
}

export interface SequencerOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly clock: LogClock
  readonly store: AppendStore
  readonly origin: string
  readonly signer: Signer
  /** Throws when this process may not write now: the writer lock is lost, the log is frozen. */
  readonly requireWriter: () => void
  /** Signs what is stored and not signed yet, by the path of every start. Run after a write whose end is not known. */
  readonly recover: () => Promise<unknown>
  /** Called with each signed checkpoint, once it is durable. */
  readonly onCheckpoint: (note: string, size: number) => void
}

export interface Sequencer {
  /**
   * All of a request or none of it, at consecutive indices. Answers when entries and the signed checkpoint over them are durable.
   *
   * @throws {ProtocolError} `DUPLICATE_ID` `VERSION_CONFLICT` `IDEMPOTENCY_CONFLICT` `CLOCK_WENT_BACK` `LOG_LOCKED` `LOG_FROZEN`
   *   `STORAGE_UNAVAILABLE` `STORAGE_FULL`
   * @see spec/durability.md; spec/log.md (PROTOCOL section 4)
   */
  append(request: AppendRequest): Promise<AppendAnswer>
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

const maxBatch = 256

interface Waiting extends AppendRequest {
  readonly resolve: (answer: AppendAnswer) => void
  readonly reject: (error: unknown) => void
}

interface Written {
  readonly size: number
  readonly root: Hash
  readonly entries: readonly PublicEntry[]
  readonly replays: ReadonlyMap<string, StoredIdempotency>
}

/**
 * Gathers what arrives while a commit is under way and writes it together.
 *
 * 1. One transaction: entries, records, tiles, claims, idempotency keys, size. A crash before its commit leaves nothing; after it,
 *    entries without a checkpoint, which nobody has seen: the next start signs the stored tree.
 * 2. The checkpoint is signed over the root of the stored tiles. A crash leaves what 1 left.
 * 3. The note is stored. A crash before its commit leaves what 1 left; after it, the log is whole and only the answer is lost: the
 *    same Idempotency-Key gets the same receipt.
 * 4. Only now is anybody answered.
 */
export function createSequencer(options: SequencerOptions): Sequencer {
  const queue: Waiting[] = []
  let running: Promise<void> | undefined
  let doubtful = false

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch(queue)
      try {
        // A replayed request is answered from the log, so what it finds there must be signed.
        if (doubtful) await options.recover()
        doubtful = false
        doubtful = !(await writeBatch(options, batch))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = undefined
  }

  return {
    append: (request) =>
      new Promise((resolve, reject) => {
        queue.push({ ...request, resolve, reject })
        running ??= Promise.resolve().then(run)
      }),
    idle: async () => {
      await running
    },
  }
}

/** Whole requests up to 256 records, or one that is larger alone. */
function takeBatch(queue: Waiting[]): readonly Waiting[] {
  const batch: Waiting[] = []
  let amount = 0
  const keys = new Set<string>()
  for (let next = queue[0]; next !== undefined; next = queue[0]) {
    const key = next.idempotency?.key
    if (batch.length > 0 && (amount + next.records.length > maxBatch || (key !== undefined && keys.has(key))))
      break
    batch.push(next)
    amount += next.records.length
    if (key !== undefined) keys.add(key)
    queue.shift()
  }
  return batch
}

/**
 * Writes a batch; a request that conflicts is refused by itself and the others are tried again without it.
 *
 * @returns whether the end of every write is known
 */
async function writeBatch(options: SequencerOptions, batch: readonly Waiting[]): Promise<boolean> {
  let waiting = batch
  while (waiting.length > 0) {
    try {
      options.requireWriter()
      const written = await appendEntries(options, waiting)
      const checkpoint = await storeCheckpoint(options, written)
      answer(options, waiting, written, checkpoint)
      return true
    } catch (error) {
      const culprit = culpritOf(error, waiting)
      for (const request of culprit ? [culprit] : waiting)
        request.reject(refusalOf(error, culprit !== undefined))
      if (!culprit) return false
      waiting = waiting.filter((request) => request !== culprit)
    }
  }
  return true
}

async function appendEntries(options: SequencerOptions, waiting: readonly Waiting[]): Promise<Written> {
  const keys = waiting.flatMap(({ idempotency }) => (idempotency ? [idempotency.key] : []))
  const replays = new Map<string, StoredIdempotency>()
  for (const row of keys.length > 0 ? await options.store.findIdempotency(keys) : [])
    replays.set(row.key, row)
  for (const [i, { idempotency }] of waiting.entries()) {
    const earlier = idempotency && replays.get(idempotency.key)
    if (earlier && earlier.body !== idempotency.body)
      throw new Conflict(
        i,
        new ProtocolError('IDEMPOTENCY_CONFLICT', 'this Idempotency-Key was used for another body'),
      )
  }
  const fresh = waiting.filter(({ idempotency }) => !idempotency || !replays.has(idempotency.key))
  if (fresh.length === 0) return { size: 0, root: new Uint8Array(0), entries: [], replays }
  const outcome: { written?: Written } = {}
  try {
    await options.store.appendEntries(tilesForGrowth, (log, read) => {
      const planned = planBatch(options, log, fresh, read)
      outcome.written = { ...planned.written, replays }
      return planned.plan
    })
  } catch (error) {
    throw conflictOf(error, fresh, waiting)
  }
  if (!outcome.written) throw new TypeError('nothing was planned')
  return outcome.written
}

function planBatch(
  { clock, origin }: SequencerOptions,
  log: StoredLog,
  fresh: readonly Waiting[],
  read: Parameters<typeof growTree>[1],
): { readonly plan: AppendPlan; readonly written: Omit<Written, 'replays'> } {
  const at = clock.nextMoment(log.lastAt)
  const records = fresh.flatMap((request) => request.records)
  const entries = records.map(
    ({ digest, id, type }, i): PublicEntry => ({
      at,
      digest,
      id,
      index: log.size + i,
      log: origin,
      tier: 'public',
      type,
      v: 1,
    }),
  )
  const leaves = entries.map((entry) => formatEntry(entry))
  const grown = growTree(log.size, read, leaves.map(leafHash))
  let first = log.size
  const idempotency: StoredIdempotency[] = []
  for (const request of fresh) {
    if (request.idempotency)
      idempotency.push({ ...request.idempotency, first, amount: request.records.length })
    first += request.records.length
  }
  const plan: AppendPlan = {
    entries: records.map((record, i) => ({
      bytes: leaves[i] ?? new Uint8Array(0),
      tier: 'public',
      digest: record.digest,
      recordId: record.id,
      record: record.bytes,
      claims: record.claims,
    })),
    tiles: grown.tiles,
    lastAt: at,
    idempotency,
  }
  return { plan, written: { size: grown.size, root: grown.root, entries } }
}

async function storeCheckpoint(options: SequencerOptions, written: Written): Promise<string> {
  const { origin, signer, store } = options
  if (written.size === 0) return ''
  const note = await signCheckpoint({ origin, size: written.size, root: written.root }, origin, signer)
  await store.storeCheckpoint(written.size, note)
  options.deps.logger.debug({ size: written.size, root: encodeBase64(written.root) }, 'checkpoint signed')
  options.onCheckpoint(note, written.size)
  return note
}

function answer(
  { origin }: SequencerOptions,
  waiting: readonly Waiting[],
  written: Written,
  checkpoint: string,
): void {
  let at = 0
  for (const request of waiting) {
    const replay = request.idempotency && written.replays.get(request.idempotency.key)
    if (replay) {
      request.resolve({ first: replay.first, appended: [], replayed: true, checkpoint: '' })
      continue
    }
    const entries = written.entries.slice(at, at + request.records.length)
    at += request.records.length
    const appended = entries.map((entry, i): Appended => {
      const record = request.records[i]
      if (!record) throw new TypeError('an entry without its record')
      return { id: entry.id, digest: record.digest, origin, index: entry.index, entry }
    })
    request.resolve({ first: entries[0]?.index ?? 0, appended, replayed: false, checkpoint })
  }
}

/** A refusal of one request among several. */
class Conflict extends Error {
  readonly request: number
  readonly problem: ProtocolError

  constructor(request: number, problem: ProtocolError) {
    super(problem.message)
    this.request = request
    this.problem = problem
  }
}

/** The store names the n-th record of the batch; that is some record of some request. */
function conflictOf(error: unknown, fresh: readonly Waiting[], waiting: readonly Waiting[]): unknown {
  if (
    !(error instanceof ProtocolError) ||
    (error.code !== 'DUPLICATE_ID' && error.code !== 'VERSION_CONFLICT')
  )
    return error
  let before = 0
  for (const request of fresh) {
    const offset = (error.place.index ?? 0) - before
    if (offset < request.records.length) {
      return new Conflict(
        waiting.indexOf(request),
        new ProtocolError(error.code, error.message, { place: { index: offset }, evidence: error.evidence }),
      )
    }
    before += request.records.length
  }
  return error
}

function culpritOf(error: unknown, waiting: readonly Waiting[]): Waiting | undefined {
  return error instanceof Conflict ? waiting[error.request] : undefined
}

function refusalOf(error: unknown, single: boolean): unknown {
  if (single && error instanceof Conflict) return error.problem
  // The caller must not take "unknown" for "not done": the same key, sent again, finds out.
  if (isOutcomeUnknown(error))
    return new ProtocolError(
      'STORAGE_UNAVAILABLE',
      'the database went away; send it again with the same Idempotency-Key',
      { cause: error },
    )
  return error
}
