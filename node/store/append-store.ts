import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { TileCoordinate } from '../../protocol/log/tile.ts'
import type { GrownTile } from '../../protocol/log/tree.ts'
import { type AppendedReference, findStrange, requireKnown } from './append-reference.ts'
import type { Queries } from './connection.ts'
import type { Database } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import {
  findLog,
  hexBytes,
  hexOf,
  readEdge,
  recordText,
  rowsOf,
  type StoredLog,
  select,
} from './log-store.ts'
import { type StoredOpening, storeOpenings } from './opening.ts'

export interface AppendedEntry {
  readonly bytes: Uint8Array
  readonly tier: string
  /** Of a group or a pair. */
  readonly audience?: string
  readonly digest: string
  readonly recordId: string
  readonly record: Uint8Array
  /** Opens the entry, where it is not public. */
  readonly salt?: Uint8Array
  readonly claims: readonly AppendedClaim[]
  readonly references: readonly AppendedReference[]
}

export interface AppendedClaim {
  readonly name: string
  readonly conflict: 'DUPLICATE_ID' | 'VERSION_CONFLICT'
  readonly sharedWith?: string
}

export type StoredIdempotency = {
  readonly key: string
  readonly body: string
  readonly first: number
  readonly amount: number
}

/** What the sequencer decided, once it saw the log under its lock. */
export interface AppendPlan {
  readonly entries: readonly AppendedEntry[]
  readonly tiles: readonly GrownTile[]
  readonly lastAt: string
  readonly idempotency: readonly StoredIdempotency[]
}

/** The writes of an own log. Tests wrap it to lose a write, or to lose the answer to one. */
export interface AppendStore {
  /** One transaction: entries, records, tiles, claims and idempotency keys become durable together, or nothing does. */
  appendEntries(
    plan: (log: StoredLog, read: (tile: TileCoordinate) => Uint8Array) => AppendPlan | Promise<AppendPlan>,
  ): Promise<void>
  /** The signed note over the first `size` leaves. Never replaces a note over more, nor that of a frozen log. */
  storeCheckpoint(size: number, note: string): Promise<void>
  /** Requests answered before; without those whose entries a frozen log never signed. */
  findIdempotency(keys: readonly string[]): Promise<readonly StoredIdempotency[]>
}

export function createAppendStore(database: Database, origin: string): AppendStore {
  return {
    appendEntries: async (plan) => {
      await database.requireSpace()
      await database.transaction(async (tx) => {
        // Both go out together; the second is answered once the first holds the lock.
        const [log, read] = await Promise.all([lockLog(tx, origin), readEdge(tx, origin)])
        await writePlan(tx, log, await plan(log, read))
      })
    },
    storeCheckpoint: async (size, note) => {
      const stored = await select(
        database,
        sql`update log set checkpoint = ${note}, checkpoint_size = ${size}
          where origin = ${origin} and own and state = 'active' and checkpoint_size <= ${size} and size >= ${size} returning id`,
      )
      if (stored.length === 0) {
        requireActive(await database.run((queries) => findLog(queries, origin)))
        throw new ProtocolError('LOG_LOCKED', 'the log was signed further by another writer', {
          evidence: { origin, size },
        })
      }
    },
    findIdempotency: (keys) =>
      select<StoredIdempotency>(
        database,
        sql`select key, body, first, amount from idempotency i where key in (${sql.join(
          keys.map((key) => sql`${key}`),
          sql`, `,
        )}) and not exists (select 1 from log where origin = ${origin} and state = 'frozen' and checkpoint_size < i.first + i.amount)`,
      ),
  }
}

async function lockLog(tx: Queries, origin: string): Promise<StoredLog> {
  const log = await findLog(tx, origin, { lock: true })
  if (!log?.own)
    throw new ProtocolError('LOG_MISMATCH', 'the own log is not in this database', { evidence: { origin } })
  requireActive(log)
  return log
}

function requireActive(log: StoredLog | undefined): void {
  if (log && log.state !== 'active')
    throw new ProtocolError('LOG_FROZEN', 'the log is frozen', { evidence: { state: log.state } })
}

