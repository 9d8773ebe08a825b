import {
  formatKeyFile,
  type KeyFile,
  maxKeyFileBytes,
  openPlainKey,
  type PlainKeyFile,
  parseKeyFile,
} from '../protocol/trust/key-file.ts'
import { unsealKeyFile } from '../protocol/trust/sealed-key.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput, writeAtomically } from './file.ts'
import { readNewPassphrase, readPassphrase, readSecret } from './passphrase.ts'
import { escapeText, formatDone } from './print.ts'
import { sealKeyFile } from './seal.ts'
import type { World } from './world.ts'

export interface KeyFlags {
  readonly passphraseFile?: string
}

/** `csx key seal`: puts key files under a passphrase, each in its place. All are read before the first is written. */
export async function runKeySeal(files: readonly string[], flags: KeyFlags, world: World): Promise<Exit> {
  const keys: { readonly name: string; readonly file: PlainKeyFile }[] = []
  for (const name of files) {
    const file = parseKeyFile(await readSecret(name, world))
    if (!('seed' in file))
      throw usageError(`该文件没有可密封的密钥 / there is no secret in it to seal: ${name}`)
    openPlainKey(file)
    keys.push({ name, file })
  }
  const passphrase = await readNewPassphrase(flags.passphraseFile, world)
  for (const { name, file } of keys) {
    const sealed = await sealKeyFile(file, passphrase)
    // A seal that does not open again would have lost the key.
    openPlainKey(await unsealKeyFile(sealed, passphrase))
    await writeAtomically(name, formatKeyFile(sealed), { secret: true })
    world.out(`${formatDone(`已密封 ${name}`, `sealed ${name}`)}\n`)
  }
  return exits.verified
}

/** `csx key unseal`: the secrets as they are again, each in its place. All are opened before the first is written. */
export async function runKeyUnseal(files: readonly string[], flags: KeyFlags, world: World): Promise<Exit> {
  const passphrase = await readPassphrase(flags.passphraseFile, world)
  const keys: { readonly name: string; readonly file: KeyFile }[] = []
  for (const name of files) {
    const file = parseKeyFile(await readSecret(name, world))
    if (!('sealed' in file)) throw usageError(`该文件未密封 / not sealed: ${name}`)
    const opened = await unsealKeyFile(file, passphrase)
    openPlainKey(opened)
    keys.push({ name, file: opened })
  }
  for (const { name, file } of keys) {
    await writeAtomically(name, formatKeyFile(file), { secret: true })
    world.out(`${formatDone(`已解封 ${name}`, `unsealed ${name}`)}\n`)
  }
  return exits.verified
}

/** `csx key show`: whose key and for what, never the secret; without a passphrase. */
export async function runKeyShow(files: readonly string[], world: World): Promise<Exit> {
  for (const name of files) {
    const file = parseKeyFile(await readInput(name, maxKeyFileBytes, world))
    if ('seed' in file) openPlainKey(file)
    const parts = [
      file.purpose,
      file.multikey,
      ...(file.name === undefined ? [] : [file.name]),
      'seed' in file
        ? '未密封 / not sealed'
        : 'sealed' in file
          ? '已密封 / sealed'
          : `由程序签名 / signed by a program: ${file.provider.command[0] ?? ''}`,
    ]
    world.out(`${escapeText(parts.join('  '))}\n`)
  }
  return exits.verified
}
