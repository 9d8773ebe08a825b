import { setImmediate } from 'node:timers/promises'
import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject, JsonValue } from '../../protocol/json-value.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import type { ExchangeRecord } from '../../protocol/record/envelope.ts'
import {
  builtInIndicators,
  type IndicatorSubject,
  indicatorDigest,
} from '../../protocol/record/indicator-set.ts'
import { eventSubject } from '../../protocol/record/lifecycle-event.ts'
import {
  isImplementationReport,
  isIndicatorSet,
  isStandardRecord,
  parseRecord,
} from '../../protocol/record/schema.ts'
import { compareRates } from '../../protocol/standing/rate/difference.ts'
import type { KnownEdition } from '../../protocol/standing/rate/edition.ts'
import { formatDifference, formatRate } from '../../protocol/standing/rate/format.ts'
import { parsePeriod, periodBefore } from '../../protocol/standing/rate/period.ts'
import { rateOf } from '../../protocol/standing/rate/rate.ts'
import type { PlacedReport } from '../../protocol/standing/rate/report.ts'
import { isActiveNow } from '../../protocol/trust/audience.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { digestText, select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { isAbout } from './reference.ts'
import type { StandardRead } from './summary.ts'

export interface RateQuery {
  readonly period: string
  /** Only this one's sheet; the region's figures stay those of all. */
  readonly agency?: string
  /** Another period to tell the difference from. */
  readonly compare?: string
  /** Digest of the indicator set to compute by. */
  readonly indicator?: string
}

export interface RateReader {
  /** @throws {ProtocolError} `SCHEMA_INVALID` — not a period; `NOT_FOUND` — no such indicator set here */
  read(query: RateQuery, scope: Scope): Promise<JsonObject>
}

export interface RateReaderOptions {
  readonly database: Database
  readonly trust: () => Trust
  readonly now: () => number
}

/** More reports for two periods than these are no region's. */
const mostReports = 5_000

/**
 * Computes rates from the reports and editions that are here and may be told, by the protocol's own fold.
 *
 * @see protocol/spec/rate.md, RATE-23 and RATE-24
 */
export function createRateReader({ database, trust, now }: RateReaderOptions): RateReader {
  // A region's rate takes a good part of a second: many who ask wait for one another, and not the rest of the node for them.
  const inTurn = createTurns()

  async function read(query: RateQuery, scope: Scope): Promise<JsonObject> {
    const { members } = trust()
    const rate = await computeRate(database, query, { scope, members })
    const before =
      query.compare === undefined
        ? undefined
        : await computeRate(database, { ...query, period: query.compare }, { scope, members })
    const day = legalDateOf(now())
    const names = [...members.values()].map(({ id, profile }) => [id, nameAt(profile, day)])
    return {
      ...formatRate(rate, query.agency),
      ...(before ? { difference: formatDifference(compareRates(before, rate)) } : {}),
      names: Object.fromEntries(names),
    }
  }

  return { read: (query, scope) => inTurn(() => read(query, scope)) }
}

async function computeRate(
  database: Database,
  { period: name, indicator }: RateQuery,
  { scope, members }: { readonly scope: Scope; readonly members: Trust['members'] },
) {
  const period = parsePeriod(name)
  const periods = [period.name, periodBefore(period)?.name ?? period.name]
  const reports = await readReports(database, isOfPeriods(periods), scope)
  const seen = await readReports(database, isCorrectedBy(reports), scope)
  const sets = [builtInIndicators, ...(await readSets(database, scope))]
  const asked = sets.find((set) => indicatorDigest(set) === indicator)
  if (indicator !== undefined && !asked)
    throw new ProtocolError('NOT_FOUND', 'there is no such indicator set here')
  const editions = await readEditions(database, reports, scope)
  return rateOf({
    period: period.name,
    reports,
    seen,
    editionOf: ({ id, digest }) => editions.get(`${id} ${digest}`),
    sets,
    expected: [...members.values()].filter(isActiveNow).map(({ id }) => id),
    ...(asked ? { indicators: asked } : {}),
  })
}

interface StatementRead extends Record<string, unknown> {
  readonly origin: string
  readonly index: number
  readonly digest: Uint8Array
  readonly bytes: Uint8Array
  readonly record: string
}

