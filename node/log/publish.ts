import { setImmediate } from 'node:timers/promises'
import { canonicalBytes, sortMembers } from '../../protocol/canonical.ts'
import { formatMoment, legalDateOf } from '../../protocol/date.ts'
import { atPointer, ProtocolError } from '../../protocol/error.ts'
import { type Digest, digestOf } from '../../protocol/hash.ts'
import { formatRecordId, type NodeName } from '../../protocol/identifier/name.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { Signer } from '../../protocol/key.ts'
import { saltLength } from '../../protocol/log/commitment.ts'
import type { Tier } from '../../protocol/log/entry.ts'
import { signRecord } from '../../protocol/proof/sign.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import { parseDraft } from '../../protocol/record/draft.ts'
import type { ExchangeRecord } from '../../protocol/record/envelope.ts'
import {
  isLifecycleEvent,
  isReceipt,
  isStandardRecord,
  isWithdrawal,
  maxRecordBytes,
  parseRecord,
} from '../../protocol/record/schema.ts'
import { purposeOf } from '../../protocol/record/vocabulary.ts'
import { requireAudience } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findMember } from '../../protocol/trust/validity.ts'
import { checkIssuer, checkMayIssue, checkProofs } from '../../protocol/verify.ts'
import type { Deps } from '../deps.ts'
import type { RecordPurpose } from './key-ring.ts'

/** A signed record on its way into the log. */
export interface PreparedRecord {
  readonly id: string
  readonly type: string
  readonly tier: Tier
  /** Of a group or a pair. */
  readonly audience?: string
  /** Of a record that is not public: 32 random bytes that its commitment is made with. */
  readonly salt?: Uint8Array
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly claims: readonly Claim[]
  readonly references: readonly Reference[]
  /** Throws where its signature does not count at this index of the log. */
  readonly requirePlace: (index: number) => void
}

/** A text that a record is about; where this log has the id, it must have it with this digest. */
export interface Reference {
  readonly id: string
  readonly digest: string
  /** Of the digest, in the record. */
  readonly pointer: string
  /** Who the record is for that refers; what it refers to is for the very same. */
  readonly tier: Tier
  readonly audience?: string
}

/**
 * Something that one record of this log alone may hold. Taken in the transaction that appends, so that of two records that reach for
 * it at once exactly one gets in.
 */
export interface Claim {
  readonly name: string
  readonly conflict: 'DUPLICATE_ID' | 'VERSION_CONFLICT'
  /** A revision keeps the number of what it revises. */
  readonly sharedWith?: string
}

export interface Workshop {
  readonly deps: Pick<Deps, 'now' | 'random'>
  readonly name: NodeName
  readonly issuer: string
  readonly origin: string
  /** The key for a record at this index. */
  readonly signerAt: (index: number, purpose: RecordPurpose) => Promise<Signer>
  readonly trust: () => Trust
  /** Proves that a document is sound JSON-LD; runs in workers. */
  readonly expand: (document: JsonObject) => Promise<void>
  /** Size of the log: the index that the next record can expect. */
  readonly size: () => number
}

/**
 * Makes signed records of what a publisher handed in, drafts and ready-signed records alike, all or none. Nothing is stored.
 *
 * @throws {ProtocolError} as `parseDraft` and `parseRecord`, with a pointer below `/records/<n>` where there are several; `TERM_UNDEFINED`,
 *   `SIZE_LIMIT`, and for a ready-signed record what its proof deserves
 * @see spec/node.md, NODE-10 to NODE-13
 */
