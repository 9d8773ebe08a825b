import type { JsonValue } from '../../protocol/json-value.ts'
import type { ActWord, Agreement, Seen } from '../../protocol/record/agreement.ts'
import type { Attestation } from '../../protocol/record/envelope.ts'
import { isAttestation } from '../../protocol/record/schema.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'

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

/** The agreement of a digest, or the one that was proposed first. */
export function agreementIn(
  acts: readonly Statement[],
  { id, digest }: { readonly id: string; readonly digest?: string | undefined },
): Agreement | undefined {
  const proposed = acts
    .flatMap(({ record, at }) => (isAttestation(record) ? [{ subject: record.credentialSubject, at }] : []))
    .filter(({ subject }) => subject.id === id && subject.agreement !== undefined)
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return proposed.find(({ subject }) => digest === undefined || subject.agreementDigest === digest)?.subject
    .agreement
}
