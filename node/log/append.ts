import { encodeBase64 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import { signCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { Deps } from '../deps.ts'
import type { AppendStore, StoredIdempotency } from '../store/append-store.ts'
import type { LogClock } from './clock.ts'
import { planBatch, type Written } from './plan.ts'
import {
  type AppendAnswer,
  type Appended,
  type AppendRequest,
  Conflict,
  conflictOf,
  culpritOf,
  isBeyondKeys,
  refusalOf,
  type Waiting,
} from './request.ts'

export interface SequencerOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly clock: LogClock
  readonly store: AppendStore
  readonly origin: string
  /** The log key for a checkpoint of this size; asked before anything is written. */
  readonly signerFor: (size: number) => Promise<Signer>
  /** Throws when this process may not write now: the writer lock is lost, the log is frozen. */
  readonly requireWriter: () => void
  /** Signs what is stored and not signed yet, by the path of every start. Run after a write whose end is not known. */
  readonly recover: () => Promise<unknown>
  /** Called with each signed checkpoint, once it is durable. */
  readonly onCheckpoint: (note: string, size: number) => void
  /** What is stored may not all be signed, and nothing is written before it is. */
  readonly doubtful?: boolean
}

export interface Sequencer {
  /**
   * All of a request or none of it, at consecutive indices. Answers when entries and the signed checkpoint over them are durable.
   *
   * @throws {ProtocolError} `DUPLICATE_ID` `VERSION_CONFLICT` `IDEMPOTENCY_CONFLICT` `CLOCK_WENT_BACK` `LOG_LOCKED` `LOG_FROZEN`
   *   `STORAGE_UNAVAILABLE` `STORAGE_FULL`
   * @see spec/durability.md, DUR-2 to DUR-5 and DUR-21 to DUR-23
   */
  append(request: AppendRequest): Promise<AppendAnswer>
  /** Signs what is stored and not signed, in turn with what is being written. Fails for nobody: the next write tries again. */
  settle(): Promise<void>
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

const maxBatch = 256

interface Outcome extends Written {
  readonly signer?: Signer
  /** Requests that were answered before, by key. */
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
  let doubtful = options.doubtful ?? false
  let settling = false

  async function run(): Promise<void> {
    while (queue.length > 0 || settling) {
      settling = false
      const batch = takeBatch(queue)
      try {
        // A replayed request is answered from the log, so what it finds there must be signed.
        if (doubtful) {
          options.requireWriter()
          await options.recover()
        }
        doubtful = false
        if (batch.length > 0)
          doubtful = !(await writeBatch(options, batch, (alone) => queue.unshift(...alone)))
      } catch (error) {
        if (batch.length === 0) options.deps.logger.warn({ err: error }, 'what is stored could not be signed')
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
    settle: async () => {
      doubtful = true
      settling = true
      running ??= Promise.resolve().then(run)
      await running
    },
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
    const full = amount + next.records.length > maxBatch || (key !== undefined && keys.has(key))
    if (batch.length > 0 && (full || next.alone || batch[0]?.alone)) break
    batch.push(next)
    amount += next.records.length
    if (key !== undefined) keys.add(key)
    queue.shift()
  }
  return batch
}

/**
 * Writes a batch; a request that conflicts is refused by itself and the others are tried again without it. Who is refused hears it when
 * they are done, so that it asks again of the log as they left it.
 *
 * @returns whether the end of every write is known
 */
async function writeBatch(
  options: SequencerOptions,
  batch: readonly Waiting[],
  again: (alone: readonly Waiting[]) => void,
): Promise<boolean> {
  const refused: (() => void)[] = []
  try {
    return await writeRest(options, batch, { again, refused })
  } finally {
    for (const refuse of refused) refuse()
  }
}

interface Aside {
  readonly again: (alone: readonly Waiting[]) => void
  readonly refused: (() => void)[]
}

async function writeRest(
  options: SequencerOptions,
  batch: readonly Waiting[],
  { again, refused }: Aside,
): Promise<boolean> {
  let waiting = batch
  while (waiting.length > 0) {
    try {
      options.requireWriter()
      const written = await appendEntries(options, waiting)
      const checkpoint = await storeCheckpoint(options, written)
      answer(options, waiting, written, checkpoint)
      return true
    } catch (error) {
      if (waiting.length > 1 && isBeyondKeys(error)) {
        // Together they pass the last size that a key of this node may sign; some of them may not.
        again(waiting.map((request) => ({ ...request, alone: true })))
        return true
      }
      const culprit = culpritOf(error, waiting)
      for (const request of culprit ? [culprit] : waiting)
        refused.push(() => request.reject(refusalOf(error, culprit !== undefined)))
      if (!culprit) return false
      waiting = waiting.filter((request) => request !== culprit)
    }
  }
  return true
}

async function appendEntries(options: SequencerOptions, waiting: readonly Waiting[]): Promise<Outcome> {
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
  const outcome: { written?: Outcome } = {}
  try {
    await options.store.appendEntries(async (log, read) => {
      const planned = planBatch(options, log, fresh, read)
      outcome.written = { ...planned.written, replays, signer: await options.signerFor(planned.written.size) }
      return planned.plan
    })
  } catch (error) {
    throw conflictOf(error, fresh, waiting)
  }
  if (!outcome.written) throw new TypeError('nothing was planned')
  return outcome.written
}

async function storeCheckpoint(options: SequencerOptions, written: Outcome): Promise<string> {
  const { origin, store } = options
  if (!written.signer) return ''
  const head = { origin, size: written.size, root: written.root }
  const note = await signCheckpoint(head, origin, written.signer).catch((error: unknown) => {
    throw notYetSigned(error)
  })
  await store.storeCheckpoint(written.size, note)
  options.deps.logger.debug({ size: written.size, root: encodeBase64(written.root) }, 'checkpoint signed')
  options.onCheckpoint(note, written.size)
  return note
}

/** What is stored is signed before the next write, or at the next start. */
function notYetSigned(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error
  const told = `${error.message}; it is stored: send it again with the same Idempotency-Key`
  return new ProtocolError(error.code, told, { evidence: error.evidence, cause: error })
}

function answer(
  { origin }: SequencerOptions,
  waiting: readonly Waiting[],
  written: Outcome,
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
      return { id: record.id, digest: record.digest, origin, index: entry.index, entry }
    })
    request.resolve({ first: entries[0]?.index ?? 0, appended, replayed: false, checkpoint })
  }
}
