import { exchangeContext } from '../context/name.ts'
import { exchangeContextPin } from '../context/pin.ts'
import { parseInstant } from '../date.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import type { Digest } from '../hash.ts'
import { parseDid, parseOrigin } from '../identifier/name.ts'
import { type PublicKey, parseMultikey } from '../key.ts'
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../log/note.ts'
import { type Policy, parsePolicy } from '../log/policy.ts'
import type { Member, MemberLog, Purpose, Registry } from './registry.ts'
import type { Root } from './root.ts'
import { checkSuccession } from './succession.ts'
import type { TufMetadata } from './tuf.ts'

/** A log of a member, with its keys imported. */
export interface TrustedLog {
  readonly member: Member
  readonly log: MemberLog
  readonly keys: readonly { readonly key: VerifierKey; readonly from: number; readonly to?: number }[]
}

interface TrustedKey {
  readonly member: Member
  readonly key: PublicKey
  readonly purpose: Purpose
  readonly valid: Member['keys'][number]['valid']
}

/** A witness or holder of a member, with the time in which its word counts. */
export interface TrustedCosigner {
  readonly member: Member
  readonly key: VerifierKey
  /** POSIX seconds: `from ≤ time < to`. */
  readonly from: number
  readonly to?: number
}

/** A registry whose parts fit together, with every key imported once. Immutable. */
export interface Trust {
  readonly registry: Registry
  readonly fingerprint: Digest
  readonly members: ReadonlyMap<string, Member>
  readonly logs: ReadonlyMap<string, TrustedLog>
  readonly keys: ReadonlyMap<string, TrustedKey>
  /** By the multibase form of their key. */
  readonly cosigners: ReadonlyMap<string, TrustedCosigner>
  /** `undefined`: the registry asks for no witnesses. */
  readonly policy: Policy | undefined
  /** What vouches for it: a chain of roots signed by both bureaus. Without it, whoever put the file there. */
  readonly anchor?: Anchor
}

/** The roots from a pinned one on, and the targets that name the registry. */
export interface Anchor {
  /** Fingerprint of the root that the reader pinned. */
  readonly pinned: Digest
  /** Of each root from there on; the last is `root`. */
  readonly roots: readonly Digest[]
  /** The same roots, opened; absent where `root` is the only one. */
  readonly chain?: readonly Root[]
  readonly root: Root
  readonly targets: TufMetadata<'targets'>
}

/**
 * Proves that the registry does not contradict itself: each member, origin and public key once, origins and cosigners named
 * after their member, loopback and plain HTTP in a synthetic network alone; and that it means the context that this program
 * knows. Who signed the registry is not its concern.
 *
 * @throws {ProtocolError} `REGISTRY_MALFORMED` `CONTEXT_NOT_ALLOWED`, with a pointer
 * @see spec/trust.md, TRUST-1 to TRUST-5, TRUST-9, TRUST-11, TRUST-12, TRUST-800; spec/witness.md, WIT-8 and WIT-9
 */
export function openTrust(registry: Registry, fingerprint: Digest, anchor?: Anchor): Trust {
  checkContext(registry)
  if (registry.members.length === 0) throw malformed('/members', 'a registry has members')
  const members = new Map<string, Member>()
  const logs = new Map<string, TrustedLog>()
  const keys = new Map<string, TrustedKey>()
  const cosigners = new Map<string, TrustedCosigner>()
  const seen = new Set<string>([...(anchor?.root.keys.values() ?? [])].map(({ key }) => key.multibase))
  for (const [i, member] of registry.members.entries()) {
    const place = `/members${pointerStep(i)}`
    if (members.has(member.id)) throw malformed(`${place}/id`, 'a member stands twice')
    members.set(member.id, member)
    checkAddress(registry, member, place)
    for (const [j, log] of member.origins.entries()) {
      const at = `${place}/origins${pointerStep(j)}`
      if (logs.has(log.origin)) throw malformed(`${at}/origin`, 'an origin stands twice')
      logs.set(log.origin, openLogKeys(member, log, at, seen))
      checkEpochs(member.origins[j - 1], log, at)
    }
    for (const [j, entry] of member.keys.entries()) {
      const at = `${place}/keys${pointerStep(j)}/multikey`
      const key = within(at, () => parseMultikey(entry.multikey))
      claim(seen, key, at)
      keys.set(key.multibase, { member, key, purpose: entry.purpose, valid: entry.valid })
    }
    for (const cosigner of openCosigners(member, place, seen))
      cosigners.set(cosigner.key.key.multibase, cosigner)
  }
  checkSuccession(members)
  checkGroups(registry)
  const policy = registry.policy === 'none' ? undefined : openPolicy(registry.policy, cosigners)
  return { registry, fingerprint, members, logs, keys, cosigners, policy, ...(anchor ? { anchor } : {}) }
}

function openLogKeys(member: Member, log: MemberLog, place: string, seen: Set<string>): TrustedLog {
  const name = within(`${place}/origin`, () => parseOrigin(log.origin))
  const owner = within(place, () => parseDid(member.id))
  if (name.authority !== owner.authority || name.base !== owner.base) {
    throw malformed(`${place}/origin`, 'an origin is named after its member')
  }
  const keys = log.vkey.map((entry, k) => {
    const at = `${place}/vkey${pointerStep(k)}/key`
    const key = within(at, () => parseVerifierKey(entry.key))
    if (key.type !== 1 || key.name !== log.origin)
      throw malformed(at, 'a log key is an Ed25519 key (0x01) named by its origin')
    claimNamed(seen, key, at)
    return entry.to === undefined ? { key, from: entry.from } : { key, from: entry.from, to: entry.to }
  })
  return { member, log, keys }
}

