import * as z from 'zod'
import { decodeBase64Url } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { parseJson } from '../json.ts'
import { parseMultikey, type Signer, signerFromSeed } from '../key.ts'
import { purposes } from './registry.ts'

export const maxKeyFileBytes = 16_384

/** What a key file may be for: the purposes of a node's keys, and the roles of a bureau's keys of the root of trust. */
export const keyPurposes = [
  ...purposes,
  'registry-root',
  'registry-targets',
  'registry-snapshot',
  'registry-timestamp',
] as const
export type KeyPurpose = (typeof keyPurposes)[number]

const identity = {
  v: z.literal(1),
  purpose: z.enum(keyPurposes),
  /** Of a key that signs notes. */
  name: z.string().min(1).max(400).optional(),
  multikey: z.string().max(100),
}

/** The secret as it is. */
const plain = z.strictObject({ ...identity, seed: z.string().max(50) })

/** The plain file, encrypted under a passphrase: a compact JWE. */
const sealed = z.strictObject({
  ...identity,
  sealed: z
    .string()
    .max(8192)
    .regex(/^[\w-]+(?:\.[\w-]+){4}$/),
})

/** The secret is elsewhere, and this program signs for us. */
const provided = z.strictObject({
  ...identity,
  provider: z.strictObject({
    command: z
      .array(
        z
          .string()
          .max(1000)
          .regex(/^[^\0]*$/),
      )
      .min(1)
      .max(30)
      .refine(([program]) => /^(?:\/|[A-Za-z]:\\)/.test(program ?? ''), 'an absolute path'),
  }),
})

const keyFile = z.union([plain, sealed, provided])

export type PlainKeyFile = z.output<typeof plain>
export type SealedKeyFile = z.output<typeof sealed>
export type ProvidedKeyFile = z.output<typeof provided>
export type KeyFile = PlainKeyFile | SealedKeyFile | ProvidedKeyFile

/**
 * Reads the form alone. That the secret belongs to the multikey is shown by `openPlainKey`, of a sealed file after `unsealKeyFile`, and
 * of a provider by each of its signatures.
 *
 * @throws {ProtocolError} `KEY_MALFORMED` — never with anything of what is in the file, which may be a secret
 * @see spec/key.md, KEY-3
 */
export function parseKeyFile(bytes: Uint8Array): KeyFile {
  try {
    const file = keyFile.parse(parseJson(bytes, maxKeyFileBytes))
    parseMultikey(file.multikey)
    return file
  } catch {
    throw new ProtocolError('KEY_MALFORMED', 'not a key file')
  }
}

/** @throws {ProtocolError} `KEY_MALFORMED` — the seed is not that of the multikey */
export function openPlainKey(file: PlainKeyFile): Signer {
  try {
    const signer = signerFromSeed(decodeBase64Url(file.seed))
    if (signer.publicKey.multibase === file.multikey) return signer
  } catch {
    // What is wrong with a seed is not told either.
  }
  throw new ProtocolError('KEY_MALFORMED', 'the parts of the key file disagree')
}

export function formatKeyFile(file: KeyFile): string {
  return `${JSON.stringify(file)}\n`
}
