import { encodeHex } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { Signer } from '../../protocol/key.ts'
import { describeRegistryChanges } from '../../protocol/trust/difference.ts'
import { readRegistry } from '../../protocol/trust/registry.ts'
import { openRegistryChain } from '../../protocol/trust/registry-chain.ts'
import { type Root, readRoot, sameRoot } from '../../protocol/trust/root.ts'
import type { Anchor } from '../../protocol/trust/trust.ts'
import { keyIdOf, readTuf, type TufRole } from '../../protocol/trust/tuf.ts'
import {
  composeSnapshot,
  composeTimestamp,
  nextOnline,
  roleLife,
  signTuf,
} from '../../protocol/trust/tuf-make.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { escapeText, formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { printChanges } from './print.ts'
import { openRegistryKeys } from './signer.ts'
import { openRepository, openWorkspace, targetsOf, writeRepository } from './workspace.ts'

export interface PublishFlags {
  readonly repository: string
  readonly keys: string
  readonly passphraseFile?: string
}

/**
 * `csx registry publish`: puts a version that both bureaus signed where a node serves it. Nothing is written before all of it holds, and
 * what leads to the new version is written last.
 *
 * @see protocol/spec/registry.md, REG-25
 */
export async function runRegistryPublish(
  directory: string,
  { flags, world }: { readonly flags: PublishFlags; readonly world: World },
): Promise<Exit> {
  const workspace = await openWorkspace(directory)
  const { base, root, targets, registry } = workspace
  const published = await openRepository(flags.repository)
  const roots = keepPublished(published?.roots ?? [], [...(base?.roots ?? []), ...(root ? [root] : [])])
  const [first] = roots
  if (!first) throw new ProtocolError('REGISTRY_MALFORMED', 'the first version needs a root')
  const fingerprint = readTuf('root', first).digest
  const trust = openRegistryChain({ roots, targets, registry }, fingerprint)
  const { version } = trust.registry
  const before = published && readRegistry(published.registry).registry
  if (before && before.version >= version)
    throw new ProtocolError(
      'REGISTRY_ROLLBACK',
      `${flags.repository} 中已是第${before.version}版，此稿为第${version}版；如仍须改动，请在第${before.version}版上重做：csx registry init --from / version ${before.version} is published there already, and this is ${version}: make the change again from what is published`,
    )
  requireFresh(trust.anchor, world)
  const files = new Map<string, Uint8Array>()
  for (const value of roots)
    files.set(`${readTuf('root', value).signed.version}.root.json`, canonicalBytes(value))
  const { sha256 } = targetsOf(workspace).signed.targets['registry.json'].hashes
  files.set(`targets/${sha256}.registry.json`, canonicalBytes(registry))
  files.set(`${version}.targets.json`, canonicalBytes(targets))
  const signers = await openRegistryKeys(flags, world, /^registry-(?:snapshot|timestamp)\b.*\.key$/)
  const online = await signOnline(signers, trust.anchor.root, {
    targets: version,
    snapshot: nextAfter(published?.snapshot.signed.version ?? 0, world.now()),
    timestamp: nextAfter(published?.timestamp.signed.version ?? 0, world.now()),
    now: world.now(),
  })
  for (const [path, value] of online) files.set(path, canonicalBytes(value))
  await writeRepository(flags.repository, files)
  world.out(
    `${formatDone(`登记册第${version}版已发布到 ${flags.repository}`, `version ${version} of the registry is published in ${flags.repository}`)}\n`,
  )
  printChanges(describeRegistryChanges(before, trust.registry), world)
  world.out(`${escapeText(`根的指纹 / fingerprint of the root: ${fingerprint}`)}\n`)
  return exits.verified
}

/**
 * The roots of the draft, each by the file that lies there already: readers pinned the digest of that file, and a file with another
 * signature would lead nobody on.
 *
 * @throws {ProtocolError} `NOT_TRUSTED` — they are other roots than those that are published
 */
function keepPublished(
  published: readonly JsonObject[],
  draft: readonly JsonObject[],
): readonly JsonObject[] {
  const open = (value: JsonObject) => readRoot(readTuf('root', value))
  const differs = published.some((value, i) => {
    const other = draft[i]
    return other === undefined || !sameRoot(open(value), open(other))
  })
  if (!differs) return [...published, ...draft.slice(published.length)]
  throw new ProtocolError(
    'NOT_TRUSTED',
    '登记册目录中已发布的根与此稿的不同或更多：若根已更换，请在已发布的版本上重做此稿；若非两局所为，请勿发布，并告知对方局 / other roots are published there than those of the draft: where the root was changed, begin again from what is published; where neither bureau did, do not publish, and tell the other one',
  )
}

/** What has expired no client would take, and it would stand in the way of what is there. */
function requireFresh({ root, targets }: Anchor, world: World): void {
  const expires = Math.min(root.expires, Date.parse(targets.signed.expires))
  if (expires > world.now()) return
  throw new ProtocolError(
    'REGISTRY_STALE',
    `此稿的签名已于 ${new Date(expires).toISOString()} 过期，请重新制作并由两局签署 / what was signed expired: make the draft again and have both bureaus sign it`,
  )
}

/** A stolen key may have counted to the end: with the root that takes it out, the count begins again. */
function nextAfter(before: number, now: number): number {
  return nextOnline(before < Number.MAX_SAFE_INTEGER ? before : 0, now)
}

interface Versions {
  readonly targets: number
  readonly snapshot: number
  readonly timestamp: number
  readonly now: number
}

async function signOnline(
  signers: readonly Signer[],
  root: Root,
  { targets, snapshot, timestamp, now }: Versions,
): Promise<readonly (readonly [string, JsonObject])[]> {
  const signer = (role: TufRole) => {
    const found = signers.find(
      ({ publicKey }) => root.keys.get(keyIdOf(encodeHex(publicKey.raw)))?.role === role,
    )
    if (!found)
      throw usageError(`--keys 中缺少 registry-${role}.key / no registry-${role}.key of this root in --keys`)
    return found
  }
  return [
    [
      `${snapshot}.snapshot.json`,
      await signTuf(
        composeSnapshot(targets, { version: snapshot, expires: now + roleLife.snapshot }),
        signer('snapshot'),
      ),
    ],
    [
      'timestamp.json',
      await signTuf(
        composeTimestamp(snapshot, { version: timestamp, expires: now + roleLife.timestamp }),
        signer('timestamp'),
      ),
    ],
  ]
}
