import { createLogger, type Deps } from '../../node/deps.ts'
import { createSequencer, type Sequencer } from '../../node/log/append.ts'
import { createLogClock } from '../../node/log/clock.ts'
import type { Claim, PreparedRecord, Reference } from '../../node/log/publish.ts'
import { recoverLog } from '../../node/log/recover.ts'
import type { Appended } from '../../node/log/request.ts'
import { type AppendStore, createAppendStore } from '../../node/store/append-store.ts'
import type { Database } from '../../node/store/database.ts'
import type { StoredLog } from '../../node/store/log-store.ts'
import { digestOf } from '../../protocol/hash.ts'
import { type Signer, signerFromSeed } from '../../protocol/key.ts'
import { verifierKeyOf } from '../../protocol/log/note.ts'

export const origin = 'localhost:7401/log/1'
export const logSigner = signerFromSeed(new Uint8Array(32).fill(7))
export const logKeys = [verifierKeyOf(origin, logSigner.publicKey)]

/** A clock that stands until it is moved. */
export function createClock(start = Date.UTC(2026, 0, 5, 1)): {
  wall: number
  elapsed: number
  readonly deps: Deps
} {
  const clock = {
    wall: start,
    elapsed: 0,
    deps: {
      now: () => clock.wall,
      monotonic: () => clock.elapsed,
      random: (bytes: number) => new Uint8Array(bytes).fill(1),
      logger: createLogger('silent'),
    },
  }
  return clock
}

/** A record as far as the log is concerned: bytes with an id, one for each number. */
export function sampleRecord(
  n: number,
  claims: readonly Claim[] = [],
  references: readonly Reference[] = [],
): PreparedRecord {
  const id = `https://localhost:7401/id/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  const bytes = new TextEncoder().encode(`{"id":"${id}","n":${n},"title":"数据交换 ${n}"}`)
  return {
    id,
    type: 'StandardRecord',
    tier: 'public',
    digest: digestOf(bytes),
    bytes,
    claims: [{ name: `id:${id}`, conflict: 'DUPLICATE_ID' }, ...claims],
    references,
    requirePlace: () => {},
  }
}

export interface OpenedLog {
  readonly sequencer: Sequencer
  readonly recovered: StoredLog
  append(...numbers: number[]): Promise<readonly Appended[]>
}

export interface OpenOptions {
  readonly deps?: Deps
  readonly wrap?: (store: AppendStore) => AppendStore
  readonly requireWriter?: () => void
  readonly signerFor?: (size: number) => Promise<Signer>
  readonly onCheckpoint?: (note: string, size: number) => void
}

/** Opens the log as a start of the node does: recovery, then the sequencer. */
export async function openSampleLog(database: Database, options: OpenOptions = {}): Promise<OpenedLog> {
  const deps = options.deps ?? createClock().deps
  const plain = createAppendStore(database, origin)
  const signerFor = options.signerFor ?? (async () => logSigner)
  const recovery = { deps, database, store: plain, origin, signerFor, keys: () => logKeys }
  const recovered = await recoverLog(recovery)
  const sequencer = createSequencer({
    deps,
    clock: createLogClock(deps),
    recover: () => recoverLog(recovery),
    store: options.wrap?.(plain) ?? plain,
    origin,
    signerFor,
    requireWriter: options.requireWriter ?? (() => {}),
    onCheckpoint: options.onCheckpoint ?? (() => {}),
  })
  return {
    sequencer,
    recovered,
    append: async (...numbers) =>
      (await sequencer.append({ records: numbers.map((n) => sampleRecord(n)) })).appended,
  }
}

export type LostWrite = 'appendEntries' | 'storeCheckpoint'
export type LostOutcome = 'lost' | 'stored-but-reported-lost'

/** The one write fails, before or after it took place; every later one goes through. */
export function failOnce(
  write: LostWrite,
  outcome: LostOutcome,
  failure: () => Error,
): (store: AppendStore) => AppendStore {
  let armed = true
  return (store) => ({
    ...store,
    [write]: async (...args: never[]) => {
      const strike = armed
      armed = false
      if (strike && outcome === 'lost') throw failure()
      const result = await (store[write] as (...args: never[]) => Promise<void>)(...args)
      if (strike) throw failure()
      return result
    },
  })
}
