import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { formatEntryBundle, fullWidth, type TileCoordinate } from '../../protocol/log/tile.ts'
import type { Queries } from './connection.ts'
import type { Database } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { readable, type Scope } from './scope.ts'

/** A log as it is stored. */
export type StoredLog = {
  readonly id: number
  readonly origin: string
  readonly own: boolean
  readonly size: number
  readonly lastAt: string
  readonly checkpoint: string | null
  readonly checkpointSize: number
  readonly pending: string | null
  readonly pendingSize: number
  readonly etag: string | null
  readonly witnessed: string | null
  readonly witnessedSize: number
  readonly holding: string | null
  readonly holdingSize: number
  readonly visible: number
  readonly state: 'active' | 'halted' | 'frozen'
  readonly fault: StoredFault | null
  readonly checkedAt: string | null
}

export type StoredFault = {
  readonly code: string
  readonly detail: string
  /** Signed notes that together show what happened. */
  readonly notes?: readonly string[]
  /** The evidence file, where the notes are two histories under one key. */
  readonly evidence?: string
}

export type StoredEntry = {
  readonly index: number
  readonly bytes: Uint8Array
  readonly record: string | null
  /** Opens the entry where it is not public; null where it is, or where nobody has it here. */
  readonly salt: Uint8Array | null
  readonly digest: Uint8Array | null
  readonly recordId: string | null
}

const columns =
  sql.raw(`id, origin, own, size, last_at as "lastAt", checkpoint, checkpoint_size as "checkpointSize", pending,
  pending_size as "pendingSize", etag, witnessed, witnessed_size as "witnessedSize", holding, holding_size as "holdingSize", visible, state, fault - 'earlier' as fault, checked_at as "checkedAt"`)

/**
 * Finds the row of a log, or makes it.
 *
 * @throws {ProtocolError} `LOG_MISMATCH` — the database belongs to another own log
 */
export async function openLog(database: Database, origin: string, own: boolean): Promise<StoredLog> {
  if (own) {
    const others = await select<{ origin: string }>(
      database,
      sql`select origin from log where own and origin <> ${origin}`,
    )
    const other = others.find((row) => !sameLineage(row.origin, origin))
    if (other) {
      throw new ProtocolError('LOG_MISMATCH', 'the database belongs to another log', {
        evidence: { expected: origin, found: other.origin },
      })
    }
  }
  const find = () => database.run((queries) => findLog(queries, origin))
  let log = await find()
  if (!log) {
    // Not at every look: an insert that meets a conflict uses up a number all the same, and there are only 2^31.
    await select(
      database,
      sql`insert into log (origin, own) values (${origin}, ${own}) on conflict (origin) do nothing`,
    )
    log = await find()
  }
  if (!log) throw new TypeError('a log that was just made is gone')
  if (log.own !== own)
    throw new ProtocolError('LOG_MISMATCH', 'this log is stored here in another role', {
      evidence: { origin },
    })
  return log
}

/** Rows of one statement, in a transaction of its own. */
export function select<T extends Record<string, unknown>>(
  database: Database,
  statement: SQL,
): Promise<readonly T[]> {
  return database.run((queries) => rowsOf<T>(queries, statement))
}

/** Rows of one statement, within a transaction. The type is the caller's promise about the columns it named. */
export function rowsOf<T extends Record<string, unknown>>(
  queries: Queries,
  statement: SQL,
): Promise<readonly T[]>
export async function rowsOf(queries: Queries, statement: SQL): Promise<readonly Record<string, unknown>[]> {
  return [...(await queries.execute(statement))]
}

/** Epochs of one node share its name. */
function sameLineage(a: string, b: string): boolean {
  return a.replace(/\/log\/\d+$/, '') === b.replace(/\/log\/\d+$/, '')
}

/** The row of a log; locked, it is nobody else's to change until the transaction ends. */
export async function findLog(
  queries: Queries,
  origin: string,
  { lock }: { readonly lock: boolean } = { lock: false },
): Promise<StoredLog | undefined> {
  const suffix = lock ? sql` for update` : sql``
  const [log] = await rowsOf<StoredLog>(
    queries,
    sql`select ${columns} from log where origin = ${origin}${suffix}`,
  )
  return log
}

export function listLogs(database: Database): Promise<readonly StoredLog[]> {
  return select<StoredLog>(database, sql`select ${columns} from log order by own desc, origin`)
}

/** The evidence that a halted or frozen log is kept with, by the SHA-256 of its origin. */
export async function findEvidence(database: Database, originHash: string): Promise<string | undefined> {
  const [row] = await select<{ evidence: string }>(
    database,
    sql`select fault->>'evidence' as evidence from log where state <> 'active' and fault ? 'evidence'
      and encode(sha256(convert_to(origin, 'UTF8')), 'hex') = ${originHash}`,
  )
  return row?.evidence
}

/** The stored tile, at least as wide as it ever was asked for. */
export async function readTile(
  database: Database,
  logId: number,
  { level, index }: TileCoordinate,
): Promise<Uint8Array | undefined> {
  const [row] = await select<{ hashes: Uint8Array }>(
    database,
    sql`select hashes from tile where log_id = ${logId} and level = ${level} and index = ${index}`,
  )
  return row?.hashes
}

