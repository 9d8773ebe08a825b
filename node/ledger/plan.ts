import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import { requiredColumns } from './column.ts'
import type { SheetFault, SheetWarning } from './fault.ts'
import { type OpenRow, openRow } from './open-row.ts'
import { type OwnStandard, reviseOwn } from './revision.ts'
import { readStandardRow, settleDraft } from './standard-row.ts'
import { agreesWithStatus, type ComputedStatus, statusOfFacts, warnOfStatus } from './status.ts'
import { parseTable, type Table } from './table.ts'

const keysAtOnce = 1000
/** Rows between two breaths: an import of thousands must not keep the node from answering others. */
const rowsAtOnce = 250

export interface ImportOptions {
  /** Standards of the own log that hold one of these keys and stand unrevised. */
  findOwnByKeys(keys: readonly string[]): Promise<readonly OwnStandard[]>
  /** What the node computes of an own standard with its events. Asked only where facts alone disagree with the table. */
  findStandard?(digest: string, day: string): Promise<ComputedStatus | undefined>
  /** The legal date for which states are compared. */
  readonly day: string
  readonly network: 'synthetic' | 'production'
}

/** What an import would do. */
export interface Plan {
  readonly table: Table
  readonly counts: { readonly new: number; readonly unchanged: number; readonly revised: number }
  readonly faults: readonly SheetFault[]
  readonly warnings: readonly SheetWarning[]
  /** What is new or revised, in the order of the rows. */
  readonly drafts: readonly PlannedDraft[]
}

export interface PlannedDraft {
  readonly row: OpenRow
  readonly draft: JsonObject
}

interface ReadRow {
  readonly row: OpenRow
  readonly keys: readonly string[]
  readonly draft?: JsonObject
}

/** @see spec/import.md, IMP-27 to IMP-31 */
export async function planImport(bytes: Uint8Array, options: ImportOptions): Promise<Plan> {
  const table = await parseTable(bytes)
  const rows = await readRows(table)
  refuseRepeated(rows)
  const own = await findOwn(rows, options)
  const drafts: PlannedDraft[] = []
  const counts = { new: 0, unchanged: 0, revised: 0 }
  const revisedAt = new Map<string, number>()
  for (const [n, { row, keys, draft }] of rows.entries()) {
    if (n % rowsAtOnce === 0) await setImmediate()
    if (!draft || row.faults.length > 0) continue
    const before = findOwner(row, keys, own)
    if (before) refuseShared(row, before, revisedAt)
    const { draft: meant, outcome } = before
      ? reviseOwn(draft, before, table.columns)
      : ({ draft, outcome: 'new' } as const)
    const subject = settleDraft(row, meant)
    if (draft.synthetic === true && options.network === 'production') refuseSynthetic(row)
    if (!subject || row.faults.length > 0) continue
    await compareStatus(row, { subject, before, options })
    counts[outcome] += 1
    if (outcome !== 'unchanged') drafts.push({ row, draft: meant })
  }
  const faults = [...table.faults, ...rows.flatMap(({ row }) => row.faults)]
  const warnings = [...table.warnings, ...rows.flatMap(({ row }) => row.warnings)]
  return { table, counts, faults, warnings, drafts }
}

/** Rows of a table without one of the required columns are not read: each would repeat the fault of the header. */
async function readRows(table: Table): Promise<readonly ReadRow[]> {
  if (requiredColumns.some((column) => !table.columns.has(column))) return []
  const rows: ReadRow[] = []
  for (const [n, tableRow] of table.rows.entries()) {
    if (n % rowsAtOnce === 0) await setImmediate()
    const row = openRow(table, tableRow)
    rows.push({ row, ...readStandardRow(row) })
  }
  return rows
}

function refuseRepeated(rows: readonly ReadRow[]): void {
  const lines = new Map<string, number>()
  for (const { row, keys } of rows) {
    for (const key of keys) {
      const first = lines.get(key)
      if (first === undefined) lines.set(key, row.line)
      else
        row.fault('标准号', 'RULE_VIOLATED', {
          zh: `${key} 在第${first}行已经出现`,
          en: `${key} stands already on line ${first}`,
          remedyZh: '同一标准只留一行；联合标准的两个号写在同一格',
          remedyEn: 'keep one row for a standard; both numbers of a joint standard stand in one cell',
        })
    }
  }
}

async function findOwn(
  rows: readonly ReadRow[],
  options: ImportOptions,
): Promise<ReadonlyMap<string, OwnStandard>> {
  const keys = [...new Set(rows.flatMap((row) => row.keys))]
  const own = new Map<string, OwnStandard>()
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    const found = await options.findOwnByKeys(keys.slice(at, at + keysAtOnce))
    for (const standard of found) own.set(standard.key, standard)
  }
  return own
}

function findOwner(
  row: OpenRow,
  keys: readonly string[],
  own: ReadonlyMap<string, OwnStandard>,
): OwnStandard | undefined {
  const found = keys.flatMap((key) => own.get(key) ?? [])
  const [first] = found
  if (found.some(({ id }) => id !== first?.id)) {
    row.fault('标准号', 'RULE_VIOLATED', {
      zh: '这几个号在本节点分属两条记录',
      en: 'this node has two records for these numbers',
      remedyZh: '请先废止其中一条，再以联合标准发布',
      remedyEn: 'abolish one of them before publishing the joint standard',
    })
  }
  return first
}

/** A joint standard is one record: two rows with one number each would both revise it. */
function refuseShared(row: OpenRow, { id }: OwnStandard, revisedAt: Map<string, number>): void {
  const first = revisedAt.get(id)
  if (first === undefined) revisedAt.set(id, row.line)
  else
    row.fault('标准号', 'RULE_VIOLATED', {
      zh: `与第${first}行同属一条联合标准记录`,
      en: `belongs to the same joint standard as line ${first}`,
      remedyZh: '联合标准的两个号写在同一格，只留一行',
      remedyEn: 'write both numbers in one cell, and keep one row',
    })
}

function refuseSynthetic(row: OpenRow): void {
  row.fault('标准号', 'SYNTHETIC_REFUSED', {
    zh: '生产网络不接受合成样例',
    en: 'a production network takes no synthetic data',
  })
}

interface Comparison {
  readonly subject: StandardSubject
  readonly before: OwnStandard | undefined
  readonly options: ImportOptions
}

async function compareStatus(row: OpenRow, { subject, before, options }: Comparison): Promise<void> {
  const facts = statusOfFacts(subject, options.day)
  if (agreesWithStatus(row, facts)) return
  const known = before && (await options.findStandard?.(before.digest, options.day))
  warnOfStatus(row, known ?? facts)
}