/** Two logs that one member may write at once would be two histories under one name. */
function checkEpochs(before: MemberLog | undefined, log: MemberLog, place: string): void {
  if (!before) return
  const follows = parseOrigin(log.origin).epoch === parseOrigin(before.origin).epoch + 1
  if (!follows || !before.closed)
    throw malformed(`${place}/origin`, 'an epoch opens when the one before it is closed, and is the next')
}

function openCosigners(member: Member, place: string, seen: Set<string>): readonly TrustedCosigner[] {
  const owner = within(`${place}/id`, () => parseDid(member.id))
  return member.cosigners.map(({ name, key: text, from: begin, to: end }, j) => {
    const at = `${place}/cosigners${pointerStep(j)}`
    if (!['witness', 'holder'].some((role) => name === `${owner.authority}${owner.base}/${role}`))
      throw malformed(`${at}/name`, 'a cosigner is the witness or the holder of its member')
    const key = within(`${at}/key`, () => parseVerifierKey(text))
    if (key.type !== 4 || key.name !== name)
      throw malformed(`${at}/key`, 'a cosigner key is a cosignature key (0x04) named by the cosigner')
    claimNamed(seen, key, `${at}/key`)
    const from = readInstant(begin, `${at}/from`)
    return end === undefined ? { member, key, from } : { member, key, from, to: readInstant(end, `${at}/to`) }
  })
}

function readInstant(text: string, pointer: string): number {
  const seconds = parseInstant(text)
  if (seconds === undefined) throw malformed(pointer, 'a moment is YYYY-MM-DDThh:mm:ssZ')
  return seconds
}

/** @see spec/trust.md, TRUST-800 */
function checkGroups({ groups, members }: Registry): void {
  if (!groups) return
  const known = new Set<string>()
  for (const [i, { id }] of groups.entries()) {
    if (known.has(id)) throw malformed(`/groups${pointerStep(i)}/id`, 'a group stands twice')
    known.add(id)
  }
  for (const [i, { group }] of members.entries())
    if (group !== undefined && !known.has(group))
      throw malformed(`/members${pointerStep(i)}/group`, 'no such group in this registry')
}

/** Logs are for the registry itself to name; a witness is one of its cosigners, under the same name and key. */
function openPolicy(text: string, cosigners: ReadonlyMap<string, TrustedCosigner>): Policy {
  const policy = within('/policy', () => parsePolicy(text))
  if (policy.logs.length > 0) throw malformed('/policy', 'the registry says itself which logs there are')
  for (const { name, key } of policy.witnesses) {
    const known = cosigners.get(key.key.multibase)
    if (!known || formatVerifierKey(known.key) !== formatVerifierKey(key))
      throw malformed('/policy', `the witness ${name} is no cosigner of this registry`)
  }
  return policy
}

/** Words that two programs read by two contexts are two statements under one signature. */
function checkContext({ context }: Registry): void {
  if (context.iri === exchangeContext && context.digest === exchangeContextPin) return
  throw new ProtocolError('CONTEXT_NOT_ALLOWED', 'the registry means another context than this program has', {
    place: { pointer: context.iri === exchangeContext ? '/context/digest' : '/context/iri' },
    evidence: { stated: context.digest, known: exchangeContextPin },
  })
}

function checkAddress(registry: Registry, member: Member, place: string): void {
  if (registry.network === 'synthetic') return
  const loopback = isLoopbackHost(/^did:web:([^:]*?)(?:%3A\d*)?(?::|$)/.exec(member.id)?.[1] ?? '')
  const plain = [member.endpoints.base, ...member.origins.map((log) => log.url)].some(
    (url) => !url.startsWith('https://'),
  )
  if (loopback || plain || member.synthetic)
    throw malformed(place, 'loopback, plain HTTP and synthetic members are for a synthetic network alone')
}

/** A name or an address of the machine itself; `localhosting.example` is none. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:(?:[^.]+\.)*localhost\.?|127(?:\.\d+)*|0(?:\.0)*|\[.*\]|%5B.*)$/i.test(host)
}

function claim(seen: Set<string>, key: PublicKey, place: string): void {
  if (seen.has(key.multibase)) throw malformed(place, 'one public key appears once in the whole registry')
  seen.add(key.multibase)
}

/** A line of a note names its key by name and id alone. */
function claimNamed(seen: Set<string>, { name, id, key }: VerifierKey, place: string): void {
  claim(seen, key, place)
  const line = `${name}+${id}`
  if (seen.has(line)) throw malformed(place, 'two keys of one name have one id: take another key')
  seen.add(line)
}

function within<T>(pointer: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError('REGISTRY_MALFORMED', cause.message, { place: { pointer }, cause })
  }
}

function malformed(pointer: string, message: string): ProtocolError {
  return new ProtocolError('REGISTRY_MALFORMED', message, { place: { pointer } })
}
