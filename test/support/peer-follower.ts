import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { registryText, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { createLogger, type Deps } from '../../node/deps.ts'
import { createCatalogue } from '../../node/projection/catalogue.ts'
import type { Catalogue } from '../../node/projection/port.ts'
import { findLog, type StoredLog, select } from '../../node/store/log-store.ts'
import { publicScope } from '../../node/store/scope.ts'
import { createAddressPolicy } from '../../node/sync/address.ts'
import { checkBatch } from '../../node/sync/batch.ts'
import { createPeerClient, type PeerClient } from '../../node/sync/client.ts'
import { type Follower, followLog } from '../../node/sync/follow.ts'
import type { CheckingPool } from '../../node/sync/pool.ts'
import { type PullResult, pullLog } from '../../node/sync/pull.ts'
import { createHttpSource, type LogSource } from '../../node/sync/source.ts'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { createFrontier } from '../../protocol/log/range.ts'
import type { Grant } from '../../protocol/trust/audience.ts'
import { parseRegistry, type Registry } from '../../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../../protocol/trust/trust.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import type { Peer } from './peer.ts'

/** Databases of tests that ended, emptied: making one costs more than most tests. */
const spare: TestDatabase[] = []

const tables = [
  'attachment',
  'blob',
  'disclosure',
  'opening',
  'request_proof',
  'event',
  'standard',
  'quarantine',
  'claim',
  'idempotency',
  'tile',
  'entry',
  'witness',
  'sighting',
  'witnessed_note',
  'log',
]

async function emptyDatabase({ database }: TestDatabase): Promise<void> {
  for (const table of tables) await select(database, sql.raw(`delete from ${table}`))
}

export interface Quarantined {
  readonly index: number
  readonly code: string
  readonly pointer: string | null
  readonly record: Uint8Array | null
  readonly program: string
  readonly [column: string]: unknown
}

/** The following half of a node, with a database of its own and no doors: pulls when it is told to. */
export class PeerFollower {
  readonly db: TestDatabase
  readonly trust: Trust
  readonly pool: CheckingPool
  readonly client: PeerClient
  /** What it tells of what it holds, as of a node that looks every 30 seconds. */
  readonly catalogue: Catalogue
  /** Moves the wall clock of this node. */
  clockOffset = 0
  /** What it takes itself to be allowed to read. */
  grants: readonly Grant[] = []
  private readonly followers: Follower[] = []
  private fixed: Uint8Array | undefined

  constructor(db: TestDatabase, registry: Uint8Array) {
    this.db = db
    const parsed = parseRegistry(registry)
    this.trust = openTrust(parsed.registry, parsed.fingerprint)
    // In this thread, since a worker costs each test half a second; what it answers is copied as between threads.
    this.pool = {
      check: async (batch) => structuredClone(checkBatch(structuredClone(batch), this.trust)),
      close: async () => {},
    }
    this.catalogue = createCatalogue({
      database: db.database,
      trust: () => this.trust,
      now: () => this.deps.now(),
      interval: 30_000,
      scope: publicScope,
    })
    this.client = createPeerClient({
      addresses: createAddressPolicy('synthetic'),
      now: this.deps.now,
      monotonic: this.deps.monotonic,
      userAgent: 'csx-test',
    })
  }

  readonly deps: Deps = {
    now: () => Date.now() + this.clockOffset,
    monotonic: () => performance.now(),
    random: (bytes) => this.fixed ?? new Uint8Array(randomBytes(bytes)),
    logger: createLogger('silent'),
  }

  /** Every random byte is this one from now on. */
  fixRandom(byte: number): void {
    this.fixed = new Uint8Array(32).fill(byte)
  }

  sourceOf(peer: Peer): LogSource {
    return createHttpSource(this.client, `${peer.url}/log/1`, new AbortController().signal)
  }

  optionsFor(peer: Peer, source: LogSource = this.sourceOf(peer)) {
    const { deps, pool } = this
    const trust = () => this.trust
    const grants = () => this.grants
    return { deps, database: this.db.database, trust, pool, origin: peer.member.origin, source, grants }
  }

  pull(peer: Peer, source?: LogSource): Promise<PullResult> {
    return pullLog(this.optionsFor(peer, source))
  }

  /** Follows until the end of the test, as a running node does. */
  follow(peer: Peer, interval = 50): Follower {
    const { source: _, ...options } = this.optionsFor(peer)
    const openSource = (signal: AbortSignal) => createHttpSource(this.client, `${peer.url}/log/1`, signal)
    const follower = followLog({ ...options, openSource, interval })
    this.followers.push(follower)
    return follower
  }

  async logOf(peer: Peer): Promise<StoredLog> {
    const log = await this.db.database.run((queries) => findLog(queries, peer.member.origin))
    if (!log) throw new Error('this log was never opened')
    return log
  }

  quarantineOf(peer: Peer): Promise<readonly Quarantined[]> {
    return select<Quarantined>(
      this.db.database,
      sql`select q.index, q.code, q.pointer, q.record, q.program from quarantine q join log l on l.id = q.log_id
        where l.origin = ${peer.member.origin} order by q.index`,
    )
  }

  async standardsOf(peer: Peer): Promise<readonly number[]> {
    const rows = await select<{ index: number }>(
      this.db.database,
      sql`select s.index from standard s join log l on l.id = s.log_id where l.origin = ${peer.member.origin} order by s.index`,
    )
    return rows.map(({ index }) => index)
  }

  /** The root of what is stored, from the leaves alone. */
  async rootOf(peer: Peer): Promise<Uint8Array> {
    const rows = await select<{ bytes: Uint8Array }>(
      this.db.database,
      sql`select e.bytes from entry e join log l on l.id = e.log_id where l.origin = ${peer.member.origin} order by e.index`,
    )
    const frontier = createFrontier()
    for (const { bytes } of rows) frontier.append(leafHash(bytes))
    return frontier.root()
  }

  async close(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.stop()))
    await this.client.close()
    await this.pool.close()
    await emptyDatabase(this.db)
    spare.push(this.db)
  }
}

export async function createPeerFollower(
  peers: readonly Peer[],
  change: Partial<Registry> = {},
): Promise<PeerFollower> {
  const registry = { ...syntheticRegistry(peers.map(({ member }) => member)), ...change }
  return new PeerFollower(spare.pop() ?? (await createTestDatabase()), encodeUtf8(registryText(registry)))
}
