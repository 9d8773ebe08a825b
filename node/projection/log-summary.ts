import { asksForWitnesses, quorumFor } from '../../protocol/trust/cosigner.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { listLogs, type StoredLog, select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'
import type { LogSummary, QuarantinedEntry } from './port.ts'
import { waiting } from './reference.ts'

export interface CatalogueOptions {
  readonly database: Database
  readonly trust: () => Trust
  readonly now: () => number
  /** Milliseconds between two looks at a followed log. */
  readonly interval: number
  /** What of the records may be told. */
  readonly scope: Scope
}

/** A faulty entry is nobody's record, unless it says that it is not public: then it is for those who may read it. */
function failed(scope: Scope): SQL {
  return sql`from quarantine q join entry e on e.log_id = q.log_id and e.index = q.index where (e.tier is null or ${readable(scope, 'e')})`
}

/** The entries that failed their checks, newest first. */
export function listFailed(
  { database, scope }: CatalogueOptions,
  limit: number,
): Promise<readonly QuarantinedEntry[]> {
  return select<QuarantinedEntry & Record<string, unknown>>(
    database,
    sql`select (select l.origin from log l where l.id = q.log_id) as origin, q.index, q.code, q.detail, q.pointer, q.seen_at as "seenAt" ${failed(scope)} order by q.seen_at desc, q.index desc limit ${limit}`,
  )
}

/**
 * The entries that wait for what they are about, by log.
 *
 * @see spec/sync.md, SYNC-22
 */
export async function listWaiting(
  { database, scope }: CatalogueOptions,
  limit: number,
): Promise<readonly QuarantinedEntry[]> {
  const rows = await select<{
    origin: string
    index: number
    missing: string
    pointer: string
    other: boolean
  }>(
    database,
    sql`select l.origin, w.index, w.missing, w.pointer, exists (select 1 from standard s where s.record_id = w.missing and ${readable(scope, 's')}) as other
      from (${waiting(scope)}) w join log l on l.id = w.log_id order by l.own desc, l.origin, w.index limit ${limit}`,
  )
  return rows.map(({ origin, index, missing, pointer, other }) => ({
    origin,
    index,
    code: 'PENDING_DEPENDENCY',
    detail: other ? `waits for another text of ${missing}, or for it in its own log` : `waits for ${missing}`,
    pointer,
  }))
}

/**
 * Every log with how far it is, what is wrong with it, and whether anybody looked at it lately. What waits is counted once for each
 * committed state of the read model: pages and monitors ask far more often than it changes.
 */
export function createLogSummary(options: CatalogueOptions): () => Promise<readonly LogSummary[]> {
  let counted: { readonly state: string; readonly pending: Promise<ReadonlyMap<number, number>> } | undefined
  return async () => {
    const [logs, quarantined] = await Promise.all([listLogs(options.database), countQuarantined(options)])
    // Read before what it stands for is counted, so that a count is never older than its state.
    const state = JSON.stringify([logs.map(({ id, visible }) => [id, visible]), [...quarantined]])
    if (counted?.state !== state) {
      const counting = { state, pending: countWaiting(options) }
      counting.pending.catch(() => {
        if (counted === counting) counted = undefined
      })
      counted = counting
    }
    return summarizeLogs(options, { logs, quarantined, pending: await counted.pending })
  }
}

interface Counts {
  readonly logs: readonly StoredLog[]
  readonly quarantined: ReadonlyMap<number, { readonly amount: number }>
  readonly pending: ReadonlyMap<number, number>
}

function summarizeLogs(
  options: CatalogueOptions,
  { logs, quarantined, pending }: Counts,
): readonly LogSummary[] {
  const trust = options.trust()
  return logs.map((log): LogSummary => {
    const member = trust.logs.get(log.origin)?.member
    return {
      origin: log.origin,
      own: log.own,
      issuerName: member ? nameAt(member.profile, '9999-12-31') : log.origin,
      size: log.own ? log.checkpointSize : log.pendingSize,
      held: log.own ? log.checkpointSize : log.size,
      visible: log.visible,
      ...(asksForWitnesses(trust) && quorumFor(trust, log.origin) ? { witnessed: log.witnessedSize } : {}),
      state: log.state,
      ...(log.fault === null || log.state === 'active'
        ? {}
        : { fault: { code: log.fault.code, detail: log.fault.detail } }),
      evidenced: log.state !== 'active' && log.fault?.evidence !== undefined,
      ...(log.checkedAt === null ? {} : { checkedAt: new Date(log.checkedAt).toISOString() }),
      ...warningOf(log, options),
      quarantined: quarantined.get(log.id)?.amount ?? 0,
      pending: pending.get(log.id) ?? 0,
    }
  })
}

/** A log that is well is looked at within an interval and a half; what a fault of the network may add to that is no news yet (SYNC-20). */
const patience = 30_000

/** @see spec/sync.md, SYNC-23 */
function warningOf(
  { own, checkedAt }: StoredLog,
  { now, interval }: CatalogueOptions,
): Pick<LogSummary, 'warning'> {
  const age = checkedAt === null ? Number.POSITIVE_INFINITY : now() - Date.parse(checkedAt)
  if (own || age <= 2 * interval + patience) return {}
  const detail =
    checkedAt === null
      ? 'never reached'
      : `not checked for ${Math.floor(age / 1000)} seconds, since ${new Date(checkedAt).toISOString()}`
  return { warning: { code: 'CHECKPOINT_STALE', detail } }
}

/** Entries move into quarantine and out of it without the cursor: which ones are there is told by the sum of their indices. */
async function countQuarantined({ database, scope }: CatalogueOptions) {
  const rows = await select<{ logId: number; amount: string; sum: string }>(
    database,
    sql`select q.log_id as "logId", count(*) as amount, sum(q.index) as sum ${failed(scope)} group by q.log_id order by q.log_id`,
  )
  return new Map(rows.map(({ logId, amount, sum }) => [logId, { amount: Number(amount), sum: String(sum) }]))
}

async function countWaiting({ database, scope }: CatalogueOptions): Promise<ReadonlyMap<number, number>> {
  const rows = await select<{ logId: number; amount: string }>(
    database,
    sql`select log_id as "logId", count(*) as amount from (${waiting(scope)}) e group by log_id`,
  )
  return new Map(rows.map(({ logId, amount }) => [logId, Number(amount)]))
}
