import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type AttributeComparison, compareAgencies } from '../../protocol/mapping/compare/agency.ts'
import type { ComparedEdition } from '../../protocol/mapping/compare/statement.ts'
import { checkMapping } from '../../protocol/mapping/rule/check.ts'
import { type NamedRow, rowId } from '../../protocol/record/mapping-row.ts'
import type { Project } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Deps } from '../deps.ts'
import type { Catalogue } from '../projection/port.ts'
import type { Database } from '../store/database.ts'
import { wholeScope } from '../store/scope.ts'
import { createTurns } from '../store/turns.ts'
import { profileAt } from './comparison.ts'
import { type ConflictTray, fillTray, type TrayItem } from './conflict-tray.ts'
import { findNamed } from './named.ts'
import { type EditionTable, tableOf } from './named-row.ts'
import { listProjects, type ProjectSummary, requireProject, summarizeProject } from './project.ts'
import { coverProject, type ProjectCoverage } from './project-coverage.ts'
import { standingRows } from './project-finding.ts'
import {
  chooseRows,
  type DeskRow,
  openRow,
  type RowDetail,
  type RowQuery,
  reviewersIn,
} from './project-row.ts'
import { createStatementReader } from './statement-read.ts'
import { createWorkspaceReader, type LogPosition, type ReadWorkspace } from './workspace-read.ts'
import { countRows, type WorkspaceCounts } from './workspace-view.ts'

export interface ProjectDeskOptions {
  readonly deps: Pick<Deps, 'now'>
  readonly database: Database
  readonly trust: () => Trust
  /** The DID of this node. */
  readonly self: string
  /** Of all that is here. */
  readonly catalogue: Catalogue
  readonly validFor: () => Promise<string>
}

export interface ProjectOverview {
  readonly project: ProjectSummary
  readonly counts: WorkspaceCounts
  /** Absent where one agency has too many editions to count. */
  readonly coverage: ProjectCoverage | undefined
  readonly troubles: number
}

export interface DeskQuery extends RowQuery {
  readonly limit: number
  readonly offset: number
  readonly trayLimit: number
  readonly trayOffset: number
}

export interface ProjectPage extends ProjectOverview {
  readonly self: string
  readonly attributes: readonly AttributeComparison[]
  readonly tray: { readonly total: number; readonly omitted: number; readonly items: readonly TrayItem[] }
  /** Of the rows asked for. */
  readonly total: number
  readonly rows: readonly DeskRow[]
  readonly reviewers: readonly string[]
  readonly asOf: readonly LogPosition[]
  readonly waiting: number
  readonly faults: number
}

export interface RowPage {
  readonly project: ProjectSummary
  readonly self: string
  readonly detail: RowDetail
  readonly troubles: readonly TrayItem[]
  readonly asOf: readonly LogPosition[]
}

/** What a coordinator looks at: all of it is for the operator of this node alone. */
export interface ProjectDesk {
  list(): Promise<readonly ProjectOverview[]>
  /** @throws {ProtocolError} `NOT_FOUND` */
  open(id: string, query: DeskQuery): Promise<ProjectPage>
  /** @throws {ProtocolError} `NOT_FOUND` */
  openRow(id: string, row: string): Promise<RowPage>
}

interface Desk {
  readonly read: ReadWorkspace
  readonly editions: EditionTable
  readonly tray: ConflictTray
  readonly coverage: ProjectCoverage | undefined
}

/** Desks that are kept: there are as many as an agency has projects. */
const mostKept = 8

/**
 * The work of this node's projects as people look at it: names, coverage, and what contradicts what. A desk is laid once for as long as
 * nothing that it rests on changes; one after the other, since a hundred thousand rows are seconds of work.
 *
 * Proves nothing: it is the node's word about records that it verified.
 *
 * @see protocol/spec/console.md, CONSOLE-10 to CONSOLE-13
 */
