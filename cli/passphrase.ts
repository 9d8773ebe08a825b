import { stat } from 'node:fs/promises'
import { decodeUtf8, encodeUtf8, equalBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { parsePassphrase } from '../protocol/trust/sealed-key.ts'
import { usageError } from './exit.ts'
import { asProblem, readInput } from './file.ts'
import { escapeText } from './print.ts'
import type { World } from './world.ts'

/** NIST SP 800-63B-4, section 3.1.1.1, where nothing but the passphrase protects. */
const leastCharacters = 15

/**
 * The passphrase of a key that exists: out of a file that nobody else can read, or typed without echo.
 *
 * @param key the name of the key that it opens, where there are several
 * @throws {ProtocolError} `KEY_PERMISSIONS` `PASSPHRASE_WRONG` `USAGE_INVALID`
 * @see protocol/spec/key.md, KEY-11
 */
export async function readPassphrase(
  file: string | undefined,
  world: World,
  key?: string,
): Promise<Uint8Array> {
  if (file !== undefined) return parsePassphrase(await readSecret(file, world))
  const prompt = `${key === undefined ? '' : `${escapeText(key)} 的`}口令 / passphrase: `
  return parsePassphrase(encodeUtf8(await ask(prompt, world)))
}

/** The passphrase of a new seal: long enough, and typed twice, because a slip would lose the key. */
export async function readNewPassphrase(file: string | undefined, world: World): Promise<Uint8Array> {
  const passphrase = await readPassphrase(file, world)
  if ([...decodeUtf8(passphrase)].length < leastCharacters)
    throw usageError(
      `口令至少${leastCharacters}个字符 / a passphrase has at least ${leastCharacters} characters`,
    )
  if (file === undefined) {
    const again = encodeUtf8((await ask('再次输入口令 / again: ', world)).normalize('NFC'))
    if (!equalBytes(passphrase, again)) throw usageError('两次输入的口令不同 / the passphrases differ')
  }
  return passphrase
}

async function ask(prompt: string, world: World): Promise<string> {
  if (!world.inIsTerminal)
    throw usageError('没有终端，请用 --passphrase-file / no terminal: use --passphrase-file')
  return world.askSecret(prompt)
}

/** @throws {ProtocolError} `KEY_PERMISSIONS`, or why it cannot be read */
export async function readSecret(file: string, world: World): Promise<Uint8Array> {
  let mode: number
  try {
    mode = (await stat(file)).mode
  } catch (error) {
    throw asProblem(error, file)
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new ProtocolError('KEY_PERMISSIONS', `others can read ${file}`)
  return readInput(file, 16_384, world)
}
