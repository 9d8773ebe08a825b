import { canonicalize } from '../../protocol/canonical.ts'
import { isDigest, parseDigest } from '../../protocol/hash.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import type { Agreement } from '../../protocol/record/agreement.ts'
import type { ExchangeRecord } from '../../protocol/record/envelope.ts'
import { isAttestation, parseRecord } from '../../protocol/record/schema.ts'
import { attestationTypes } from '../../protocol/record/vocabulary.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { digestText, hexOf, select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'

/** Reads statements out of the own log and those that are held, each by the one condition of TIER-20. */
export interface StatementReader {
  /** Acts about these agreements, and all acts about those that take the place of one. */
  acts(agreements: readonly string[]): Promise<readonly Statement[]>
  /** What was proposed in a project, or in every project where none is named, in the order of the logs. */
  proposals(project: string | undefined): Promise<readonly Proposal[]>
  /** Standard records by id, what revises them, and the events about any of these. */
  editions(ids: readonly string[]): Promise<readonly Statement[]>
  /** The standard record of this digest or id. */
  edition(name: string): Promise<Statement | undefined>
  /** Reports of what was carried out that have a line about one of these editions. */
  reports(ids: readonly string[]): Promise<readonly Statement[]>
  /** In the logs that speak for numbers: their records of these numbers, and events about them. */
  authorities(origins: readonly string[], keys: readonly string[]): Promise<readonly Statement[]>
  /** Basis documents by the digests of their records, and events about them. */
  bases(digests: readonly string[]): Promise<readonly Statement[]>
  /** Basis documents with this number. */
  basesOfNumber(number: string): Promise<readonly Statement[]>
  /** Receipts of these projects that name one of these records. */
  receipts(projects: readonly string[], digests: readonly string[]): Promise<readonly Statement[]>
}

/** A proposal as its record says it; nothing but its own form was judged. */
export interface Proposal {
  readonly agreement: Agreement
  readonly digest: string
  /** When it was logged, by the log's own word. */
  readonly at: string
}

interface Row extends Record<string, unknown> {
  readonly origin: string
  readonly index: number
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
  readonly record: string
}

const types = JSON.stringify(attestationTypes)
/** In canonical JSON; the id is a UUID. */
const replacing = '"supersedes":\\{"digest":"sha256:[0-9a-f]{64}","id":"([^"]*)"'
const isAct = sql`s.type in (select value from json_array_elements_text(${types}::json))`