export function createProjectDesk(options: ProjectDeskOptions): ProjectDesk {
  const { deps, database, trust, self, catalogue, validFor } = options
  const workspaces = createWorkspaceReader({ database, trust })
  const inTurn = createTurns()
  const kept = new Map<
    string,
    { readonly valid: string; readonly read: ReadWorkspace; readonly desk: Promise<Desk> }
  >()
  const given = () => ({ trust: trust(), self, caller: { standing: 'operator' } as const, now: deps.now() })

  async function deskOf(project: Project): Promise<Desk> {
    const day = legalDateOf(deps.now())
    const [read, valid] = await Promise.all([workspaces.read(project, wholeScope), validFor()])
    const before = kept.get(project.id)
    if (before?.read === read && before.valid === `${day} ${valid}`) return before.desk
    const desk = inTurn(() => layDesk(project, read, day))
    kept.delete(project.id)
    kept.set(project.id, { valid: `${day} ${valid}`, read, desk })
    for (const [oldest] of kept) if (kept.size > mostKept) kept.delete(oldest)
    desk.catch(() => kept.delete(project.id))
    return desk
  }

  async function layDesk(project: Project, read: ReadWorkspace, day: string): Promise<Desk> {
    const rows = standingRows(read.workspace)
    const editions = tableOf(await createStatementReader(database, wholeScope).editions(editionsIn(read)))
    const report = checkMapping(rows, {
      edition: (id, digest) => editions.get(`${id} ${digest}`),
      parties: [project.parties[0] ?? '', project.parties[1] ?? ''],
    })
    return {
      read,
      editions,
      tray: fillTray(read.workspace, report),
      coverage: await cover(project, rows, day),
    }
  }

  async function cover(
    project: Project,
    rows: readonly NamedRow[],
    day: string,
  ): Promise<ProjectCoverage | undefined> {
    const [ours, theirs] = [await editionsOf(self, day), await editionsOf(otherOf(project, self), day)]
    return ours && theirs && coverProject(ours, theirs, rows)
  }

  async function editionsOf(agency: string, day: string): Promise<readonly ComparedEdition[] | undefined> {
    try {
      const named = await findNamed(agency, 'agency', { catalogue, trust, day })
      return named.kind === 'agency' ? named.editions : undefined
    } catch (error) {
      if (error instanceof ProtocolError && (error.code === 'QUERY_INVALID' || error.code === 'NOT_FOUND'))
        return undefined
      throw error
    }
  }

  function overviewOf(project: ProjectSummary, { read, tray, coverage }: Desk): ProjectOverview {
    return {
      project,
      counts: countRows(read.workspace.rows),
      coverage,
      troubles: tray.items.length + tray.omitted,
    }
  }

  function compareProfiles(project: Project): readonly AttributeComparison[] {
    const day = legalDateOf(deps.now())
    const agency = (id: string) => ({ id, profile: profileAt(trust(), id, day), editions: [] })
    return compareAgencies(agency(otherOf(project, self)), agency(self), []).attributes
  }

  return {
    async list() {
      const overviews: ProjectOverview[] = []
      for (const summary of listProjects(given()))
        overviews.push(overviewOf(summary, await deskOf(requireProject(summary.id, given()))))
      return overviews
    },
    async open(id, query) {
      const project = requireProject(id, given())
      const desk = await deskOf(project)
      const { read, tray, editions } = desk
      const chosen = chooseRows(
        { workspace: read.workspace, editions, self, parties: project.parties },
        query,
      )
      return {
        ...overviewOf(summarizeProject(project, given()), desk),
        self,
        attributes: compareProfiles(project),
        tray: {
          total: tray.items.length,
          omitted: tray.omitted,
          items: tray.items.slice(query.trayOffset, query.trayOffset + query.trayLimit),
        },
        ...chosen,
        reviewers: reviewersIn(read.workspace),
        asOf: read.asOf,
        waiting: read.workspace.waiting.length,
        faults: read.workspace.faults.length,
      }
    },
    async openRow(id, row) {
      const project = requireProject(id, given())
      const { read, tray, editions } = await deskOf(project)
      const detail = rowId.safeParse(row).success
        ? openRow({ workspace: read.workspace, editions, self, parties: project.parties }, row)
        : undefined
      if (!detail) throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
      return {
        project: summarizeProject(project, given()),
        self,
        detail,
        troubles: tray.items.filter((item) => concerns(item, row)),
        asOf: read.asOf,
      }
    },
  }
}

function concerns(item: TrayItem, row: string): boolean {
  return item.kind === 'finding' ? item.finding.rows.includes(row) : item.row === row
}

function otherOf({ parties }: Project, self: string): string {
  return parties.find((party) => party !== self) ?? self
}

/** Also of versions that stand against each other. */
function editionsIn({ changes }: ReadWorkspace): readonly string[] {
  const ids = new Set<string>()
  for (const { change } of changes) {
    const { subject, object, objectSource } = change.mapping ?? {}
    for (const pin of [subject, object, objectSource]) if (pin) ids.add(pin.edition)
  }
  return [...ids]
}
