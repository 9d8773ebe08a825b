import { ProtocolError } from '../../protocol/error.ts'
import { parseJson } from '../../protocol/json.ts'
import { maxRecordBytes, parseRecord } from '../../protocol/record/schema.ts'
import { claimsOf } from '../log/publish.ts'
import { storeEntries } from '../projection/apply.ts'
import type { CheckedBatch, CheckedEntry } from '../projection/checked.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, readEdge, rowsOf, type StoredLog } from '../store/log-store.ts'

/**
 * One transaction: entries of a frozen own log that were recovered, with their records, tiles and claims, stand where the log ended. The
 * note stays as it is, and the read model takes them over once a note covers them.
 *
 * A crash before the commit leaves the log as it was; after it, entries that the next run begins behind.
 *
 * @throws {ProtocolError} `SEQUENCE_GAP` — the log does not end there, or is not frozen any more; `STORAGE_UNAVAILABLE` `STORAGE_FULL`
 * @see spec/durability.md, DUR-601
 */
export async function storeHealed(database: Database, batch: CheckedBatch): Promise<void> {
  await database.requireSpace()
  await database.transaction(async (tx) => {
    const [log, edge] = await Promise.all([
      findLog(tx, batch.origin, { lock: true }),
      readEdge(tx, batch.origin),
    ])
    if (!log?.own || log.state !== 'frozen' || log.size !== batch.start)
      throw new ProtocolError('SEQUENCE_GAP', 'what was recovered does not begin where the log ends', {
        evidence: { start: batch.start },
      })
    const entries = batch.entries.map(asOwn)
    await Promise.all(storeEntries(tx, log, { ...batch, entries }, edge))
    await takeClaims(tx, log, entries)
    const end = batch.start + entries.length
    await rowsOf(tx, sql`update log set size = ${end}, last_at = ${batch.lastAt} where id = ${log.id}`)
  })
}

/** A record that is not sound is kept, since the log served it once; one that nobody can open any more is named as lost. */
function asOwn(entry: CheckedEntry): CheckedEntry {
  const { tier, record } = entry
  if (tier === 'public' || record !== null) return { ...entry, fault: null }
  const detail = 'nobody who answered has this record and what opens it'
  return { ...entry, fault: { code: 'OPENING_LOST', detail } }
}

/** As they were taken when the entries were written: what a later record took over is its own. */
async function takeClaims(tx: Queries, log: StoredLog, entries: readonly CheckedEntry[]): Promise<void> {
  const claims = new Map<string, { name: string; index: number; record_id: string }>()
  for (const { index, recordId, record } of entries) {
    const parsed = record && parseOwn(record)
    const named = recordId === null ? [] : [`id:${recordId}`]
    for (const name of [...named, ...(parsed ? claimsOf(parsed).map((claim) => claim.name) : [])])
      claims.set(name, { name, index, record_id: recordId ?? (parsed ? parsed.id : '') })
  }
  if (claims.size === 0) return
  await rowsOf(
    tx,
    sql`insert into claim (log_id, name, index, record_id)
      select ${log.id}::int, name, index, record_id from json_to_recordset(${JSON.stringify([...claims.values()])}::json) as r(name text, index bigint, record_id text)
      on conflict (log_id, name) do update set index = excluded.index, record_id = excluded.record_id`,
  )
}

function parseOwn(record: Uint8Array) {
  try {
    return parseRecord(parseJson(record, maxRecordBytes))
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
