import type { MappingRow, NamedRow, Pin } from '../../record/mapping-row.ts'
import type { Relation, RowState } from '../../record/mapping-word.ts'
import type { StandardSubject } from '../../record/standard-record.ts'
import { compareClauseLimits, type LimitComparison } from '../limit/compare.ts'
import type { Clause } from '../limit/interval.ts'
import { describeLimits, type SideNames, type Words } from '../limit/words.ts'
import { inverseRelation, statedRelation } from '../rule/relation.ts'
import { conceptOf, isSamePin } from '../rule/row-set.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { changesBetween, type EditBudget, type TextChange } from './text-change.ts'

/** An edition to be compared, with the texts of its clauses where whoever asks may have them. */
export interface ComparedEdition {
  readonly id: string
  readonly digest: string
  readonly subject: StandardSubject
  readonly texts?: ReadonlyMap<string, string>
}

export type ClauseHead = Pick<Clause, 'uid' | 'locator' | 'heading'>

/** What one row says about one clause of A. */
export interface Statement {
  readonly row: string
  readonly state: RowState
  readonly outcome: Outcome
  /** Read from A to B, whichever way the row is written. */
  readonly relation?: Relation
  readonly counterpart?: ClauseHead & { readonly edition: string }
  readonly limits?: LimitComparison & { readonly words: readonly Words[] }
  /** By the digests of the texts; `unknown` where a record gives none. */
  readonly text: 'equal' | 'different' | 'unknown'
  readonly changes?: readonly TextChange[]
}

/** A row as it is read from one side. */
export interface Reading {
  readonly named: NamedRow
  readonly near: Pin
  readonly far: Pin | undefined
  readonly relation: Relation | undefined
}

const order = {
  accepted: 0,
  'in-review': 1,
  draft: 2,
  candidate: 3,
  rejected: 4,
} as const satisfies Record<RowState, number>

/**
 * Rows between the editions of A and those of B by the clause of A that they are about, read from A. Rejected ones are left out.
 */
export function readRows(
  rows: readonly NamedRow[],
  a: readonly ComparedEdition[],
  b: readonly ComparedEdition[],
): ReadonlyMap<string, readonly Reading[]> {
  const [near, far] = [editionSet(a), editionSet(b)]
  const readings = new Map<string, Reading[]>()
  const keep = (reading: Reading) => {
    const concept = conceptOf(reading.near)
    const list = readings.get(concept)
    if (list) list.push(reading)
    else readings.set(concept, [reading])
  }
  for (const named of rows) {
    const { subject, object, objectSource, state } = named.mapping
    if (state === 'rejected') continue
    const relation = statedRelation(named.mapping)
    const target = object ?? objectSource
    if (near.has(editionOf(subject)) && target && far.has(editionOf(target)))
      keep({ named, near: subject, far: object, relation: object ? relation : 'none' })
    // Of an edition compared with itself a row is about both its clauses.
    if (object && !isSamePin(subject, object) && near.has(editionOf(object)) && far.has(editionOf(subject)))
      keep({ named, near: object, far: subject, relation: relation && inverseRelation[relation] })
  }
  for (const list of readings.values()) list.sort(compareReadings)
  return readings
}

function compareReadings({ named: a }: Reading, { named: b }: Reading): number {
  return order[a.mapping.state] - order[b.mapping.state] || (a.row < b.row ? -1 : a.row > b.row ? 1 : 0)
}

function editionSet(editions: readonly ComparedEdition[]): ReadonlySet<string> {
  return new Set(editions.map(({ id, digest }) => editionOf({ edition: id, digest })))
}

export function editionOf({
  edition,
  digest,
}: {
  readonly edition: string
  readonly digest: string
}): string {
  return `${edition} ${digest}`
}

/** Clauses of some editions by what pins them. */
export function clausesOf(
  editions: readonly ComparedEdition[],
): ReadonlyMap<string, { readonly edition: ComparedEdition; readonly clause: Clause }> {
  return new Map(
    editions.flatMap((edition) =>
      (edition.subject.clauses ?? []).map((clause) => [
        conceptOf({ edition: edition.id, digest: edition.digest, clause: clause.uid }),
        { edition, clause },
      ]),
    ),
  )
}

export interface Sides {
  readonly near: ReturnType<typeof clausesOf>
  readonly far: ReturnType<typeof clausesOf>
  readonly names: SideNames
  /** Without, no difference of texts is looked for. */
  readonly edits?: EditBudget
}

/** What one row says, with what the records of both clauses say beside it. */
export function statementOf({ named, near, far, relation }: Reading, sides: Sides): Statement {
  const ours = sides.near.get(conceptOf(near))
  const theirs = far && sides.far.get(conceptOf(far))
  const limits =
    ours?.clause.limits && theirs?.clause.limits
      ? compareClauseLimits(ours.clause.limits, theirs.clause.limits)
      : undefined
  const texts = [
    ours?.edition.texts?.get(near.clause ?? ''),
    theirs?.edition.texts?.get(far?.clause ?? ''),
  ] as const
  return {
    row: named.row,
    state: named.mapping.state,
    // On a clause that is not in the record nobody can rely, whatever the row says of it.
    outcome:
      far?.clause !== undefined && !theirs
        ? 'not-compared'
        : outcomeOfRow(named.mapping, { relation, limits }),
    ...(relation === undefined ? {} : { relation }),
    ...(theirs ? { counterpart: { edition: theirs.edition.id, ...headOf(theirs.clause) } } : {}),
    ...(limits ? { limits: { ...limits, words: describeLimits(limits, sides.names) } } : {}),
    text: compareDigests(ours?.clause.textDigest, theirs?.clause.textDigest),
    ...(sides.edits && texts[0] !== undefined && texts[1] !== undefined
      ? { changes: changesBetween(texts[0], texts[1], sides.edits) }
      : {}),
  }
}

/** A close match that nobody gave a relation has that of the limits, where they can be compared. */
function outcomeOfRow(
  { object }: MappingRow,
  given: { readonly relation: Relation | undefined; readonly limits: LimitComparison | undefined },
): Outcome {
  const { relation, limits } = given
  if (!object) return 'no-counterpart'
  if (relation !== undefined) return outcomeOf[relation]
  return limits && limits.relation !== 'incomparable' ? limits.relation : 'not-compared'
}

function compareDigests(a: string | undefined, b: string | undefined): Statement['text'] {
  if (a === undefined || b === undefined) return 'unknown'
  return a === b ? 'equal' : 'different'
}

export function headOf({ uid, locator, heading }: Clause): ClauseHead {
  return { uid, locator, heading }
}