export async function prepareRecords(
  workshop: Workshop,
  values: readonly JsonValue[],
  pointerOf: (n: number) => string,
): Promise<readonly PreparedRecord[]> {
  const prepared: Promise<PreparedRecord>[] = []
  let refused = false
  for (const [n, value] of values.entries()) {
    // Reading is work of this thread: others get their turn, and nothing is read for a batch that is refused already.
    if (n % turn === 0) await setImmediate()
    if (refused) break
    const one = prepareOne(workshop, value, { pointer: pointerOf(n), index: workshop.size() + n })
    one.catch(() => {
      refused = true
    })
    prepared.push(one)
  }
  const settled = await Promise.allSettled(prepared)
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** Records that are read without a pause. */
const turn = 32

/** Where a record was handed in, and the first index that it can have in the log. */
interface Awaited {
  readonly pointer: string
  readonly index: number
}

async function prepareOne(
  workshop: Workshop,
  value: JsonValue,
  { pointer, index }: Awaited,
): Promise<PreparedRecord> {
  const signed = isJsonObject(value) && value.proof !== undefined
  const document = signed
    ? atPointer(pointer, () => checkSigned(workshop, value, index))
    : await signDraft(workshop, value, { pointer, index })
  const bytes = canonicalBytes(document)
  if (bytes.length > maxRecordBytes)
    throw new ProtocolError('SIZE_LIMIT', `a record is at most ${maxRecordBytes} bytes`, {
      place: { pointer },
    })
  const record = atPointer(pointer, () => parseRecord(document))
  if (record.tier !== 'public') atPointer(pointer, () => checkReaders(workshop, record))
  if (signed) await workshop.expand(withoutProof(document))
  return {
    id: record.id,
    type: record.type[1],
    ...readersOf(record),
    ...(record.tier === 'public' ? {} : { salt: workshop.deps.random(saltLength) }),
    digest: digestOf(bytes),
    bytes,
    claims: claimsOf(record),
    references: referencesOf(record),
    requirePlace: (at) => checkMayIssue(workshop.trust(), record, { origin: workshop.origin, index: at }),
  }
}

function readersOf({ tier, audience }: ExchangeRecord): { readonly tier: Tier; readonly audience?: string } {
  return audience === undefined ? { tier } : { tier, audience }
}

/** Whoever it names must be there to read it, and its issuer one of them. */
function checkReaders({ trust, issuer, deps }: Workshop, record: ExchangeRecord): void {
  const now = trust()
  const day = legalDateOf(deps.now())
  requireAudience(now, record, { member: findMember(now, issuer), day, leaves: isWithdrawal(record) })
}

async function signDraft(
  workshop: Workshop,
  value: JsonValue,
  { pointer, index }: Awaited,
): Promise<JsonObject> {
  const draft = atPointer(pointer, () => parseDraft(value))
  if (draft.synthetic && workshop.trust().registry.network === 'production') {
    throw new ProtocolError('SYNTHETIC_REFUSED', 'a production network takes no synthetic records', {
      place: { pointer: `${pointer}/synthetic` },
    })
  }
  const id = formatRecordId(workshop.name, formatUuid(workshop.deps.random(16)))
  const document = composeRecord(draft, { id, issuer: workshop.issuer })
  await workshop.expand(document)
  return signAt(workshop, document, { index, purpose: purposeOf(draft.type) })
}

/** Signs for the index: by the key that is this member's there, to the second. */
export async function signAt(
  workshop: Workshop,
  document: JsonObject,
  { index, purpose }: { readonly index: number; readonly purpose: RecordPurpose },
): Promise<JsonObject> {
  const { deps, issuer, origin } = workshop
  return signRecord(document, {
    signer: await workshop.signerAt(index, purpose),
    issuer,
    domain: origin,
    created: formatMoment(deps.now()).replace(/\.\d{3}Z$/, 'Z'),
  })
}

/** The second form: signed elsewhere, by a key of this member that is valid where the record will stand. */
function checkSigned({ trust, origin }: Workshop, value: JsonObject, index: number): JsonObject {
  const document = sortMembers(value)
  const record = parseRecord(document)
  checkIssuer(trust(), record, origin)
  checkProofs(trust(), document, record, { origin, index })
  return document
}

/** What a record alone may hold in its log. */
export function claimsOf(record: ExchangeRecord): readonly Claim[] {
  const claims: Claim[] = [{ name: `id:${record.id}`, conflict: 'DUPLICATE_ID' }]
  if (isReceipt(record)) {
    const { origin, index } = record.credentialSubject
    claims.push({ name: `receipt:${origin} ${index}`, conflict: 'VERSION_CONFLICT' })
  }
  if (!isStandardRecord(record)) return claims
  if (record.revisionOf)
    claims.push({ name: `revises:${record.revisionOf.id}`, conflict: 'VERSION_CONFLICT' })
  const shared = record.revisionOf ? { sharedWith: record.revisionOf.id } : {}
  for (const { canonicalKey } of record.credentialSubject.identifiers) {
    claims.push({ name: numberClaim(record, canonicalKey), conflict: 'VERSION_CONFLICT', ...shared })
  }
  return claims
}

/** Readers of different tiers see different catalogues: a draft for one pair does not stand in the way of what all may read. */
function numberClaim({ tier, audience }: ExchangeRecord, key: string): string {
  return tier === 'public' ? `number:${key}` : `number:${key} ${tier} ${audience ?? ''}`.trimEnd()
}

function referencesOf(record: ExchangeRecord): readonly Reference[] {
  const { revisionOf } = record
  const readers = readersOf(record)
  const edition = isLifecycleEvent(record) ? record.credentialSubject.edition : undefined
  return [
    ...(revisionOf ? [{ ...revisionOf, ...readers, pointer: '/revisionOf/digest' }] : []),
    ...(edition ? [{ ...edition, ...readers, pointer: '/credentialSubject/edition/digest' }] : []),
  ]
}

function withoutProof(document: JsonObject): JsonObject {
  const { proof: _proof, ...unsigned } = document
  return unsigned
}

/** RFC 9562, section 5.4: version 4. */
export function formatUuid(random: Uint8Array): string {
  const bytes = Uint8Array.from(random)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
