import { sql } from '../store/drizzle.ts'

/**
 * Which acts are about which text: conditions over rows of the read model. A reference is an id and a digest, and a record that names
 * the id with another digest is about another text.
 *
 * @see spec/standing.md, STAND-9
 */

/** Event `v` is about standard `s`, which stands before it in the same log. */
export const isAbout = sql.raw(`v.edition_id = s.record_id and v.log_id = s.log_id and v.index > s.index
  and v.body->'edition'->>'digest' = 'sha256:' || encode(s.digest, 'hex')`)

/**
 * Standard `r` revises standard `s`, which stands before it in the same log. The digest is read from the stored record: that is
 * canonical, and a quotation mark inside a text is escaped, so these characters are that member and nothing else.
 */
export const revises =
  sql.raw(`r.revision_of = s.record_id and r.log_id = s.log_id and r.index > s.index and exists (
    select 1 from entry x where x.log_id = r.log_id and x.index = r.index
      and position('"revisionOf":{"digest":"sha256:' || encode(s.digest, 'hex') || '"' in x.record) > 0)`)
