import type { JsonValue } from '../../protocol/json-value.ts'
import { versionDigest } from '../../protocol/mapping/work/version.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Caller } from '../access/policy.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { type Scope, wholeScope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { listProjects, type ProjectSummary, requireProject, summarizeProject } from './project.ts'
import { draftProposals, fillBases, type RequestedChange, requireCounting } from './workspace-change.ts'
import { createWorkspaceReader } from './workspace-read.ts'
import { viewWorkspace, type WorkspaceQuery, type WorkspaceView } from './workspace-view.ts'

/** Where a record came to stand. */
export interface ProposalReceipt {
  readonly id: string
  readonly digest: string
  readonly origin: string
  readonly index: number
}

export interface MappingWorkOptions {
  readonly deps: Pick<Deps, 'now'>
  readonly database: Database
  readonly trust: () => Trust
  /** The DID of this node, and its log. */
  readonly self: string
  readonly origin: string
  /** All or none; visible when it answers. */
  readonly publish: (drafts: readonly JsonValue[]) => Promise<readonly ProposalReceipt[]>
}

/** Who asks, and what of the records may be told to him. */
export interface Reading {
  readonly caller: Caller
  readonly scope: Scope
}

/** What was logged: nothing, where all of it stood already. */
export interface ProposeAnswer {
  readonly receipts: readonly ProposalReceipt[]
  readonly changes: readonly { readonly row: string; readonly version: string }[]
}

export interface MappingWork {
  listProjects(caller: Caller): readonly ProjectSummary[]
  /** @throws {ProtocolError} `NOT_FOUND` */
  view(id: string, reading: Reading, query: WorkspaceQuery): Promise<WorkspaceView>
  /**
   * Logs changes as this node's agency.
   *
   * @throws {ProtocolError} `NOT_FOUND` `VERSION_CONFLICT`, what a change deserves that would count for nothing, and what `publish` throws
   */
  propose(id: string, requested: readonly RequestedChange[], note?: string): Promise<ProposeAnswer>
}

/**
 * Mapping work of this node's pair projects: reads what both logs hold, and logs changes on top of what stands.
 *
 * @see protocol/spec/workspace.md, WORK-30 to WORK-33
 */
export function createMappingWork(options: MappingWorkOptions): MappingWork {
  const { deps, trust, self, origin, publish } = options
  const reader = createWorkspaceReader(options)
  // What one change stands on is there before the next is made.
  const inTurn = createTurns()
  const caseOf = (caller: Caller) => ({ trust: trust(), self, caller, now: deps.now() })
  const operator: Caller = { standing: 'operator' }

  async function propose(
    id: string,
    requested: readonly RequestedChange[],
    note?: string,
  ): Promise<ProposeAnswer> {
    const project = requireProject(id, caseOf(operator))
    const now = await reader.read(project, wholeScope)
    const changes = fillBases(now, requested)
    requireCounting(now, changes, { project, self, origin })
    const synthetic = trust().members.get(self)?.synthetic === true
    const drafts = draftProposals(project, changes, { note, synthetic })
    return {
      receipts: drafts.length === 0 ? [] : await publish(drafts),
      changes: changes.map((change) => ({ row: change.row, version: versionDigest(change) })),
    }
  }

  return {
    listProjects: (caller) => listProjects(caseOf(caller)),
    async view(id, { caller, scope }, query) {
      const given = caseOf(caller)
      const project = requireProject(id, given)
      return viewWorkspace(await reader.read(project, scope), summarizeProject(project, given), query)
    },
    propose: (id, requested, note) => inTurn(() => propose(id, requested, note)),
  }
}
