import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { versionDigest } from '../../protocol/mapping/work/version.ts'
import type { MappingChange } from '../../protocol/record/mapping-proposal.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import type { Project } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Caller } from '../access/policy.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import { type Scope, wholeScope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { readEditions } from './edition-index.ts'
import { tableOf } from './named-row.ts'
import type { PlannedChange } from './planned-change.ts'
import { listProjects, type ProjectSummary, requireProject, summarizeProject } from './project.ts'
import {
  findInProject,
  findNew,
  type NewFindings,
  type ProjectFindings,
  standingRows,
} from './project-finding.ts'
import { createStatementReader } from './statement-read.ts'
import {
  draftProposals,
  fillBases,
  RefusedChanges,
  type RequestedChange,
  requireCounting,
} from './workspace-change.ts'
import { exportTsv, type ImportPlan, planDigest, planImport, readTsvRows } from './workspace-file.ts'
import { createWorkspaceReader, type LogPosition, type ReadWorkspace } from './workspace-read.ts'
import { exportWorkbook, readWorkbookRows } from './workspace-sheet.ts'
import { viewWorkspace, type WorkspaceQuery, type WorkspaceView } from './workspace-view.ts'

/** How a workbook begins that has a password, or is older than XLSX. */
const compoundFile = [0xd0, 0xcf, 0x11, 0xe0]

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
  /** The address of this node. */
  readonly url: string
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
  /** The rows of every project that the caller may read, conflicts left out. */
  rowsFor(reading: Reading): Promise<readonly NamedRow[]>
  /** What rules M1 to M7 have against the rows. @throws {ProtocolError} `NOT_FOUND` */
  findings(id: string, reading: Reading): Promise<FindingsAnswer>
  /** The rows as SSSOM/TSV, or as a workbook. @throws {ProtocolError} `NOT_FOUND` */
  exportFile(id: string, reading: Reading, format: 'tsv' | 'xlsx'): Promise<Uint8Array>
  /**
   * What a file would change; with what its preview was confirmed by, logs it.
   *
   * @throws {ProtocolError} `NOT_FOUND` `VERSION_CONFLICT` — the preview does not hold any more; what reading the file and `publish` throw
   */
  importFile(id: string, bytes: Uint8Array, options: ImportOptions): Promise<ImportAnswer>
}

export interface FindingsAnswer extends ProjectFindings {
  readonly asOf: readonly LogPosition[]
}

export interface ImportOptions {
  /** Rows that were in the file when it was made, and are not any more. */
  readonly withdraw: boolean
  readonly confirm?: string | undefined
}

export interface ImportAnswer extends Omit<ImportPlan, 'changes' | 'summary'>, Partial<NewFindings> {
  readonly changes: readonly PlannedChange[]
  /** What to confirm; absent where there is nothing to do, or something in the way. */
  readonly preview?: string
  /** What was logged. */
  readonly receipts?: readonly ProposalReceipt[]
}

/**
 * Mapping work of this node's pair projects: reads what both logs hold, and logs changes on top of what stands.
 *
 * @see protocol/spec/workspace.md, WORK-30 to WORK-33
 */
