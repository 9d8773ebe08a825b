import { decodeHex } from '../bytes.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf } from '../hash.ts'
import { importPublicKey, type PublicKey } from '../key.ts'
import { keyIdOf, parseTuf, type TufMetadata, type TufRole, tufRoles } from './tuf.ts'

/** A key of the root of trust: of one role, in the hands of one bureau. */
export interface RootKey {
  readonly id: string
  readonly key: PublicKey
  readonly role: TufRole
  /** The DID of the bureau that holds it. */
  readonly controller: string
}

/** One version of the root of trust, sound in itself and signed by its own keys. */
export interface Root {
  readonly version: number
  readonly digest: Digest
  /** Milliseconds since the epoch. Stops live refresh; history is judged by when a version was logged. */
  readonly expires: number
  readonly keys: ReadonlyMap<string, RootKey>
  /** The two bureaus, sorted. */
  readonly bureaus: readonly [string, string]
  readonly metadata: TufMetadata<'root'>
}

/** How many keys of each bureau a role has, and how many signatures it needs (PROTOCOL section 9). */
const shape: Readonly<Record<TufRole, { readonly each: number; readonly threshold: number }>> = {
  root: { each: 2, threshold: 3 },
  targets: { each: 1, threshold: 2 },
  snapshot: { each: 1, threshold: 1 },
  timestamp: { each: 1, threshold: 1 },
}

/**
 * Reads one root by itself. Proves: the profile (two bureaus; root two keys each and three signatures, targets one key each and both
 * signatures), every key once and under its own id, and that the root is signed by its own keys. Not proven: that anybody should
 * trust it.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` `THRESHOLD_NOT_MET`
 * @see spec/registry.md, REG-2 to REG-4
 */
export function parseRoot(bytes: Uint8Array): Root {
  const root = readRoot(parseTuf('root', bytes))
  requireSigned(root.metadata, root)
  return root
}

/** The profile alone, of a root that may not be signed yet. @throws {ProtocolError} `REGISTRY_MALFORMED` */
export function readRoot(metadata: TufMetadata<'root'>): Root {
  const { signed } = metadata
  const keys = new Map<string, RootKey>()
  for (const role of tufRoles) {
    const { keyids, threshold } = signed.roles[role]
    const place = `/signed/roles${pointerStep(role)}`
    if (threshold !== shape[role].threshold)
      throw malformed(`${place}/threshold`, `the threshold of ${role} is ${shape[role].threshold}`)
    for (const id of keyids) {
      if (keys.has(id)) throw malformed(place, 'a key has one role, and stands there once')
      keys.set(id, openKey(metadata, role, id))
    }
  }
  const strange = [...Object.keys(signed.keys), ...Object.keys(signed['x-csx-controller'])].find(
    (id) => !keys.has(id),
  )
  if (strange !== undefined) throw malformed('/signed/keys', 'a key without a role')
  return {
    version: signed.version,
    digest: metadata.digest,
    expires: Date.parse(signed.expires),
    keys,
    bureaus: readBureaus(keys),
    metadata,
  }
}

function openKey({ signed }: TufMetadata<'root'>, role: TufRole, id: string): RootKey {
  const place = `/signed/keys${pointerStep(id)}`
  const text = signed.keys[id]?.keyval.public
  const controller = signed['x-csx-controller'][id]
  if (text === undefined || controller === undefined)
    throw malformed(place, 'a role names a key that is not there, or that nobody controls')
  if (keyIdOf(text) !== id) throw malformed(place, 'the id of a key is the hash of the key')
  return { id, key: openPublicKey(text, place), role, controller }
}

function openPublicKey(text: string, pointer: string): PublicKey {
  try {
    return importPublicKey(decodeHex(text))
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('REGISTRY_MALFORMED', cause.message, { place: { pointer }, cause })
  }
}

/** Both bureaus hold the same number of keys of each role, so that neither reaches a threshold of root or targets alone. */
function readBureaus(keys: ReadonlyMap<string, RootKey>): readonly [string, string] {
  const [first, second, ...more] = [
    ...new Set([...keys.values()].map(({ controller }) => controller)),
  ].toSorted()
  const place = '/signed/x-csx-controller'
  if (first === undefined || second === undefined || more.length > 0)
    throw malformed(place, 'the keys are in the hands of two bureaus')
  for (const role of tufRoles) {
    for (const bureau of [first, second]) {
      const held = [...keys.values()].filter((key) => key.role === role && key.controller === bureau)
      if (held.length !== shape[role].each)
        throw malformed(place, `each bureau holds ${shape[role].each} key(s) of ${role}`)
    }
  }
  return [first, second]
}

/** The keys of a role that signed, each counted once. A signature that does not verify counts for nothing (TUF 1.0.34, 5.3.4). */
export function signersOf(metadata: TufMetadata<TufRole>, root: Root): readonly RootKey[] {
  return metadata.signatures.flatMap(({ keyid, sig }) => {
    const key = root.keys.get(keyid)
    return key?.role === metadata.role && key.key.verify(metadata.message, decodeHex(sig)) ? [key] : []
  })
}

/** How many keys of a role must sign. */
export function thresholdOf(role: TufRole): number {
  return shape[role].threshold
}

/**
 * As many keys of the role as this root asks for signed it.
 *
 * @throws {ProtocolError} `THRESHOLD_NOT_MET`
 * @see spec/registry.md, REG-4
 */
export function requireSigned(metadata: TufMetadata<TufRole>, root: Root): void {
  const { threshold } = shape[metadata.role]
  const signers = signersOf(metadata, root)
  if (signers.length >= threshold) return
  throw new ProtocolError('THRESHOLD_NOT_MET', `${signers.length} of ${threshold} keys signed`, {
    evidence: {
      role: metadata.role,
      version: metadata.signed.version,
      root: root.version,
      signedBy: signers.map(({ controller }) => controller),
    },
  })
}

/**
 * Walks from a root that is pinned by digest to the last one given: each is signed by a threshold of the one before and of its own.
 * Files before the pinned one are passed over: it does not vouch for them.
 *
 * @returns the pinned one and those after it
 * @throws {ProtocolError} `NOT_TRUSTED` — none of them is the pinned one; `REGISTRY_MALFORMED` `THRESHOLD_NOT_MET`
 * @see spec/registry.md, REG-5
 */
export function openRootChain(
  files: readonly TufMetadata<'root'>[],
  pinned: Digest,
): readonly [Root, ...Root[]] {
  const start = files.findIndex(({ digest }) => digest === pinned)
  const [head, ...rest] = start < 0 ? [] : files.slice(start)
  if (!head)
    throw new ProtocolError('NOT_TRUSTED', 'the pinned root is not among these', {
      evidence: { pinned, found: files[0]?.digest },
    })
  const first = openSelfSigned(head)
  const roots: [Root, ...Root[]] = [first]
  let last = first
  for (const file of rest) {
    const next = openSelfSigned(file)
    if (next.version !== last.version + 1)
      throw malformed('/signed/version', `root ${next.version} does not follow root ${last.version}`)
    requireSigned(next.metadata, last)
    roots.push(next)
    last = next
  }
  return roots
}

function openSelfSigned(metadata: TufMetadata<'root'>): Root {
  const root = readRoot(metadata)
  requireSigned(metadata, root)
  return root
}

function malformed(pointer: string, message: string): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}

/** One root, whoever signed this file of it: more signatures make another file and not another root. */
export function sameRoot(a: Root, b: Root): boolean {
  return digestOf(a.metadata.message) === digestOf(b.metadata.message)
}
