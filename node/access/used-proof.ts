import { encodeUtf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/hash.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { hexBytes, select } from '../store/log-store.ts'

/** Milliseconds beyond which no process on this database can be behind another. */
const grace = 10 * 60_000

/**
 * Takes the number of a proof for used, in the database, so that no process and no restart takes it for new. Those that are too old to
 * be accepted by anybody go.
 *
 * @returns false where it was used before
 * @see spec/tier.md, TIER-12
 */
export async function useProof(
  database: Database,
  {
    caller,
    jti,
    until,
    now,
  }: { readonly caller: string; readonly jti: string; readonly until: number; readonly now: number },
): Promise<boolean> {
  const id = hexBytes(sha256(encodeUtf8(`${caller}\n${jti}`)))
  const taken = await select(
    database,
    sql`with gone as (delete from request_proof where until < ${new Date(now - grace).toISOString()}::timestamptz)
      insert into request_proof (id, until) values (${id}::bytea, ${new Date(until).toISOString()}::timestamptz)
      on conflict do nothing returning id`,
  )
  return taken.length === 1
}
