import { setImmediate } from 'node:timers/promises'
import type { JsonValue } from '../../protocol/json-value.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { foldWorkspace } from '../../protocol/mapping/work/fold.ts'
import type { PlacedChange } from '../../protocol/mapping/work/version.ts'
import type { Workspace } from '../../protocol/mapping/work/workspace.ts'
import { isMappingProposal, parseRecord } from '../../protocol/record/schema.ts'
import type { Project } from '../../protocol/trust/audience.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { type SQL, sql } from '../store/drizzle.ts'
import { select } from '../store/log-store.ts'
import { readable, type Scope } from '../store/scope.ts'

/** How much of a party's log an answer knows. */
export interface LogPosition {
  readonly origin: string
  /** Entries below it are in the answer. */
  readonly size: number
}

/** What the logs here come to, and how far they go. */
export interface ReadWorkspace {
  readonly workspace: Workspace
  readonly changes: readonly PlacedChange[]
  readonly asOf: readonly LogPosition[]
}

export interface WorkspaceReader {
  /** The work of a project, as far as the scope lets its records be told. */
  read(project: Project, scope: Scope): Promise<ReadWorkspace>
}

/** Answers that are kept: a fold of a hundred thousand rows takes a second. */
const mostKept = 4

/**
 * Reads the mapping work of projects out of the own log and those that are held, by the one condition of TIER-20, and folds it. An answer is
 * kept as long as nothing came, went or was opened.
 *
 * @see protocol/spec/workspace.md, WORK-30
 */
export function createWorkspaceReader({
  database,
  trust,
}: {
  readonly database: Database
  readonly trust: () => Trust
}): WorkspaceReader {
  const kept = new Map<string, { readonly state: string; readonly answer: Promise<ReadWorkspace> }>()

  return {
    async read(project, scope) {
      const known = trust()
      const origins = project.parties.flatMap((party) =>
        (known.members.get(party)?.origins ?? []).map(({ origin }) => origin),
      )
      const which = { project: project.id, origins, scope }
      const key = JSON.stringify(which)
      const state = `${project.parties.join(' ')} ${await readState(database, which)}`
      const before = kept.get(key)
      if (before?.state === state) return before.answer
      const answer = readWorkspace(database, which, project.parties)
      kept.delete(key)
      kept.set(key, { state, answer })
      for (const [oldest] of kept) if (kept.size > mostKept) kept.delete(oldest)
      answer.catch(() => kept.delete(key))
      return answer
    },
  }
}

interface Which {
  readonly project: string
  readonly origins: readonly string[]
  readonly scope: Scope
}

/** The logs of the parties, each with its proposals of this project, or once without. */
function proposals({ project, origins, scope }: Which): SQL {
  return sql`from log l left join (statement s join entry e on e.log_id = s.log_id and e.index = s.index and e.fault is null and e.record is not null)
      on s.log_id = l.id and s.type = 'MappingProposal' and s.topic = ${project} and s.tier = 'pair' and s.audience = ${project} and ${readable(scope, 's')}
    where l.origin in (select value from json_array_elements_text(${JSON.stringify(origins)}::json))`
}

async function readState(database: Database, which: Which): Promise<string> {
  const rows = await select(
    database,
    sql`select l.origin, l.visible, count(s.index) as amount, sum(s.index) as sum ${proposals(which)} group by l.origin, l.visible order by l.origin`,
  )
  return JSON.stringify(rows)
}

interface ProposalRead extends Record<string, unknown> {
  readonly origin: string
  readonly visible: number
  readonly index: number | null
  readonly bytes: Uint8Array | null
  readonly record: string | null
}

async function readWorkspace(
  database: Database,
  which: Which,
  parties: readonly string[],
): Promise<ReadWorkspace> {
  const rows = await select<ProposalRead>(
    database,
    sql`select l.origin, l.visible, s.index, e.bytes, e.record ${proposals(which)} order by l.origin, s.index`,
  )
  const sizes = new Map(which.origins.map((origin) => [origin, 0]))
  const changes: PlacedChange[] = []
  for (const row of rows) {
    sizes.set(row.origin, Number(row.visible))
    // Others get their turn between two records.
    await setImmediate()
    changes.push(...changesOf(row))
  }
  const asOf = [...sizes].map(([origin, size]) => ({ origin, size }))
  return {
    workspace: foldWorkspace(changes, parties),
    changes,
    asOf: asOf.toSorted((a, b) => (a.origin < b.origin ? -1 : 1)),
  }
}

function changesOf({ origin, index, bytes, record: text }: ProposalRead): readonly PlacedChange[] {
  if (index === null || bytes === null || text === null) return []
  const value: JsonValue = JSON.parse(text)
  const record = parseRecord(value)
  if (!isMappingProposal(record)) return []
  const { at } = parseEntry(bytes)
  const placing = { by: record.issuer, origin, index: Number(index), at }
  return record.credentialSubject.changes.map((change) => ({ change, ...placing }))
}