/** The statements go out together, and nothing is committed before each answer was looked at. */
async function writePlan(tx: Queries, log: StoredLog, plan: AppendPlan): Promise<void> {
  const { entries, tiles, lastAt, idempotency } = plan
  const rows = entries.map((entry, i) => ({
    index: log.size + i,
    bytes: hexBytes(entry.bytes),
    tier: entry.tier,
    audience: entry.audience ?? null,
    digest: hexOf(entry.digest),
    record_id: entry.recordId,
    record: recordText(entry.record),
  }))
  const claims = claimsOf(log, entries)
  const [taken, stored, , strange] = await Promise.all([
    takeClaims(tx, log, claims),
    rowsOf<{ index: number; leaf: Uint8Array }>(
      tx,
      sql`insert into entry (log_id, index, bytes, tier, audience, digest, record_id, record)
        select ${log.id}::int, index, bytes::bytea, tier, audience, digest::bytea, record_id, record
        from json_to_recordset(${JSON.stringify(rows)}::json) as r(index bigint, bytes text, tier text, audience text, digest text, record_id text, record text)
        returning index, sha256('\\x00'::bytea || bytes) as leaf`,
    ),
    rowsOf(
      tx,
      sql`with grown as (${insertTiles(log.id, tiles)}), answered as (
          insert into idempotency (key, body, first, amount)
          select key, body, first, amount from json_to_recordset(${JSON.stringify(idempotency)}::json) as r(key text, body text, first bigint, amount integer)
        ) update log set size = ${log.size + entries.length}, last_at = ${lastAt} where id = ${log.id}`,
    ),
    findStrange(tx, log, entries),
    storeOpenings(tx, log.id, openingsOf(log, entries)),
  ])
  requireStored(log, entries, stored)
  requireKnown(strange)
  await settleClaims(tx, log, claims, taken)
}

/** The tree is grown from what was sent, and signed; so what the server stored must be that. */
function requireStored(
  log: StoredLog,
  entries: readonly AppendedEntry[],
  stored: readonly { readonly index: number; readonly leaf: Uint8Array }[],
): void {
  const leaves = new Map(stored.map(({ index, leaf }) => [index, leaf]))
  for (const [i, { bytes }] of entries.entries()) {
    const leaf = leaves.get(log.size + i)
    if (leaf === undefined || !equalBytes(leaf, leafHash(bytes))) {
      throw new ProtocolError('LEAF_MISMATCH', 'the database stored other bytes than it was given', {
        place: { index: log.size + i },
      })
    }
  }
}

function openingsOf(log: StoredLog, entries: readonly AppendedEntry[]): readonly StoredOpening[] {
  return entries.flatMap(({ salt }, i) => (salt ? [{ index: log.size + i, salt }] : []))
}

/** A wider tile replaces a narrower one; both begin alike. */
export async function writeTiles(tx: Queries, logId: number, tiles: readonly GrownTile[]): Promise<void> {
  await rowsOf(tx, insertTiles(logId, tiles))
}

function insertTiles(logId: number, tiles: readonly GrownTile[]): SQL {
  const rows = tiles.map(({ coord, hashes }) => ({
    level: coord.level,
    index: coord.index,
    hashes: hexBytes(hashes),
  }))
  return sql`insert into tile (log_id, level, index, hashes)
    select ${logId}::int, level, index, hashes::bytea
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(level smallint, index bigint, hashes text)
    on conflict (log_id, level, index) do update set hashes = excluded.hashes`
}

interface PlacedClaim extends AppendedClaim {
  readonly index: number
  readonly recordId: string
}

function claimsOf(log: StoredLog, entries: readonly AppendedEntry[]): readonly PlacedClaim[] {
  return entries.flatMap(({ claims, recordId }, i) =>
    claims.map((claim) => ({ ...claim, index: log.size + i, recordId })),
  )
}

/** @returns those that were free, as `index name` */
async function takeClaims(
  tx: Queries,
  log: StoredLog,
  claims: readonly PlacedClaim[],
): Promise<ReadonlySet<string>> {
  if (claims.length === 0) return new Set()
  const rows = claims.map(({ name, index, recordId }) => ({ name, index, record_id: recordId }))
  const taken = await rowsOf<{ name: string; index: number }>(
    tx,
    sql`insert into claim (log_id, name, index, record_id)
      select ${log.id}::int, name, index, record_id from json_to_recordset(${JSON.stringify(rows)}::json) as r(name text, index bigint, record_id text)
      on conflict do nothing returning name, index`,
  )
  return new Set(taken.map(({ name, index }) => `${index} ${name}`))
}

async function settleClaims(
  tx: Queries,
  log: StoredLog,
  claims: readonly PlacedClaim[],
  taken: ReadonlySet<string>,
): Promise<void> {
  for (const claim of claims) {
    if (taken.has(`${claim.index} ${claim.name}`)) continue
    if (claim.sharedWith !== undefined && (await passOn(tx, log, claim))) continue
    throw new ProtocolError(claim.conflict, `taken by an earlier record: ${claim.name}`, {
      place: { index: claim.index - log.size },
      evidence: { claim: claim.name },
    })
  }
}

/** A revision takes over the number from the record it revises, and from no other. */
async function passOn(tx: Queries, log: StoredLog, claim: PlacedClaim): Promise<boolean> {
  const rows = await rowsOf<{ name: string }>(
    tx,
    sql`update claim set record_id = ${claim.recordId}, index = ${claim.index}
      where log_id = ${log.id} and name = ${claim.name} and record_id = ${claim.sharedWith ?? ''} returning name`,
  )
  return rows.length === 1
}

/** Whether a commit may have happened although its answer was lost. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof ProtocolError && error.evidence.outcome === 'unknown'
}