export function createStatementReader(database: Database, scope: Scope): StatementReader {
  const among = (texts: readonly string[]) =>
    sql`(select value from json_array_elements_text(${JSON.stringify(texts)}::json))`
  const statements = (where: SQL) =>
    readRows(
      database,
      sql`select l.origin, e.index, e.bytes, e.digest, e.record from statement s join log l on l.id = s.log_id
        join entry e on e.log_id = s.log_id and e.index = s.index
        where e.fault is null and e.record is not null and ${readable(scope, 's')} and ${where} order by l.origin, e.index`,
    )
  const standards = (where: SQL) =>
    readRows(
      database,
      sql`select l.origin, e.index, e.bytes, e.digest, e.record from standard s join log l on l.id = s.log_id
        join entry e on e.log_id = s.log_id and e.index = s.index
        where e.fault is null and e.record is not null and ${readable(scope, 's')} and ${where} order by l.origin, e.index`,
    )
  const events = (ids: readonly string[]) =>
    readRows(
      database,
      sql`select l.origin, e.index, e.bytes, e.digest, e.record from event v join log l on l.id = v.log_id
        join entry e on e.log_id = v.log_id and e.index = v.index
        where e.fault is null and e.record is not null and ${readable(scope, 'v')} and v.edition_id in ${among(ids)} order by l.origin, e.index`,
    )

  async function editions(ids: readonly string[]): Promise<readonly Statement[]> {
    const found = new Map<string, Statement>()
    let next = ids
    // A revision may be revised itself; each round finds new ones or is the last.
    while (next.length > 0) {
      const rows = await standards(sql`(s.record_id in ${among(next)} or s.revision_of in ${among(next)})`)
      next = rows.flatMap((row) => (found.has(row.record.id) ? [] : [row.record.id]))
      for (const row of rows) found.set(row.record.id, row)
    }
    const texts = [...found.values()]
    return [...texts, ...(await events(texts.map(({ record }) => record.id)))]
  }

  const actsAbout = (agreements: readonly string[]) =>
    statements(
      sql`${isAct} and (s.topic in ${among(agreements)} or substring(e.record from ${replacing}) in ${among(agreements)})`,
    )

  /** A withdrawal of what takes the place of one names the new agreement alone. */
  async function acts(agreements: readonly string[]): Promise<readonly Statement[]> {
    if (agreements.length === 0) return []
    const found = await actsAbout(agreements)
    const newer = found.flatMap(({ record }) => {
      const agreement = isAttestation(record) ? record.credentialSubject.agreement : undefined
      const older = agreement?.supersedes?.id
      return agreement && older !== undefined && agreements.includes(older) ? [agreement.id] : []
    })
    const unread = [...new Set(newer)].filter((id) => !agreements.includes(id))
    if (unread.length === 0) return found
    const places = new Set(found.map(({ origin, index }) => `${origin} ${index}`))
    const more = await statements(sql`${isAct} and s.topic in ${among(unread)}`)
    return [...found, ...more.filter(({ origin, index }) => !places.has(`${origin} ${index}`))]
  }

  return {
    acts,
    proposals: async (project) => {
      const placed =
        project === undefined ? sql`true` : sql`position(${memberText('project', project)} in e.record) > 0`
      const found = await statements(
        sql`${isAct} and position(${memberText('act', 'propose')} in e.record) > 0 and ${placed}`,
      )
      return found.flatMap(({ record, at }) => {
        const subject = isAttestation(record) ? record.credentialSubject : undefined
        const { agreement, agreementDigest: digest = '' } = subject ?? {}
        return agreement && (project === undefined || agreement.project === project)
          ? [{ agreement, digest, at }]
          : []
      })
    },
    editions,
    edition: async (name) => {
      const which = isDigest(name) ? sql`s.digest = ${hexOf(name)}::bytea` : sql`s.record_id = ${name}`
      return (await standards(which))[0]
    },
    reports: (ids) =>
      statements(
        sql`s.type = 'ImplementationReport' and exists (select 1 from ${among(ids)} i where position('"' || i.value || '"' in e.record) > 0)`,
      ),
    async authorities(origins, keys) {
      if (origins.length === 0 || keys.length === 0) return []
      const own = await standards(sql`l.origin in ${among(origins)} and s.keys && array${among(keys)}`)
      const about = await events(own.map(({ record }) => record.id))
      return [...own, ...about]
    },
    async bases(digests) {
      if (digests.length === 0) return []
      const found = await statements(
        sql`s.type = 'BasisDocument' and 'sha256:' || encode(s.digest, 'hex') in ${among(digests)}`,
      )
      return [...found, ...(await events(found.map(({ record }) => record.id)))]
    },
    basesOfNumber: (number) => statements(sql`s.type = 'BasisDocument' and s.topic = ${number}`),
    receipts: (projects, digests) =>
      digests.length === 0
        ? Promise.resolve([])
        : readRows(
            database,
            sql`select l.origin, e.index, e.bytes, e.digest, e.record from entry e join log l on l.id = e.log_id
              where e.tier = 'pair' and e.audience in ${among(projects)} and e.fault is null and ${readable(scope, 'e')}
                and e.record like '%"VerifiableCredential","Receipt"]%' and e.record::jsonb->'credentialSubject'->>'digest' in ${among(digests)}
              order by l.origin, e.index`,
          ),
  }
}

/** A member of canonical JSON whose value is a text. */
function memberText(name: string, value: string): string {
  return `${JSON.stringify(name)}:${canonicalize(value)}`
}

async function readRows(database: Database, query: SQL): Promise<readonly Statement[]> {
  const rows = await select<Row>(database, query)
  return rows.map(({ origin, index, bytes, digest, record: text }) => {
    const value: JsonValue = JSON.parse(text)
    const record: ExchangeRecord = parseRecord(value)
    return {
      origin,
      index: Number(index),
      at: parseEntry(bytes).at,
      digest: parseDigest(digestText(digest)),
      record,
    }
  })
}
