import { encodeHex } from '../../../protocol/bytes.ts'
import type { Digest } from '../../../protocol/hash.ts'
import type { Agreement } from '../../../protocol/record/agreement.ts'
import type { Project } from '../../../protocol/trust/audience.ts'

/** What people choose of an agreement of any kind. */
export interface ChosenTerms {
  readonly basis: { readonly number: string; readonly digest: Digest }
  readonly acceptBy: string
  readonly effectiveFrom: string
  readonly validUntil: string
  readonly onRevision: 'lapse' | 'grace'
  readonly graceDays: number
  readonly noticeDays: number
  readonly supersedes?: { readonly id: string; readonly digest: Digest } | undefined
}

export interface TermsCase {
  readonly project: Project
  readonly random: (length: number) => Uint8Array
  readonly formatUuid: (random: Uint8Array) => string
}

type CommonTerms = Omit<
  Extract<Agreement, { readonly kind: 'reuse' }>,
  'kind' | 'scope' | 'disposalDays' | 'evidence'
>

/** The members that an agreement of any kind has: an id and a nonce that nobody can guess, and the parties in their order. */
export function commonTerms(
  { basis, acceptBy, effectiveFrom, validUntil, onRevision, graceDays, noticeDays, supersedes }: ChosenTerms,
  { project, random, formatUuid }: TermsCase,
): CommonTerms {
  const [a, b] = project.parties.toSorted()
  return {
    v: 1,
    id: `urn:uuid:${formatUuid(random(16))}`,
    nonce: encodeHex(random(32)),
    project: project.id,
    parties: [{ id: a ?? '' }, { id: b ?? '' }],
    basis,
    acceptBy,
    effectiveFrom,
    validUntil,
    onRevision,
    graceDays,
    noticeDays,
    ...(supersedes ? { supersedes } : {}),
  }
}
