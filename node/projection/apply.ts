import { ProtocolError } from '../../protocol/error.ts'
import type { TileCoordinate } from '../../protocol/log/tile.ts'
import type { GrownTile } from '../../protocol/log/tree.ts'
import { growTree } from '../../protocol/log/tree.ts'
import { writeTiles } from '../store/append-store.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, hexBytes, hexOf, readEdge, recordText, rowsOf, type StoredLog } from '../store/log-store.ts'
import { type StoredOpening, storeOpenings } from '../store/opening.ts'
import { fileIsHere } from '../store/scope.ts'
import { asRepeat, type CheckedBatch, type CheckedEntry } from './checked.ts'
import {
  eventColumns,
  selectEvents,
  selectStandards,
  selectStatements,
  standardColumns,
  statementColumns,
  valuesOf,
} from './row-value.ts'
import { applyTierActs } from './tier-act.ts'

/** Of the program that made the rows: a newer one looks at quarantined entries again. */
export const programVersion = '3'

/**
 * One transaction: the entries of a checked batch, their records, tiles and rows, the faults, and the cursor that covers them move
 * together, or none does. Own entries are stored already and only become visible; foreign ones are stored here.
 *
 * A crash before the commit leaves the log as it was; after it, the cursor is past the batch.
 *
 * @throws {ProtocolError} `SEQUENCE_GAP` — the batch does not begin where the log ends; `STORAGE_UNAVAILABLE` `STORAGE_FULL`
 * @see spec/sync.md, SYNC-8
 */
export async function applyBatch(database: Database, batch: CheckedBatch): Promise<StoredLog> {
  await database.requireSpace()
  return database.transaction(async (tx) => {
    // They go out together; the others are answered once the first holds the lock.
    const [log, repeats, edge] = await Promise.all([
      findLog(tx, batch.origin, { lock: true }),
      findRepeats(tx, batch),
      readEdge(tx, batch.origin),
    ])
    const begin = log?.own === true ? log.visible : log?.size
    if (!log || begin !== batch.start) {
      throw new ProtocolError('SEQUENCE_GAP', 'the batch does not begin where the log ends', {
        evidence: { expected: begin ?? -1, start: batch.start },
      })
    }
    const entries = withoutRepeats(batch.entries, repeats)
    await Promise.all([
      ...(log.own ? [] : storeEntries(tx, log, { ...batch, entries }, edge)),
      ...writeRows(tx, log, entries),
    ])
    if (log.own) await markFaults(tx, log, entries)
    await writeQuarantine(tx, log, entries)
    await applyTierActs(tx, log, entries)
    return moveCursor(tx, log, batch)
  })
}

/** Ids of the batch that stand before it, in any log. */
async function findRepeats(tx: Queries, batch: CheckedBatch): Promise<ReadonlySet<string>> {
  const ids = batch.entries.flatMap(({ recordId, fault }) =>
    recordId !== null && fault === null ? [recordId] : [],
  )
  if (ids.length === 0) return new Set()
  const rows = await rowsOf<{ recordId: string }>(
    tx,
    sql`select record_id as "recordId" from entry where fault is null and record_id in (select value from json_array_elements_text(${JSON.stringify(ids)}::json))
      and not (log_id = (select id from log where origin = ${batch.origin}) and index >= ${batch.start})`,
  )
  return new Set(rows.map(({ recordId }) => recordId))
}

/** `(issuer, id)` counts at its first index over all epochs; a repeat is the fault of the repeat. */
function withoutRepeats(
  entries: readonly CheckedEntry[],
  repeats: ReadonlySet<string>,
): readonly CheckedEntry[] {
  const seen = new Set(repeats)
  return entries.map((entry) => {
    if (entry.recordId === null || entry.fault !== null) return entry
    const repeated = seen.has(entry.recordId)
    seen.add(entry.recordId)
    return repeated ? asRepeat(entry) : entry
  })
}

/** Statements that are sent and not waited for yet. */
type Sent = readonly Promise<unknown>[]

