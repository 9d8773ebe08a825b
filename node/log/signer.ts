import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import {
  type KeyFile,
  type KeyPurpose,
  openPlainKey,
  parseKeyFile,
  type SealedKeyFile,
} from '../../protocol/trust/key-file.ts'
import { parsePassphrase, unsealKeyFile } from '../../protocol/trust/sealed-key.ts'
import { startCommandSigner } from './command-signer.ts'

export interface SignerOptions {
  /** File of the passphrase of sealed keys. */
  readonly passphraseFile?: string
}

/** A signer, and what ends whatever stands behind it. */
export interface OpenedSigner extends Signer {
  close(): Promise<void>
}

/**
 * Opens a key of one purpose: a key file, sealed or not, or a program that holds the key. Where the secret is, nobody else sees.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` — not there, not a key of this purpose, or sealed without a passphrase; `KEY_PERMISSIONS` —
 *   others can read it; `PASSPHRASE_WRONG`
 * @see spec/durability.md, DUR-25; spec/key.md, KEY-3, KEY-12 and KEY-20
 */
export async function openSigner(
  directory: string,
  purpose: KeyPurpose,
  options: SignerOptions = {},
): Promise<OpenedSigner> {
  return openKey(await readKeyFile(join(directory, `${purpose}.key`), purpose), options)
}

/**
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`
 */
export async function readKeyFile(path: string, purpose: KeyPurpose): Promise<KeyFile> {
  const bytes = await readSecretFile(path)
  return orUnavailable(() => {
    const file = parseKeyFile(bytes)
    if (file.purpose !== purpose)
      throw new ProtocolError('KEY_MALFORMED', `a key of purpose ${file.purpose}, not ${purpose}`)
    return file
  })
}

/**
 * @throws {ProtocolError} as `openSigner`
 */
export async function openKey(file: KeyFile, options: SignerOptions): Promise<OpenedSigner> {
  if ('provider' in file) return startCommandSigner(file)
  const plain = 'sealed' in file ? await unseal(file, options) : file
  return orUnavailable(() => ({ ...openPlainKey(plain), close: async () => {} }))
}

async function unseal(file: SealedKeyFile, { passphraseFile }: SignerOptions) {
  if (passphraseFile === undefined)
    throw new ProtocolError(
      'KEY_UNAVAILABLE',
      `the ${file.purpose} key is sealed, and CSX_PASSPHRASE_FILE is not set`,
    )
  const passphrase = parsePassphrase(await readSecretFile(passphraseFile))
  try {
    return await unsealKeyFile(file, passphrase)
  } catch (error) {
    throw unavailable(error)
  }
}

function orUnavailable<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw unavailable(error)
  }
}

/** Without the cause: it may quote the file, and the file is a secret. */
function unavailable(error: unknown): unknown {
  if (!(error instanceof ProtocolError) || error.code !== 'KEY_MALFORMED') return error
  return new ProtocolError('KEY_UNAVAILABLE', error.message, { evidence: error.evidence })
}

/**
 * Reads a file that nobody else may read.
 *
 * @throws {ProtocolError} `KEY_UNAVAILABLE` `KEY_PERMISSIONS`
 */
export async function readSecretFile(path: string): Promise<Uint8Array> {
  try {
    if (process.platform !== 'win32' && !isPrivate(await stat(path), process.getuid?.()))
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

export interface FileMode {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/**
 * Whether nobody but its owner reads a file. What systemd hands over as a credential belongs to root, and lets this user in by a list that
 * shows in the bits of the group; root's group reads what root reads.
 *
 * @see spec/key.md, KEY-3
 */
export function isPrivate({ mode, uid, gid }: FileMode, self: number | undefined): boolean {
  const credential = self !== undefined && self !== 0 && uid === 0 && gid === 0
  return (mode & (credential ? 0o037 : 0o077)) === 0
}
