import { encodeHex } from '../bytes.ts'
import { canonicalBytes, sortMembers } from '../canonical.ts'
import { sha256Hex } from '../hash.ts'
import type { JsonObject } from '../json-value.ts'
import type { Signer } from '../key.ts'
import { keyIdOf, type TufRole, type TufSignature, tufKey, tufRoles } from './tuf.ts'

const specVersion = '1.0.34'

const day = 86_400_000
/**
 * Milliseconds for which a signature of each role speaks. The offline ones outlast a change of office; the online ones the longest
 * holidays with nobody there, and yet a node that is cut off notices.
 */
export const roleLife: Readonly<Record<TufRole, number>> = {
  root: 3 * 366 * day,
  targets: 400 * day,
  snapshot: 30 * day,
  timestamp: 10 * day,
}

/** A key for the root: the public half, its role and the bureau that holds it. */
export interface NamedKey {
  /** 64 hexadecimal digits. */
  readonly public: string
  readonly role: TufRole
  readonly controller: string
}

export interface Dated {
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly expires: number
}

const thresholds: Readonly<Record<TufRole, number>> = { root: 3, targets: 2, snapshot: 1, timestamp: 1 }

/** @see spec/registry.md, REG-2 */
export function composeRoot(keys: readonly NamedKey[], dated: Dated): JsonObject {
  const named = keys.map((key) => ({ ...key, id: keyIdOf(key.public) }))
  const roles = tufRoles.map((role) => {
    const keyids = named
      .filter((key) => key.role === role)
      .map(({ id }) => id)
      .toSorted()
    return [role, { keyids, threshold: thresholds[role] }]
  })
  return unsigned({
    _type: 'root',
    ...stamp(dated),
    consistent_snapshot: true,
    keys: Object.fromEntries(named.map(({ id, public: text }) => [id, tufKey(text)])),
    roles: Object.fromEntries(roles),
    'x-csx-controller': Object.fromEntries(named.map(({ id, controller }) => [id, controller])),
  })
}

/** @param registry in canonical form, as it is served */
export function composeTargets(registry: Uint8Array, dated: Dated): JsonObject {
  return unsigned({
    _type: 'targets',
    ...stamp(dated),
    targets: { 'registry.json': { length: registry.length, hashes: { sha256: sha256Hex(registry) } } },
  })
}

/** Without hashes: both bureaus sign snapshots of one version, and either is as good (TUF 1.0.34, 4.5). */
export function composeSnapshot(targetsVersion: number, dated: Dated): JsonObject {
  return unsigned({
    _type: 'snapshot',
    ...stamp(dated),
    meta: { 'targets.json': { version: targetsVersion } },
  })
}

export function composeTimestamp(snapshotVersion: number, dated: Dated): JsonObject {
  return unsigned({
    _type: 'timestamp',
    ...stamp(dated),
    meta: { 'snapshot.json': { version: snapshotVersion } },
  })
}

/**
 * The number of the next snapshot or timestamp: the second at which it is made. Both bureaus count, and what was signed later must be the
 * newer one, whichever of them was away meanwhile.
 *
 * @param now milliseconds since the epoch
 * @see spec/registry.md, REG-708
 */
export function nextOnline(before: number, now: number): number {
  return Math.max(before + 1, Math.floor(now / 1000))
}

function stamp({ version, expires }: Dated): JsonObject {
  return {
    spec_version: specVersion,
    version,
    expires: `${new Date(expires).toISOString().slice(0, 19)}Z`,
  }
}

function unsigned(signed: JsonObject): JsonObject {
  return sortMembers({ signatures: [], signed })
}

/**
 * The metadata with this key's signature beside those that are there; a second one of the same key takes the place of the first.
 *
 * @see spec/registry.md, REG-4 (TUF 1.0.34, section 4.2.1)
 */
export async function signTuf(metadata: JsonObject, signer: Signer): Promise<JsonObject> {
  const keyid = keyIdOf(encodeHex(signer.publicKey.raw))
  const { signed = null, signatures } = metadata
  const sig = encodeHex(await signer.sign(canonicalBytes(signed)))
  const others = Array.isArray(signatures) ? signatures.filter((entry) => !isOf(entry, keyid)) : []
  const list = [...others, { keyid, sig } satisfies TufSignature]
  return sortMembers({ signatures: list.toSorted(byKey), signed })
}

function isOf(entry: unknown, keyid: string): boolean {
  return typeof entry === 'object' && entry !== null && 'keyid' in entry && entry.keyid === keyid
}

function byKey(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
