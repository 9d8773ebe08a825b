import { rowAt } from '../../protocol/mapping/work/history.ts'
import type { EditedRow } from '../../protocol/mapping/work/propose.ts'
import type { Workspace } from '../../protocol/mapping/work/workspace.ts'
import type { MappingRow, Pin } from '../../protocol/record/mapping-row.ts'
import type { EditionIndex } from './edition-index.ts'
import type { ProjectSummary } from './project.ts'
import { readMappingWorkbook } from './sheet/mapping-import.ts'
import { formatMappingWorkbook } from './sheet/mapping-workbook.ts'
import type { FileFault } from './workspace-file.ts'
import type { ReadWorkspace } from './workspace-read.ts'

/**
 * The rows of a workspace as a workbook; each carries the versions that it stood on. Rows in conflict are left out.
 *
 * @throws {ProtocolError} `SHEET_LIMIT` — it could not be read back
 * @see protocol/spec/workspace.md, WORK-34; spec/mapping.md, MAP-90
 */
export function exportWorkbook(
  { workspace, asOf }: ReadWorkspace,
  project: ProjectSummary,
  editions: EditionIndex,
): Uint8Array {
  const rows = workspace.rows.flatMap(({ row, standing, mapping, heads }) =>
    mapping && standing !== 'conflict' ? [{ row, mapping, bases: heads.map(({ version }) => version) }] : [],
  )
  return formatMappingWorkbook({
    rows,
    namePin: editions.namePin,
    standards: editions.listStandards(rows.flatMap(({ mapping }) => pinsOf(mapping))),
    heading: [
      `${project.nameZh}（${project.id}）`,
      project.parties.map(({ name }) => name).join(' — '),
      `截至 / as of: ${asOf.map(({ origin, size }) => `${origin} ${size}`).join('，')}`,
    ],
  })
}

function pinsOf({ subject, object, objectSource }: MappingRow): readonly Pin[] {
  return [subject, object, objectSource].filter((pin) => pin !== undefined)
}

export interface SheetCase {
  readonly editions: EditionIndex
  /** DID of the agency at which lines were added, and the day. */
  readonly author: string
  readonly day: string
}

/**
 * What a workbook brings back. A line that was added is written by the agency that brings it in: nobody can type a DID.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` `SHEET_LIMIT`
 * @see protocol/spec/mapping.md, MAP-92
 */
export function readWorkbookRows(
  workspace: Workspace,
  bytes: Uint8Array,
  { editions: { namePin, findPin }, author, day }: SheetCase,
): { readonly rows: readonly EditedRow[]; readonly faults: readonly FileFault[] } {
  const { rows, faults } = readMappingWorkbook(bytes, {
    baseOf: (row, bases) => {
      const own = bases.every((base) => workspace.versions.get(base)?.version.change.row === row)
      return own && bases.length > 0 ? rowAt(workspace, bases)?.mapping : undefined
    },
    namePin,
    findPin,
  })
  const known = new Map(workspace.rows.map((row) => [row.row, row.mapping]))
  const written = (row: string, mapping: MappingRow): MappingRow => {
    // The same file again says what it said, whatever the day.
    const before = known.get(row)
    return { ...mapping, author: before?.author ?? author, mappedOn: before?.mappedOn ?? day }
  }
  return {
    rows: rows.map(({ row, bases, mapping }) => ({
      row,
      bases,
      mapping: bases.length === 0 ? written(row, mapping) : mapping,
    })),
    faults: faults.map(({ code, zh, en, cell, column }) => ({
      code,
      detail: `${zh} / ${en}`,
      cell: column === '' ? cell : `${cell} ${column}`,
    })),
  }
}
