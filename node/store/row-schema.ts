import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { bytea, count } from './column.ts'

/** Read model: one row a standard record. Rebuilt from `entry`; a rebuild is a sync from entry 0. */
export const standard = pgTable(
  'standard',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    tier: text('tier').notNull().default('public'),
    audience: text('audience'),
    recordId: text('record_id').notNull(),
    digest: bytea('digest').notNull(),
    issuer: text('issuer').notNull(),
    titleZh: text('title_zh').notNull(),
    keys: text('keys').array().notNull(),
    workKeys: text('work_keys').array().notNull(),
    level: text('level').notNull(),
    class: text('class').notNull(),
    publishedOn: date('published_on', { mode: 'string' }),
    effectiveOn: date('effective_on', { mode: 'string' }),
    abolishedOn: date('abolished_on', { mode: 'string' }),
    revisionOf: text('revision_of'),
    /** Null of a revision alone whose record was damaged when this column came: fsck makes the row again. */
    revisionDigest: bytea('revision_digest'),
    synthetic: boolean('synthetic').notNull(),
    search: text('search').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.logId, t.index] }),
    uniqueIndex('standard_record_id').on(t.recordId),
    index('standard_revision_of').on(t.revisionOf).where(sql`${t.revisionOf} is not null`),
    index('standard_keys').using('gin', t.keys),
    index('standard_search').using('gin', sql`${t.search} gin_trgm_ops`),
  ],
)

/** Read model: one row a lifecycle event. */
export const event = pgTable(
  'event',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    tier: text('tier').notNull().default('public'),
    audience: text('audience'),
    recordId: text('record_id').notNull(),
    digest: bytea('digest').notNull(),
    issuer: text('issuer').notNull(),
    editionId: text('edition_id').notNull(),
    /** Null of a row alone that was damaged when this column came: fsck makes it again. */
    editionDigest: bytea('edition_digest'),
    eventKind: text('event_kind').notNull(),
    onDate: date('on_date', { mode: 'string' }).notNull(),
    /** The credential subject. */
    body: jsonb('body').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.index] }), index('event_edition').on(t.editionId)],
)

/** Read model: one row of mapping work, of an act about an agreement, or of what agreements rest on, by what it is looked up by. */
export const statement = pgTable(
  'statement',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    tier: text('tier').notNull().default('public'),
    audience: text('audience'),
    recordId: text('record_id').notNull(),
    digest: bytea('digest').notNull(),
    issuer: text('issuer').notNull(),
    type: text('type').notNull(),
    topic: text('topic').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.logId, t.index] }),
    index('statement_topic').on(t.type, t.topic),
    index('statement_record').on(t.recordId),
  ],
)
