import { type SQL, sql } from '../store/drizzle.ts'
import { readable, type Scope } from '../store/scope.ts'

/**
 * Which acts are about which text: conditions over rows of the read model. A reference is an id and a digest, and a record that names
 * the id with another digest is about another text.
 *
 * @see spec/standing.md, STAND-9
 */

/** An act is for the very readers of what it acts on, or for all after a disclosure; one for others acts on nothing. */
function sameReaders(act: 'v' | 'r'): string {
  return `((${act}.tier = s.tier and ${act}.audience is not distinct from s.audience)
    or (${act}.tier = 'public' and exists (select 1 from disclosure x where x.log_id = s.log_id and x.disclosed = s.index and x.index < ${act}.index)))`
}

/** Event `v` is about standard `s`, which stands before it in the same log. */
export const isAbout = sql.raw(
  `v.edition_id = s.record_id and v.edition_digest = s.digest and v.log_id = s.log_id and v.index > s.index and ${sameReaders('v')}`,
)

/** Standard `r` names standard `s` of its log as what it revises. */
const namesRevised = 'r.revision_of = s.record_id and r.revision_digest = s.digest and r.log_id = s.log_id'

/** Standard `r` revises standard `s`, which stands before it in the same log. */
export const revises = sql.raw(`${namesRevised} and r.index > s.index and ${sameReaders('r')}`)

/**
 * Rows that wait for what they are about: an event, for an edition in any log; a revision, for what it revises in its own. Asked anew
 * each time, so that they wait no longer than it takes to come, in whatever order the logs come.
 *
 * @see spec/sync.md, SYNC-22
 */
export function waiting(scope: Scope): SQL {
  return sql`select v.log_id, v.index, v.edition_id as missing, '/credentialSubject/edition' as pointer from event v
    where ${readable(scope, 'v')} and not exists (select 1 from standard s where s.record_id = v.edition_id and s.digest = v.edition_digest)
      and not exists (select 1 from statement s where s.record_id = v.edition_id and s.digest = v.edition_digest)
  union all select r.log_id, r.index, r.revision_of, '/revisionOf' from standard r
    where r.revision_of is not null and ${readable(scope, 'r')} and not exists (select 1 from standard s where ${sql.raw(namesRevised)})`
}
