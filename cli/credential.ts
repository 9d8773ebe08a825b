import { join } from 'node:path'
import { ProtocolError } from '../protocol/error.ts'
import { formatDid, parseBaseUrl } from '../protocol/identifier/name.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject } from '../protocol/json-value.ts'
import { noBodyDigest, requestScheme, signRequest } from '../protocol/request-proof.ts'
import { openPlainKey, parseKeyFile } from '../protocol/trust/key-file.ts'
import { unsealKeyFile } from '../protocol/trust/sealed-key.ts'
import type { Authorize } from './client.ts'
import { usageError } from './exit.ts'
import { readInput } from './file.ts'
import { readPassphrase, readSecret } from './passphrase.ts'
import { readToken } from './publish.ts'
import type { World } from './world.ts'

/** How a reader shows a node who asks. */
export interface ReaderFlags {
  /** One's own node: its operator's token. */
  readonly tokenFile?: string
  /** Another's node: the folder with `request.key` and `member.json` of one's own. */
  readonly asMember?: string
  readonly passphraseFile?: string
}

/**
 * What to send with each request; nothing for a reader who is nobody in particular.
 *
 * @throws {ProtocolError} `USAGE_INVALID` `KEY_UNAVAILABLE` `KEY_PERMISSIONS`
 * @see protocol/spec/tier.md, TIER-81
 */
export async function readCredential(flags: ReaderFlags, world: World): Promise<Authorize | undefined> {
  const { tokenFile, asMember } = flags
  if (tokenFile !== undefined && asMember !== undefined)
    throw usageError('--token-file 与 --as-member 只能用一个 / --token-file or --as-member, not both')
  if (tokenFile !== undefined) {
    const { authorization } = await readToken(tokenFile, world)
    return async () => authorization
  }
  return asMember === undefined ? undefined : readRequestKey(asMember, flags, world)
}

async function readRequestKey(
  directory: string,
  { passphraseFile }: ReaderFlags,
  world: World,
): Promise<Authorize> {
  const file = parseKeyFile(await readSecret(join(directory, 'request.key'), world))
  if (file.purpose !== 'request' || 'provider' in file)
    throw new ProtocolError('KEY_UNAVAILABLE', 'not a key file of purpose request')
  const plain =
    'sealed' in file ? await unsealKeyFile(file, await readPassphrase(passphraseFile, world)) : file
  const signer = openPlainKey(plain)
  const member = parseJson(await readInput(join(directory, 'member.json'), 1 << 20, world), 1 << 20)
  const caller = isJsonObject(member) ? member.id : undefined
  if (typeof caller !== 'string')
    throw usageError(`需要成员信息 / no member in ${join(directory, 'member.json')}`)
  return async ({ base, method, url }) => {
    const callee = formatDid(parseBaseUrl(base))
    const question = { caller, callee, method, url, body: noBodyDigest }
    const signed = await signRequest({ ...question, now: world.now(), random: world.random(16) }, signer)
    return `${requestScheme} ${signed}`
  }
}
