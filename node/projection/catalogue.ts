import { ProtocolError } from '../../protocol/error.ts'
import { searchNeedle } from '../../protocol/identifier/number-search.ts'
import { canonicalKey, parseStandardNumber, workKey } from '../../protocol/identifier/standard-number.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { digestText, findEvidence, hexOf, select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'
import { type CatalogueOptions, createLogSummary, listFailed, listWaiting } from './log-summary.ts'
import type {
  Catalogue,
  QuarantinedEntry,
  RecordName,
  RecordPlace,
  StandardDetail,
  StandardPage,
  StandardQuery,
} from './port.ts'
import { isAbout, revises } from './reference.ts'
import { listByState } from './state.ts'
import { type StandardRead, summarize } from './summary.ts'
import { listMissing } from './wanted-blob.ts'

function standardColumns(scope: Scope): SQL {
  return sql`s.log_id as "logId", s.index, s.tier, s.audience, s.record_id as "recordId", s.digest, s.issuer, l.origin, l.own, e.record,
  (select r.record_id from standard r where ${revises} and ${readable(scope, 'r')} order by r.index limit 1) as "revisedBy",
  coalesce((select json_agg(json_build_object('index', v.index, 'origin', l.origin, 'recordId', v.record_id, 'digest', encode(v.digest, 'hex'), 'subject', v.body) order by v.index)
    from event v where ${isAbout} and ${readable(scope, 'v')}), '[]'::json) as events`
}

/** Unrevised, by number, the own ones first. */
const order = sql.raw('s.keys[1], l.own desc, s.log_id, s.index')

const from = sql.raw(
  `from standard s join log l on l.id = s.log_id join entry e on e.log_id = s.log_id and e.index = s.index`,
)

/**
 * Answers what API and console ask, from the read model. States are computed by the same fold as everywhere, for the day asked.
 *
 * @see spec/node.md, NODE-16 to NODE-19
 */
export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { database, trust, scope } = options
  const columns = standardColumns(scope)
  const issuerName = (issuer: string, day: string) => {
    const member = trust().members.get(issuer)
    return member ? nameAt(member.profile, day) : issuer
  }

  async function searchStandards(query: StandardQuery): Promise<StandardPage> {
    const where = sql.join(conditionsOf(query, scope), sql` and `)
    const summaries = async (which: SQL, { limit, offset }: { limit: number; offset: number }) => {
      const rows = await select<StandardRead>(
        database,
        sql`select ${columns} ${from} where ${which} order by ${order} limit ${limit} offset ${offset}`,
      )
      return rows.map((row) => summarize(row, query.day, issuerName))
    }
    if (query.state === undefined) {
      const [counted] = await select<{ total: number }>(
        database,
        sql`select count(*) as total from standard s where ${where}`,
      )
      return { total: Number(counted?.total ?? 0), items: await summaries(where, query) }
    }
    const keys = await listByState(database, { where, order, day: query.day, state: query.state, scope })
    const page = keys.slice(query.offset, query.offset + query.limit)
    if (page.length === 0) return { total: keys.length, items: [] }
    const places = page.map(({ logId, index }) => sql`(${logId}::int, ${index}::bigint)`)
    const chosen = sql`(s.log_id, s.index) in (${sql.join(places, sql`, `)})`
    return { total: keys.length, items: await summaries(chosen, { limit: page.length, offset: 0 }) }
  }

  async function findStandard(digest: string, day: string): Promise<StandardDetail | undefined> {
    const [row] = await select<StandardRead>(
      database,
      sql`select ${columns} ${from} where s.digest = ${hexOf(digest)}::bytea and ${readable(scope, 's')} order by l.own desc limit 1`,
    )
    if (!row) return undefined
    return {
      ...summarize(row, day, issuerName),
      record: recordOf(row.record),
      events: row.events.map(({ index, origin, recordId, digest: hex, subject }) => ({
        id: recordId,
        digest: `sha256:${hex}`,
        origin,
        index,
        eventKind: subject.eventKind,
        date: subject.date,
        ...(subject.announcementNo === undefined ? {} : { announcementNo: subject.announcementNo }),
      })),
    }
  }

  async function listEditions(
    issuer: string,
    { day, limit }: { readonly day: string; readonly limit: number },
  ) {
    const where = sql.join(conditionsOf({ issuer, day, limit, offset: 0 }, scope), sql` and `)
    const rows = await select<StandardRead>(
      database,
      sql`select ${columns} ${from} where ${where} order by ${order} limit ${limit}`,
    )
    return rows.map((row) => ({ summary: summarize(row, day, issuerName), record: recordOf(row.record) }))
  }

  async function findPlace(which: RecordName): Promise<RecordPlace | undefined> {
    const condition = conditionOf(which)
    const [row] = await select<{
      origin: string
      own: boolean
      index: number
      bytes: Uint8Array
      record: string
      digest: Uint8Array
      recordId: string
    }>(
      database,
      sql`select l.origin, l.own, e.index, e.bytes, e.record, e.digest, e.record_id as "recordId" from entry e join log l on l.id = e.log_id
        where ${condition} and ${readable(scope, 'e')} and e.fault is null and e.record is not null and e.index < l.checkpoint_size order by l.own desc, e.index limit 1`,
    )
    if (!row) return undefined
    const { at, tier } = parseEntry(row.bytes)
    const { issuer, type, audience } = recordOf(row.record)
    return {
      id: row.recordId,
      digest: digestText(row.digest),
      type: String(Array.isArray(type) ? type[1] : ''),
      issuer: String(issuer),
      origin: row.origin,
      own: row.own,
      index: row.index,
      at,
      tier,
      ...(typeof audience === 'string' ? { audience } : {}),
    }
  }

  const listLogs = createLogSummary(options)

  async function listQuarantine(limit: number): Promise<readonly QuarantinedEntry[]> {
    const waits = (await listLogs()).some(({ pending }) => pending > 0)
    return [...(await listFailed(options, limit)), ...(waits ? await listWaiting(options, limit) : [])]
  }

  return {
    searchStandards,
    findStandard,
    listEditions,
    findPlace,
    listLogs,
    findEvidence: (originHash) => findEvidence(database, originHash),
    listQuarantine,
    listMissing: (limit) => listMissing(database, scope, limit),
    findOwnByKeys: (keys) => findOwnByKeys(database, keys),
  }
}

