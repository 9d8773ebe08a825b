import { compareText } from '../../protocol/canonical.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import type { ActWord, Agreement, Seen } from '../../protocol/record/agreement.ts'
import type { Attestation } from '../../protocol/record/envelope.ts'
import { isAttestation } from '../../protocol/record/schema.ts'
import { findConsent } from '../../protocol/standing/agreement-acts.ts'
import { isOfProject } from '../../protocol/standing/agreement-evidence.ts'
import type { Consent } from '../../protocol/standing/consent.ts'
import type { KnownLogs } from '../../protocol/standing/known-log.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import type { Trust } from '../../protocol/trust/trust.ts'

const typeOf = {
  recognition: 'RecognitionAttestation',
  interconnection: 'InterconnectionAttestation',
  reuse: 'ReuseAttestation',
} as const

export interface ActParts {
  readonly act: ActWord
  readonly agreement: Agreement
  readonly digest: string
  readonly tier: Attestation['tier']
  readonly seen?: Seen
  readonly reason?: string | undefined
}

/** The draft of an act, for the publisher's path. */
export function actDraft({
  act,
  agreement,
  digest,
  tier,
  seen,
  reason,
}: ActParts): Record<string, JsonValue> {
  const carries = act === 'propose' || act === 'accept'
  const text: JsonValue = JSON.parse(JSON.stringify(agreement))
  return {
    type: typeOf[agreement.kind],
    tier,
    ...(tier === 'pair' ? { audience: agreement.project } : {}),
    credentialSubject: {
      id: agreement.id,
      act,
      ...(carries ? { agreement: text } : {}),
      agreementDigest: digest,
      ...(seen ? { seen: { ...seen } } : {}),
      ...(reason === undefined ? {} : { reason }),
    },
  }
}

/** The agreement of a digest, or the first that a party of its project proposed under this id: anybody may write any id. */
export function agreementIn(
  acts: readonly Statement[],
  { id, digest }: { readonly id: string; readonly digest?: string | undefined },
  trust: Trust,
): Agreement | undefined {
  const texts = acts
    .flatMap(({ record, at }) => (isAttestation(record) ? [{ subject: record.credentialSubject, at }] : []))
    .filter(({ subject }) => subject.id === id)
    .toSorted((a, b) => compareText(a.at, b.at))
    .flatMap(({ subject: { agreement, agreementDigest } }) =>
      agreement && (digest === undefined || agreementDigest === digest) ? [agreement] : [],
    )
  return texts.find((one) => isOfProject(trust, one)) ?? texts[0]
}

/** The consent as it is known, and the proposal that counts where it stands. */
export function findProposal(
  known: KnownLogs,
  agreement: Agreement,
  digest: string,
): { readonly consent: Consent; readonly placed: Statement | undefined } {
  const { consent } = findConsent(known, agreement, digest)
  const id = consent.proposal?.recordId
  return { consent, placed: known.statements.find(({ record }) => record.id === id) }
}
