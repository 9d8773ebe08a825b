import * as z from 'zod'
import type { Digest } from '../hash.ts'
import { formatRecordId, type NodeName } from '../identifier/name.ts'
import { digest } from './field.ts'

const version = z.number().int().positive().max(Number.MAX_SAFE_INTEGER)

/**
 * That a bureau's node held this version of the registry, with the root and the targets that lead to it.
 *
 * @see spec/record.md, REC-500
 */
export const registryVersionSubject = z.strictObject({
  version,
  digest,
  root: z.strictObject({ version, digest }),
  targets: digest,
})

/**
 * The id under which a member logs a version of the registry: it follows from the digest, so that nobody logs one twice, and whoever
 * looks for it knows its name.
 *
 * @see spec/record.md, REC-501
 */
export function registryVersionId(name: NodeName, digest: Digest): string {
  const hex = digest.slice('sha256:'.length)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return formatRecordId(name, parts.join('-'))
}
