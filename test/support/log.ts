import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { createLogger, type Deps } from '../../node/deps.ts'
import { createSequencer, type Sequencer } from '../../node/log/append.ts'
import { createLogClock } from '../../node/log/clock.ts'
import type { Claim, PreparedRecord } from '../../node/log/publish.ts'
import { recoverLog } from '../../node/log/recover.ts'
import type { Appended } from '../../node/log/request.ts'
import { type AppendStore, createAppendStore } from '../../node/store/append-store.ts'
import type { Database } from '../../node/store/database.ts'
import type { StoredLog } from '../../node/store/log-store.ts'
import { digestOf } from '../../protocol/hash.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import { openCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
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
export function sampleRecord(n: number, claims: readonly Claim[] = []): PreparedRecord {
  const id = `https://localhost:7401/id/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  const bytes = new TextEncoder().encode(`{"id":"${id}","n":${n},"title":"数据交换 ${n}"}`)
  return {
    id,
    type: 'StandardRecord',
    digest: digestOf(bytes),
    bytes,
    claims: [{ name: `id:${id}`, conflict: 'DUPLICATE_ID' }, ...claims],
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
  readonly onCheckpoint?: (note: string, size: number) => void
}

/** Opens the log as a start of the node does: recovery, then the sequencer. */
export async function openSampleLog(database: Database, options: OpenOptions = {}): Promise<OpenedLog> {
  const deps = options.deps ?? createClock().deps
  const plain = createAppendStore(database, origin)
  const recovery = { deps, database, store: plain, origin, signer: logSigner, keys: logKeys }
  const recovered = await recoverLog(recovery)
  const sequencer = createSequencer({
    deps,
    clock: createLogClock(deps),
    recover: () => recoverLog(recovery),
    store: options.wrap?.(plain) ?? plain,
    origin,
    signer: logSigner,
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

export interface WholeLog {
  readonly size: number
  readonly digests: readonly string[]
  readonly moments: readonly string[]
}

/**
 * Recomputes the log as a stranger would, by RFC 6962 as it is written and by none of the code under test: entries
 * dense, each at its place, tiles of all levels, the root under the signed note, the bytes of each record.
 */
export async function checkWholeLog(database: Database, name = origin, keys = logKeys): Promise<WholeLog> {
  const rows = async (query: ReturnType<typeof sql>) =>
    [...(await database.run((q) => q.execute(query)))] as any[]
  const [log] = await rows(sql`select * from log where origin = ${name}`)
  const entries = await rows(
    sql`select index, bytes, record, encode(digest, 'hex') as digest from entry where log_id = ${log.id} order by index`,
  )
  const tiles = await rows(sql`select * from tile where log_id = ${log.id}`)
  const { checkpoint } = openCheckpoint(log.checkpoint, { origin: name, keys })
  expect(log).toMatchObject({ size: entries.length, checkpoint_size: entries.length })
  expect(checkpoint.size).toBe(entries.length)
  const parsed = entries.map(({ bytes }) => parseEntry(bytes))
  expect(parsed.map(({ index }) => index)).toEqual(entries.map((_, i) => i))
  expect(parsed.every(({ log: named }) => named === name)).toBe(true)
  const digests = entries.map(({ record, digest }, i) => {
    const found = createHash('sha256').update(record).digest('hex')
    expect(digest).toBe(found)
    expect(parsed[i]).toMatchObject({ digest: `sha256:${found}` })
    return `sha256:${found}`
  })
  const leaves = entries.map(({ bytes }) => hash(Buffer.of(0), bytes))
  expect(Buffer.from(checkpoint.root).toString('hex')).toBe(rootOf(leaves).toString('hex'))
  checkTiles(leaves, tiles)
  const moments = parsed.map(({ at }) => at)
  expect([...moments].sort()).toEqual(moments)
  return { size: entries.length, digests, moments }
}

function checkTiles(leaves: readonly Buffer[], tiles: readonly any[]): void {
  let row = leaves
  let expected = 0
  for (let level = 0; row.length > 0; level += 1) {
    const above: Buffer[] = []
    for (let start = 0; start < row.length; start += 256) {
      const hashes = row.slice(start, start + 256)
      const tile = tiles.find((found) => found.level === level && found.index === start / 256)
      expect(Buffer.from(tile?.hashes ?? []).toString('hex')).toBe(Buffer.concat(hashes).toString('hex'))
      expected += 1
      if (hashes.length === 256) above.push(rootOf(hashes))
    }
    row = above
  }
  expect(tiles.length).toBe(expected)
}

function hash(...parts: Uint8Array[]): Buffer {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves
  if (first === undefined) return hash()
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hash(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}
