import type { Signer } from '../../protocol/key.ts'
import { cosignatureTime, signCosignature } from '../../protocol/log/cosignature.ts'
import { parseNote, verifierKeyOf } from '../../protocol/log/note.ts'
import { formatSignatureLines, parseSignatureLines } from '../../protocol/log/signature-line.ts'
import type { Deps } from '../deps.ts'
import { createLogClocks } from '../log/clock.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { keepHolding } from '../store/holding-store.ts'
import { findLog, rowsOf } from '../store/log-store.ts'
import { fileIsHere } from '../store/scope.ts'

export interface HolderOptions {
  readonly deps: Pick<Deps, 'now' | 'monotonic'>
  readonly database: Database
  /** `<authority><base>/holder` */
  readonly name: string
  /** The key of this name that counts at a time in POSIX seconds. */
  readonly signerAt: (time: number) => Promise<Signer>
}

/**
 * Signs that everything below the held size of a followed log is durably here: its entries, every public record that is one, and the
 * files that these name, up to 64 MiB each. As long as one of them could not be had, nothing is said.
 *
 * @returns what does so for one log, if that was not said of this size before; it throws `CLOCK_WENT_BACK` and `TIME_IN_FUTURE` while
 *   the clock is in doubt
 * @see spec/witness.md, WIT-50 and WIT-52; spec/tier.md, TIER-105
 */
export function createHolder({
  deps,
  database,
  name,
  signerAt,
}: HolderOptions): (origin: string) => Promise<void> {
  const clockOf = createLogClocks(deps)
  return async (origin) => {
    const seen = await database.run((queries) => findUnsaid(queries, origin))
    if (!seen) return
    const [last] = seen.holding === null ? [] : parseSignatureLines(seen.holding)
    const { publicKey } = await signerAt(Math.floor(deps.now() / 1000))
    const said = last?.id === verifierKeyOf(name, publicKey, 0x04).id
    const timestamp = clockOf(origin).nextTime(last && said ? cosignatureTime(last) : 0)
    const signer = await signerAt(timestamp)
    // Signed before the lock, since a program that holds the key may take its time; what changed meanwhile is left to the next look.
    const line = await signCosignature(parseNote(seen.checkpoint).text, { name, signer, timestamp })
    await database.transaction(async (tx) => {
      const log = await findUnsaid(tx, origin, { lock: true })
      if (log?.size !== seen.size || log.checkpoint !== seen.checkpoint || log.holding !== seen.holding)
        return
      await rowsOf(
        tx,
        sql`update log set holding = ${formatSignatureLines([line])}, holding_size = ${log.size} where id = ${log.id}`,
      )
      await keepHolding(tx, log.id, { note: log.checkpoint, line })
    })
  }
}

interface Unsaid {
  readonly id: number
  readonly size: number
  readonly checkpoint: string
  readonly holding: string | null
}

/** A followed log that is here to its held size, where that was not said yet. */
async function findUnsaid(
  queries: Queries,
  origin: string,
  options?: { readonly lock: true },
): Promise<Unsaid | undefined> {
  const log = await findLog(queries, origin, options)
  if (!log || log.own || log.state !== 'active' || log.checkpoint === null) return undefined
  const { id, checkpoint, checkpointSize: size, holding } = log
  if (size === 0 || (holding !== null && log.holdingSize >= size)) return undefined
  if ((await lacksRecord(queries, id, size)) || (await lacksFile(queries, id, size))) return undefined
  return { id, size, checkpoint, holding }
}

async function lacksRecord(tx: Queries, logId: number, size: number): Promise<boolean> {
  const missing = await rowsOf<{ index: number }>(
    tx,
    sql`select q.index from quarantine q join entry e on e.log_id = q.log_id and e.index = q.index
      where q.log_id = ${logId} and q.index < ${size} and q.code = 'RECORD_UNAVAILABLE' and e.tier = 'public' limit 1`,
  )
  return missing.length > 0
}

/** Whatever this node is set to take: what the line says must not depend on that. */
const largestFile = 64 << 20

async function lacksFile(tx: Queries, logId: number, size: number): Promise<boolean> {
  const missing = await rowsOf<{ index: number }>(
    tx,
    sql`select a.index from attachment a join entry e on e.log_id = a.log_id and e.index = a.index
      where a.log_id = ${logId} and a.wanted and a.index < ${size} and e.tier = 'public' and e.fault is null
        and not ${fileIsHere}
        and not coalesce(a.fault = 'SIZE_LIMIT' and a.bound >= ${largestFile}, false) limit 1`,
  )
  return missing.length > 0
}
