import { join } from 'node:path'
import { encodeBase64Url } from '../protocol/bytes.ts'
import { legalDateOf } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import { formatDid, formatOrigin, parseBaseUrl } from '../protocol/identifier/name.ts'
import { findForbiddenCharacter } from '../protocol/identifier/text.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { type PublicKey, signerFromSeed } from '../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../protocol/log/note.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { makeFolder, writeNew } from './file.ts'
import { escapeText, formatDone } from './print.ts'
import type { World } from './world.ts'

export interface KeygenFlags {
  readonly baseUrl: string
  readonly name: string
  readonly out: string
}

/**
 * `csx keygen`: the two secret keys of a node, each for one purpose, and what the registry says of the member. Nothing that is
 * there already is overwritten: a lost log key ends a log.
 */
export async function runKeygen(flags: KeygenFlags, world: World): Promise<Exit> {
  const { authority, base, url } = readBaseUrl(flags.baseUrl)
  const name = flags.name.trim().normalize('NFC')
  if (name === '' || name.length > 200 || findForbiddenCharacter(name) !== undefined)
    throw usageError(
      '--name 须为200字以内、无控制字符的名称 / --name is at most 200 characters without control characters',
    )
  const did = formatDid({ authority, base })
  const origin = formatOrigin({ authority, base }, 1)
  const log = makeKey('log', origin, world)
  const publish = makeKey('publish', undefined, world)
  const member: JsonObject = {
    id: did,
    profile: [{ from: legalDateOf(world.now()), nameZh: name }],
    origins: [
      {
        origin,
        url: `${url}/log/1`,
        vkey: [{ key: formatVerifierKey(verifierKeyOf(origin, log.key)), from: 0 }],
      },
    ],
    keys: [{ multikey: publish.key.multibase, purpose: 'publish', valid: [{ origin, from: 0 }] }],
    cosigners: [],
    endpoints: { base: url },
    status: [{ status: 'active', origin, size: 0 }],
    // Whatever answers at this machine's own name is no agency's node, and no production network takes it.
    ...(url.startsWith('http:') ? { synthetic: true } : {}),
  }
  await makeFolder(flags.out, 0o700)
  await writeNew(join(flags.out, 'log.key'), log.text, { secret: true })
  await writeNew(join(flags.out, 'publish.key'), publish.text, { secret: true })
  await writeNew(join(flags.out, 'member.json'), `${JSON.stringify(member, null, 2)}\n`, { secret: false })
  const lines = [
    formatDone(
      '已生成密钥，请立即备份 log.key 与 publish.key',
      'keys made; back up log.key and publish.key now',
    ),
    `DID: ${did}`,
    `日志 / log: ${origin}`,
    `登记信息 / for the registry: ${join(flags.out, 'member.json')}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}

function readBaseUrl(text: string) {
  try {
    return parseBaseUrl(text)
  } catch (error) {
    if (error instanceof ProtocolError)
      throw usageError(`节点地址写法有误 / not the base URL of a node: ${text}`)
    throw error
  }
}

/** A key file, in the form that a node reads. */
function makeKey(
  purpose: 'log' | 'publish',
  name: string | undefined,
  world: World,
): { readonly key: PublicKey; readonly text: string } {
  const seed = world.random(32)
  const key = signerFromSeed(seed).publicKey
  const file = {
    v: 1,
    purpose,
    ...(name === undefined ? {} : { name }),
    multikey: key.multibase,
    seed: encodeBase64Url(seed),
  }
  return { key, text: `${JSON.stringify(file)}\n` }
}
