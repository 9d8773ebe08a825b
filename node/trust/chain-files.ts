import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, digestOf } from '../../protocol/hash.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json-value.ts'
import { maxRegistryBytes } from '../../protocol/trust/registry.ts'
import { maxRoots, openRegistryChain } from '../../protocol/trust/registry-chain.ts'
import { requireSigned } from '../../protocol/trust/root.ts'
import type { Anchor, Trust } from '../../protocol/trust/trust.ts'
import { maxMetadataBytes, parseTuf } from '../../protocol/trust/tuf.ts'

/** One file of a repository by its path below `/registry/`; `undefined` when there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>

/** A version of the registry with the files that lead to it. */
export interface OpenedRegistry {
  readonly trust: Trust & { readonly anchor: Anchor }
  /** From the pinned root on. */
  readonly roots: readonly Uint8Array[]
  readonly timestamp: Uint8Array
  readonly snapshot: Uint8Array
  readonly targets: Uint8Array
  /** Canonical, as it was signed. */
  readonly registry: Uint8Array
  /** Milliseconds since the epoch: until when the timestamp speaks for now. */
  readonly freshUntil: number
}

/**
 * The version to which the timestamp of a repository leads, by our own verifier. Expiry is not looked at: a registry that is known
 * stays known.
 *
 * @returns `undefined` when there is no whole repository
 * @throws {ProtocolError} as `openRegistryChain`
 * @see spec/registry.md, REG-5 to REG-7, REG-711
 */
export async function openFiles(read: ReadFile, pinned: Digest): Promise<OpenedRegistry | undefined> {
  const roots = await readRoots(read, pinned)
  const timestamp = await read('timestamp.json')
  if (roots.length === 0 || !timestamp) return undefined
  const stamp = parseTuf('timestamp', timestamp)
  const snapshot = await read(`${stamp.signed.meta['snapshot.json'].version}.snapshot.json`)
  if (!snapshot) return undefined
  const shot = parseTuf('snapshot', snapshot)
  const { version } = shot.signed.meta['targets.json']
  const targets = await read(`${version}.targets.json`)
  if (!targets) return undefined
  const { sha256 } = parseTuf('targets', targets).signed.targets['registry.json'].hashes
  const registry = await read(`targets/${sha256}.registry.json`)
  if (!registry) return undefined
  const trust = openRegistryChain(
    {
      roots: roots.map((bytes) => readObject(bytes, maxMetadataBytes)),
      targets: readObject(targets, maxMetadataBytes),
      registry: readObject(registry, maxRegistryBytes),
    },
    pinned,
  )
  const { root, targets: named } = trust.anchor
  for (const metadata of [stamp, shot]) requireSigned(metadata, root)
  if (shot.signed.version !== stamp.signed.meta['snapshot.json'].version || named.signed.version !== version)
    throw new ProtocolError('REGISTRY_MALFORMED', 'a file of the registry has another version than led to it')
  return {
    trust,
    roots,
    timestamp,
    snapshot,
    targets,
    registry,
    freshUntil: Date.parse(stamp.signed.expires),
  }
}

/** The pinned root and those that follow it. A repository may begin with an older one, or with this. */
export async function readRoots(read: ReadFile, pinned: Digest): Promise<readonly Uint8Array[]> {
  const roots: Uint8Array[] = []
  for (let version = 1; version <= maxRoots; version += 1) {
    const bytes = await read(`${version}.root.json`)
    if (!bytes && roots.length > 0) break
    if (bytes && (roots.length > 0 || parseTuf('root', bytes).digest === pinned)) roots.push(bytes)
  }
  return roots
}

/** The roots of a source up to the pinned one; asked one by one, so that a first start needs no more than its digest. */
export async function findPinnedRoot(read: ReadFile, pinned: Digest): Promise<Uint8Array> {
  let seen: Digest | undefined
  for (let version = 1; version <= maxRoots; version += 1) {
    const bytes = await read(`${version}.root.json`)
    if (!bytes) break
    seen = parseTuf('root', bytes).digest
    if (seen === pinned) return bytes
  }
  throw new ProtocolError('NOT_TRUSTED', 'the source does not have the pinned root', {
    evidence: { pinned, ...(seen === undefined ? {} : { seen }) },
  })
}

function readObject(bytes: Uint8Array, maxBytes: number): JsonObject {
  const value = parseJson(bytes, maxBytes)
  if (isJsonObject(value)) return value
  throw new ProtocolError('REGISTRY_MALFORMED', 'a file of the registry is a JSON object', {
    evidence: { digest: digestOf(bytes) },
  })
}
