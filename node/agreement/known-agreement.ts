import { decodeUtf8 } from '../../protocol/bytes.ts'
import { legalDateOf } from '../../protocol/date.ts'
import { type Agreement, citedRecognition, editionsOf, pinnedFiles } from '../../protocol/record/agreement.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import { isAttestation, isStandardRecord } from '../../protocol/record/schema.ts'
import { keysOf, mayBeAct, recordTypes } from '../../protocol/record/vocabulary.ts'
import { authoritiesFor } from '../../protocol/standing/edition-evidence.ts'
import type { KnownLogs } from '../../protocol/standing/known-log.ts'
import { comparePlaces } from '../../protocol/standing/log-order.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import { isDatedByLogging } from '../../protocol/standing/logged-date.ts'
import { asksForWitnesses, quorumFor, witnessesFor } from '../../protocol/trust/cosigner.ts'
import { logTimeOf } from '../../protocol/trust/log-time.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { listLogs, select } from '../store/log-store.ts'
import type { Scope } from '../store/scope.ts'
import { readSightings } from '../store/witness-store.ts'
import { readHoldings } from './holding-read.ts'
import { createStatementReader } from './statement-read.ts'

/** What a node needs to tell what its logs say of an agreement. */
export interface AgreementSource {
  readonly database: Database
  readonly trust: () => Trust
  /** The text of a file that is here and that the caller may have. */
  readonly readFile: (digest: string, scope: Scope) => Promise<Uint8Array | undefined>
}

/** How far each log is here. */
export interface LogExtent {
  readonly origin: string
  readonly size: number
  /** From here on every public record is at hand. */
  readonly from: number
  /** From here on every public act is. */
  readonly acts: number
}

export interface KnownAgreement {
  readonly known: KnownLogs
  /** What it pins, and what the recognition behind it pins. */
  readonly files: readonly string[]
  /** Notes of logs with lines of the other party's holder, by log. */
  readonly notes: ReadonlyMap<string, readonly string[]>
  readonly extents: readonly LogExtent[]
}

/**
 * All that the logs at hand say of these agreements, as far as the scope lets it be told: the same facts that a bundle has, so that
 * node and verifier answer alike. What is said of one has no bearing on another.
 */
export async function readKnownAgreements(
  { database, trust, readFile }: AgreementSource,
  agreements: readonly Agreement[],
  scope: Scope,
): Promise<KnownAgreement> {
  const now = trust()
  const reader = createStatementReader(database, scope)
  const cited = agreements.flatMap((one) => citedRecognition(one) ?? [])
  const acts = await reader.acts([...agreements, ...cited].map(({ id }) => id))
  const all = [...agreements, ...cited.flatMap((one) => textsIn(acts, one))]
  const [editions, bases] = await Promise.all([
    reader.editions([...new Set(all.flatMap(editionsOf).map(({ id }) => id))]),
    reader.bases([...new Set(all.map(({ basis }) => basis.digest))]),
  ])
  const numbers = editions.flatMap(({ record }) =>
    isStandardRecord(record) ? [record.credentialSubject] : [],
  )
  const authorities = numbers.flatMap((subject) => authoritiesFor(now, subject))
  const keys = numbers.flatMap(({ identifiers }) => identifiers.map(({ canonicalKey }) => canonicalKey))
  const [theirs, receipts] = await Promise.all([
    reader.authorities(
      authorities.map(({ origin }) => origin),
      keys,
    ),
    reader.receipts(
      [...new Set(agreements.map(({ project }) => project))],
      acts.map(({ digest }) => digest),
    ),
  ])
  const statements = inOrder([...acts, ...editions, ...bases, ...theirs, ...receipts])
  const extents = await readExtents(database)
  const files = new Map<string, string>()
  for (const digest of new Set(all.flatMap(pinnedFiles))) {
    const bytes = await readFile(digest, scope)
    if (bytes) files.set(digest, decodeUtf8(bytes))
  }
  const dates = await readDates(database, now, statements)
  const connected = agreements.filter(({ kind }) => kind === 'interconnection')
  const held = await readHoldings(database, now, connected)
  return {
    extents,
    notes: held.notes,
    files: [...new Set(all.flatMap(pinnedFiles))],
    known: {
      trust: now,
      statements,
      covered: new Map(extents.map(({ origin, from }) => [origin, from])),
      acted: new Map(extents.map(({ origin, acts }) => [origin, acts])),
      loggedOn: ({ origin, index, at }) =>
        asksForWitnesses(now) ? dates.get(`${origin} ${index}`) : legalDateOf(Date.parse(at)),
      holders: held.words,
      file: (digest) => files.get(digest),
    },
  }
}

/** The agreement of an id and a digest, in whosever act it stands. */
function textsIn(
  acts: readonly Statement[],
  { id, digest }: { readonly id: string; readonly digest: string },
): readonly Agreement[] {
  const found = acts.flatMap(({ record }) => {
    const text = isAttestation(record) ? record.credentialSubject.agreement : undefined
    return text?.id === id && agreementDigest(text) === digest ? [text] : []
  })
  return found.slice(0, 1)
}

/** Each statement once; the logs of a member by epoch, each by index. */
function inOrder(statements: readonly Statement[]): readonly Statement[] {
  const unique = new Map(statements.map((one) => [`${one.origin} ${one.index}`, one]))
  return [...unique.values()].toSorted(comparePlaces)
}

const others = JSON.stringify(keysOf(recordTypes).filter((type) => !mayBeAct(type)))
/** By what the entry shows: what only a later version knows may be one, too. */
const isMaybeAct = sql`substring(convert_from(e.bytes, 'UTF8') from '"type":"([A-Za-z]+)"') not in (select value from json_array_elements_text(${others}::json))`

/** A public record that nobody gave may say anything: what comes before it is not at hand as a whole. */
async function readExtents(database: Database): Promise<readonly LogExtent[]> {
  const [logs, lacking] = await Promise.all([
    listLogs(database),
    select<{ origin: string; last: string; act: string | null }>(
      database,
      sql`select l.origin, max(q.index)::text as last, max(q.index) filter (where ${isMaybeAct})::text as act
        from quarantine q join log l on l.id = q.log_id join entry e on e.log_id = q.log_id and e.index = q.index
        where q.code = 'RECORD_UNAVAILABLE' group by l.origin`,
    ),
  ])
  const last = new Map(lacking.map((row) => [row.origin, row]))
  return logs.map(({ origin, visible }) => ({
    origin,
    size: visible,
    from: Number(last.get(origin)?.last ?? -1) + 1,
    acts: Number(last.get(origin)?.act ?? -1) + 1,
  }))
}

/** The legal date by which each was logged, as the witnesses say whose word came here. */
async function readDates(
  database: Database,
  trust: Trust,
  statements: readonly Statement[],
): Promise<ReadonlyMap<string, string>> {
  const dates = new Map<string, string>()
  if (!asksForWitnesses(trust)) return dates
  const logs = new Map((await listLogs(database)).map((log) => [log.origin, log.id]))
  for (const { origin, index, record } of statements) {
    const quorum = quorumFor(trust, origin)
    const logId = logs.get(origin)
    if (!quorum || logId === undefined || !isDatedByLogging(record)) continue
    const keys = witnessesFor(trust, origin).map(({ key }) => key.key.multibase)
    const sightings = await readSightings(database, logId, { keys, from: index, end: index + 1 })
    const { by } = logTimeOf(quorum, sightings, index)
    if (by !== undefined) dates.set(`${origin} ${index}`, legalDateOf(by * 1000))
  }
  return dates
}
