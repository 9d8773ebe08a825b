import { type Agreement, editionsOf } from '../record/agreement.ts'
import { isBasisDocument, isLifecycleEvent } from '../record/schema.ts'
import { findProject } from '../trust/audience.ts'
import type { Trust } from '../trust/trust.ts'
import { findConsent } from './agreement-acts.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import { findEdition } from './edition-evidence.ts'
import type { KnownBasis } from './known-basis.ts'
import {
  earlierLogs,
  isWithin,
  type KnownLogs,
  type LogRange,
  laterLogs,
  missingOf,
  wholeLogs,
} from './known-log.ts'

/**
 * What the logs at hand say of an agreement of any kind, and which logs are missing for an answer.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names.
 *
 * @param digest of the agreement
 * @see spec/agreement.md, AGREE-32, AGREE-36, AGREE-37 and AGREE-44
 */
export function findAgreement(known: KnownLogs, agreement: Agreement, digest: string): AgreementFacts {
  const { consent, ...renewal } = findConsent(known, agreement, digest)
  const editions = editionsOf(agreement).flatMap((reference) => findEdition(known, reference) ?? [])
  const basis = basisOf(known, agreement)
  const ofParties = partyLogs(known, agreement)
  const missingActs = missingOf({ covered: known.acted ?? known.covered }, ofParties)
  const needed = [...editions.flatMap((one) => one.needed), ...(basis?.needed ?? [])]
  const stranger = strangerIn(known, agreement)
  return {
    consent,
    editions: editions.map(({ edition }) => edition),
    basis: basis?.basis,
    missing: [...new Set([...missingActs, ...missingIn(known, needed)])].toSorted(),
    missingActs,
    unsettled: editions.flatMap((one) =>
      missingIn(known, one.needed).length === 0 ? [] : [one.edition.digest],
    ),
    unopened: ofParties.some(({ origin }) => known.unopened?.has(origin) === true),
    ...renewal,
    ...(stranger === undefined ? {} : { stranger }),
  }
}

/** Entries from the first on, since an id counts at its first use, and records from where they may speak. */
function missingIn(known: KnownLogs, needed: readonly LogRange[]): readonly string[] {
  const lacking = missingOf(known, needed)
  if (!known.acted) return lacking
  const whole = needed.map(({ origin }) => ({ origin, from: 0 }))
  return [...missingOf({ covered: known.acted }, whole), ...lacking]
}

/** A project of the registry, and its two parties: else nothing they sign is an agreement between them. */
function strangerIn(
  { trust }: Pick<KnownLogs, 'trust'>,
  { project, parties }: Agreement,
): AgreementFacts['stranger'] {
  const known = findProject(trust, project)
  if (!known) return 'NOT_A_MEMBER'
  return parties.every(({ id }) => known.parties.includes(id)) ? undefined : 'ATTESTATION_MISMATCH'
}

/** Whether the registry knows the project, and these two as its parties. */
export function isOfProject(trust: Trust, agreement: Agreement): boolean {
  return strangerIn({ trust }, agreement) === undefined
}

/**
 * Every log of both parties, for its acts: what one of them said before may decide what it says later, so that a file that begins at the
 * later act would tell another story.
 */
function partyLogs({ trust }: KnownLogs, { parties }: Agreement): readonly LogRange[] {
  return parties.flatMap(({ id }) => wholeLogs(trust.members.get(id)))
}

function basisOf(
  known: KnownLogs,
  { basis }: Agreement,
): { readonly basis: KnownBasis; readonly needed: readonly LogRange[] } | undefined {
  const placed = known.statements.find(({ digest }) => digest === basis.digest)
  if (!placed || !isBasisDocument(placed.record)) return undefined
  const { record } = placed
  const { documentNo, issuedOn } = record.credentialSubject
  if (documentNo !== basis.number) return undefined
  const own = laterLogs(known.trust.members.get(record.issuer), placed)
  const events = known.statements.flatMap((one) => {
    if (
      !isLifecycleEvent(one.record) ||
      one.record.issuer !== record.issuer ||
      one.record.tier !== record.tier ||
      one.record.audience !== record.audience ||
      !isWithin(own, one)
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
  const needed = [...own, ...earlierLogs(known.trust, own)]
  return { basis: { documentNo, issuedOn, events }, needed }
}
