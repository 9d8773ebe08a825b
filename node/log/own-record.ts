import { canonicalBytes } from '../../protocol/canonical.ts'
import { digestOf } from '../../protocol/hash.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import type { EpochDraft, RegistryVersionDraft } from '../../protocol/record/draft.ts'
import { parseRecord } from '../../protocol/record/schema.ts'
import { checkMayIssue } from '../../protocol/verify.ts'
import { claimsOf, type PreparedRecord, signAt, type Workshop } from './publish.ts'

/** What a node itself says in its log. */
type Statement = Stated<EpochDraft> | Stated<RegistryVersionDraft>

type Stated<Of extends { type: string; credentialSubject: object }> = Pick<Of, 'type' | 'credentialSubject'>

/**
 * Makes the signed record of what no publisher handed in: public, of the next index, synthetic where its member is. Nothing is stored.
 *
 * @throws {ProtocolError} what `expand` and `signerAt` throw
 */
export async function prepareOwnRecord(
  workshop: Workshop,
  id: string,
  statement: Statement,
): Promise<PreparedRecord> {
  const { issuer, origin, trust } = workshop
  const document = composeRecord(
    { ...statement, tier: 'public', ...(trust().members.get(issuer)?.synthetic ? { synthetic: true } : {}) },
    { id, issuer },
  )
  await workshop.expand(document)
  const signed = await signAt(workshop, document, { index: workshop.size(), purpose: 'publish' })
  const bytes = canonicalBytes(signed)
  const record = parseRecord(signed)
  return {
    id: record.id,
    type: record.type[1],
    tier: 'public',
    digest: digestOf(bytes),
    bytes,
    claims: claimsOf(record),
    references: [],
    requirePlace: (index) => checkMayIssue(trust(), record, { origin, index }),
  }
}
