import { ProtocolError } from '../../protocol/error.ts'
import { isDigest } from '../../protocol/hash.ts'
import { openRegistryChain } from '../../protocol/trust/registry-chain.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { escapeText } from '../print.ts'
import { describeTrust } from '../trust.ts'
import type { World } from '../world.ts'
import { printWorkspace } from './sign.ts'
import { openRepository, openWorkspace, requireDraft } from './workspace.ts'

export interface ShowFlags {
  readonly root?: string
}

/** `csx registry show`: a draft with what it changes and who signed it, or what is published in a repository. */
export async function runRegistryShow(
  directory: string,
  { flags, world }: { readonly flags: ShowFlags; readonly world: World },
): Promise<Exit> {
  const published = await openRepository(directory, world)
  if (!published) {
    const workspace = await openWorkspace(directory, world)
    printWorkspace(workspace, world)
    requireDraft(workspace)
    return exits.verified
  }
  const { root } = flags
  if (root !== undefined && !isDigest(root))
    throw usageError('--root 为 sha256: 加64位十六进制 / --root is sha256: and 64 hexadecimal digits')
  const pinned = root ?? published.fingerprint
  const trust = openRegistryChain(published, pinned)
  const { anchor } = trust
  const expired = published.timestampExpires < world.now()
  const lines = [
    `根的指纹 / fingerprint of the root: ${published.fingerprint}${root === undefined ? '（未与他处核对 / not compared with anything）' : ''}`,
    `根第${anchor.root.version}版，两局 / root ${anchor.root.version}, bureaus: ${anchor.root.bureaus.join('、')}`,
    `时间戳有效至 / timestamp valid until: ${new Date(published.timestampExpires).toISOString()}${expired ? '（已过期 / expired）' : ''}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  world.out(describeTrust(trust))
  if (expired) throw new ProtocolError('REGISTRY_STALE', 'the timestamp of the registry has expired')
  return exits.verified
}
