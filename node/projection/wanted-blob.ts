import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { digestText, hexOf, select } from '../store/log-store.ts'
import { fileIsHere, granted, readable, type Scope, type ScopeGrant } from '../store/scope.ts'
import type { MissingBlob } from './port.ts'

/** A file that a record of a held log names and that is not here. */
export interface WantedBlob {
  readonly digest: string
  /** Whether whoever asks for it must prove who he is. */
  readonly proven: boolean
}

/** Of an attachment `a`: the file is not here. Where it was never wanted, nobody need look. */
const isMissing: SQL = sql`a.wanted and not ${fileIsHere}`

export interface WantedQuery {
  readonly grants: readonly ScopeGrant[]
  /** What was larger than this is not asked for again. */
  readonly maxBytes: number
  readonly limit: number
}

/**
 * Files that this node may have by what it may read, those first that were asked for least often.
 *
 * @see spec/tier.md, TIER-103
 */
export async function listWanted(
  database: Database,
  origin: string,
  { grants, maxBytes, limit }: WantedQuery,
): Promise<readonly WantedBlob[]> {
  const rows = await select<{ digest: Uint8Array; proven: boolean }>(
    database,
    sql`select a.digest, e.tier <> 'public' as proven from attachment a join entry e on e.log_id = a.log_id and e.index = a.index
      where a.log_id = (select id from log where origin = ${origin}) and ${isMissing} and ${granted(grants, 'e')}
        and not coalesce(a.fault = 'SIZE_LIMIT' and a.bound >= ${maxBytes}, false)
      order by a.tries, a.index limit ${limit}`,
  )
  const wanted = new Map<string, boolean>()
  for (const { digest, proven } of rows) {
    const name = digestText(digest)
    wanted.set(name, proven && wanted.get(name) !== false)
  }
  return [...wanted].map(([digest, proven]) => ({ digest, proven }))
}

/** Bytes of the files that came for a followed log. */
export async function sumHeld(database: Database, origin: string): Promise<number> {
  const [row] = await select<{ bytes: string }>(
    database,
    sql`select coalesce(sum(b.size), 0)::text as bytes from blob_source f join blob b on b.digest = f.digest
      where f.log_id = (select id from log where origin = ${origin})`,
  )
  return Number(row?.bytes ?? 0)
}

/** What came of asking the log's own member for a file. */
export async function noteTry(
  database: Database,
  { origin, digest }: { readonly origin: string; readonly digest: string },
  { code, bound = null }: { readonly code: string; readonly bound?: number | null },
): Promise<void> {
  await select(
    database,
    sql`update attachment set tries = least(tries + 1, 1000000), fault = ${code}, bound = ${bound}::bigint
      where log_id = (select id from log where origin = ${origin}) and digest = ${hexOf(digest)}::bytea`,
  )
}

/**
 * Files that records name, as far as a reader may have the records, and that are not here, with why.
 *
 * @see spec/node.md, NODE-802
 */
export async function listMissing(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<readonly MissingBlob[]> {
  const rows = await select<
    Omit<MissingBlob, 'digest' | 'code'> & {
      digest: Uint8Array
      fault: string | null
      [column: string]: unknown
    }
  >(
    database,
    sql`select l.origin, a.index, a.digest, a.media_type as "mediaType", a.name, a.fault
      from attachment a join log l on l.id = a.log_id join entry e on e.log_id = a.log_id and e.index = a.index
      where ${isMissing} and e.fault is null and ${readable(scope, 'e')} order by l.own desc, l.origin, a.index limit ${limit}`,
  )
  return rows.map(({ origin, index, digest, mediaType, name, fault }) => ({
    origin,
    index,
    digest: digestText(digest),
    mediaType,
    name,
    code: fault ?? 'BLOB_MISSING',
  }))
}
