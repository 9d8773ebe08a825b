import type { OpenedBundle } from './bundle.ts'
import { decodeHex, encodeUtf8 } from './bytes.ts'
import { canonicalBytes } from './canonical.ts'
import { legalDateOf } from './date.ts'
import { ProtocolError } from './error.ts'
import { type Entry, isPublicEntry, parseEntry } from './log/entry.ts'
import { leafHash, verifyInclusion } from './log/merkle.ts'
import { parseTlogProof } from './log/tlog-proof.ts'
import type { ExchangeRecord } from './record/envelope.ts'
import { isLifecycleEvent, isReceipt, isWithdrawal } from './record/schema.ts'
import { tierNames } from './record/vocabulary.ts'
import { checkAudience, findProject } from './trust/audience.ts'
import { asksForWitnesses, requireWitnesses } from './trust/cosigner.ts'
import type { Member } from './trust/registry.ts'
import type { Trust } from './trust/trust.ts'
import { findLog, findMember } from './trust/validity.ts'
import { type Argument, findingOf } from './verdict.ts'
import { verifyOpenedRecord } from './verify.ts'
import { openWithTrust, requireClosedSize } from './verify-checkpoint.ts'

/** The salt that opens an entry of the subject's log, by its index. */
export function saltIn({ bundle }: OpenedBundle, index: number): Uint8Array | undefined {
  const opening = bundle.openings?.find((entry) => entry.index === index)
  return opening && decodeHex(opening.salt)
}

/**
 * Who the record is for, and that its issuer was one of them when it was logged; said of a file with records that are not public alone.
 *
 * @see spec/tier.md, TIER-80
 */
export function argueReaders(
  argument: Argument,
  { bundle }: OpenedBundle,
  given: {
    readonly record: ExchangeRecord
    readonly entry: Entry | undefined
    readonly trust: Trust | undefined
  },
): void {
  const { record, entry, trust } = given
  if (bundle.contains !== record.tier) {
    argument.note(findingOf('readers', otherTier(bundle.contains, record)))
    return
  }
  if (bundle.contains === 'public') return
  if (!entry || !trust) {
    argument.skip('readers')
    return
  }
  const member = trust.members.get(record.issuer)
  if (record.tier === 'group' && member && member.group !== record.audience) {
    argument.note({ ...findingOf('readers', otherGroup(member, record)), outcome: 'unknown' })
    return
  }
  const indices = (bundle.openings ?? []).map(({ index }) => index).join(', ')
  argument.step(
    'readers',
    () => {
      const day = legalDateOf(Date.parse(entry.at))
      checkAudience(trust, record, {
        member: findMember(trust, record.issuer),
        day,
        leaves: isWithdrawal(record),
      })
      if (record.tier === 'pair' && !findProject(trust, record.audience ?? ''))
        throw new ProtocolError('NOT_A_MEMBER', 'the registry names no such project', {
          evidence: { audience: record.audience ?? '' },
        })
    },
    () => ({
      zh: `注意：本文件含非公开记录（${tierNames[bundle.contains].zh}，第${indices}条），持有者可向任何人证明其内容`,
      en: `this file holds records that are not public (${tierNames[bundle.contains].en}, entries ${indices}): whoever has it can prove them to anybody`,
    }),
  )
}

function otherTier(contains: string, { tier }: ExchangeRecord): ProtocolError {
  return new ProtocolError('LEAF_MISMATCH', 'the file says that its record is for others than it is for', {
    place: { pointer: '/contains' },
    evidence: { contains, tier },
  })
}

/** The registry has no history of groups: who is in another one now may have been in this one then. */
function otherGroup({ id, group = '' }: Member, { audience = '' }: ExchangeRecord): ProtocolError {
  return new ProtocolError(
    'AUDIENCE_MISMATCH',
    'the registry has the issuer in another group, and does not say where it was before',
    { place: { pointer: '/audience' }, evidence: { audience, member: id, group } },
  )
}

/**
 * An act between the two of a pair counts for others from when the other party is shown to have had its bytes: by the receipt in that
 * party's own log. Opening late never dates back. One that stands beside any other record of a pair is held to the same.
 *
 * @see spec/tier.md, TIER-71
 */
export function argueReceipt(
  argument: Argument,
  { bundle }: OpenedBundle,
  { record, trust }: { readonly record: ExchangeRecord; readonly trust: Trust | undefined },
): void {
  const { receipts = [] } = bundle
  const needed = record.tier === 'pair' && isLifecycleEvent(record)
  if (!needed && receipts.length === 0) return
  if (record.tier === 'pair' && !trust) {
    argument.skip('receipt')
    return
  }
  argument.step(
    'receipt',
    () => {
      if (record.tier !== 'pair' || !trust)
        throw new ProtocolError(
          'BUNDLE_MALFORMED',
          'a receipt stands in a file about a record of a pair alone',
          {
            place: { pointer: '/receipts' },
          },
        )
      const [receipt] = receipts
      if (!receipt) throw new ProtocolError('RECEIPT_MISSING', 'no receipt of the other party is in the file')
      const { checkpoint: note, index, path, extra } = parseTlogProof(receipt.proof)
      if (extra)
        throw new ProtocolError('PROOF_MALFORMED', 'extra data in a proof, for which nothing vouches', {
          place: { pointer: '/receipts/0/proof' },
        })
      const leaf = encodeUtf8(receipt.entry)
      const entry = parseEntry(leaf)
      const opened = openWithTrust(note, entry.log, trust)
      const { checkpoint } = opened
      requireClosedSize(findLog(trust, entry.log), checkpoint.size)
      if (asksForWitnesses(trust)) requireWitnesses(trust, opened)
      verifyInclusion({ leaf: leafHash(leaf), index, size: checkpoint.size, path, root: checkpoint.root })
      if (entry.index !== index || isPublicEntry(entry))
        throw new ProtocolError('INDEX_MISMATCH', 'the receipt is not the entry that is proven')
      const opening = { bytes: canonicalBytes(receipt.record), salt: decodeHex(receipt.salt) }
      const proven = verifyOpenedRecord(entry, opening, trust).record
      requireReceipt(proven, record, { bundle, trust })
      return entry
    },
    ({ at, log }) => ({
      zh: `对方机关已于 ${at} 在 ${log} 登记收讫`,
      en: `the other party logged at ${at} in ${log} that it had these bytes`,
    }),
  )
}

function requireReceipt(
  receipt: ExchangeRecord,
  record: ExchangeRecord,
  { bundle: { subject }, trust }: Pick<OpenedBundle, 'bundle'> & { readonly trust: Trust },
): void {
  const parties = findProject(trust, record.audience ?? '')?.parties ?? []
  const fits =
    isReceipt(receipt) &&
    receipt.audience === record.audience &&
    receipt.issuer !== record.issuer &&
    parties.some((party) => party === receipt.issuer) &&
    receipt.credentialSubject.origin === subject.origin &&
    receipt.credentialSubject.index === subject.index &&
    receipt.credentialSubject.digest === subject.digest
  if (!fits)
    throw new ProtocolError('LEAF_MISMATCH', 'the receipt is for something else, or by somebody else')
}
