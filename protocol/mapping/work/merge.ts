import { type MappingRow, mappingRow } from '../../record/mapping-row.ts'
import { fieldOf, isSameContent, isSameValue, mergedFields, reviewFields } from './content.ts'

/** A field that was changed in more than one way: for people. */
export interface FieldConflict {
  /** `row`: somebody withdrew what somebody else changed. `review`: state, reviewer and date as one. */
  readonly field: string
  /** What it was before; absent where it was not there, or where it is not one thing. */
  readonly base?: unknown
  /** What each side makes of it, in the order of the sides; absent where a side has it no more. */
  readonly values: readonly { readonly value?: unknown }[]
}

export interface MergedRow {
  /** Absent: withdrawn. In a conflict, a field that is contested stands as it was before, and without a whole row there is none. */
  readonly mapping?: MappingRow
  readonly conflicts: readonly FieldConflict[]
  /** A review fell, because what was reviewed is no longer what the row says. */
  readonly reopened: boolean
}

type Side = MappingRow | undefined

/**
 * Merges two edits of one row, field by field: what one side changed is taken, what both changed alike is taken, what both changed
 * otherwise is a conflict. Neither time nor confidence nor the order of the sides decides anything. `undefined` is a row that is
 * not there: as base a new row, as side a withdrawn one.
 *
 * @see spec/workspace.md, WORK-4 to WORK-7 (DOMAIN section 8.4)
 */
export function mergeRow(base: Side, ours: Side, theirs: Side): MergedRow {
  return mergeSides([base], [ours, theirs])
}

/**
 * The same for any number of sides. Several bases are what edits went on from after they had crossed: where they differ, none is taken
 * for what was before.
 */
export function mergeSides(bases: readonly Side[], sides: readonly Side[]): MergedRow {
  const live = sides.filter((side) => side !== undefined)
  const [first] = live
  if (first === undefined) return { conflicts: [], reopened: false }
  const stood = bases.some((base) => base !== undefined)
  const thinned = live.length < sides.length
  const withdrawn = thinned && stood
  if (withdrawn && live.every((side) => bases.every((base) => isSameValue(base, side))))
    return { conflicts: [], reopened: false }
  const merged = mergeLive(bases, live, withdrawn ? [rowConflict(bases, sides)] : [])
  return thinned ? { ...merged, conflicts: merged.conflicts.map((one) => spread(one, sides)) } : merged
}

function mergeLive(
  bases: readonly Side[],
  sides: readonly MappingRow[],
  above: readonly FieldConflict[],
): MergedRow {
  const outcomes = mergeFields(bases, sides)
  const merged = Object.fromEntries(
    outcomes.flatMap(({ field, value }) => (value === undefined ? [] : [[field, value]])),
  )
  const conflicts = [...above, ...outcomes.flatMap(({ conflict }) => conflict ?? [])]
  const review = mergeField('review', bases.map(reviewOf), sides.map(reviewOf))
  if (review.conflict) conflicts.push(review.conflict)
  if (typeof review.value === 'object') Object.assign(merged, review.value)
  const reviewed = sides.filter((side) => isSameValue(reviewOf(side), review.value))
  return { ...settle(merged, reviewed, conflicts.length > 0), conflicts }
}

interface Outcome {
  readonly field: string
  readonly value: unknown
  readonly conflict?: FieldConflict
}

/** A row without counterpart names where there is none: of these fields none is taken from one side where that tears them apart. */
const counterpart: readonly string[] = ['object', 'objectSource', 'relation']

function mergeFields(bases: readonly Side[], sides: readonly MappingRow[]): readonly Outcome[] {
  const of = (name: string) =>
    [bases.map((base) => fieldOf(base, name)), sides.map((side) => fieldOf(side, name))] as const
  const outcomes = mergedFields.map((name) => mergeField(name, ...of(name)))
  const [object, source, relation] = counterpart.map(
    (name) => outcomes.find(({ field }) => field === name)?.value,
  )
  const isNone = object === undefined
  if (isNone === (source !== undefined) && (relation === undefined || isNone === (relation === 'none')))
    return outcomes
  return outcomes.map((outcome) =>
    counterpart.includes(outcome.field) ? contest(outcome.field, ...of(outcome.field)) : outcome,
  )
}

function mergeField(field: string, bases: readonly unknown[], sides: readonly unknown[]): Outcome {
  const [base] = bases
  const isOne = bases.every((other) => isSameValue(other, base))
  const changed = isOne ? sides.filter((side) => !isSameValue(side, base)) : sides
  const [change] = changed
  if (changed.length === 0) return { field, value: base }
  if (changed.every((side) => isSameValue(side, change))) return { field, value: change }
  return contest(field, bases, sides)
}

/** Where not all sides agree, people say what is right. */
function contest(field: string, bases: readonly unknown[], sides: readonly unknown[]): Outcome {
  const [value] = sides
  if (sides.every((side) => isSameValue(side, value))) return { field, value }
  const [base] = bases
  const isOne = bases.every((other) => isSameValue(other, base))
  return {
    field,
    value: isOne ? base : undefined,
    conflict: {
      field,
      ...(isOne && base !== undefined ? { base } : {}),
      values: sides.map(stated),
    },
  }
}

function stated(value: unknown): { readonly value?: unknown } {
  return value === undefined ? {} : { value }
}

function reviewOf(mapping: Side): object | undefined {
  if (mapping === undefined) return undefined
  const members = reviewFields.map((name) => [name, fieldOf(mapping, name)] as const)
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

/** A review holds for what was reviewed and for nothing else. */
function settle(
  merged: Readonly<Record<string, unknown>>,
  reviewed: readonly MappingRow[],
  contested: boolean,
): Omit<MergedRow, 'conflicts'> {
  const whole = mappingRow.safeParse(merged)
  if (!whole.success) return { reopened: false }
  const mapping = whole.data
  const judged = mapping.state === 'accepted' || mapping.state === 'rejected'
  if (!judged || (!contested && reviewed.some((side) => isSameContent(side, mapping))))
    return { mapping, reopened: false }
  return { mapping: reopen(mapping), reopened: true }
}

/** The same row, to be reviewed again. */
export function reopen(mapping: MappingRow): MappingRow {
  const { reviewer: _, reviewerLabel: _label, reviewedOn: _on, ...content } = mapping
  return { ...content, state: 'in-review' }
}

function rowConflict(bases: readonly Side[], sides: readonly Side[]): FieldConflict {
  const [base] = bases
  const isOne = base !== undefined && bases.every((other) => isSameValue(other, base))
  return { field: 'row', ...(isOne ? { base } : {}), values: sides.map(stated) }
}

/** A conflict among the sides that still have the row, told of all sides. */
function spread(conflict: FieldConflict, sides: readonly Side[]): FieldConflict {
  if (conflict.field === 'row') return conflict
  let next = 0
  return {
    ...conflict,
    values: sides.map((side) => (side === undefined ? {} : (conflict.values[next++] ?? {}))),
  }
}
