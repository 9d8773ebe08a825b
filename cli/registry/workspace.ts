import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Digest } from '../../protocol/hash.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json-value.ts'
import { checkDraft } from '../../protocol/trust/draft.ts'
import { maxRegistryBytes, type Registry, readRegistry } from '../../protocol/trust/registry.ts'
import { openRegistryChain, openTarget } from '../../protocol/trust/registry-chain.ts'
import { type Root, readRoot, requireSigned, sameRoot } from '../../protocol/trust/root.ts'
import { type Anchor, openTrust, type Trust } from '../../protocol/trust/trust.ts'
import { maxMetadataBytes, parseTuf, readTuf, type TufMetadata } from '../../protocol/trust/tuf.ts'
import { composeTargets, roleLife } from '../../protocol/trust/tuf-make.ts'
import { usageError } from '../exit.ts'
import { makeFolder, writeAtomically } from '../file.ts'
import type { World } from '../world.ts'
import { isThere, readPlain } from './plain-file.ts'

/** A version that is published: what a new one is held against. */
export interface Base {
  readonly roots: readonly JsonObject[]
  readonly root: Root
  readonly registry: JsonObject
  /** Of the registry. */
  readonly digest: Digest
  readonly version: number
}

/**
 * A folder in which a version of the registry is made, and which is handed from one bureau to the other: `base/` is what is published
 * now, `registry.json`, `targets.json` and, where the root changes, `root.json` are what is to be signed.
 *
 * @see protocol/spec/registry.md, REG-22
 */
export interface Workspace {
  readonly directory: string
  readonly base?: Base
  readonly root?: JsonObject
  readonly targets: JsonObject
  readonly registry: JsonObject
}

export async function openWorkspace(directory: string): Promise<Workspace> {
  const registry = await readObject(join(directory, 'registry.json'), maxRegistryBytes)
  const targets = await readObject(join(directory, 'targets.json'), maxMetadataBytes)
  if (!registry || !targets)
    throw usageError(
      `${directory} 不是登记册工作目录，请先 csx registry init / not a folder made by csx registry init`,
    )
  const root = await readObject(join(directory, 'root.json'), maxMetadataBytes)
  const base = await openBase(join(directory, 'base'))
  return { directory, ...(base ? { base } : {}), ...(root ? { root } : {}), targets, registry }
}

/** The root by whose keys the targets of the new version must be signed. */
export function rootOf({ root, base }: Workspace): Root {
  if (root) return readRoot(readTuf('root', root))
  if (base) return base.root
  throw new ProtocolError('REGISTRY_MALFORMED', 'the first version needs a root')
}

export function targetsOf({ targets }: Workspace): TufMetadata<'targets'> {
  return readTuf('targets', targets)
}

export function registryOf({ registry }: Workspace): Registry {
  return readRegistry(registry).registry
}

/**
 * What was shown is what would be signed: the targets name this very registry, all of it holds together under its root, and it is the
 * version after the one that it was held against.
 *
 * @throws {ProtocolError} `DIGEST_MISMATCH` `REGISTRY_MALFORMED` `CONTEXT_NOT_ALLOWED`
 * @see protocol/spec/registry.md, REG-700
 */
export function requireDraft(workspace: Workspace): void {
  const { base, registry } = workspace
  const root = rootOf(workspace)
  const trust = openTarget(registry, {
    pinned: root.digest,
    roots: [root.digest],
    root,
    targets: targetsOf(workspace),
  })
  checkDraft(baseRegistry(workspace), trust.registry)
  const fits =
    trust.registry.version === (base?.version ?? 0) + 1 &&
    (!workspace.root || root.version === (base?.root.version ?? 0) + 1)
  if (fits) return
  throw new ProtocolError('REGISTRY_MALFORMED', 'a draft is the version after its base, and so is its root', {
    place: { pointer: '/version' },
  })
}

/**
 * The folder is what somebody else made, `base/` with it; what is published here is not.
 *
 * @throws {ProtocolError} `NOT_TRUSTED`
 * @see protocol/spec/registry.md, REG-701
 */
export async function requirePublished({ base }: Workspace, repository: string): Promise<void> {
  const published = await openBase(repository)
  if (!base && !published) return
  if (base && published && base.digest === published.digest && sameRoot(base.root, published.root)) return
  throw new ProtocolError(
    'NOT_TRUSTED',
    `base/ 与 ${repository} 中本局已发布的不同，请勿签名；请向对方局查问此目录的来历，或从本局已发布的重新 csx registry init --from / base/ is not what is published in ${repository}: do not sign; ask the other bureau where the folder is from, or begin again from what is published here`,
    { evidence: { base: base?.digest ?? '', published: published?.digest ?? '' } },
  )
}

/**
 * The registry changed, checked as a whole before anything is written. Signatures that were over something else are gone.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` `KEY_MALFORMED` — it would contradict itself
 */
export async function changeRegistry(
  workspace: Workspace,
  change: (registry: Registry) => Registry,
  world: World,
): Promise<Registry> {
  const changed = change(registryOf(workspace))
  const value: JsonObject = JSON.parse(JSON.stringify(changed))
  const { registry } = readRegistry(value)
  checkUnder(rootOf(workspace), value, world)
  checkDraft(baseRegistry(workspace), registry)
  await saveRegistry(workspace.directory, value, world)
  return registry
}

