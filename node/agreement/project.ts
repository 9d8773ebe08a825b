import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { findProject, isUnderWay, type Project } from '../../protocol/trust/audience.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Caller } from '../access/policy.ts'

/** Who asks this node about its pair projects, and when. */
export interface ProjectCase {
  readonly trust: Trust
  /** The DID of this node. */
  readonly self: string
  readonly caller: Caller
  readonly now: number
}

export interface ProjectSummary {
  readonly id: string
  readonly nameZh: string
  readonly parties: readonly { readonly id: string; readonly name: string }[]
  readonly from?: string
  readonly to?: string
  readonly underWay: boolean
}

/**
 * The projects of this node that a caller may know the work of: its operator all, the other party those that stand.
 *
 * @see protocol/spec/workspace.md, WORK-30
 */
export function listProjects(given: ProjectCase): readonly ProjectSummary[] {
  return given.trust.registry.projects
    .filter((project) => mayRead(project, given))
    .map((project) => summarizeProject(project, given))
}

/** @throws {ProtocolError} `NOT_FOUND` — there is none of this id, or none that the caller may know of: both look alike */
export function requireProject(id: string, given: ProjectCase): Project {
  const project = findProject(given.trust, id)
  if (project && mayRead(project, given)) return project
  throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
}

function mayRead(project: Project, { self, caller }: ProjectCase): boolean {
  if (!project.parties.includes(self)) return false
  if (caller.standing === 'operator') return true
  if (caller.standing !== 'member') return false
  const { grants } = caller
  return grants === 'all' || grants.some(({ tier, audience }) => tier === 'pair' && audience === project.id)
}

export function summarizeProject(
  { id, nameZh, parties, from, to }: Project,
  { trust, now }: Pick<ProjectCase, 'trust' | 'now'>,
): ProjectSummary {
  const day = legalDateOf(now)
  const nameOf = (party: string) => {
    const member = trust.members.get(party)
    return member ? nameAt(member.profile, day) : party
  }
  return {
    id,
    nameZh,
    parties: parties.map((party) => ({ id: party, name: nameOf(party) })),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    underWay: isUnderWay({ from, to }, day),
  }
}
