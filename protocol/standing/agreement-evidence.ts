import { type CalendarDate, legalDateOf } from '../date.ts'
import { type Agreement, editionsOf } from '../record/agreement.ts'
import type { Attestation } from '../record/envelope.ts'
import { isAttestation, isBasisDocument, isLifecycleEvent, isReceipt } from '../record/schema.ts'
import { findProject, isUnderWay } from '../trust/audience.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { type Consent, foldConsent, type PlacedAct } from './consent.ts'
import { findEdition } from './edition-evidence.ts'
import type { KnownBasis } from './known-basis.ts'
import { type KnownLogs, laterLogs, missingOf, wholeLogs } from './known-log.ts'
import type { Statement } from './log-statement.ts'
import { earlier, startOf } from './term.ts'

/**
 * What the logs at hand say of an agreement of any kind, and which logs are missing for an answer.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names.
 *
 * @param digest of the agreement
 * @see spec/agreement.md, AGREE-32, AGREE-36, AGREE-37 and AGREE-44
 */
export function findAgreement(known: KnownLogs, agreement: Agreement, digest: string): AgreementFacts {
  const acts = actsOf(known, agreement)
  const consent = foldConsent(digest, acts)
  const editions = editionsOf(agreement).flatMap((reference) => findEdition(known, reference) ?? [])
  const basis = basisOf(known, agreement)
  const needed = [
    ...partyLogs(known, agreement, consent),
    ...editions.flatMap((one) => one.needed),
    ...(basis?.needed ?? []),
  ]
  const stranger = strangerIn(known, agreement)
  const renewedOn = renewalOf(acts, { id: agreement.id, digest })
  return {
    consent,
    editions: editions.map(({ edition }) => edition),
    basis: basis?.basis,
    missing: missingOf(known, needed),
    ...(renewedOn === undefined ? {} : { renewedOn }),
    ...(stranger === undefined ? {} : { stranger }),
  }
}

/** A project of the registry, and its two parties: else nothing they sign is an agreement between them. */
function strangerIn({ trust }: KnownLogs, { project, parties }: Agreement): AgreementFacts['stranger'] {
  const known = findProject(trust, project)
  if (!known) return 'NOT_A_MEMBER'
  return parties.every(({ id }) => known.parties.includes(id)) ? undefined : 'ATTESTATION_MISMATCH'
}

/**
 * Acts about the agreement, or about one that takes its place, for the readers of its first proposal, each of a time at which the project
 * stood. An agreement that merely rests on this one is another matter.
 */
function actsOf(known: KnownLogs, { id, project }: Agreement): readonly PlacedAct[] {
  const stands = findProject(known.trust, project)
  const all = known.statements.flatMap((one) =>
    isAttestation(one.record) ? [{ ...one, record: one.record }] : [],
  )
  const ids = new Set([id])
  for (const { record } of all) {
    const { agreement } = record.credentialSubject
    if (agreement?.supersedes?.id === id) ids.add(agreement.id)
  }
  const acts = all.filter(({ record }) => ids.has(record.credentialSubject.id))
  const first = acts.find(
    ({ record: { credentialSubject: subject } }) => subject.act === 'propose' && subject.id === id,
  )?.record
  return acts.flatMap(({ record, ...place }) => {
    const sameReaders =
      first === undefined || (record.tier === first.tier && record.audience === first.audience)
    const day = legalDateOf(Date.parse(place.at))
    if (!sameReaders || (stands && !isUnderWay(stands, day))) return []
    const shown = shownBy(known, place, record)
    const loggedOn = shown && known.loggedOn(shown)
    return [
      {
        origin: place.origin,
        index: place.index,
        at: place.at,
        digest: place.digest,
        recordId: record.id,
        issuer: record.issuer,
        subject: record.credentialSubject,
        ...(loggedOn === undefined || !shown
          ? {}
          : { loggedOn, loggedFrom: earlier(loggedOn, legalDateOf(Date.parse(shown.at))) }),
      },
    ]
  })
}

/** Of an act for the two alone, when the other is shown to have had it: opening late never dates back (TIER-71). */
function shownBy(
  known: KnownLogs,
  place: Omit<Statement, 'record'>,
  record: Attestation,
): Omit<Statement, 'record'> | undefined {
  if (record.tier !== 'pair') return place
  return known.statements.find(({ record: other }) => {
    if (other.issuer === record.issuer) return false
    if (isReceipt(other)) {
      const { origin, index, digest } = other.credentialSubject
      return origin === place.origin && index === place.index && digest === place.digest
    }
    return isAttestation(other) && other.credentialSubject.seen?.digest === place.digest
  })
}

/** Both parties' logs from their acts on; of a party without one, everything. */
function partyLogs(
  { trust }: KnownLogs,
  { parties }: Agreement,
  { proposal, acceptance, ending }: Consent,
): readonly { readonly origin: string; readonly from: number }[] {
  return parties.flatMap(({ id }) => {
    const act = [proposal, acceptance, ending].find((one) => one?.issuer === id)
    const member = trust.members.get(id)
    return act ? laterLogs(member, act) : wholeLogs(member)
  })
}

function renewalOf(
  acts: readonly PlacedAct[],
  older: { readonly id: string; readonly digest: string },
): CalendarDate | undefined {
  const digests = new Set(
    acts.flatMap(({ subject: { agreement, agreementDigest } }) =>
      agreement?.supersedes?.id === older.id && agreement.supersedes.digest === older.digest
        ? [agreementDigest]
        : [],
    ),
  )
  const starts = [...digests].flatMap((digest) => {
    const consent = foldConsent(digest, acts)
    return consent.state === 'consented' ? (startOf(consent) ?? []) : []
  })
  return starts.toSorted()[0]
}

function basisOf(
  known: KnownLogs,
  { basis }: Agreement,
): { readonly basis: KnownBasis; readonly needed: ReturnType<typeof laterLogs> } | undefined {
  const placed = known.statements.find(({ digest }) => digest === basis.digest)
  if (!placed || !isBasisDocument(placed.record)) return undefined
  const { record } = placed
  const { documentNo, issuedOn } = record.credentialSubject
  if (documentNo !== basis.number) return undefined
  const needed = laterLogs(known.trust.members.get(record.issuer), placed)
  const events = known.statements.flatMap((one) => {
    if (
      !isLifecycleEvent(one.record) ||
      one.record.issuer !== record.issuer ||
      one.record.tier !== record.tier
    )
      return []
    const { edition } = one.record.credentialSubject
    if (edition.id !== record.id || edition.digest !== placed.digest) return []
    return [
      {
        origin: one.origin,
        index: one.index,
        recordId: one.record.id,
        subject: one.record.credentialSubject,
      },
    ]
  })
  return { basis: { documentNo, issuedOn, events }, needed }
}
