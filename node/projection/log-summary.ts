import { nameAt } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { listLogs, type StoredLog, select } from '../store/log-store.ts'
import type { LogSummary, QuarantinedEntry } from './port.ts'
import { waiting } from './reference.ts'

export interface CatalogueOptions {
  readonly database: Database
  readonly trust: () => Trust
  readonly now: () => number
  /** Milliseconds between two looks at a followed log. */
  readonly interval: number
}

/**
 * The entries that failed their checks, newest first, and behind them those that wait.
 *
 * @see spec/sync.md, SYNC-22
 */
export async function listQuarantine(
  database: Database,
  limit: number,
): Promise<readonly QuarantinedEntry[]> {
  const [failed, pending] = await Promise.all([
    select<QuarantinedEntry & Record<string, unknown>>(
      database,
      sql`select l.origin, q.index, q.code, q.detail, q.pointer, q.seen_at as "seenAt" from quarantine q join log l on l.id = q.log_id order by q.seen_at desc, q.index desc limit ${limit}`,
    ),
    select<{ origin: string; index: number; missing: string; pointer: string; other: boolean }>(
      database,
      sql`select l.origin, w.index, w.missing, w.pointer, exists (select 1 from standard s where s.record_id = w.missing) as other
        from (${waiting}) w join log l on l.id = w.log_id order by l.own desc, l.origin, w.index limit ${limit}`,
    ),
  ])
  return [
    ...failed,
    ...pending.map(({ origin, index, missing, pointer, other }) => ({
      origin,
      index,
      code: 'PENDING_DEPENDENCY',
      detail: other
        ? `waits for another text of ${missing}, or for it in its own log`
        : `waits for ${missing}`,
      pointer,
    })),
  ]
}

/** Every log with how far it is, what is wrong with it, and whether anybody looked at it lately. */
export async function summarizeLogs(options: CatalogueOptions): Promise<readonly LogSummary[]> {
  const { database, trust } = options
  const [logs, quarantined, pending] = await Promise.all([
    listLogs(database),
    countByLog(database, sql`select log_id from quarantine`),
    countByLog(database, waiting),
  ])
  return logs.map((log): LogSummary => {
    const member = trust().logs.get(log.origin)?.member
    return {
      origin: log.origin,
      own: log.own,
      issuerName: member ? nameAt(member.profile, '9999-12-31') : log.origin,
      size: log.own ? log.checkpointSize : log.pendingSize,
      held: log.own ? log.checkpointSize : log.size,
      visible: log.visible,
      state: log.state,
      ...(log.fault === null || log.state === 'active'
        ? {}
        : { fault: { code: log.fault.code, detail: log.fault.detail } }),
      evidenced: log.state !== 'active' && log.fault?.evidence !== undefined,
      ...(log.checkedAt === null ? {} : { checkedAt: new Date(log.checkedAt).toISOString() }),
      ...warningOf(log, options),
      quarantined: quarantined.get(log.id) ?? 0,
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

async function countByLog(database: Database, entries: SQL): Promise<ReadonlyMap<number, number>> {
  const rows = await select<{ logId: number; amount: number }>(
    database,
    sql`select log_id as "logId", count(*) as amount from (${entries}) e group by log_id`,
  )
  return new Map(rows.map(({ logId, amount }) => [logId, Number(amount)]))
}
