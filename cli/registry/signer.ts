import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import { openPlainKey, parseKeyFile, type SealedKeyFile } from '../../protocol/trust/key-file.ts'
import { unsealKeyFile } from '../../protocol/trust/sealed-key.ts'
import { readPassphrase, readSecret } from '../passphrase.ts'
import { escapeText } from '../print.ts'
import type { World } from '../world.ts'

export interface RegistryKeyFlags {
  readonly keys: string
  readonly passphraseFile?: string
}

/** The keys of a folder whose names fit, opened. What is there and cannot be used is told. */
export async function openRegistryKeys(
  flags: RegistryKeyFlags,
  world: World,
  names: RegExp,
): Promise<readonly Signer[]> {
  const signers: Signer[] = []
  const passphrases: Uint8Array[] = []
  const listed = await readdir(flags.keys).catch(() => [])
  for (const name of listed.filter((entry) => names.test(entry)).toSorted()) {
    const file = parseKeyFile(await readSecret(join(flags.keys, name), world))
    if ('provider' in file)
      world.err(
        `${escapeText(`? ${name} 由外部程序签名，此命令用不了，未用此密钥 / another program signs with it, which this command cannot use: left out`)}\n`,
      )
    else if ('sealed' in file)
      signers.push(openPlainKey(await unseal(file, passphrases, { name, flags, world })))
    else signers.push(openPlainKey(file))
  }
  return signers
}

interface Sealed {
  readonly name: string
  readonly flags: RegistryKeyFlags
  readonly world: World
}

/** The keys of one folder may be sealed by several persons: what opened one is tried, and then each is asked for its own. */
async function unseal(file: SealedKeyFile, known: Uint8Array[], { name, flags, world }: Sealed) {
  for (const passphrase of known) {
    const opened = await unsealKeyFile(file, passphrase).catch(asMissed)
    if (opened) return opened
  }
  const fromFile = flags.passphraseFile !== undefined
  const passphrase =
    fromFile && known.length > 0 ? undefined : await readPassphrase(flags.passphraseFile, world, name)
  const opened = passphrase && (await unsealKeyFile(file, passphrase).catch(asMissed))
  if (!passphrase || !opened)
    throw new ProtocolError(
      'PASSPHRASE_WRONG',
      fromFile
        ? `口令文件打不开 ${name}；各人密封的密钥请不用 --passphrase-file，逐把输入 / the file does not open ${name}: where each is sealed by another person, leave out --passphrase-file and type each`
        : name,
    )
  known.push(passphrase)
  return opened
}

function asMissed(error: unknown): undefined {
  if (error instanceof ProtocolError && error.code === 'PASSPHRASE_WRONG') return undefined
  throw error
}
