import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { bytea, count } from './column.ts'

/** Trust of what is stored: every column says whose word it is. `own` logs are ours, the others are verified copies. */

/** One row a log: own or followed. Sizes only ever grow. */
export const log = pgTable('log', {
  id: serial('id').primaryKey(),
  origin: text('origin').notNull().unique(),
  own: boolean('own').notNull(),
  /** Leaves stored. Of an own log this may run ahead of the signed checkpoint until the next signature. */
  size: count('size').notNull().default(0),
  /** `at` of the last good entry: the log's own word. */
  lastAt: text('last_at').notNull().default(''),
  /** Signed note over exactly `checkpoint_size` leaves that are stored here; verified. */
  checkpoint: text('checkpoint'),
  checkpointSize: count('checkpoint_size').notNull().default(0),
  /** Of a followed log: the newest verified note, which rollback and forks are judged by. */
  pending: text('pending'),
  pendingSize: count('pending_size').notNull().default(0),
  etag: text('etag'),
  /** The newest note over leaves that are stored here and with the quorum of the registry's policy; verified. */
  witnessed: text('witnessed'),
  witnessedSize: count('witnessed_size').notNull().default(0),
  /** Of a followed log: this node's own line as its holder, over the held note of that size. */
  holding: text('holding'),
  holdingSize: count('holding_size').notNull().default(0),
  /** The next index that the read model wants. */
  visible: count('visible').notNull().default(0),
  state: text('state').notNull().default('active'),
  /** `{code, detail, notes?, evidence?}` of a halted or frozen log. */
  fault: jsonb('fault'),
  checkedAt: timestamp('checked_at', { withTimezone: true, mode: 'string' }),
})

/** One row a log that this node witnesses: the newest tree that it cosigned. Sizes and times only ever grow. */
export const witness = pgTable('witness', {
  origin: text('origin').primaryKey(),
  size: count('size').notNull(),
  root: bytea('root').notNull(),
  /** The log's signature and this node's, over that tree: answered again, and shown to whoever compares. */
  note: text('note').notNull(),
  /** POSIX seconds, of this node's line in it. */
  time: count('time').notNull(),
})

/** When witnesses of the policy cosigned trees of a log, by their own verified word: first and last time for each size. */
export const sighting = pgTable(
  'sighting',
  {
    logId: integer('log_id').notNull(),
    /** The witness, by the multibase form of its key. */
    key: text('key').notNull(),
    size: count('size').notNull(),
    /** POSIX seconds. */
    first: count('first').notNull(),
    last: count('last').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.key, t.size] })],
)

/** The first note with the quorum of the registry's policy that was seen for a size of a log; verified, never replaced, never deleted. */
export const witnessedNote = pgTable(
  'witnessed_note',
  { logId: integer('log_id').notNull(), size: count('size').notNull(), note: text('note').notNull() },
  (t) => [primaryKey({ columns: [t.logId, t.size] })],
)

/** Notes with the line of a holder: of each, that over the newest size, and that over the newest within the note with the quorum. Verified. */
export const holdingNote = pgTable(
  'holding_note',
  {
    logId: integer('log_id').notNull(),
    /** The name of its key. */
    holder: text('holder').notNull(),
    size: count('size').notNull(),
    note: text('note').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.holder, t.size] })],
)

/** One row a leaf: its exact bytes, proven by the tiles; and the record, proven by the digest in the leaf. */
export const entry = pgTable(
  'entry',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    bytes: bytea('bytes').notNull(),
    tier: text('tier'),
    /** The project of a pair, or the group. */
    audience: text('audience'),
    digest: bytea('digest'),
    recordId: text('record_id'),
    /** Canonical text of a sound record; its UTF-8 bytes are the exact ones that were signed. */
    record: text('record'),
    /** Code of a record fault; such an entry counts for nothing but the root. */
    fault: text('fault'),
  },
  (t) => [
    primaryKey({ columns: [t.logId, t.index] }),
    index('entry_digest').on(t.digest),
    index('entry_record_id').on(t.recordId),
    index('entry_pair').on(t.audience).where(sql`${t.tier} = 'pair'`),
  ],
)

/**
 * One row an entry that is not public and whose record is, or was, here: what opens its commitment, apart from the record. Without a
 * salt it is nobody's any more.
 */
