import type { NamedRow } from '../../record/mapping-row.ts'
import { neutralSides, type SideNames } from '../limit/words.ts'
import { conceptOf } from '../rule/row-set.ts'
import { type Coverage, countCoverage, type Standing, standingOf } from './coverage.ts'
import {
  type ClauseHead,
  type ComparedEdition,
  clausesOf,
  headOf,
  type Reading,
  readRows,
  type Sides,
  type Statement,
  statementOf,
} from './statement.ts'
import { type EditBudget, openBudget } from './text-change.ts'

/** One clause and what rows say about it, the accepted ones first. */
export interface ClauseComparison extends Standing {
  readonly clause: ClauseHead
  readonly statements: readonly Statement[]
}

export interface EditionComparison {
  /** Of A, in the order of its record. */
  readonly clauses: readonly ClauseComparison[]
  /** Clauses of B that no clause of A is compared with. */
  readonly unmatched: readonly ClauseComparison[]
  /** What rows say about the editions as wholes. */
  readonly whole: readonly Statement[]
  readonly coverage: Coverage
}

export interface CompareOptions {
  readonly names: SideNames
  /** For the differences of texts, in all that is compared at once. */
  readonly edits?: EditBudget
}

/**
 * Two editions clause by clause: what accepted rows say, what is only proposed, and what nobody has compared.
 *
 * Takes for granted that editions and rows are verified. It decides nothing that no row says, but where an accepted close match names
 * no relation the typed limits do.
 *
 * @see spec/mapping.md, MAP-70 to MAP-74 (DOMAIN section 9)
 */
export function compareEditions(
  a: ComparedEdition,
  b: ComparedEdition,
  rows: readonly NamedRow[],
  { names, edits = openBudget() }: CompareOptions = { names: neutralSides },
): EditionComparison {
  const [ours, theirs] = [clausesOf([a]), clausesOf([b])]
  const forth = readRows(rows, [a], [b])
  const back = readRows(rows, [b], [a])
  const sides = { near: ours, far: theirs, names, edits }
  const turned = { near: theirs, far: ours, names: { a: names.b, b: names.a } }
  const clauses = compareClauses(a, forth, sides)
  const unmatched = new Set(
    compareClauses(b, back, turned).flatMap(({ clause, statements }) =>
      statements.every(({ counterpart, state }) => counterpart === undefined || state === 'candidate')
        ? [clause.uid]
        : [],
    ),
  )
  return {
    clauses,
    unmatched: compareClauses(b, back, { ...turned, edits }, unmatched),
    whole: statementsAbout(a, undefined, { readings: forth, sides }),
    coverage: countCoverage(clauses),
  }
}

function compareClauses(
  edition: ComparedEdition,
  readings: ReadonlyMap<string, readonly Reading[]>,
  sides: Sides,
  only?: ReadonlySet<string>,
): readonly ClauseComparison[] {
  const clauses = (edition.subject.clauses ?? []).filter(({ uid }) => only?.has(uid) ?? true)
  return clauses.map((clause) => {
    const statements = statementsAbout(edition, clause.uid, { readings, sides })
    return { clause: headOf(clause), ...standingOf(statements), statements }
  })
}

interface Source {
  readonly readings: ReadonlyMap<string, readonly Reading[]>
  readonly sides: Sides
}

/** About one clause, or without one about the edition as a whole. */
export function statementsAbout(
  { id, digest }: ComparedEdition,
  clause: string | undefined,
  { readings, sides }: Source,
): readonly Statement[] {
  const concept = conceptOf({ edition: id, digest, ...(clause === undefined ? {} : { clause }) })
  return (readings.get(concept) ?? []).map((reading) => statementOf(reading, sides))
}
