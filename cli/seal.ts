import { encodeUtf8 } from '../protocol/bytes.ts'
import { formatKeyFile, type PlainKeyFile, type SealedKeyFile } from '../protocol/trust/key-file.ts'
import { sealing } from '../protocol/trust/sealed-key.ts'

/**
 * Encrypts a key file under a passphrase; salt, content key and nonce are new each time. What tells keys apart stays readable.
 *
 * @see protocol/spec/key.md, KEY-10
 */
export async function sealKeyFile(file: PlainKeyFile, passphrase: Uint8Array): Promise<SealedKeyFile> {
  const { CompactEncrypt } = await import('jose')
  const sealed = await new CompactEncrypt(encodeUtf8(formatKeyFile(file)))
    .setProtectedHeader({ alg: sealing.alg, enc: sealing.enc })
    .setKeyManagementParameters({ p2c: sealing.iterations })
    .encrypt(passphrase)
  const { seed: _seed, ...identity } = file
  return { ...identity, sealed }
}