export const opening = pgTable(
  'opening',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    salt: bytea('salt'),
    /** The request of this log by which salt and record were destroyed here. */
    erasedBy: count('erased_by'),
  },
  (t) => [primaryKey({ columns: [t.logId, t.index] })],
)

/** Read model: one row a public disclosure of an entry. From its own logging on the record of that entry is as public. */
export const disclosure = pgTable(
  'disclosure',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    disclosed: count('disclosed').notNull(),
    digest: bytea('digest').notNull(),
    salt: bytea('salt').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.logId, t.index] }),
    index('disclosure_disclosed').on(t.logId, t.disclosed),
  ],
)

/** Read model: one row a file that a record names. Who may read the record may read the file. */
export const attachment = pgTable(
  'attachment',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    digest: bytea('digest').notNull(),
    mediaType: text('media_type').notNull(),
    name: text('name').notNull(),
    /** Where it is false, the file is here; where it is true, it may have come meanwhile: `blob` knows. */
    wanted: boolean('wanted').notNull().default(true),
    /** How often it was asked for in vain, and the code of the last time. */
    tries: integer('tries').notNull().default(0),
    fault: text('fault'),
    /** Of one that was too large: for what bound. */
    bound: count('bound'),
  },
  (t) => [
    primaryKey({ columns: [t.logId, t.index, t.digest] }),
    index('attachment_digest').on(t.digest),
    index('attachment_wanted').on(t.logId, t.tries, t.index).where(sql`${t.wanted}`),
  ],
)

/** One row a file below the data directory, by its digest; proven by its bytes. */
export const blob = pgTable(
  'blob',
  {
    digest: bytea('digest').primaryKey(),
    /** Null of one that is on its way and does not count: what a crash leaves of it goes at the next start. */
    size: count('size'),
    /** Handed in by the operator, for the own logs. */
    attached: boolean('attached').notNull().default(false),
    /** A record that named it was destroyed on request: the file goes unless it came for another as well. */
    erased: boolean('erased').notNull().default(false),
  },
  (t) => [index('blob_erased').on(t.digest).where(sql`${t.erased} or ${t.size} is null`)],
)

/** One row a file and a followed log whose own member gave it: naming a file is not having it. */
export const blobSource = pgTable(
  'blob_source',
  { logId: integer('log_id').notNull(), digest: bytea('digest').notNull() },
  (t) => [primaryKey({ columns: [t.logId, t.digest] }), index('blob_source_digest').on(t.digest)],
)

/** Request proofs that were used and could be used again until then; by the digest of caller and number. */
export const requestProof = pgTable('request_proof', {
  id: bytea('id').primaryKey(),
  until: timestamp('until', { withTimezone: true, mode: 'string' }).notNull(),
})

/** The newest width of each tile alone: a wider one begins with every narrower one. Recomputable from `entry`. */
export const tile = pgTable(
  'tile',
  {
    logId: integer('log_id').notNull(),
    level: smallint('level').notNull(),
    index: count('index').notNull(),
    hashes: bytea('hashes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.level, t.index] })],
)

/** What one record of the own log alone may hold: its id, the record it revises, its number. */
export const claim = pgTable(
  'claim',
  {
    logId: integer('log_id').notNull(),
    name: text('name').notNull(),
    index: count('index').notNull(),
    recordId: text('record_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.name] })],
)

/** Answers already given, by the digest of the key: the same request gets the same receipt. */
export const idempotency = pgTable('idempotency', {
  key: text('key').primaryKey(),
  body: text('body').notNull(),
  first: count('first').notNull(),
  amount: integer('amount').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
})

/** Entries that failed their checks, with what was received. Nobody's word is taken for anything here. */
export const quarantine = pgTable(
  'quarantine',
  {
    logId: integer('log_id').notNull(),
    index: count('index').notNull(),
    code: text('code').notNull(),
    detail: text('detail').notNull(),
    pointer: text('pointer'),
    record: bytea('record'),
    seenAt: timestamp('seen_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    /** Version of the program that found the fault; a newer one looks again. */
    program: text('program').notNull(),
  },
  (t) => [primaryKey({ columns: [t.logId, t.index] })],
)
