import { rowIdOf } from '../../../protocol/mapping/row-id.ts'
import { isSameValue } from '../../../protocol/mapping/work/content.ts'
import { reopen } from '../../../protocol/mapping/work/merge.ts'
import type { MappingRow } from '../../../protocol/record/mapping-row.ts'
import type { ReadLine } from './mapping-line.ts'

/** A row of the workbook with what was changed in it; the shape that the three-way merge takes. */
export interface EditedMapping {
  readonly row: string
  /** What the row stood on when the workbook was made; none: it is new in it. */
  readonly bases: readonly string[]
  readonly mapping: MappingRow
  /** The row of the sheet. */
  readonly line: number
}

export interface NamedLines {
  /** Each row once, in the order of their lines. */
  readonly rows: readonly EditedMapping[]
  /** Lines that say otherwise of a row than an earlier line, and that line. */
  readonly repeated: readonly (readonly [line: number, first: number])[]
}

/**
 * Which row each line is, whatever the order of the lines. Of several lines of one row those are copies that speak of other clauses, if any
 * of them still speaks of its own.
 *
 * @see spec/mapping.md, MAP-92
 */
export function nameLines(lines: readonly ReadLine[]): NamedLines {
  const kept = new Set(
    lines.flatMap(({ mapping, given }) => (given && !isMoved(mapping, given.base) ? given.row : [])),
  )
  const found = new Map<string, EditedMapping>()
  const repeated: (readonly [number, number])[] = []
  for (const read of lines) {
    const edited = nameLine(read, kept)
    const before = found.get(edited.row)
    if (!before) found.set(edited.row, edited)
    else if (!isSameValue(before.mapping, edited.mapping)) repeated.push([edited.line, before.line])
    // The same twice stands on one of its bases, and on none only if there is no other.
    else if (edited.bases.join(' ') > before.bases.join(' '))
      found.set(edited.row, { ...edited, line: before.line })
  }
  return { rows: [...found.values()], repeated }
}

function nameLine({ line, mapping, given }: ReadLine, kept: ReadonlySet<string>): EditedMapping {
  if (!given) return { row: rowIdOf(mapping), bases: [], mapping, line }
  const { row, bases, base } = given
  if (!kept.has(row) || !isMoved(mapping, base)) return { row, bases, mapping, line }
  return { row: rowIdOf(mapping), bases: [], mapping: withoutReview(mapping, base), line }
}

/** Whether a row speaks of something else. */
function isMoved(mapping: MappingRow, base: MappingRow): boolean {
  return !(
    isSameValue(mapping.subject, base.subject) &&
    isSameValue(mapping.object, base.object) &&
    isSameValue(mapping.objectSource, base.objectSource)
  )
}

/** Nobody reviewed a copy; what was entered in it is left for the rules to judge. */
function withoutReview(mapping: MappingRow, base: MappingRow): MappingRow {
  const isCopied =
    mapping.reviewer === base.reviewer &&
    mapping.reviewerLabel === base.reviewerLabel &&
    mapping.reviewedOn === base.reviewedOn
  if (!isCopied) return mapping
  const { state } = mapping
  const isJudged = state === 'accepted' || state === 'rejected'
  return isJudged && state === base.state ? reopen(mapping) : { ...reopen(mapping), state }
}
