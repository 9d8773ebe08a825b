import { join } from 'node:path'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { formatDid, parseBaseUrl } from '../../protocol/identifier/name.ts'
import { signerFromSeed } from '../../protocol/key.ts'
import type { BureauFile } from '../../protocol/trust/bureau.ts'
import { formatKeyFile, type PlainKeyFile } from '../../protocol/trust/key-file.ts'
import { type TufRole, tufRoles } from '../../protocol/trust/tuf.ts'
import { type Exit, exits } from '../exit.ts'
import { makeFolder, requireAbsent, writeNew } from '../file.ts'
import { readNewPassphrase } from '../passphrase.ts'
import { escapeText, formatDone } from '../print.ts'
import { sealKeyFile } from '../seal.ts'
import type { World } from '../world.ts'

export interface RegistryKeysFlags {
  readonly baseUrl: string
  readonly out: string
  readonly seal?: boolean
  readonly passphraseFile?: string
}

/** What a bureau holds of the root of trust: two keys of the root, so that one may be lost, and one of each other role. */
const held: readonly { readonly role: TufRole; readonly name: string }[] = [
  { role: 'root', name: 'registry-root-1' },
  { role: 'root', name: 'registry-root-2' },
  ...tufRoles.filter((role) => role !== 'root').map((role) => ({ role, name: `registry-${role}` })),
]

/**
 * `csx registry keys`: a bureau's five keys of the root of trust, and their public half for the other bureau. Those of root and targets
 * belong into a safe; those of snapshot and timestamp beside the node of the bureau.
 *
 * @see protocol/spec/registry.md, REG-21
 */
export async function runRegistryKeys(flags: RegistryKeysFlags, world: World): Promise<Exit> {
  const bureau = formatDid(parseBaseUrl(flags.baseUrl))
  const passphrase =
    flags.seal === true || flags.passphraseFile !== undefined
      ? await readNewPassphrase(flags.passphraseFile, world)
      : undefined
  const made = held.map(({ role, name }) => {
    const seed = world.random(32)
    const { multibase } = signerFromSeed(seed).publicKey
    const file: PlainKeyFile = {
      v: 1,
      purpose: `registry-${role}`,
      multikey: multibase,
      seed: encodeBase64Url(seed),
    }
    return { role, name: `${name}.key`, multikey: multibase, file }
  })
  const { out } = flags
  await makeFolder(out, 0o700)
  for (const { name } of [...made, { name: 'bureau.json' }]) await requireAbsent(join(out, name))
  for (const { name, role, file } of made) {
    // The node of the bureau signs with these unattended.
    const online = role === 'snapshot' || role === 'timestamp'
    const sealed = passphrase === undefined || online ? file : await sealKeyFile(file, passphrase)
    await writeNew(join(out, name), formatKeyFile(sealed), { secret: true })
  }
  const publicHalf: BureauFile = {
    v: 1,
    bureau,
    keys: made.map(({ role, multikey }) => ({ role, multikey })),
  }
  await writeNew(join(out, 'bureau.json'), `${JSON.stringify(publicHalf, null, 2)}\n`, { secret: false })
  const lines = [
    formatDone('已生成五个登记册密钥，请立即备份', 'five keys of the registry made; back them up now'),
    `主管局 / bureau: ${bureau}`,
    `registry-root-*.key registry-targets.key：离线保管 / keep offline, in two places`,
    `registry-snapshot.key registry-timestamp.key：放入本局节点的密钥目录 / go into the keys directory of the bureau's node`,
    `交给对方主管局 / for the other bureau: ${join(out, 'bureau.json')}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}
