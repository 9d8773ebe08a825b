import { ProtocolError } from '../../protocol/error.ts'
import { isDigest } from '../../protocol/hash.ts'
import { readTuf } from '../../protocol/trust/tuf.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { escapeText } from '../print.ts'
import { describeTrust } from '../trust.ts'
import type { World } from '../world.ts'
import { printWorkspace } from './sign.ts'
import { openPublished, openRepository, openWorkspace, registryOf, requireDraft } from './workspace.ts'

export interface ShowFlags {
  readonly root?: string
}

/** `csx registry show`: a draft with what it changes and who signed it, or what is published in a repository. */
export async function runRegistryShow(
  directory: string,
  { flags, world }: { readonly flags: ShowFlags; readonly world: World },
): Promise<Exit> {
  const published = await openRepository(directory)
  if (!published) return showDraft(directory, flags, world)
  const { root } = flags
  if (root !== undefined && !isDigest(root))
    throw usageError('--root 为 sha256: 加64位十六进制 / --root is sha256: and 64 hexadecimal digits')
  const pinned = root ?? published.fingerprint
  if (!published.roots.some((value) => readTuf('root', value).digest === pinned))
    throw new ProtocolError(
      'NOT_TRUSTED',
      `${directory} 中没有此指纹的根，其中的首个根是 ${published.fingerprint} / no root of this fingerprint; the first one there has ${published.fingerprint}`,
    )
  const trust = openPublished(published, pinned)
  const { anchor } = trust
  const expiries: readonly (readonly [zh: string, en: string, expires: number])[] = [
    ['根', 'root', anchor.root.expires],
    ['登记册签名', 'targets', Date.parse(anchor.targets.signed.expires)],
    ['快照', 'snapshot', Date.parse(published.snapshot.signed.expires)],
    ['时间戳', 'timestamp', Date.parse(published.timestamp.signed.expires)],
  ]
  const expired = (expires: number) => expires < world.now()
  const lines = [
    `根的指纹 / fingerprint of the root: ${published.fingerprint}${root === undefined ? '（未与他处核对 / not compared with anything）' : ''}`,
    `根第${anchor.root.version}版，两局 / root ${anchor.root.version}, bureaus: ${anchor.root.bureaus.join('、')}`,
    ...expiries.map(
      ([zh, en, expires]) =>
        `${zh}有效至 / ${en} valid until: ${new Date(expires).toISOString()}${expired(expires) ? '（已过期 / expired）' : ''}`,
    ),
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  world.out(describeTrust(trust))
  const stale = expiries.filter(([, , expires]) => expired(expires))
  if (stale.length > 0)
    throw new ProtocolError(
      'REGISTRY_STALE',
      `已过期 / expired: ${stale.map(([zh, en]) => `${zh} ${en}`).join('、')}`,
    )
  return exits.verified
}

async function showDraft(directory: string, { root }: ShowFlags, world: World): Promise<Exit> {
  const workspace = await openWorkspace(directory)
  if (root !== undefined)
    throw usageError(
      '--root 只用于已发布的登记册目录；草稿请用 sign --repository 核对 / --root is for what is published; a draft is compared by sign --repository',
    )
  printWorkspace(workspace, world)
  if (registryOf(workspace).members.length === 0)
    world.out('  尚无成员，接着用 csx registry add 加入 / no members yet: go on with csx registry add\n')
  else requireDraft(workspace)
  return exits.verified
}