/** It holds together under this root, whose keys stand nowhere in it. The first members may still be missing, and whoever asks for witnesses. */
export function checkUnder(root: Root, value: JsonObject, world: World): void {
  const { registry, fingerprint } = readRegistry(value)
  const targets = readTuf('targets', draftTargets(value, world))
  openTrust(registry, fingerprint, { pinned: root.digest, roots: [root.digest], root, targets })
}

export function baseRegistry({ base }: Workspace): Registry | undefined {
  return base && readRegistry(base.registry).registry
}

/** Registry and the unsigned targets that name it. */
export async function saveRegistry(directory: string, value: JsonObject, world: World): Promise<void> {
  await writeAtomically(join(directory, 'registry.json'), canonicalBytes(value))
  await writeAtomically(join(directory, 'targets.json'), canonicalBytes(draftTargets(value, world)))
}

function draftTargets(value: JsonObject, world: World): JsonObject {
  const { version } = readRegistry(value).registry
  return composeTargets(canonicalBytes(value), { version, expires: world.now() + roleLife.targets })
}

/** @returns `undefined` when nothing is published there */
export async function openBase(directory: string): Promise<Base | undefined> {
  const files = await openRepository(directory)
  if (!files) return undefined
  const { anchor, fingerprint: digest, registry } = openPublished(files, files.fingerprint)
  return {
    roots: files.roots,
    root: anchor.root,
    registry: files.registry,
    digest,
    version: registry.version,
  }
}

/**
 * All that is published there, signed by whose it is to sign. Whether it has expired is not asked.
 *
 * @throws {ProtocolError} as `openRegistryChain`, of snapshot and timestamp as well
 */
export function openPublished(files: RepositoryFiles, pinned: Digest): Trust & { readonly anchor: Anchor } {
  const trust = openRegistryChain(files, pinned)
  const { timestamp, snapshot, targets } = files
  requireSigned(timestamp, trust.anchor.root)
  requireSigned(snapshot, trust.anchor.root)
  const leads =
    timestamp.signed.meta['snapshot.json'].version === snapshot.signed.version &&
    snapshot.signed.meta['targets.json'].version === readTuf('targets', targets).signed.version
  if (!leads) throw new ProtocolError('REGISTRY_MALFORMED', 'a file states another version than its name')
  return trust
}

export interface RepositoryFiles {
  readonly roots: readonly JsonObject[]
  /** Of the first root that is there. */
  readonly fingerprint: TufMetadata<'root'>['digest']
  readonly targets: JsonObject
  readonly registry: JsonObject
  readonly snapshot: TufMetadata<'snapshot'>
  readonly timestamp: TufMetadata<'timestamp'>
  /** Every file of it by its path. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** The repository in a directory, in the layout in which nodes serve it; by form alone. */
export async function openRepository(directory: string): Promise<RepositoryFiles | undefined> {
  const files = new Map<string, Uint8Array>()
  const take = async (path: string, maxBytes: number) => {
    const bytes = await readPlain(join(directory, path), maxBytes)
    files.set(path, bytes)
    return bytes
  }
  if (!(await isThere(join(directory, 'timestamp.json')))) return undefined
  const timestamp = parseTuf('timestamp', await take('timestamp.json', maxMetadataBytes))
  const shot = timestamp.signed.meta['snapshot.json'].version
  const snapshot = parseTuf('snapshot', await take(`${shot}.snapshot.json`, maxMetadataBytes))
  const named = snapshot.signed.meta['targets.json'].version
  const targets = parseTuf('targets', await take(`${named}.targets.json`, maxMetadataBytes))
  const { sha256 } = targets.signed.targets['registry.json'].hashes
  const registry = parseJson(
    await take(`targets/${sha256}.registry.json`, maxRegistryBytes),
    maxRegistryBytes,
  )
  const names = (await readdir(directory)).flatMap(
    (name) => /^([1-9]\d{0,5})\.root\.json$/.exec(name)?.[1] ?? [],
  )
  const roots: TufMetadata<'root'>[] = []
  for (const version of names.map(Number).toSorted((a, b) => a - b))
    roots.push(parseTuf('root', await take(`${version}.root.json`, maxMetadataBytes)))
  const [first] = roots
  if (!first || !isJsonObject(registry))
    throw new ProtocolError('REGISTRY_MALFORMED', 'the repository is not whole')
  return {
    roots: roots.map(({ value }) => value),
    fingerprint: first.digest,
    targets: targets.value,
    registry,
    snapshot,
    timestamp,
    files,
  }
}

/** Files of a repository, what leads to the others last. */
export async function writeRepository(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const rank = (path: string) => (path === 'timestamp.json' ? 2 : path.endsWith('.snapshot.json') ? 1 : 0)
  for (const path of [...files.keys()].toSorted((a, b) => rank(a) - rank(b))) {
    const bytes = files.get(path)
    await makeFolder(join(directory, dirname(path)))
    if (bytes) await writeAtomically(join(directory, path), bytes)
  }
}

async function readObject(file: string, maxBytes: number): Promise<JsonObject | undefined> {
  if (!(await isThere(file))) return undefined
  return asObject(await readPlain(file, maxBytes), { file, maxBytes })
}

/** @throws {ProtocolError} `REGISTRY_MALFORMED`, or what the strict reader throws */
export function asObject(
  bytes: Uint8Array,
  { file, maxBytes }: { readonly file: string; readonly maxBytes: number },
): JsonObject {
  const value = parseJson(bytes, maxBytes)
  if (isJsonObject(value)) return value
  throw new ProtocolError('REGISTRY_MALFORMED', `${file} is not a JSON object`)
}
