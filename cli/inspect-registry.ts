import { canonicalBytes } from '../protocol/canonical.ts'
import { ProtocolError } from '../protocol/error.ts'
import { digestOf } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { readRegistry } from '../protocol/trust/registry.ts'
import type { RegistryChain } from '../protocol/trust/registry-chain.ts'
import { readRoot, signersOf } from '../protocol/trust/root.ts'
import { readTuf, type TufRole, tufRoles } from '../protocol/trust/tuf.ts'

/** A registry with what leads to it, as it stands in a bundle or in a file of its own; nothing of it is verified. */
export function chainLines({ roots, targets, registry, logged }: RegistryChain): readonly string[] {
  const { registry: read, fingerprint } = readRegistry(registry)
  return [
    `登记册 / registry: 第${read.version}版 / version ${read.version}，${fingerprint}，成员 / members: ${read.members.length}`,
    ...roots.map((root) => `  ${metadataLine(root)}`),
    `  ${metadataLine(targets)}`,
    ...logged.map(({ entry }) => `  已记入日志 / logged: ${entry}`),
  ]
}

/** @throws {ProtocolError} as `readTuf` */
export function metadataLine(value: JsonObject): string {
  const { signed } = value
  const type = typeof signed === 'object' && signed !== null && '_type' in signed ? signed._type : undefined
  const role: TufRole | undefined = tufRoles.find((name) => name === type)
  if (!role) throw new ProtocolError('REGISTRY_MALFORMED', 'metadata of no known role')
  const metadata = readTuf(role, value)
  const { version, expires } = metadata.signed
  const facts = `${role} 第${version}版 / version ${version}，${digestOf(canonicalBytes(value))}，有效至 / until ${expires}`
  if (role !== 'root') return `${facts}，签名 / signatures: ${metadata.signatures.length}`
  const root = readRoot(readTuf('root', value))
  const by = signersOf(root.metadata, root).map(({ controller }) => controller)
  return `${facts}，两局 / bureaus: ${root.bureaus.join('、')}，签名 / signed by: ${by.join('、')}`
}
