import { registryVersionId } from '../../protocol/record/registry-version.ts'
import { prepareOwnRecord } from './own-record.ts'
import type { PreparedRecord, Workshop } from './publish.ts'

/**
 * The record by which a bureau logs the registry that its node goes by.
 *
 * @returns `undefined` where the registry is a plain file, or this node is no bureau's
 * @see spec/registry.md, REG-15; spec/record.md, REC-500 and REC-501
 */
export async function prepareRegistryVersion(workshop: Workshop): Promise<PreparedRecord | undefined> {
  const { registry, fingerprint, anchor } = workshop.trust()
  if (!anchor?.root.bureaus.includes(workshop.issuer)) return undefined
  const { root, targets } = anchor
  return prepareOwnRecord(workshop, registryVersionId(workshop.name, fingerprint), {
    type: 'RegistryVersion',
    credentialSubject: {
      version: registry.version,
      digest: fingerprint,
      root: { version: root.version, digest: root.digest },
      targets: targets.digest,
    },
  })
}
