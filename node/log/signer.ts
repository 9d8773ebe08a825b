import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { decodeBase64Url } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseJson } from '../../protocol/json.ts'
import { type Signer, signerFromSeed } from '../../protocol/key.ts'

/** A key file as `csx keygen` writes it. */
const keyFile = z.strictObject({
  v: z.literal(1),
  purpose: z.enum(['log', 'witness', 'holder', 'publish', 'attest', 'request']),
  name: z.string().optional(),
  multikey: z.string(),
  seed: z.string(),
})

/**
 * Opens a key of one purpose. The private key stays behind the signer; a hardware module takes the same place.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` — not there, or not a key of this purpose; `KEY_PERMISSIONS` — others can read it
 * @see spec/durability.md, DUR-25
 */
export async function openSigner(
  directory: string,
  purpose: z.output<typeof keyFile>['purpose'],
): Promise<Signer> {
  const path = join(directory, `${purpose}.key`)
  const bytes = await readSecretFile(path)
  try {
    const file = keyFile.parse(parseJson(bytes, 4096))
    const signer = signerFromSeed(decodeBase64Url(file.seed))
    if (file.purpose !== purpose || signer.publicKey.multibase !== file.multikey)
      throw new TypeError('the parts of the key file disagree')
    return signer
  } catch (cause) {
    // The reason may quote the file, and the file is a secret.
    throw new ProtocolError('KEY_UNAVAILABLE', `not a key file of purpose ${purpose}`, {
      evidence: { file: `${purpose}.key`, reason: cause instanceof Error ? cause.name : 'unknown' },
    })
  }
}

/**
 * Reads a file that nobody else may read.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`
 */
export async function readSecretFile(path: string): Promise<Uint8Array> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new ProtocolError('KEY_PERMISSIONS', 'others can read the file', { evidence: { file: path } })
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    throw new ProtocolError('KEY_UNAVAILABLE', 'the file cannot be read', {
      evidence: { file: path },
      cause: error,
    })
  }
}
