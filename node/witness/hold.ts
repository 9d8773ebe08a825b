import type { Signer } from '../../protocol/key.ts'
import { cosignatureTime, signCosignature } from '../../protocol/log/cosignature.ts'
import { parseNote } from '../../protocol/log/note.ts'
import { formatSignatureLines, parseSignatureLines } from '../../protocol/log/signature-line.ts'
import type { Deps } from '../deps.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, rowsOf } from '../store/log-store.ts'
import { fileIsHere } from '../store/scope.ts'

export interface HolderOptions {
  readonly deps: Pick<Deps, 'now'>
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
 * @returns what does so for one log, if that was not said of this size before
 * @see spec/witness.md, WIT-50; spec/tier.md, TIER-105
 */
export function createHolder({
  deps,
  database,
  name,
  signerAt,
}: HolderOptions): (origin: string) => Promise<void> {
  return (origin) =>
    database.transaction(async (tx) => {
      const log = await findLog(tx, origin, { lock: true })
      if (!log || log.own || log.state !== 'active' || log.checkpoint === null) return
      const size = log.checkpointSize
      if (size === 0 || (log.holding !== null && log.holdingSize >= size)) return
      if ((await lacksRecord(tx, log.id, size)) || (await lacksFile(tx, log.id, size))) return
      const [last] = log.holding === null ? [] : parseSignatureLines(log.holding)
      const timestamp = Math.max(Math.floor(deps.now() / 1000), last ? cosignatureTime(last) : 0)
      const line = await signCosignature(parseNote(log.checkpoint).text, {
        name,
        signer: await signerAt(timestamp),
        timestamp,
      })
      await rowsOf(
        tx,
        sql`update log set holding = ${formatSignatureLines([line])}, holding_size = ${size} where id = ${log.id}`,
      )
    })
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
