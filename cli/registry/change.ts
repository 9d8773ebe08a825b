import { isCalendarDate } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { formatOrigin, parseDid, parseOrigin } from '../../protocol/identifier/name.ts'
import { parseMultikey } from '../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { describeRegistryChanges } from '../../protocol/trust/difference.ts'
import type { Member, MemberLog, Registry } from '../../protocol/trust/registry.ts'
import { readRegistry } from '../../protocol/trust/registry.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { readInput } from '../file.ts'
import { formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { bureauPolicy } from './policy.ts'
import { printChanges } from './print.ts'
import { changeRegistry, openWorkspace, readObject, registryOf, rootOf } from './workspace.ts'

/** Changes the draft, and says what changed. */
async function edit(
  directory: string,
  change: (registry: Registry) => Registry,
  world: World,
): Promise<Exit> {
  const workspace = await openWorkspace(directory, world)
  const before = registryOf(workspace)
  const after = await changeRegistry(workspace, change, world)
  world.out(
    `${formatDone(`第${after.version}版草稿已改，先前的签名作废`, `draft of version ${after.version} changed; earlier signatures are void`)}\n`,
  )
  printChanges(describeRegistryChanges(before, after), world)
  return exits.verified
}

export interface AddFlags {
  readonly group?: string
}

/** `csx registry add`: members by their own words about themselves. */
export async function runRegistryAdd(
  directory: string,
  files: readonly string[],
  { flags, world }: { readonly flags: AddFlags; readonly world: World },
): Promise<Exit> {
  const added: Member[] = []
  for (const file of files) {
    const value = await readObject(file, 1 << 20, world)
    if (!value) throw usageError(`没有此文件 / no such file: ${file}`)
    added.push(asMember(value))
  }
  const members = added.map((member) => ({
    ...member,
    ...(flags.group === undefined ? {} : { group: flags.group }),
  }))
  return edit(directory, (registry) => ({ ...registry, members: [...registry.members, ...members] }), world)
}

/** By the form of the registry itself, which has no reader for a member alone. */
function asMember(value: object): Member {
  const lone = {
    v: 1,
    version: 1,
    network: 'synthetic',
    context: { iri: 'x', digest: `sha256:${'0'.repeat(64)}` },
    policy: 'none',
    members: [JSON.parse(JSON.stringify(value))],
    projects: [],
    authority: [],
  }
  const [member] = readRegistry(lone).registry.members
  if (!member) throw new TypeError('one member was read')
  return member
}

export interface SuspendFlags {
  readonly at: string
  readonly origin?: string
  readonly lift?: boolean
  readonly leave?: boolean
}

/** `csx registry suspend`: from an entry of its log on a member is not heard, is heard again, or has left. */
export async function runRegistrySuspend(
  directory: string,
  did: string,
  { flags, world }: { readonly flags: SuspendFlags; readonly world: World },
): Promise<Exit> {
  if (flags.lift === true && flags.leave === true) throw usageError('--lift 与 --leave 二选一 / one of them')
  const status = flags.lift === true ? 'active' : flags.leave === true ? 'left' : 'suspended'
  return edit(
    directory,
    (registry) =>
      changeMember(registry, did, (member) => ({
        ...member,
        status: [
          ...member.status,
          { status, origin: flags.origin ?? newestLog(member).origin, size: parseCount(flags.at) },
        ],
      })),
    world,
  )
}

export interface CloseFlags {
  readonly size: string
  readonly root: string
  readonly reason: string
  readonly next?: string
}

/**
 * `csx registry close`: ends an epoch at the tree that counts. With `--next`, the key of the next one, the member's other keys are valid
 * there from its beginning.
 */
export async function runRegistryClose(
  directory: string,
  origin: string,
  { flags, world }: { readonly flags: CloseFlags; readonly world: World },
): Promise<Exit> {
  const name = parseOrigin(origin)
  const closed = { size: parseCount(flags.size), root: flags.root, reason: flags.reason }
  const next = flags.next
  return edit(
    directory,
    (registry) => {
      const owner = registry.members.find(({ origins }) => origins.some((log) => log.origin === origin))
      if (!owner) throw new ProtocolError('NOT_A_MEMBER', `no member has the log ${origin}`)
      return changeMember(registry, owner.id, (member) => {
        const origins = member.origins.map((log) => (log.origin === origin ? { ...log, closed } : log))
        if (next === undefined) return { ...member, origins }
        const opened = nextEpoch(member, formatOrigin(name, name.epoch + 1), next)
        return {
          ...member,
          origins: [...origins, opened],
          keys: member.keys.map((key) => extendKey(key, origin, opened.origin)),
          status: [...member.status, { status: 'active', origin: opened.origin, size: 0 }],
        }
      })
    },
    world,
  )
}

function nextEpoch(member: Member, origin: string, multikey: string): MemberLog {
  const key = formatVerifierKey(verifierKeyOf(origin, parseMultikey(multikey)))
  const { epoch } = parseOrigin(origin)
  return { origin, url: `${member.endpoints.base}/log/${epoch}`, vkey: [{ key, from: 0 }] }
}

/** A key that was valid at the end of the closed log goes on in the next. */
function extendKey(key: Member['keys'][number], from: string, to: string): Member['keys'][number] {
  const goesOn = key.valid.some((range) => range.origin === from && range.to === undefined)
  return goesOn ? { ...key, valid: [...key.valid, { origin: to, from: 0 }] } : key
}

export interface PairFlags {
  readonly name: string
  readonly parties: readonly string[]
  readonly from?: string
  readonly to?: string
}

/** `csx registry set-pair`: a project of two agencies, or its end. */
export async function runRegistrySetPair(
  directory: string,
  id: string,
  { flags, world }: { readonly flags: PairFlags; readonly world: World },
): Promise<Exit> {
  for (const party of flags.parties) parseDid(party)
  const [one, two, ...more] = flags.parties
  if (one === undefined || two === undefined || more.length > 0)
    throw usageError('--parties 为两个 DID / two DIDs')
  const project = {
    id,
    nameZh: flags.name,
    parties: [one, two] satisfies [string, string],
    ...spanOf(flags),
  }
  return edit(
    directory,
    (registry) => ({
      ...registry,
      projects: [...registry.projects.filter((entry) => entry.id !== id), project],
      members: registry.members.map((member) => ({
        ...member,
        ...(project.parties.includes(member.id)
          ? { projects: [...new Set([...(member.projects ?? []), id])] }
          : {}),
      })),
    }),
    world,
  )
}

export interface GroupFlags {
  readonly name: string
  readonly from?: string
  readonly to?: string
}

/** `csx registry set-group`: a group by its id, or its end. */
export async function runRegistrySetGroup(
  directory: string,
  id: string,
  { flags, world }: { readonly flags: GroupFlags; readonly world: World },
): Promise<Exit> {
  const group = { id, nameZh: flags.name, ...spanOf(flags) }
  return edit(
    directory,
    (registry) => ({
      ...registry,
      groups: [...(registry.groups ?? []).filter((entry) => entry.id !== id), group],
    }),
    world,
  )
}

function spanOf({ from, to }: Pick<GroupFlags, 'from' | 'to'>): { from?: string; to?: string } {
  for (const date of [from, to])
    if (date !== undefined && !isCalendarDate(date))
      throw usageError(`日期写作 2026-06-01 / a date is 2026-06-01: ${date}`)
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

export interface AuthorityFlags {
  readonly scheme: string
  readonly prefix: string
  readonly origin: string
  readonly from: string
}

/** `csx registry set-authority`: whose log speaks for the numbers of a prefix, from which entry on. */
export async function runRegistrySetAuthority(
  directory: string,
  flags: AuthorityFlags,
  world: World,
): Promise<Exit> {
  parseOrigin(flags.origin)
  const entry = { ...flags, from: parseCount(flags.from) }
  const authority = {
    scheme: entry.scheme,
    prefix: entry.prefix,
    origin: entry.origin,
    from: entry.from,
  }
  return edit(
    directory,
    (registry) => ({ ...registry, authority: [...registry.authority, authority] }),
    world,
  )
}

/** `csx registry set-policy`: who must witness a checkpoint. `bureaus`: both of them. */
export async function runRegistrySetPolicy(directory: string, text: string, world: World): Promise<Exit> {
  const stated =
    text === 'none' || text === 'bureaus'
      ? text
      : new TextDecoder('utf-8', { fatal: true }).decode(await readInput(text, 20_000, world))
  const { bureaus } = rootOf(await openWorkspace(directory, world))
  return edit(
    directory,
    (registry) => ({ ...registry, policy: stated === 'bureaus' ? bureauPolicy(registry, bureaus) : stated }),
    world,
  )
}

export function changeMember(registry: Registry, did: string, change: (member: Member) => Member): Registry {
  if (!registry.members.some(({ id }) => id === did))
    throw new ProtocolError('NOT_A_MEMBER', `not in the registry: ${did}`)
  return {
    ...registry,
    members: registry.members.map((member) => (member.id === did ? change(member) : member)),
  }
}

export function newestLog(member: Member): MemberLog {
  const log = member.origins.findLast(({ closed }) => closed === undefined) ?? member.origins.at(-1)
  if (!log) throw new TypeError('a member has a log')
  return log
}

export function parseCount(text: string): number {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) throw usageError(`不是整数 / not a whole number: ${text}`)
  return Number(text)
}
