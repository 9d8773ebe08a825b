import type { CanonicalJson } from './canonical.ts'
import { legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import { type Digest, digestOf } from './hash.ts'
import { formatOrigin, parseDid, parseOrigin, parseRecordId } from './identifier/name.ts'
import { readJson } from './json.ts'
import { isJsonObject, type JsonObject } from './json-value.ts'
import { type Entry, isPublicEntry } from './log/entry.ts'
import { listProofs, verifyProofs } from './proof/verify.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { isEpochStart, isWithdrawal, maxRecordBytes, maxRecordValues, parseRecord } from './record/schema.ts'
import { purposeOf } from './record/vocabulary.ts'
import { checkAudience } from './trust/audience.ts'
import type { Member } from './trust/registry.ts'
import type { Trust } from './trust/trust.ts'
import { checkMemberStatus, findLog, findMember, findRecordKey } from './trust/validity.ts'
import type { Verified } from './verified.ts'
import { checkEntryStates, checkOpening, type RecordOpening } from './verify-entry.ts'

/** A record at its place in its issuer's log. */
export interface LoggedRecord {
  readonly origin: string
  readonly index: number
  /** The log's word for when it took the record: `YYYY-MM-DDThh:mm:ss.sssZ`. */
  readonly at: string
  readonly digest: Digest
  readonly record: ExchangeRecord
}

/** A suite that every record must carry now; the registry will say so per issuer and index. */
export const requiredSuites = ['eddsa-jcs-2022'] as const

/** Two clocks may differ by this much (R16). */
export const maxSkew = 5 * 60_000

/** A record as it was read. */
export interface ReadRecord {
  readonly document: JsonObject
  readonly read: CanonicalJson
  readonly digest: Digest
}

/** Reads the exact bytes of a record. @throws {ProtocolError} `JSON_MALFORMED` — not its own canonical form, and more */
export function readRecord(bytes: Uint8Array): ReadRecord {
  const read = readJson(bytes, maxRecordBytes, maxRecordValues)
  if (!isJsonObject(read.value))
    throw new ProtocolError('SCHEMA_INVALID', 'a record is a JSON object', { place: { pointer: '' } })
  if (!read.canonical)
    throw new ProtocolError(
      'JSON_MALFORMED',
      'the bytes are not the canonical form (RFC 8785) of the record',
      { place: { pointer: '' } },
    )
  return { document: read.value, read, digest: digestOf(bytes) }
}

/**
 * The entry stands where it says, and not before its predecessor in time. A breach is the fault of this entry alone.
 *
 * @throws {ProtocolError} `LOG_ORIGIN_MISMATCH` `INDEX_MISMATCH` `CLOCK_WENT_BACK` `TIME_IN_FUTURE`
 * @see spec/log.md; spec/verify.md, VERIFY-7
 */
export function checkEntryPlace(
  entry: Entry,
  place: { readonly origin: string; readonly index: number; readonly lastAt: string; readonly now: number },
): void {
  if (entry.log !== place.origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'the entry names another log', {
      evidence: { log: entry.log },
    })
  if (entry.index !== place.index) {
    throw new ProtocolError('INDEX_MISMATCH', 'the entry names another index', {
      place: { index: place.index },
      evidence: { stated: entry.index },
    })
  }
  if (entry.at < place.lastAt)
    throw new ProtocolError('CLOCK_WENT_BACK', 'the entry is dated before the one it follows', {
      evidence: { at: entry.at, lastAt: place.lastAt },
    })
  if (Date.parse(entry.at) > place.now + maxSkew)
    throw new ProtocolError('TIME_IN_FUTURE', 'the entry is dated in the future', {
      evidence: { at: entry.at },
    })
}

/**
 * The record names its maker consistently, and the log it stands in is the maker's own.
 *
 * @throws {ProtocolError} `ISSUER_MISMATCH` `NOT_A_MEMBER` `SYNTHETIC_REFUSED`
 * @see spec/verify.md, VERIFY-4
 */
export function checkIssuer(trust: Trust, record: ExchangeRecord, origin: string): Member {
  const { member } = findLog(trust, origin)
  if (member.id !== record.issuer) {
    throw new ProtocolError('ISSUER_MISMATCH', "the log is not the issuer's own", {
      place: { pointer: '/issuer' },
      evidence: { issuer: record.issuer, logOf: member.id },
    })
  }
  if (!isNamedBelow(record.id, origin) && !isNamedBy(record.id, record.issuer)) {
    throw new ProtocolError('ISSUER_MISMATCH', "the id is not one of the issuer's", {
      place: { pointer: '/id' },
      evidence: { issuer: record.issuer, id: record.id },
    })
  }
  if (record.synthetic && trust.registry.network === 'production') {
    throw new ProtocolError('SYNTHETIC_REFUSED', 'synthetic records have no place in a production network', {
      place: { pointer: '/synthetic' },
    })
  }
  return member
}

/** At sight: the registry holds an origin to the name of its member, and the schema has held the id to its UUID at the end. */
function isNamedBelow(id: string, origin: string): boolean {
  const name = origin.slice(0, origin.lastIndexOf('/log/'))
  return (
    id.length === 'https://'.length + name.length + '/id/'.length + 36 && id.startsWith(`https://${name}/id/`)
  )
}

function isNamedBy(id: string, issuer: string): boolean {
  const [owner, named] = [parseDid(issuer), parseRecordId(id)]
  return owner.authority === named.authority && owner.base === named.base
}

/**
 * @param read `document` with its canonical bytes, where the reader knows them
 * @throws {ProtocolError} as `verifyProofs` and `findRecordKey`
 */
export function checkProofs(
  trust: Trust,
  document: JsonObject,
  record: ExchangeRecord,
  place: { readonly origin: string; readonly index: number },
  read?: CanonicalJson,
): void {
  const { issuer } = record
  const policy = {
    issuer,
    domain: place.origin,
    required: requiredSuites,
    findKey: (multikey: string) =>
      findRecordKey(trust, multikey, { issuer, purpose: purposeOf(record.type[1]), ...place }),
    read,
  }
  verifyProofs(document, listProofs(record.proof), policy)
}

/**
 * The issuer may speak at this place: it is an active member there, and the keys that the proofs name count; the proofs themselves are
 * not looked at.
 *
 * @throws {ProtocolError} as `findRecordKey`; `MEMBER_SUSPENDED` `NOT_A_MEMBER`
 */
export function checkMayIssue(
  trust: Trust,
  { issuer, proof, type }: ExchangeRecord,
  place: { readonly origin: string; readonly index: number },
): void {
  for (const { verificationMethod } of Array.isArray(proof) ? proof : [proof]) {
    const multikey = verificationMethod.slice(verificationMethod.indexOf('#') + 1)
    findRecordKey(trust, multikey, { issuer, purpose: purposeOf(type[1]), ...place })
  }
  checkMemberStatus(findMember(trust, issuer), place.origin, place.index)
}

/**
 * The first entry of a log after the first epoch, and no other, is an `EpochStart`, and names the log that the registry closed as it was
 * closed.
 *
 * @throws {ProtocolError} `RULE_VIOLATED`
 * @see spec/record.md, REC-201
 */
function checkEpochStart({ log, index }: Entry, record: ExchangeRecord, trust: Trust): void {
  const start = isEpochStart(record) ? record.credentialSubject : undefined
  if (index !== 0 && !start) return
  const name = parseOrigin(log)
  if ((start !== undefined) !== (index === 0 && name.epoch > 1)) {
    throw new ProtocolError(
      'RULE_VIOLATED',
      'the first entry of a later epoch, and no other, is an EpochStart',
      {
        place: { pointer: '/type' },
      },
    )
  }
  if (!start) return
  const { origin, size, root } = start.previous
  const closed = trust.logs.get(origin)?.log.closed
  const fits = closed !== undefined && closed.size === size && closed.root === root
  if (!fits || origin !== formatOrigin(name, name.epoch - 1)) {
    throw new ProtocolError('RULE_VIOLATED', 'not the log before this one, as the registry closed it', {
      place: { pointer: '/credentialSubject/previous' },
      evidence: { origin, size, root },
    })
  }
}

/** A record whose form and names have been checked, and whose proofs have not. */
interface CheckedForm extends ReadRecord {
  readonly entry: Entry
  readonly record: ExchangeRecord
  readonly member: Member
}

function checkForm(entry: Entry, opening: RecordOpening, trust: Trust): CheckedForm {
  const { bytes } = opening
  if (!isPublicEntry(entry)) checkOpening(entry, opening)
  const { document, read, digest } = readRecord(bytes)
  if (isPublicEntry(entry) && entry.digest !== digest) {
    throw new ProtocolError('LEAF_MISMATCH', 'these bytes are not the ones that were logged', {
      evidence: { digest },
    })
  }
  const record = parseRecord(document)
  checkEntryStates(entry, record, digest)
  checkEpochStart(entry, record, trust)
  return { document, read, digest, entry, record, member: checkIssuer(trust, record, entry.log) }
}

function checkSigned(checked: CheckedForm, trust: Trust): Verified<LoggedRecord> {
  const { document, read, digest, entry, record, member } = checked
  const { log: origin, index, at } = entry
  checkProofs(trust, document, record, { origin, index }, read)
  checkMemberStatus(member, origin, index)
  checkAudience(trust, record, { member, day: legalDateOf(Date.parse(at)), leaves: isWithdrawal(record) })
  return markVerified({ origin, index, at, digest, record })
}

/**
 * The whole argument for one entry and the bytes that came with it, once the entry's inclusion is proven.
 *
 * Proves: strict form, exact context and closed schema, digest and names agree with the entry, the issuer's own log, every
 * proof by a key valid at this index, an active member. Not proven: inclusion itself, first use of the id, and that nothing
 * later ended it; those need the log around it.
 *
 * @throws {ProtocolError} a record fault, by its code
 * @see spec/verify.md, VERIFY-4, VERIFY-7 to VERIFY-9
 */
export function verifyLoggedRecord(entry: Entry, bytes: Uint8Array, trust: Trust): Verified<LoggedRecord> {
  return verifyOpenedRecord(entry, { bytes }, trust)
}

/**
 * `verifyLoggedRecord` for an entry of any tier: of one that is not public the salt must open the commitment to these bytes.
 *
 * @throws {ProtocolError} a record fault, by its code; `DIGEST_MISMATCH` — it commits to something else than it opens
 * @see spec/tier.md, TIER-3 and TIER-4
 */
export function verifyOpenedRecord(
  entry: Entry,
  opening: RecordOpening,
  trust: Trust,
): Verified<LoggedRecord> {
  return checkSigned(checkForm(entry, opening, trust), trust)
}

/** So few that what was read of them is still at hand when their signatures are checked. */
const groupSize = 16

/**
 * `verifyLoggedRecord` for many: the same checks of each in the same order, and a fault is that of its record alone. Reading and
 * signatures take turns by groups, since a processor does many of one kind faster than both in alternation.
 *
 * @returns for each what it proves, or why it is refused: a `ProtocolError`, or what nobody foresaw
 */
export function verifyLoggedRecords(
  items: readonly (RecordOpening & { readonly entry: Entry })[],
  trust: Trust,
): readonly (Verified<LoggedRecord> | Error)[] {
  const results: (Verified<LoggedRecord> | Error)[] = []
  for (let start = 0; start < items.length; start += groupSize) {
    const forms = items
      .slice(start, start + groupSize)
      .map((item) => attempt(() => checkForm(item.entry, item, trust)))
    for (const form of forms)
      results.push(form instanceof Error ? form : attempt(() => checkSigned(form, trust)))
  }
  return results
}

function attempt<T>(check: () => T): T | Error {
  try {
    return check()
  } catch (error) {
    return error instanceof Error ? error : new TypeError('something else than an error was thrown')
  }
}

function markVerified<T>(value: T): Verified<T> {
  // The one place that makes a `Verified`: everything above it has thrown if a check failed.
  return value as Verified<T>
}
