import * as z from 'zod'
import { encodeHex } from '../bytes.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { parseJson } from '../json.ts'
import { parseMultikey } from '../key.ts'
import { tufRoles } from './tuf.ts'
import type { NamedKey } from './tuf-make.ts'

/** The public half of a bureau's keys of the root of trust, as it is handed to the other bureau. */
const bureauFile = z.strictObject({
  v: z.literal(1),
  bureau: z.string().max(300).startsWith('did:web:'),
  keys: z
    .array(z.strictObject({ role: z.enum(tufRoles), multikey: z.string().max(100) }))
    .min(1)
    .max(16),
})

export type BureauFile = z.output<typeof bureauFile>

/**
 * @throws {ProtocolError} `REGISTRY_MALFORMED` with a pointer, `KEY_MALFORMED`, or what the strict reader throws
 * @see spec/registry.md, REG-21
 */
export function parseBureau(bytes: Uint8Array): BureauFile {
  const result = bureauFile.safeParse(parseJson(bytes, 1 << 16))
  if (!result.success) {
    const [issue] = result.error.issues
    const pointer = (issue?.path ?? []).map((step) => pointerStep(String(step))).join('')
    throw new ProtocolError('REGISTRY_MALFORMED', issue?.message ?? 'not a file of a bureau', {
      place: { pointer },
    })
  }
  return result.data
}

export function namedKeysOf({ bureau, keys }: BureauFile): readonly NamedKey[] {
  return keys.map(({ role, multikey }) => ({
    public: encodeHex(parseMultikey(multikey).raw),
    role,
    controller: bureau,
  }))
}