type TileRow = { readonly level: number; readonly index: number; readonly hashes: Uint8Array }

/** A reader over stored tiles; one that is missing is a fault of the store. */
export async function readTiles(
  queries: Queries,
  logId: number,
  tiles: readonly TileCoordinate[],
): Promise<(tile: TileCoordinate) => Uint8Array> {
  if (tiles.length === 0) return readerOf([])
  const wanted = sql.join(
    tiles.map(({ level, index }) => sql`(${level}::smallint, ${index}::bigint)`),
    sql`, `,
  )
  return readerOf(
    await rowsOf<TileRow>(
      queries,
      sql`select level, index, hashes from tile where log_id = ${logId} and (level, index) in (${wanted})`,
    ),
  )
}

const highestLevel = 6

/** A reader over the last tile of each level: all that a tree needs to grow, whatever its size. */
export async function readEdge(
  queries: Queries,
  origin: string,
): Promise<(tile: TileCoordinate) => Uint8Array> {
  return readerOf(
    await rowsOf<TileRow>(
      queries,
      sql`select last.level, last.index, last.hashes from generate_series(0, ${highestLevel}::int) l(level) cross join lateral (
          select level, index, hashes from tile where log_id = (select id from log where origin = ${origin}) and level = l.level
          order by index desc limit 1) last`,
    ),
  )
}

function readerOf(rows: readonly TileRow[]): (tile: TileCoordinate) => Uint8Array {
  const found = new Map(rows.map((row) => [`${row.level}/${row.index}`, row.hashes]))
  return ({ level, index, width }) => {
    const hashes = found.get(`${level}/${index}`)
    if (!hashes || hashes.length < width * 32) {
      throw new ProtocolError('LEAF_MISMATCH', 'a stored tile is missing or too short', {
        evidence: { level, index, width },
      })
    }
    return hashes.subarray(0, width * 32)
  }
}

interface IndexRange {
  readonly from: number
  readonly end: number
}

/** Of an entry `e`: looked for only where it can be. */
export function saltOf(alias: 'e'): SQL {
  return sql.raw(
    `case when ${alias}.tier <> 'public' then (select o.salt from opening o where o.log_id = ${alias}.log_id and o.index = ${alias}.index) end as salt`,
  )
}

/** Leaves of [from, end), in order; fewer if fewer are stored. */
export function readEntries(
  database: Database,
  logId: number,
  { from, end }: IndexRange,
): Promise<readonly StoredEntry[]> {
  return select<StoredEntry>(
    database,
    sql`select index, bytes, record, digest, record_id as "recordId", ${saltOf('e')} from entry e where log_id = ${logId} and index >= ${from} and index < ${end} order by index`,
  )
}

export async function readEntryBundle(
  database: Database,
  logId: number,
  bundle: { readonly index: number; readonly width: number },
): Promise<Uint8Array | undefined> {
  const from = bundle.index * fullWidth
  const rows = await select<{ bytes: Uint8Array }>(
    database,
    sql`select bytes from entry where log_id = ${logId} and index >= ${from} and index < ${from + bundle.width} order by index`,
  )
  return rows.length === bundle.width ? formatEntryBundle(rows.map(({ bytes }) => bytes)) : undefined
}

export type ReadableRecord = {
  readonly index: number
  readonly record: string
  readonly salt: Uint8Array | null
}

/** Records of [from, end) that a reader may have, until about `maxBytes`. One without what opens its entry proves nothing, and is left out. */
export function readRecords(
  database: Database,
  logId: number,
  { from, end, maxBytes, scope }: IndexRange & { readonly maxBytes: number; readonly scope: Scope },
): Promise<readonly ReadableRecord[]> {
  return select<ReadableRecord>(
    database,
    sql`select index, record, salt from (
        select e.index, e.record, ${saltOf('e')}, e.tier, sum(octet_length(e.record)) over (order by e.index) - octet_length(e.record) as before
        from entry e where e.log_id = ${logId} and e.index >= ${from} and e.index < ${end} and e.record is not null and ${readable(scope, 'e')}
      ) page where before < ${maxBytes} and (tier = 'public' or salt is not null) order by index`,
  )
}

/** A sound record that a reader may have and a signed checkpoint covers. */
export async function findRecord(
  database: Database,
  digest: string,
  scope: Scope,
): Promise<{ readonly record: string; readonly tier: string } | undefined> {
  const [row] = await select<{ record: string; tier: string }>(
    database,
    sql`select e.record, e.tier from entry e join log l on l.id = e.log_id where e.digest = ${hexOf(digest)}::bytea
      and e.record is not null and e.fault is null and e.index < l.checkpoint_size and ${readable(scope, 'e')} order by e.tier = 'public' desc limit 1`,
  )
  return row
}

/** `sha256:…` as PostgreSQL writes its 32 bytes. */
export function hexOf(digest: string): string {
  return `\\x${digest.slice('sha256:'.length)}`
}

export function hexBytes(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

export function digestText(bytes: Uint8Array): string {
  return `sha256:${Buffer.from(bytes).toString('hex')}`
}

/** The canonical text of a record that was read strictly before; its UTF-8 bytes are the same again. */
export function recordText(bytes: Uint8Array): string {
  return decodeUtf8(bytes)
}