/** In a transaction: sends the statements that store entries behind the last one, with what came for them. */
export function storeEntries(
  tx: Queries,
  log: StoredLog,
  batch: CheckedBatch,
  edge: (tile: TileCoordinate) => Uint8Array,
): Sent {
  const rows = batch.entries.map((entry) => ({
    index: entry.index,
    bytes: hexBytes(entry.bytes),
    tier: entry.tier,
    audience: entry.audience,
    digest: entry.digest === null ? null : hexOf(entry.digest),
    record_id: entry.recordId,
    record: entry.record === null || entry.fault !== null ? null : recordText(entry.record),
    fault: entry.fault?.code ?? null,
  }))
  const leaves = batch.entries.map((_, i) => batch.leaves.subarray(i * 32, i * 32 + 32))
  const tiles: readonly GrownTile[] = growTree(log.size, edge, leaves).tiles
  return [
    rowsOf(
      tx,
      sql`insert into entry (log_id, index, bytes, tier, audience, digest, record_id, record, fault)
      select ${log.id}::int, index, bytes::bytea, tier, audience, digest::bytea, record_id, record, fault
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(index bigint, bytes text, tier text, audience text, digest text, record_id text, record text, fault text)`,
    ),
    writeTiles(tx, log.id, tiles),
    storeOpenings(tx, log.id, openingsOf(batch.entries)),
  ]
}

/** Also of a faulty entry: without its salt nobody could judge it again. */
export function openingsOf(entries: readonly CheckedEntry[]): readonly StoredOpening[] {
  return entries.flatMap(({ index, salt }) => (salt === null ? [] : [{ index, salt }]))
}

async function markFaults(tx: Queries, log: StoredLog, entries: readonly CheckedEntry[]): Promise<void> {
  for (const { index, fault } of entries) {
    if (fault !== null)
      await rowsOf(
        tx,
        sql`update entry set fault = ${fault.code} where log_id = ${log.id} and index = ${index}`,
      )
  }
}

/** In a transaction: sends the statements that write the rows of sound entries. */
export function writeRows(tx: Queries, log: StoredLog, entries: readonly CheckedEntry[]): Sent {
  const { standards, events, statements, attachments } = valuesOf(entries)
  const sent: Promise<unknown>[] = []
  if (attachments.length > 0) {
    sent.push(
      rowsOf(
        tx,
        sql`insert into attachment (log_id, index, digest, media_type, name, wanted)
          select a.log_id, index, a.digest, media_type, name, not ${fileIsHere}
          from json_to_recordset(${JSON.stringify(attachments)}::json) as r(index bigint, digest text, media_type text, name text)
            cross join lateral (select ${log.id}::int as log_id, r.digest::bytea as digest) a on conflict do nothing`,
      ),
    )
  }
  if (standards.length > 0) {
    sent.push(
      rowsOf(
        tx,
        sql`insert into standard (log_id, ${standardColumns})
          select ${log.id}::int, r.* from (${selectStandards(standards)}) r on conflict do nothing`,
      ),
    )
  }
  if (events.length > 0) {
    sent.push(
      rowsOf(
        tx,
        sql`insert into event (log_id, ${eventColumns})
          select ${log.id}::int, r.* from (${selectEvents(events)}) r on conflict do nothing`,
      ),
    )
  }
  if (statements.length > 0) {
    sent.push(
      rowsOf(
        tx,
        sql`insert into statement (log_id, ${statementColumns})
          select ${log.id}::int, r.* from (${selectStatements(statements)}) r on conflict do nothing`,
      ),
    )
  }
  return sent
}

export async function writeQuarantine(
  tx: Queries,
  log: StoredLog,
  entries: readonly CheckedEntry[],
): Promise<void> {
  for (const { index, fault, record } of entries) {
    if (fault === null) continue
    await rowsOf(
      tx,
      sql`insert into quarantine (log_id, index, code, detail, pointer, record, program)
        values (${log.id}, ${index}, ${fault.code}, ${fault.detail}, ${fault.pointer ?? null}, ${record === null ? null : hexBytes(record)}::bytea, ${programVersion})
        on conflict (log_id, index) do update set code = excluded.code, detail = excluded.detail, pointer = excluded.pointer, record = excluded.record, program = excluded.program`,
    )
  }
}

/** Of a followed log, the pending note becomes the held one when everything below it is here. */
async function moveCursor(tx: Queries, log: StoredLog, batch: CheckedBatch): Promise<StoredLog> {
  const end = batch.start + batch.entries.length
  if (log.own) {
    await rowsOf(tx, sql`update log set visible = ${end} where id = ${log.id}`)
    return { ...log, visible: end }
  }
  const complete = log.pendingSize === end
  await rowsOf(
    tx,
    sql`update log set size = ${end}, visible = ${end}, last_at = ${batch.lastAt},
      checkpoint = case when pending_size = ${end} then pending else checkpoint end,
      checkpoint_size = case when pending_size = ${end} then pending_size else checkpoint_size end
      where id = ${log.id}`,
  )
  return {
    ...log,
    size: end,
    visible: end,
    lastAt: batch.lastAt,
    ...(complete ? { checkpoint: log.pending, checkpointSize: end } : {}),
  }
}
