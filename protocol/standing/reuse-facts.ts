import type { Agreement, RecognitionAgreement, ReuseAgreement } from '../record/agreement.ts'
import { agreementDigest } from '../record/agreement-rule.ts'
import { isAttestation } from '../record/schema.ts'
import { findAgreement } from './agreement-evidence.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import type { KnownLogs } from './known-log.ts'
import { findRecognition } from './recognition-evidence.ts'
import type { RecognitionFacts } from './recognition-facts.ts'

/** All that the standing of a reuse rests on, as known at one place in each log. */
export interface ReuseFacts extends AgreementFacts {
  /** The recognition that it cites, where it cites one and its text is at hand. */
  readonly recognition?: { readonly agreement: RecognitionAgreement; readonly facts: RecognitionFacts }
  /** The reuser's division on the day the reuse was to begin, as the registry says. */
  readonly division?: string
}

/**
 * What the logs at hand say of a reuse, and of the recognition behind it.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names.
 *
 * @param digest of the agreement
 * @see spec/agreement.md, AGREE-80 to AGREE-82
 */
export function findReuse(known: KnownLogs, agreement: ReuseAgreement, digest: string): ReuseFacts {
  const { ground, reuser } = agreement.scope
  const cited = 'recognition' in ground ? citedAgreement(known, ground.recognition) : undefined
  const division = divisionOf(known, agreement.parties[reuser].id, agreement.effectiveFrom)
  return {
    ...findAgreement(known, agreement, digest),
    ...(cited?.kind === 'recognition'
      ? { recognition: { agreement: cited, facts: findRecognition(known, cited, agreementDigest(cited)) } }
      : {}),
    ...(division === undefined ? {} : { division }),
  }
}

/** Fixed by its digest, in whosever act it stands. */
function citedAgreement(
  { statements }: Pick<KnownLogs, 'statements'>,
  { id, digest }: { readonly id: string; readonly digest: string },
): Agreement | undefined {
  for (const { record } of statements) {
    const agreement = isAttestation(record) ? record.credentialSubject.agreement : undefined
    if (agreement?.id === id && agreementDigest(agreement) === digest) return agreement
  }
  return undefined
}

function divisionOf({ trust }: KnownLogs, party: string, day: string): string | undefined {
  const profiles = trust.members.get(party)?.profile ?? []
  return profiles.find(({ from, to }) => from <= day && (to === undefined || day < to))?.divisionCode
}
