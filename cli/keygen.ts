import { join } from 'node:path'
import { encodeBase64Url } from '../protocol/bytes.ts'
import { formatMoment, legalDateOf } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import { formatDid, formatOrigin, type NodeName, parseBaseUrl } from '../protocol/identifier/name.ts'
import { findForbiddenCharacter } from '../protocol/identifier/text.ts'
import { type PublicKey, signerFromSeed } from '../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../protocol/log/note.ts'
import { formatKeyFile, type PlainKeyFile } from '../protocol/trust/key-file.ts'
import { type Purpose, purposes } from '../protocol/trust/registry.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { makeFolder, requireAbsent, writeNew } from './file.ts'
import { readNewPassphrase } from './passphrase.ts'
import { escapeText, formatDone } from './print.ts'
import { sealKeyFile } from './seal.ts'
import type { World } from './world.ts'

export interface KeygenFlags {
  readonly baseUrl: string
  readonly name: string
  readonly out: string
  readonly seal?: boolean
  readonly passphraseFile?: string
}

/**
 * `csx keygen`: the six secret keys of a node, each for one purpose, and what the registry says of the member. Nothing that is
 * there already is overwritten: a lost log key ends a log.
 *
 * @see protocol/spec/key.md, KEY-1 and KEY-2
 */
export async function runKeygen(flags: KeygenFlags, world: World): Promise<Exit> {
  const { authority, base, url } = readBaseUrl(flags.baseUrl)
  const nameZh = readName(flags.name)
  const origin = formatOrigin({ authority, base }, 1)
  const nameOf = (purpose: Purpose) => keyNameOf(purpose, { authority, base }, origin)
  const keys = purposes.map((purpose) => makeKey(purpose, nameOf(purpose), world))
  const member = memberOf(keys, {
    did: formatDid({ authority, base }),
    origin,
    url,
    nameZh,
    now: world.now(),
  })
  const pathOf = (name: string) => join(flags.out, name)
  await makeFolder(flags.out, 0o700)
  // All or none: half a set of keys would stand in the way of the next try.
  for (const purpose of purposes) await requireAbsent(pathOf(`${purpose}.key`))
  await requireAbsent(pathOf('member.json'))
  for (const { name, text } of await formatKeys(keys, flags, world))
    await writeNew(pathOf(name), text, { secret: true })
  await writeNew(pathOf('member.json'), `${JSON.stringify(member, null, 2)}\n`, { secret: false })
  const lines = [
    formatDone(
      `已生成六个密钥，请立即备份 ${flags.out} 中的 *.key`,
      `six keys made; back up the *.key files of ${flags.out} now`,
    ),
    `DID: ${member.id}`,
    `日志 / log: ${origin}`,
    `登记信息 / for the registry: ${join(flags.out, 'member.json')}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}

function readName(text: string): string {
  const name = text.trim().normalize('NFC')
  if (name === '' || name.length > 200 || findForbiddenCharacter(name) !== undefined)
    throw usageError(
      '--name 须为200字以内、无控制字符的名称 / --name is at most 200 characters without control characters',
    )
  return name
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

/** The name under which a key signs notes; keys that sign none have no name. */
function keyNameOf(purpose: Purpose, { authority, base }: NodeName, origin: string): string | undefined {
  if (purpose === 'log') return origin
  return purpose === 'witness' || purpose === 'holder' ? `${authority}${base}/${purpose}` : undefined
}

interface NewKey {
  readonly purpose: Purpose
  readonly name: string | undefined
  readonly key: PublicKey
  readonly file: PlainKeyFile
}

function makeKey(purpose: Purpose, name: string | undefined, world: World): NewKey {
  const seed = world.random(32)
  const key = signerFromSeed(seed).publicKey
  const file: PlainKeyFile = {
    v: 1,
    purpose,
    ...(name === undefined ? {} : { name }),
    multikey: key.multibase,
    seed: encodeBase64Url(seed),
  }
  return { purpose, name, key, file }
}

/** The key files, in the form that a node reads; sealed, none was ever on a disk otherwise. */
async function formatKeys(
  keys: readonly NewKey[],
  { seal, passphraseFile }: KeygenFlags,
  world: World,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const sealing = seal === true || passphraseFile !== undefined
  const passphrase = sealing ? await readNewPassphrase(passphraseFile, world) : undefined
  return Promise.all(
    keys.map(async ({ purpose, file }) => ({
      name: `${purpose}.key`,
      text: formatKeyFile(passphrase ? await sealKeyFile(file, passphrase) : file),
    })),
  )
}

interface MemberFacts {
  readonly did: string
  readonly origin: string
  readonly url: string
  readonly nameZh: string
  readonly now: number
}

/** The member of a registry: each key where its purpose belongs, valid from the beginning of the log, a cosigner from now on. */
function memberOf(keys: readonly NewKey[], { did, origin, url, nameZh, now }: MemberFacts) {
  const made = formatMoment(now).replace(/\.\d{3}Z$/, 'Z')
  const named = (type: 0x01 | 0x04, ...which: readonly Purpose[]) =>
    keys.flatMap(({ purpose, name, key }) =>
      name !== undefined && which.includes(purpose)
        ? [{ name, key: formatVerifierKey(verifierKeyOf(name, key, type)) }]
        : [],
    )
  return {
    id: did,
    profile: [{ from: legalDateOf(now), nameZh }],
    origins: [{ origin, url: `${url}/log/1`, vkey: named(0x01, 'log').map(({ key }) => ({ key, from: 0 })) }],
    keys: keys
      .filter(({ name }) => name === undefined)
      .map(({ purpose, key }) => ({ multikey: key.multibase, purpose, valid: [{ origin, from: 0 }] })),
    cosigners: named(0x04, 'witness', 'holder').map((cosigner) => ({ ...cosigner, from: made })),
    endpoints: { base: url },
    status: [{ status: 'active', origin, size: 0 }],
    // Whatever answers at this machine's own name is no agency's node, and no production network takes it.
    ...(url.startsWith('http:') ? { synthetic: true } : {}),
  }
}
