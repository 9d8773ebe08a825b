import { join } from 'node:path'
import { encodeHex } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { isCalendarDate } from '../../protocol/date.ts'
import { parseMultikey } from '../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { describeRegistryChanges } from '../../protocol/trust/difference.ts'
import { type KeyPurpose, maxKeyFileBytes, parseKeyFile } from '../../protocol/trust/key-file.ts'
import { type Member, type Purpose, purposes, type Registry } from '../../protocol/trust/registry.ts'
import { readRoot } from '../../protocol/trust/root.ts'
import { describeRootChanges } from '../../protocol/trust/root-difference.ts'
import { readTuf, type TufRole, tufRoles } from '../../protocol/trust/tuf.ts'
import { composeRoot, type NamedKey, roleLife } from '../../protocol/trust/tuf-make.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { readInput, writeAtomically } from '../file.ts'
import { parseTime } from '../option.ts'
import { formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { changeMember, newestLog, parseCount } from './change.ts'
import { addWitnessKey } from './policy.ts'
import { printChanges } from './print.ts'
import { changeRegistry, checkUnder, openWorkspace, registryOf, rootOf, saveRegistry } from './workspace.ts'

export interface RotateFlags {
  readonly purpose?: string
  readonly role?: string
  readonly old?: string
  readonly new: string
  readonly at?: string
}

/**
 * `csx registry rotate-key`: a new key takes the place of an old one: of a member from an entry of its log on (a cosigner: from a moment
 * on), or of a bureau in the root.
 *
 * @see protocol/spec/registry.md, REG-24
 */
export async function runRegistryRotate(
  directory: string,
  did: string,
  { flags, world }: { readonly flags: RotateFlags; readonly world: World },
): Promise<Exit> {
  if (flags.role !== undefined) {
    if (flags.purpose !== undefined || flags.at !== undefined)
      throw usageError(
        '--role 换的是根中的密钥，不与 --purpose、--at 同用 / --role is of a key in the root, and takes neither --purpose nor --at',
      )
    return rotateRoot(directory, { did, flags, world })
  }
  if (flags.old !== undefined) throw usageError('--old 只与 --role 同用 / --old goes with --role alone')
  const purpose = purposes.find((name) => name === flags.purpose)
  if (!purpose || flags.at === undefined)
    throw usageError(
      `--purpose 为 ${purposes.join(' ')} 之一，并须 --at / --purpose is one of them, with --at`,
    )
  const at = flags.at
  const multikey = await readPublicKey(flags.new, purpose, world)
  const workspace = await openWorkspace(directory)
  const before = registryOf(workspace)
  const after = await changeRegistry(
    workspace,
    (registry) => rotateIn(registry, did, { purpose, multikey, at }),
    world,
  )
  world.out(
    `${formatDone(`第${after.version}版草稿已改，先前的签名作废`, `draft of version ${after.version} changed; earlier signatures are void`)}\n`,
  )
  printChanges(describeRegistryChanges(before, after), world)
  return exits.verified
}

interface Rotation {
  readonly purpose: Purpose
  readonly multikey: string
  readonly at: string
}

function rotateIn(registry: Registry, did: string, rotation: Rotation): Registry {
  const after = changeMember(registry, did, (member) => rotate(member, rotation))
  const keysOf = ({ members }: Registry) =>
    (members.find(({ id }) => id === did)?.cosigners ?? []).filter(({ name }) => name.endsWith('/witness'))
  const added = keysOf(after).at(-1)
  if (rotation.purpose !== 'witness' || !added) return after
  const old = keysOf(registry).map(({ key }) => key)
  // The policy counts keys: without the new one nothing would be witnessed from then on, without the old one nothing before.
  return { ...after, policy: addWitnessKey(registry.policy, old, added.key) }
}

function rotate(member: Member, { purpose, multikey, at }: Rotation): Member {
  const log = newestLog(member)
  if (purpose === 'log') {
    const from = parseCount(at)
    const key = formatVerifierKey(verifierKeyOf(log.origin, parseMultikey(multikey)))
    const vkey = [...log.vkey.map((entry) => endAt(entry, from)), { key, from }]
    return {
      ...member,
      origins: member.origins.map((entry) => (entry === log ? { ...entry, vkey } : entry)),
    }
  }
  if (purpose === 'witness' || purpose === 'holder') return rotateCosigner(member, { purpose, multikey, at })
  const from = parseCount(at)
  const keys = member.keys.map((key) => ({
    ...key,
    valid: key.valid.map((range) =>
      key.purpose === purpose && range.origin === log.origin ? endAt(range, from) : range,
    ),
  }))
  return { ...member, keys: [...keys, { multikey, purpose, valid: [{ origin: log.origin, from }] }] }
}

interface Range<T> {
  readonly from: T
  readonly to?: T | undefined
}

/** The range that is open ends here. It may not end at its beginning: all that the key ever signed would be void. */
function endAt<T extends number | string, R extends Range<T>>(range: R, at: T): R {
  if (range.to !== undefined) return range
  if (at > range.from) return { ...range, to: at }
  throw usageError(
    `--at 须晚于旧密钥的起点 ${range.from}，否则旧密钥签过的全部作废；密钥泄露的，请用 csx registry close 关闭日志 / --at must be later than ${range.from}, where the old key begins, or nothing that it signed would count; where a key was stolen, close the log`,
  )
}

function rotateCosigner(member: Member, { purpose, multikey, at }: Rotation): Member {
  // Of a date its beginning: from that day on.
  const moment = isCalendarDate(at) ? Date.parse(`${at}T00:00:00+08:00`) : parseTime(at)
  const from = `${new Date(moment).toISOString().slice(0, 19)}Z`
  const name = `${newestLog(member).origin.replace(/\/log\/\d+$/, '')}/${purpose}`
  const key = formatVerifierKey(verifierKeyOf(name, parseMultikey(multikey), 0x04))
  const cosigners = member.cosigners.map((entry) => (entry.name === name ? endAt(entry, from) : entry))
  return { ...member, cosigners: [...cosigners, { name, key, from }] }
}

interface RootRotation {
  readonly did: string
  readonly flags: RotateFlags
  readonly world: World
}

/** The next root, or the one in the folder changed once more. It is signed by the outgoing keys as well. */
async function rotateRoot(directory: string, { did, flags, world }: RootRotation): Promise<Exit> {
  const role = tufRoles.find((name) => name === flags.role)
  if (!role) throw usageError(`--role 为 ${tufRoles.join(' ')} 之一 / one of them`)
  const multikey = await readPublicKey(flags.new, `registry-${role}`, world)
  const workspace = await openWorkspace(directory)
  const current = rootOf(workspace)
  const before = workspace.base?.root
  const held = [...current.keys.values()].filter((key) => key.controller === did && key.role === role)
  if (held.length === 0)
    throw usageError(
      `${did} 不持有此角色的根密钥；两局 / holds no such key; the bureaus: ${current.bureaus.join(' ')}`,
    )
  const outgoing =
    held.length === 1 && flags.old === undefined ? held[0] : held.find(({ id }) => id === flags.old)
  if (!outgoing)
    throw usageError(
      `须以 --old 指明换下哪一把：${held.map(({ id }) => id).join(' ')} / say which one with --old`,
    )
  const keys = [...current.keys.values()]
    .filter((key) => key !== outgoing)
    .map((key): NamedKey => ({ public: encodeHex(key.key.raw), role: key.role, controller: key.controller }))
  const version = before ? before.version + 1 : current.version
  const root = composeRoot([...keys, newKey(did, role, multikey)], {
    version,
    expires: world.now() + roleLife.root,
  })
  const opened = readRoot(readTuf('root', root))
  if (registryOf(workspace).members.length > 0) checkUnder(opened, workspace.registry, world)
  await writeAtomically(join(directory, 'root.json'), canonicalBytes(root))
  // What the targets must be signed with may be another key now.
  await saveRegistry(directory, workspace.registry, world)
  world.out(
    `${formatDone(`根第${version}版草稿已改，先前的签名作废`, `draft of root ${version} changed; earlier signatures are void`)}\n`,
  )
  printChanges(describeRootChanges(before, opened), world)
  return exits.verified
}

function newKey(did: string, role: TufRole, multikey: string): NamedKey {
  return { public: encodeHex(parseMultikey(multikey).raw), role, controller: did }
}

/** A Multikey, or the key file that holds it, which says itself what the key is for. */
async function readPublicKey(text: string, purpose: KeyPurpose, world: World): Promise<string> {
  if (/^z6Mk[1-9A-HJ-NP-Za-km-z]+$/.test(text)) return parseMultikey(text).multibase
  const file = parseKeyFile(await readInput(text, maxKeyFileBytes, world))
  if (file.purpose !== purpose)
    throw usageError(
      `${text} 是 ${file.purpose} 的密钥，不能作 ${purpose} / is a key for ${file.purpose} and not for ${purpose}`,
    )
  return parseMultikey(file.multikey).multibase
}
