import { canonicalize } from '../../protocol/canonical.ts'
import { ProtocolError, pointerStep } from '../../protocol/error.ts'
import type { JsonObject, JsonValue } from '../../protocol/json-value.ts'
import { foldWorkspace } from '../../protocol/mapping/work/fold.ts'
import type { WorkFault } from '../../protocol/mapping/work/judge.ts'
import { replaceRow } from '../../protocol/mapping/work/propose.ts'
import { versionDigest } from '../../protocol/mapping/work/version.ts'
import { type MappingChange, maxChanges } from '../../protocol/record/mapping-proposal.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'
import { checkProposalRules } from '../../protocol/record/mapping-rule.ts'
import type { Project } from '../../protocol/trust/audience.ts'
import type { ReadWorkspace } from './workspace-read.ts'

/** A change as somebody asks for it. */
export interface RequestedChange {
  readonly row: string
  /** Absent: the row is withdrawn. */
  readonly mapping?: MappingRow | undefined
  /** What it takes the place of, where the caller says so himself. */
  readonly bases?: MappingChange['bases'] | undefined
  /** What stood when the caller looked; nothing for a new row. The node takes it as bases if it stands still. */
  readonly expect?: readonly string[] | undefined
}

/**
 * The changes to log, each on what stands now. What stands already, because it was asked for before, is left out.
 *
 * @throws {ProtocolError} `VERSION_CONFLICT` — something else stands now; `RULE_VIOLATED` — a row stands twice
 * @see protocol/spec/workspace.md, WORK-31
 */
export function fillBases(
  { workspace }: ReadWorkspace,
  requested: readonly RequestedChange[],
): readonly MappingChange[] {
  const rows = new Map(workspace.rows.map((row) => [row.row, row]))
  const named = new Set<string>()
  return requested.flatMap(({ row, mapping, bases, expect = [] }, i) => {
    if (named.has(row))
      throw new ProtocolError('RULE_VIOLATED', 'two changes of one row', {
        place: { pointer: `/changes${pointerStep(i)}/row` },
      })
    named.add(row)
    const current = rows.get(row)
    const heads = (current?.heads ?? []).map(({ version }) => version)
    if (bases) return mapping === undefined ? { row, bases } : { row, bases, mapping }
    const moved = !isSameSet(heads, expect)
    const made = replaceRow(moved ? { heads: expect.map((version) => ({ version })) } : current, row, mapping)
    if (!moved) return made
    if (isSameSet(heads, [versionDigest(made)])) return []
    throw new ProtocolError('VERSION_CONFLICT', `row ${row} was changed since: look at it again`, {
      place: { pointer: `/changes${pointerStep(i)}/expect` },
      evidence: { row, heads },
    })
  })
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [one, other] = [new Set(a), new Set(b)]
  return one.size === other.size && a.every((item) => other.has(item))
}

/**
 * Nobody logs what counts for nothing: rows stand apart, so those that are touched are folded again with the changes.
 *
 * @throws {ProtocolError} the code of the first fault, or `PENDING_DEPENDENCY`; all are in `evidence.faults`
 * @see protocol/spec/workspace.md, WORK-31
 */
export function requireCounting(
  { changes: known }: ReadWorkspace,
  changes: readonly MappingChange[],
  { project, self, origin }: { readonly project: Project; readonly self: string; readonly origin: string },
): void {
  const touched = new Set(changes.map(({ row }) => row))
  const bases = new Set(changes.flatMap((change) => change.bases))
  const around = known.filter(({ change }) => touched.has(change.row) || bases.has(versionDigest(change)))
  const placing = { by: self, origin, index: Number.MAX_SAFE_INTEGER, at: '9999' }
  const { faults, waiting } = foldWorkspace(
    [...around, ...changes.map((change) => ({ change, ...placing }))],
    project.parties,
  )
  const places = new Map(changes.map(({ row }, i) => [row, `/changes${pointerStep(i)}`]))
  const isNew = ({ index }: { readonly index: number }) => index === placing.index
  const found = [
    ...changes.flatMap((change) => brokenRules(project, change)),
    ...faults.filter(isNew).map(({ row, code, detail }) => ({ row, code, detail })),
    ...waiting
      .filter(isNew)
      .map(({ row, code }) => ({ row, code, detail: 'it names a version that is not here' })),
  ].map((fault) => ({ ...fault, pointer: places.get(fault.row) ?? '/changes' }))
  const [first, ...others] = found
  if (!first) return
  throw new RefusedChanges([first, ...others])
}

/** What its record would be refused for: told of each row before any is made. */
function brokenRules(
  { id }: Project,
  change: MappingChange,
): readonly Pick<WorkFault, 'row' | 'code' | 'detail'>[] {
  try {
    checkProposalRules({ project: id, changes: [change] }, id)
    return []
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return [{ row: change.row, code: error.code, detail: error.message }]
  }
}

/** Why a change would count for nothing. */
export type ReportedFault = Pick<WorkFault, 'row' | 'code' | 'detail'> & { readonly pointer: string }

/** Changes that would count for nothing; told by the first of them. */
export class RefusedChanges extends ProtocolError {
  readonly faults: readonly ReportedFault[]

  constructor(faults: readonly [ReportedFault, ...ReportedFault[]]) {
    const [{ code, row, detail, pointer }] = faults
    super(code, `row ${row}: ${detail}`, { place: { pointer }, evidence: { faults } })
    this.faults = faults
  }
}

/** Room for the rest of a record, within its mebibyte and its number of values. */
const [mostBytes, mostValues] = [900_000, 100_000]

/**
 * Drafts that hold the changes, as few as fit.
 *
 * @see protocol/spec/workspace.md, WORK-31
 */
export function draftProposals(
  project: Project,
  changes: readonly MappingChange[],
  { note, synthetic }: { readonly note?: string | undefined; readonly synthetic: boolean },
): readonly JsonObject[] {
  const drafts: JsonValue[][] = []
  let room = { bytes: 0, values: 0, changes: 0 }
  for (const change of changes) {
    const value = plain(change)
    const [bytes, values] = [Buffer.byteLength(canonicalize(value)) + 1, countValues(value)]
    if (room.changes === 0 || room.bytes < bytes || room.values < values) {
      drafts.push([])
      room = { bytes: mostBytes, values: mostValues, changes: maxChanges }
    }
    drafts.at(-1)?.push(value)
    room = { bytes: room.bytes - bytes, values: room.values - values, changes: room.changes - 1 }
  }
  return drafts.map((part) => ({
    type: 'MappingProposal',
    tier: 'pair',
    audience: project.id,
    ...(synthetic ? { synthetic: true } : {}),
    credentialSubject: { project: project.id, changes: part, ...(note === undefined ? {} : { note }) },
  }))
}

function countValues(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, member) => sum + countValues(member), 1)
}

/** Members with a value, as plain JSON. */
function plain(change: MappingChange): JsonObject {
  const value: JsonObject = JSON.parse(JSON.stringify(change))
  return value
}
