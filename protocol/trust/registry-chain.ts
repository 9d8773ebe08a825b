import * as z from 'zod'
import { canonicalBytes } from '../canonical.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf } from '../hash.ts'
import { parseJson } from '../json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { asksForWitnesses } from './cosigner.ts'
import { maxRegistryBytes, readRegistry } from './registry.ts'
import { openRootChain, requireSigned, sameRoot } from './root.ts'
import { type Anchor, openTrust, type Trust } from './trust.ts'
import { readTuf, type TufMetadata } from './tuf.ts'

/** Of a whole chain as a file: the registry, a hundred roots and two proofs. */
export const maxChainBytes = maxRegistryBytes + (8 << 20)
export const maxRoots = 256

/** That a bureau's log holds the version: its entry, the record that the entry names, and a tlog-proof of inclusion. */
export interface LoggedVersion {
  readonly entry: string
  readonly proof: string
  readonly record: JsonObject
}

/**
 * One version of the registry with all that vouches for it, to be read offline: the roots from the pinned one on, the targets that both
 * bureaus signed, the registry itself, and its entries in both bureaus' logs.
 *
 * @see spec/registry.md, REG-8
 */
export interface RegistryChain {
  readonly roots: readonly JsonObject[]
  readonly targets: JsonObject
  readonly registry: JsonObject
  readonly logged: readonly LoggedVersion[]
}

const jsonObject = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null)

export const chainForm = z.strictObject({
  roots: z.array(jsonObject).min(1).max(maxRoots),
  targets: jsonObject,
  registry: jsonObject,
  logged: z
    .array(
      z.strictObject({
        entry: z.string().min(2).max(2048),
        proof: z.string().max(65_536),
        record: jsonObject,
      }),
    )
    .max(2),
})

const chainFile = z.strictObject({
  format: z.literal('csx-registry-chain'),
  v: z.literal(1),
  ...chainForm.shape,
})

/** @throws {ProtocolError} `REGISTRY_MALFORMED` with a pointer, or what the strict reader throws */
export function parseRegistryChain(bytes: Uint8Array): RegistryChain {
  const value = parseJson(bytes, maxChainBytes)
  const result = chainFile.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const pointer = (issue?.path ?? []).map((step) => pointerStep(String(step))).join('')
    throw malformed(issue?.message ?? 'not a registry chain', pointer)
  }
  const { format: _format, v: _v, ...chain } = result.data
  return chain
}

/** Whether the file says of itself that it is a registry chain, well-formed or not. */
export function isRegistryChain(value: JsonValue): boolean {
  return isJsonObject(value) && value.format === 'csx-registry-chain'
}

/**
 * Opens one version of the registry from a pinned root.
 *
 * Proves: the roots follow from the pinned one; both bureaus signed the targets that name exactly this registry by hash, length and
 * version; it does not contradict itself; and, where it asks for witnesses, both bureaus are members of it. Not proven: that no later version exists, and when this
 * one was made: see the entries in both bureaus' logs.
 *
 * @throws {ProtocolError} `NOT_TRUSTED` `REGISTRY_MALFORMED` `THRESHOLD_NOT_MET` `DIGEST_MISMATCH` `CONTEXT_NOT_ALLOWED`
 * @see spec/registry.md, REG-5 to REG-7
 */
export function openRegistryChain(
  { roots, targets, registry }: Pick<RegistryChain, 'roots' | 'targets' | 'registry'>,
  pinned: Digest,
): Trust & { readonly anchor: Anchor } {
  const chain = openRootChain(
    roots.map((value) => readTuf('root', value)),
    pinned,
  )
  const root = chain[chain.length - 1] ?? chain[0]
  const metadata = readTuf('targets', targets)
  requireSigned(metadata, root)
  return openTarget(registry, {
    pinned,
    roots: chain.map(({ digest }) => digest),
    chain,
    root,
    targets: metadata,
  })
}

/**
 * All that `openRegistryChain` proves but the signatures: for whoever is to sign, and so must see what they would be for.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` `DIGEST_MISMATCH` `CONTEXT_NOT_ALLOWED`
 * @see spec/registry.md, REG-6, REG-7 and REG-700
 */
export function openTarget(registry: JsonObject, anchor: Anchor): Trust & { readonly anchor: Anchor } {
  const { root, targets } = anchor
  checkTarget(targets, registry)
  const read = readRegistry(registry)
  if (read.registry.version !== targets.signed.version)
    throw malformed('the registry and its targets state different versions', '/registry/version')
  const trust = openTrust(read.registry, read.fingerprint, anchor)
  if (!asksForWitnesses(trust) && read.registry.network === 'production')
    throw malformed('a production network asks for witnesses', '/registry/policy')
  // They log each version, and witness the logs: where nobody asks for witnesses, they need no nodes.
  for (const bureau of root.bureaus)
    if (read.registry.policy !== 'none' && !trust.members.has(bureau))
      throw malformed('a bureau that holds keys of the root is not a member', '/registry/members')
  return { ...trust, anchor }
}

/**
 * Whether a chain leads by way of the root that another ends in. One that leaves it before was made with keys that were taken out since,
 * whatever numbers it gives its roots.
 *
 * @see spec/registry.md, REG-703
 */
export function continues(newer: Anchor, known: Anchor): boolean {
  return (newer.chain ?? [newer.root]).some((root) => sameRoot(root, known.root))
}

/** The target is the registry in canonical form, byte for byte. */
function checkTarget({ signed }: TufMetadata<'targets'>, registry: JsonObject): void {
  const { length, hashes } = signed.targets['registry.json']
  const bytes = canonicalBytes(registry)
  const digest = digestOf(bytes)
  if (bytes.length !== length || digest !== `sha256:${hashes.sha256}`) {
    throw new ProtocolError('DIGEST_MISMATCH', 'the registry is not the one that was signed', {
      place: { pointer: '/registry' },
      evidence: { signed: `sha256:${hashes.sha256}`, found: digest },
    })
  }
}

function malformed(message: string, pointer: string): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}
