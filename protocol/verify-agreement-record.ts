import type { OpenedAgreementBundle } from './agreement-bundle.ts'
import { decodeHex, decodeUtf8 } from './bytes.ts'
import { ProtocolError } from './error.ts'
import type { Entry } from './log/entry.ts'
import { type Agreement, editionsOf } from './record/agreement.ts'
import { agreementDigest } from './record/agreement-rule.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { isAttestation, isStandardRecord, parseRecord } from './record/schema.ts'
import { authoritiesFor } from './standing/edition-evidence.ts'
import { listStatements, type Reading, type Search } from './standing/log-statement.ts'
import type { Readers } from './standing/unopened.ts'
import type { Trust } from './trust/trust.ts'
import type { Argument } from './verdict.ts'
import { maxSkew, readRecord, verifyOpenedRecord } from './verify.ts'
import type { ProvenLog } from './verify-agreement-log.ts'
import { checkLogTime } from './verify-witness.ts'

/** A record of the file as it reads. Nothing about it is verified yet: it says where to look. */
export interface Candidate {
  readonly digest: string
  readonly record: ExchangeRecord
}

/** Acts, and the records that agreements pin. Others are not parsed to find out what they are. */
export function readCandidates({ records }: OpenedAgreementBundle): readonly Candidate[] {
  const parsed = new Map<string, ExchangeRecord>()
  const read = (digest: string, bytes: Uint8Array | undefined) => {
    const record = bytes && !parsed.has(digest) ? readQuietly(bytes) : undefined
    if (record) parsed.set(digest, record)
    return record
  }
  const byDigest = new Map<string, Uint8Array>(records)
  for (const [digest, bytes] of records) {
    if (!decodeUtf8(bytes).includes('"agreementDigest"')) continue
    const record = read(digest, bytes)
    const agreement = record && isAttestation(record) ? record.credentialSubject.agreement : undefined
    if (!agreement) continue
    for (const pinned of [agreement.basis.digest, ...editionsOf(agreement).map((edition) => edition.digest)])
      read(pinned, byDigest.get(pinned))
  }
  return [...parsed].map(([digest, record]) => ({ digest, record }))
}

function readQuietly(bytes: Uint8Array): ExchangeRecord | undefined {
  try {
    return parseRecord(readRecord(bytes).document)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/**
 * The agreement itself is fixed by its digest, whoever's record it stands in.
 *
 * @see spec/agreement.md, AGREE-41
 */
export function argueAgreement(
  argument: Argument,
  { bundle: { subject } }: OpenedAgreementBundle,
  candidates: readonly Candidate[],
): Agreement | undefined {
  return argument.step(
    'schema',
    () => {
      for (const { record } of candidates) {
        const agreement = isAttestation(record) ? record.credentialSubject.agreement : undefined
        if (agreement?.id === subject.agreement && agreementDigest(agreement) === subject.digest)
          return agreement
      }
      throw new ProtocolError(
        'RECORD_UNAVAILABLE',
        'no record in the file carries the agreement that it is about',
      )
    },
    ({ id, kind, effectiveFrom, validUntil }) => ({
      zh: `声明 ${id}（${kind}），${effectiveFrom}至${validUntil}，摘要 ${subject.digest}`,
      en: `agreement ${id} (${kind}), ${effectiveFrom} to ${validUntil}, digest ${subject.digest}`,
    }),
  )
}

/**
 * The agreement, and what it rests on: of a reuse the recognition that it cites, where the file has it.
 *
 * @see spec/agreement.md, AGREE-51
 */
export function agreementsBehind(
  agreement: Agreement,
  candidates: readonly Candidate[],
): readonly Agreement[] {
  if (agreement.kind !== 'reuse' || !('recognition' in agreement.scope.ground)) return [agreement]
  const { id, digest } = agreement.scope.ground.recognition
  const cited = candidates.flatMap(({ record }) => {
    const other = isAttestation(record) ? record.credentialSubject.agreement : undefined
    return other?.id === id && agreementDigest(other) === digest ? [other] : []
  })
  return [agreement, ...cited.slice(0, 1)]
}

export interface Given {
  readonly agreement: Agreement
  readonly candidates: readonly Candidate[]
  readonly trust: Trust
  readonly proven: ReadonlyMap<string, ProvenLog>
  readonly now: number
}

/** For whom the records are that a file opens; `undefined` where it opens none. */
export function readersOf(
  { bundle: { contains } }: OpenedAgreementBundle,
  { project }: Agreement,
): Readers | undefined {
  return contains === 'public'
    ? undefined
    : { tier: contains, audience: contains === 'pair' ? project : undefined }
}

/**
 * Whatever the logs say of the agreement and what takes its place, of its editions and what revises them, and of its basis, each record
 * verified for itself; and of each log from where on nothing of it is missing.
 *
 * @see spec/agreement.md, AGREE-43
 */
export function argueStatements(
  argument: Argument,
  opened: OpenedAgreementBundle,
  { agreement, candidates, trust, proven, now }: Given,
): Reading | undefined {
  const { records } = opened
  const readers = readersOf(opened, agreement)
  return argument.step(
    'proof',
    () => {
      const behind = agreementsBehind(agreement, candidates)
      const search: Search = {
        agreements: new Set(behind.map(({ id }) => id)),
        pinned: new Set(behind.flatMap((one) => pinnedBy(one, candidates))),
        numbers: new Set(behind.flatMap((one) => [...numbersOf(one, candidates, trust)])),
        ...(readers ? { readers } : {}),
        ...(readers?.tier === 'pair' ? { receipts: true } : {}),
      }
      const ranges = [...proven.values()].map(({ held: { origin, from, entries, openings = [] } }) => ({
        origin,
        from,
        entries,
        openings: new Map(
          openings.map(({ index, digest, salt }) => [index, { digest, salt: decodeHex(salt) }]),
        ),
      }))
      return listStatements(ranges, search, {
        records,
        latest: now + maxSkew,
        isContradicted: (entry) => isContradicted(entry, proven.get(entry.log)),
        verify: (entry, opening) => verifyOpenedRecord(entry, opening, trust),
      })
    },
    ({ statements }) => ({
      zh: `有关记录${statements.length}条，逐条验签，密钥在其位置有效`,
      en: `${statements.length} record(s) about it, each signed by a key that is valid at its index`,
    }),
  )
}

/** @see spec/witness.md, WIT-41 */
function isContradicted(entry: Entry, log: ProvenLog | undefined): boolean {
  try {
    checkLogTime(entry, log?.timeOf(entry.index) ?? {})
    return false
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'TIME_CONTRADICTED') return true
    throw error
  }
}

function pinnedBy(agreement: Agreement, candidates: readonly Candidate[]): readonly string[] {
  const basis = candidates.find(({ digest }) => digest === agreement.basis.digest)
  return [...editionsOf(agreement).map(({ id }) => id), ...(basis ? [basis.record.id] : [])]
}

/** Numbers of pinned editions for which the registry names a log. */
function numbersOf(
  agreement: Agreement,
  candidates: readonly Candidate[],
  trust: Trust,
): ReadonlySet<string> {
  const pinned = new Set(editionsOf(agreement).map(({ digest }) => digest))
  const numbers = candidates.flatMap(({ digest, record }) => {
    if (!pinned.has(digest) || !isStandardRecord(record)) return []
    const { credentialSubject: subject } = record
    return authoritiesFor(trust, subject).length === 0
      ? []
      : subject.identifiers.map(({ canonicalKey }) => canonicalKey)
  })
  return new Set(numbers)
}
