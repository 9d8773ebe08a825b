import { canonicalBytes } from '../../protocol/canonical.ts'
import { formatMoment } from '../../protocol/date.ts'
import { digestOf } from '../../protocol/hash.ts'
import { signRecord } from '../../protocol/proof/sign.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import { registryVersionId } from '../../protocol/record/registry-version.ts'
import { parseRecord } from '../../protocol/record/schema.ts'
import { checkMayIssue } from '../../protocol/verify.ts'
import { claimsOf, type PreparedRecord, type Workshop } from './publish.ts'

/**
 * The record by which a bureau logs the registry that its node goes by.
 *
 * @returns `undefined` where the registry is a plain file, or this node is no bureau's
 * @see spec/registry.md, REG-15; spec/record.md, REC-500 and REC-501
 */
export async function prepareRegistryVersion(workshop: Workshop): Promise<PreparedRecord | undefined> {
  const { deps, name, issuer, origin } = workshop
  const { registry, fingerprint, anchor, members } = workshop.trust()
  if (!anchor?.root.bureaus.includes(issuer)) return undefined
  const { root, targets } = anchor
  const document = composeRecord(
    {
      type: 'RegistryVersion',
      tier: 'public',
      ...(members.get(issuer)?.synthetic ? { synthetic: true } : {}),
      credentialSubject: {
        version: registry.version,
        digest: fingerprint,
        root: { version: root.version, digest: root.digest },
        targets: targets.digest,
      },
    },
    { id: registryVersionId(name, fingerprint), issuer },
  )
  await workshop.expand(document)
  const signed = await signRecord(document, {
    signer: await workshop.signerAt(workshop.size()),
    issuer,
    domain: origin,
    created: formatMoment(deps.now()).replace(/\.\d{3}Z$/, 'Z'),
  })
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
    requirePlace: (index) => checkMayIssue(workshop.trust(), record, { origin, index }),
  }
}
