import { type SQL, sql } from '../store/drizzle.ts'
import { hexOf } from '../store/log-store.ts'
import type { CheckedEntry } from './checked.ts'
import type { EventRow, StandardRow, StatementRow } from './row.ts'

/** The rows of entries, as the database takes them. */
export function valuesOf(entries: readonly CheckedEntry[]) {
  const rows = entries.flatMap(({ index, row }) => (row === null ? [] : [{ index, row }]))
  return {
    standards: rows.flatMap(({ index, row }) =>
      row.kind === 'standard' ? [standardValues(index, row)] : [],
    ),
    events: rows.flatMap(({ index, row }) => (row.kind === 'event' ? [eventValues(index, row)] : [])),
    statements: rows.flatMap(({ index, row }) =>
      row.kind === 'statement' ? [statementValues(index, row)] : [],
    ),
    attachments: rows.flatMap(({ index, row }) =>
      row.kind === 'standard' || row.kind === 'statement' ? attachmentValues(index, row) : [],
    ),
  }
}

export const standardColumns = sql.raw(
  'index, tier, audience, record_id, digest, issuer, title_zh, keys, work_keys, level, class, published_on, effective_on, abolished_on, revision_of, revision_digest, synthetic, search',
)
export const eventColumns = sql.raw(
  'index, tier, audience, record_id, digest, issuer, edition_id, edition_digest, event_kind, on_date, body',
)

export const statementColumns = sql.raw('index, tier, audience, record_id, digest, issuer, type, topic')

export function selectStatements(statements: readonly object[]): SQL {
  return sql`select index, tier, audience, record_id, digest::bytea, issuer, type, topic
    from json_to_recordset(${JSON.stringify(statements)}::json) as r(index bigint, tier text, audience text, record_id text, digest text, issuer text, type text, topic text)`
}

export function selectStandards(standards: readonly object[]): SQL {
  return sql`select index, tier, audience, record_id, digest::bytea, issuer, title_zh, keys::text[], work_keys::text[], level, class, published_on, effective_on, abolished_on, revision_of, revision_digest::bytea, synthetic, search
    from json_to_recordset(${JSON.stringify(standards)}::json) as r(index bigint, tier text, audience text, record_id text, digest text, issuer text, title_zh text, keys text, work_keys text,
      level text, class text, published_on date, effective_on date, abolished_on date, revision_of text, revision_digest text, synthetic boolean, search text)`
}

export function selectEvents(events: readonly object[]): SQL {
  return sql`select index, tier, audience, record_id, digest::bytea, issuer, edition_id, edition_digest::bytea, event_kind, on_date, body
    from json_to_recordset(${JSON.stringify(events)}::json) as r(index bigint, tier text, audience text, record_id text, digest text, issuer text, edition_id text, edition_digest text, event_kind text, on_date date, body jsonb)`
}

function standardValues(index: number, row: StandardRow) {
  return {
    index,
    tier: row.tier,
    audience: row.audience,
    record_id: row.recordId,
    digest: hexOf(row.digest),
    issuer: row.issuer,
    title_zh: row.titleZh,
    keys: arrayLiteral(row.keys),
    work_keys: arrayLiteral(row.workKeys),
    level: row.level,
    class: row.class,
    published_on: dateLiteral(row.publishedOn),
    effective_on: dateLiteral(row.effectiveOn),
    abolished_on: dateLiteral(row.abolishedOn),
    revision_of: row.revisionOf,
    revision_digest: row.revisionDigest === null ? null : hexOf(row.revisionDigest),
    synthetic: row.synthetic,
    search: row.search,
  }
}

function statementValues(index: number, row: StatementRow) {
  const { tier, audience, issuer, type, topic } = row
  return { index, tier, audience, record_id: row.recordId, digest: hexOf(row.digest), issuer, type, topic }
}

function attachmentValues(index: number, { attachments }: Pick<StandardRow, 'attachments'>) {
  return attachments.map(({ digest, mediaType, name }) => ({
    index,
    digest: hexOf(digest),
    media_type: mediaType,
    name,
  }))
}

function eventValues(index: number, row: EventRow) {
  const body: unknown = JSON.parse(row.body)
  return {
    index,
    tier: row.tier,
    audience: row.audience,
    record_id: row.recordId,
    digest: hexOf(row.digest),
    issuer: row.issuer,
    edition_id: row.editionId,
    edition_digest: hexOf(row.editionDigest),
    event_kind: row.eventKind,
    on_date: dateLiteral(row.onDate),
    body,
  }
}

/** The calendar of the records has a year 0000, that of PostgreSQL calls it 1 BC. */
function dateLiteral(date: string | null): string | null {
  return date?.startsWith('0000-') ? `0001${date.slice(4)} BC` : date
}

/** A text array as PostgreSQL reads one. */
function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}