function readStatements(
  database: Database,
  which: SQL,
  { scope, limit }: { readonly scope: Scope; readonly limit: number },
): Promise<readonly StatementRead[]> {
  return select<StatementRead>(
    database,
    sql`select l.origin, s.index, s.digest, e.bytes, e.record from statement s join log l on l.id = s.log_id
      join entry e on e.log_id = s.log_id and e.index = s.index and e.fault is null and e.record is not null
      where ${which} and ${readable(scope, 's')} order by l.origin, s.index limit ${limit}`,
  )
}

function isOfPeriods(periods: readonly string[]): SQL {
  return sql`s.topic in (select value from json_array_elements_text(${JSON.stringify(periods)}::json))`
}

/** What the reports correct, of whatever period and agency it is. */
function isCorrectedBy(reports: readonly PlacedReport[]): SQL {
  const digests = reports.flatMap(({ revisionOf }) =>
    revisionOf ? [revisionOf.digest.slice('sha256:'.length)] : [],
  )
  return sql`s.digest in (select decode(value, 'hex') from json_array_elements_text(${JSON.stringify(digests)}::json))`
}

async function readReports(database: Database, those: SQL, scope: Scope): Promise<readonly PlacedReport[]> {
  const which = sql`s.type = 'ImplementationReport' and ${those}`
  const rows = await readStatements(database, which, { scope, limit: mostReports })
  const reports: PlacedReport[] = []
  for (const row of rows) {
    await setImmediate()
    const record = recordOf(row.record)
    // Of another tier, if it was opened: a bundle of it is not counted offline either.
    if (!isImplementationReport(record) || record.tier !== 'public') continue
    reports.push({
      agency: record.issuer,
      id: record.id,
      digest: digestText(row.digest),
      subject: record.credentialSubject,
      ...(record.revisionOf ? { revisionOf: record.revisionOf } : {}),
      at: parseEntry(row.bytes).at,
      place: { origin: row.origin, index: Number(row.index) },
    })
  }
  return reports
}

async function readSets(database: Database, scope: Scope): Promise<readonly IndicatorSubject[]> {
  const rows = await readStatements(database, sql`s.type = 'IndicatorSet'`, { scope, limit: 200 })
  return rows.flatMap((row) => {
    const record = recordOf(row.record)
    return isIndicatorSet(record) ? [record.credentialSubject] : []
  })
}

/** The editions that the reports name, by id and digest, with the events about them. */
async function readEditions(
  database: Database,
  reports: readonly PlacedReport[],
  scope: Scope,
): Promise<ReadonlyMap<string, KnownEdition>> {
  const ids = [...new Set(reports.flatMap(({ subject }) => subject.lines.map(({ edition }) => edition.id)))]
  const rows = await select<Pick<StandardRead, 'recordId' | 'digest' | 'record' | 'events'>>(
    database,
    sql`select s.record_id as "recordId", s.digest, e.record,
      coalesce((select json_agg(json_build_object('index', v.index, 'origin', l.origin, 'recordId', v.record_id, 'digest', encode(v.digest, 'hex'), 'subject', v.body) order by v.index)
        from event v where ${isAbout} and ${readable(scope, 'v')}), '[]'::json) as events
      from standard s join log l on l.id = s.log_id join entry e on e.log_id = s.log_id and e.index = s.index
      where s.record_id in (select value from json_array_elements_text(${JSON.stringify(ids)}::json)) and ${readable(scope, 's')}`,
  )
  const editions = new Map<string, KnownEdition>()
  for (const { recordId, digest, record: text, events } of rows) {
    await setImmediate()
    const record = recordOf(text)
    if (!isStandardRecord(record) || record.tier !== 'public') continue
    editions.set(`${recordId} ${digestText(digest)}`, {
      facts: record.credentialSubject,
      events: events.map(({ index, origin, recordId: event, subject }) => ({
        index,
        origin,
        recordId: event,
        subject: eventSubject.parse(subject),
      })),
    })
  }
  return editions
}

function recordOf(text: string): ExchangeRecord {
  const value: JsonValue = JSON.parse(text)
  return parseRecord(value)
}