/** An entry `e` is that of the record. A receipt is for the readers of the act, and never in the log of the act. */
function conditionOf(which: RecordName): SQL {
  if ('digest' in which) return sql`e.digest = ${hexOf(which.digest)}::bytea`
  if ('id' in which) return sql`e.record_id = ${which.id}`
  return sql`e.tier = 'pair' and exists (select 1 from entry s where s.digest = ${hexOf(which.receiptOf)}::bytea and s.tier = 'pair'
      and s.audience = e.audience and s.log_id <> e.log_id and s.fault is null)
    and e.record like ${`%"digest":"${which.receiptOf}"%`} and e.record::jsonb->'type'->>1 = 'Receipt'
    and e.record::jsonb->'credentialSubject'->>'digest' = ${which.receiptOf}`
}

function conditionsOf({ q, number, class: primary, level, issuer }: StandardQuery, scope: Scope): SQL[] {
  // What a later record of the same log revises is history, not an answer.
  const conditions: SQL[] = [
    readable(scope, 's'),
    sql`not exists (select 1 from standard r where ${revises} and ${readable(scope, 'r')})`,
  ]
  if (primary !== undefined) conditions.push(sql`s.class = ${primary}`)
  if (level !== undefined) conditions.push(sql`s.level = ${level}`)
  if (issuer !== undefined) conditions.push(sql`s.issuer = ${issuer}`)
  if (number !== undefined) conditions.push(numberCondition(number))
  if (q !== undefined) conditions.push(wordsCondition(q))
  return conditions
}

function numberCondition(text: string): SQL {
  try {
    const number = parseStandardNumber(text)
    if (number.year !== undefined) return sql`s.keys @> array[${canonicalKey(number)}]::text[]`
    return sql`s.work_keys @> array[${workKey(number)}]::text[]`
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const needle = searchNeedle(text)
    return needle === undefined ? sql`false` : contains(needle)
  }
}

/** A query that can be read as a number finds numbers; all else finds every one of its words, wherever they stand. */
function wordsCondition(text: string): SQL {
  const needle = searchNeedle(text)
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '')
    .slice(0, 10)
  const all = sql.join(words.map(containsWord), sql` and `)
  return needle === undefined ? sql`(${all})` : sql`(${contains(needle)} or (${all}))`
}

/** Digits are looked for as whole runs: 1055 does not stand in 10550. */
function containsWord(word: string): SQL {
  if (!/^(?:[0-9][0-9a-z]*|[0-9a-z]*[0-9])$/.test(word)) return contains(word)
  return sql`s.search ~ ${`(?<![0-9])${word}(?![0-9])`}`
}

function contains(words: string): SQL {
  return sql`s.search like ${`%${words.toLowerCase().replace(/[%_\\]/g, '\\$&')}%`}`
}

function recordOf(text: string): JsonObject {
  const value: JsonValue = JSON.parse(text)
  if (!isJsonObject(value)) throw new TypeError('a stored record is no object')
  return value
}

/** The newest own public record of each number: one that no later record revises. What is imported is public. */
async function findOwnByKeys(database: Database, keys: readonly string[]) {
  if (keys.length === 0) return []
  const rows = await select<{ key: string; recordId: string; digest: Uint8Array; record: string }>(
    database,
    sql`select k.key, s.record_id as "recordId", s.digest, e.record
      from json_array_elements_text(${JSON.stringify(keys)}::json) as k(key)
      join standard s on s.keys @> array[k.key] join log l on l.id = s.log_id and l.own join entry e on e.log_id = s.log_id and e.index = s.index
      where s.tier = 'public' and not exists (select 1 from standard r where ${revises})`,
  )
  return rows.map(({ key, recordId, digest, record }) => ({
    key,
    id: recordId,
    digest: digestText(digest),
    record: recordOf(record),
  }))
}