export function createMappingWork(options: MappingWorkOptions): MappingWork {
  const { deps, database, trust, self, origin, publish } = options
  const reader = createWorkspaceReader(options)
  // What one change stands on is there before the next is made.
  const inTurn = createTurns()
  // A hundred thousand rows are seconds of work.
  const checkInTurn = createTurns()
  const caseOf = (caller: Caller) => ({ trust: trust(), self, caller, now: deps.now() })
  const operator: Caller = { standing: 'operator' }

  function draftsOf(project: Project, changes: readonly MappingChange[], note?: string) {
    return draftProposals(project, changes, {
      note,
      synthetic: trust().members.get(self)?.synthetic === true,
    })
  }

  async function propose(
    id: string,
    requested: readonly RequestedChange[],
    note?: string,
  ): Promise<ProposeAnswer> {
    const project = requireProject(id, caseOf(operator))
    const now = await reader.read(project, wholeScope)
    const changes = fillBases(now, requested)
    requireCounting(now, changes, { project, self, origin })
    const drafts = draftsOf(project, changes, note)
    return {
      receipts: drafts.length === 0 ? [] : await publish(drafts),
      changes: changes.map((change) => ({ row: change.row, version: versionDigest(change) })),
    }
  }

  /** What would count for nothing is a fault of the file. */
  function withFaults(plan: ImportPlan, now: ReadWorkspace, project: Project): ImportPlan {
    try {
      requireCounting(now, plan.changes, { project, self, origin })
      return plan
    } catch (error) {
      if (!(error instanceof RefusedChanges)) throw error
      return { ...plan, faults: [...plan.faults, ...error.faults] }
    }
  }

  /** A workbook is an archive, and begins like one; no table does. */
  async function readFile(
    now: ReadWorkspace,
    bytes: Uint8Array,
    given: { project: Project; withdraw: boolean },
  ) {
    if (compoundFile.every((byte, i) => bytes[i] === byte))
      throw new ProtocolError(
        'FILE_TYPE_REFUSED',
        '加密的工作簿或旧版 xls / a workbook with a password, or an old xls',
      )
    if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return readTsvRows(now, bytes, given)
    if (given.withdraw)
      throw new ProtocolError('QUERY_INVALID', 'a workbook does not say which rows were in it', {
        place: { pointer: '/withdraw' },
      })
    const editions = await readEditions(database, given.project.parties, wholeScope)
    return {
      ...readWorkbookRows(now.workspace, bytes, { editions, author: self, day: legalDateOf(deps.now()) }),
      dropped: [],
    }
  }

  /** The editions that rows pin, as far as they may be told. */
  async function lookupOf(
    rows: readonly Pick<MappingChange, 'mapping'>[],
    { parties: [one = '', other = ''] }: Project,
    scope: Scope,
  ) {
    const pins = rows.flatMap(({ mapping }) => [mapping?.subject, mapping?.object, mapping?.objectSource])
    const ids = new Set(pins.flatMap((pin) => (pin ? [pin.edition] : [])))
    const editions = tableOf(await createStatementReader(database, scope).editions([...ids]))
    const parties: readonly [string, string] = [one, other]
    return { edition: (id: string, digest: string) => editions.get(`${id} ${digest}`), parties }
  }

  async function importFile(
    id: string,
    bytes: Uint8Array,
    { withdraw, confirm }: ImportOptions,
  ): Promise<ImportAnswer> {
    const project = requireProject(id, caseOf(operator))
    const now = await reader.read(project, wholeScope)
    const plan = withFaults(planImport(now, await readFile(now, bytes, { project, withdraw })), now, project)
    const { changes, summary, ...rest } = plan
    const clear = changes.length > 0 && plan.conflicts.length === 0 && plan.faults.length === 0
    const preview = clear ? planDigest(plan) : undefined
    const answer = { ...rest, changes: summary }
    if (confirm === undefined) {
      const rows = [...now.workspace.rows, ...changes]
      const found =
        changes.length === 0 ? {} : findNew(now.workspace, changes, await lookupOf(rows, project, wholeScope))
      return { ...answer, ...found, ...(preview === undefined ? {} : { preview }) }
    }
    if (confirm !== preview)
      throw new ProtocolError(
        'VERSION_CONFLICT',
        'the file would do something else now: look at the preview again',
      )
    return { ...answer, receipts: await publish(draftsOf(project, changes)) }
  }

  return {
    listProjects: (caller) => listProjects(caseOf(caller)),
    async view(id, { caller, scope }, query) {
      const given = caseOf(caller)
      const project = requireProject(id, given)
      return viewWorkspace(await reader.read(project, scope), summarizeProject(project, given), query)
    },
    async rowsFor({ caller, scope }) {
      const given = caseOf(caller)
      const found: NamedRow[] = []
      for (const { id } of listProjects(given)) {
        found.push(...standingRows((await reader.read(requireProject(id, given), scope)).workspace))
      }
      return found
    },
    async findings(id, { caller, scope }) {
      const given = caseOf(caller)
      const project = requireProject(id, given)
      return checkInTurn(async () => {
        const { workspace, asOf } = await reader.read(project, scope)
        const lookup = await lookupOf(workspace.rows, project, scope)
        return { ...findInProject(workspace, lookup, legalDateOf(given.now)), asOf }
      })
    },
    propose: (id, requested, note) => inTurn(() => propose(id, requested, note)),
    async exportFile(id, { caller, scope }, format) {
      const given = caseOf(caller)
      const project = requireProject(id, given)
      const read = await reader.read(project, scope)
      if (format === 'xlsx') {
        const editions = await readEditions(database, project.parties, scope)
        return exportWorkbook(read, summarizeProject(project, given), editions)
      }
      const address = `${options.url}/api/v1/projects/${encodeURIComponent(project.id)}/mapping`
      return exportTsv(read, { address, title: project.nameZh })
    },
    importFile: (id, bytes, given) => inTurn(() => importFile(id, bytes, given)),
  }
}
