import { ProtocolError } from '../error.ts'
import type { CommittedTier } from '../log/commitment.ts'
import type { Tier } from '../log/entry.ts'
import type { Member, Registry } from './registry.ts'
import type { Trust } from './trust.ts'

export type Project = Registry['projects'][number]

/** Who is asked about, and on which legal date. */
export interface Presence {
  readonly member: Member
  readonly day: string
  /** It withdraws from an agreement: a party may when the project is over, too. */
  readonly leaves?: boolean
}

/** The project of this id. */
export function findProject({ registry }: Trust, id: string): Project | undefined {
  return registry.projects.find((project) => project.id === id)
}

/** Whether some project, of whatever time, is of these two. */
export function arePartners({ registry }: Trust, one: string, other: string): boolean {
  return (
    one !== other && registry.projects.some(({ parties }) => [one, other].every((id) => parties.includes(id)))
  )
}

/** Whether a pair or a group stands on a day: `from ≤ day < to`. */
export function isUnderWay({ from, to }: Pick<Project, 'from' | 'to'>, day: string): boolean {
  return (from === undefined || from <= day) && (to === undefined || day < to)
}

/** Of a member, its group on a day. In a registry that names no groups each stands. */
function groupOn({ registry }: Trust, { member, day }: Presence): string | undefined {
  const named = registry.groups?.find(({ id }) => id === member.group)
  return registry.groups === undefined || (named && isUnderWay(named, day)) ? member.group : undefined
}

/** The members' status in the newest log that the registry names of it, whatever its size: for what is asked now. */
export function isActiveNow(member: Member): boolean {
  const newest = member.origins.at(-1)?.origin
  const steps = member.status.filter(({ origin }) => origin === newest)
  const last = steps.toSorted((a, b) => a.size - b.size).at(-1) ?? member.status.at(-1)
  return last?.status === 'active'
}

function withoutEnd({ from }: Project): Pick<Project, 'from'> {
  return from === undefined ? {} : { from }
}

/**
 * A record of a group is by a member of the group, one of a pair by a party of the project while it stands, or a withdrawal later. Of a
 * project that the registry does not name it says nothing, and neither does this.
 *
 * @throws {ProtocolError} `AUDIENCE_MISMATCH`
 * @see spec/tier.md, TIER-2
 */
export function checkAudience(
  trust: Trust,
  { tier, audience }: { readonly tier: Tier; readonly audience?: string | undefined },
  { member, day, leaves = false }: Presence,
): void {
  if (audience === undefined) return
  const project = tier === 'pair' ? findProject(trust, audience) : undefined
  const fits =
    tier === 'group'
      ? groupOn(trust, { member, day }) === audience
      : !project ||
        (project.parties.includes(member.id) && isUnderWay(leaves ? withoutEnd(project) : project, day))
  if (fits) return
  throw new ProtocolError('AUDIENCE_MISMATCH', `the issuer is not of this ${tier}`, {
    place: { pointer: '/audience' },
    evidence: { audience, member: member.id },
  })
}

/** An audience of a tier, for a publisher now: unlike `checkAudience` it must be known. @throws {ProtocolError} `AUDIENCE_MISMATCH` */
export function requireAudience(
  trust: Trust,
  record: { readonly tier: Tier; readonly audience?: string | undefined },
  presence: Presence,
): void {
  checkAudience(trust, record, presence)
  if (record.tier !== 'pair' || findProject(trust, record.audience ?? '')) return
  throw new ProtocolError('AUDIENCE_MISMATCH', 'the registry names no such project', {
    place: { pointer: '/audience' },
    evidence: { audience: record.audience ?? '' },
  })
}

/** What of one member's log another member may read. */
export interface Grant {
  readonly tier: CommittedTier
  /** For a group and a pair alone. */
  readonly audience?: string
}

/** `all`: one's own. */
export type Grants = readonly Grant[] | 'all'

/**
 * What `reader` may read of the log of `owner` beyond tier public, on a day: as far as the registry makes both what a tier asks for.
 *
 * @see spec/tier.md, TIER-1
 */
export function grantsOf(trust: Trust, reader: Member, { member: owner, day }: Presence): Grants {
  if (!isActiveNow(reader)) return []
  if (reader.id === owner.id) return 'all'
  const pairs = trust.registry.projects.filter(
    (project) =>
      project.parties.includes(reader.id) && project.parties.includes(owner.id) && isUnderWay(project, day),
  )
  const theirs = groupOn(trust, { member: owner, day })
  const group = groupOn(trust, { member: reader, day }) === theirs ? theirs : undefined
  return [
    { tier: 'federation' },
    ...(group === undefined ? [] : [{ tier: 'group', audience: group } as const]),
    ...pairs.map(({ id }) => ({ tier: 'pair', audience: id }) as const),
  ]
}
