import { access } from 'node:fs/promises'
import { canonicalBytes } from '../protocol/canonical.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf, isDigest } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject } from '../protocol/json-value.ts'
import { readRegistry } from '../protocol/trust/registry.ts'
import {
  isRegistryChain,
  maxChainBytes,
  openRegistryChain,
  parseRegistryChain,
} from '../protocol/trust/registry-chain.ts'
import { parseRoot } from '../protocol/trust/root.ts'
import { openTrust, type Trust } from '../protocol/trust/trust.ts'
import { chooseTrust } from '../protocol/verify-registry.ts'
import type { Client } from './client.ts'
import { readInput } from './file.ts'
import type { World } from './world.ts'

export interface TrustFile {
  /** Where it was looked for, or the fingerprint itself; absent when nobody named one and none lies here. */
  readonly file?: string
  readonly trust?: Trust
  /** A root alone: the registry comes with the evidence, and is proven from here. */
  readonly pinned?: Digest
  /** Why it could not be used. The reader lacks something then; no file he checks is at fault. */
  readonly fault?: ProtocolError
}

/**
 * The root of trust: what is named, else that of the environment, else `trust.json` or `root.json` here. A fingerprint, a root, a
 * registry chain, or a plain registry that rests on whoever gave it. Never from what is being verified.
 *
 * @see protocol/spec/verify.md, VERIFY-19
 */
export async function loadTrust(named: string | undefined, world: World): Promise<TrustFile> {
  const file = named ?? world.env.CSX_TRUST ?? (await defaultFile())
  if (file === undefined) return {}
  if (isDigest(file)) return { file, pinned: file }
  try {
    return { file, ...(await readTrust(file, world)) }
  } catch (fault) {
    if (fault instanceof ProtocolError) return { file, fault }
    throw fault
  }
}

async function readTrust(file: string, world: World): Promise<Pick<TrustFile, 'trust' | 'pinned'>> {
  const bytes = await readInput(file, maxChainBytes, world)
  const value = parseJson(bytes, maxChainBytes)
  if (isRegistryChain(value)) {
    const chain = parseRegistryChain(bytes)
    const [first] = chain.roots
    return first ? { trust: openRegistryChain(chain, digestOf(canonicalBytes(first))) } : {}
  }
  if (isJsonObject(value) && isJsonObject(value.signed)) return { pinned: parseRoot(bytes).digest }
  const { registry, fingerprint } = readRegistry(value)
  return { trust: openTrust(registry, fingerprint) }
}

/** @throws {ProtocolError} as `readInput`, `parseRegistry`, `openTrust` and `openRegistryChain`; `NOT_TRUSTED` — a root alone */
export async function openTrustFile(file: string, world: World): Promise<Trust> {
  const { trust, pinned } = await readTrust(file, world)
  if (trust) return trust
  throw new ProtocolError('NOT_TRUSTED', `a root alone names no member: ${pinned}`)
}

/**
 * The registry to go by with a node: that of the reader, or, where he has a root alone, the one that the node serves, proven from it.
 *
 * @throws {ProtocolError} `NOT_TRUSTED` — there is no root of trust, or it cannot be used; and as `chooseTrust`
 * @see protocol/spec/verify.md, VERIFY-701
 */
export async function requireTrust(named: string | undefined, client: Client, world: World): Promise<Trust> {
  const { trust, pinned, fault } = await loadTrust(named, world)
  if (fault)
    throw new ProtocolError('NOT_TRUSTED', `the root of trust cannot be used: ${fault.message}`, {
      place: fault.place,
      cause: fault,
    })
  if (trust) return trust
  if (!pinned)
    throw new ProtocolError(
      'NOT_TRUSTED',
      'no root of trust was given, and there is no trust.json or root.json here',
    )
  const bytes = await client.find(chainPath, { maxBytes: maxChainBytes })
  if (!bytes) throw new ProtocolError('NOT_TRUSTED', 'the node serves no registry')
  return chooseTrust({ trust: undefined, pinned, now: world.now() }, parseRegistryChain(bytes))
}

/** What people compare by another way than the one by which it came. */
export function fingerprintOf(trust: Trust): Digest {
  return trust.anchor?.pinned ?? trust.fingerprint
}

/** Where a node serves the registry that it holds, with all that leads to it. */
export const chainPath = '/api/v1/registry/chain'

async function defaultFile(): Promise<string | undefined> {
  for (const name of ['trust.json', 'root.json']) {
    const found = await access(name).then(
      () => true,
      () => false,
    )
    if (found) return name
  }
  return undefined
}
