import { parseDid, parseOrigin } from '../../protocol/identifier/name.ts'
import type { Member, Registry } from '../../protocol/trust/registry.ts'
import { type Exit, usageError } from '../exit.ts'
import { parseDay } from '../option.ts'
import type { World } from '../world.ts'
import { changeMember, edit, parseCount } from './change.ts'

export interface PairFlags {
  readonly name: string
  readonly parties: readonly string[]
  readonly from?: string
  readonly to?: string
}

/** `csx registry set-pair`: a project of two agencies, or its end. What is not said of it again stays. */
export async function runRegistrySetPair(
  directory: string,
  id: string,
  { flags, world }: { readonly flags: PairFlags; readonly world: World },
): Promise<Exit> {
  for (const party of flags.parties) parseDid(party)
  const [one, two, ...more] = flags.parties
  if (one === undefined || two === undefined || more.length > 0 || one === two)
    throw usageError('--parties 为两家不同成员的 DID / the DIDs of two members')
  const span = spanOf(flags)
  const parties: [string, string] = [one, two]
  return edit(
    directory,
    (registry) => {
      const was = registry.projects.find((entry) => entry.id === id)
      const project = { ...spanOf(was ?? {}), id, nameZh: flags.name, parties, ...span }
      return {
        ...registry,
        projects: [...registry.projects.filter((entry) => entry.id !== id), project],
        members: registry.members.map((member) => ({
          ...member,
          ...(parties.includes(member.id)
            ? { projects: [...new Set([...(member.projects ?? []), id])] }
            : {}),
        })),
      }
    },
    world,
  )
}

export interface GroupFlags {
  readonly name: string
  readonly from?: string
  readonly to?: string
}

/**
 * `csx registry set-group`: a group by its id, or its end. With the first one all groups have names: the others that members are of stand
 * under their ids until they are given better ones.
 */
export async function runRegistrySetGroup(
  directory: string,
  id: string,
  { flags, world }: { readonly flags: GroupFlags; readonly world: World },
): Promise<Exit> {
  const span = spanOf(flags)
  return edit(
    directory,
    (registry) => {
      const groups = registry.groups ?? unnamedGroups(registry)
      const was = groups.find((entry) => entry.id === id)
      const group = { ...spanOf(was ?? {}), id, nameZh: flags.name, ...span }
      return { ...registry, groups: [...groups.filter((entry) => entry.id !== id), group] }
    },
    world,
  )
}

function unnamedGroups({ members }: Registry): NonNullable<Registry['groups']> {
  const ids = new Set(members.flatMap(({ group }) => group ?? []))
  return [...ids].map((id) => ({ id, nameZh: id }))
}

export interface MemberFlags {
  readonly group: string
}

/** `csx registry set-member`: puts members into a group, or takes them out of theirs. */
export async function runRegistrySetMember(
  directory: string,
  dids: readonly string[],
  { flags, world }: { readonly flags: MemberFlags; readonly world: World },
): Promise<Exit> {
  const move = ({ group: _was, ...member }: Member): Member =>
    flags.group === 'none' ? member : { ...member, group: flags.group }
  return edit(
    directory,
    (registry) => {
      const { groups } = registry
      if (flags.group !== 'none' && groups && !groups.some(({ id }) => id === flags.group))
        throw usageError(
          `没有此协作组，请先 csx registry set-group；现有 / no such group, make it by set-group; there are: ${groups.map(({ id }) => id).join(' ')}`,
        )
      return dids.reduce((changed, did) => changeMember(changed, did, move), registry)
    },
    world,
  )
}

interface Span {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

function spanOf({ from, to }: Span): { from?: string; to?: string } {
  return {
    ...(from === undefined ? {} : { from: parseDay(from, '--from') }),
    ...(to === undefined ? {} : { to: parseDay(to, '--to') }),
  }
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
  const { scheme, prefix, origin } = flags
  const authority = { scheme, prefix, origin, from: parseCount(flags.from) }
  return edit(
    directory,
    (registry) => ({ ...registry, authority: [...registry.authority, authority] }),
    world,
  )
}
