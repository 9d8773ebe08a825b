import {
  type Coverage,
  countCoverage,
  type Standing,
  standingOf,
} from '../../protocol/mapping/compare/coverage.ts'
import { statementsAbout } from '../../protocol/mapping/compare/edition.ts'
import { type ComparedEdition, clausesOf, readRows } from '../../protocol/mapping/compare/statement.ts'
import { neutralSides } from '../../protocol/mapping/limit/words.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import { classes, keysOf } from '../../protocol/record/vocabulary.ts'

export interface ClassCoverage {
  readonly class: keyof typeof classes
  readonly coverage: Coverage
}

export interface ProjectCoverage {
  readonly whole: Coverage
  /** Classes with a clause, in the order of the list. */
  readonly byClass: readonly ClassCoverage[]
}

/**
 * What has become of the clauses of the first agency against all of the second, in whole and by class: the count of MAP-72.
 *
 * Takes for granted that editions and rows are verified.
 */
export function coverProject(
  ours: readonly ComparedEdition[],
  theirs: readonly ComparedEdition[],
  rows: readonly NamedRow[],
): ProjectCoverage {
  const readings = readRows(rows, ours, theirs)
  const sides = { near: clausesOf(ours), far: clausesOf(theirs), names: neutralSides }
  const found = ours.flatMap((edition) =>
    (edition.subject.clauses ?? []).map(
      ({ uid }): { readonly class: string; readonly standing: Standing } => ({
        class: edition.subject.class,
        standing: standingOf(statementsAbout(edition, uid, { readings, sides })),
      }),
    ),
  )
  const of = (name?: string) =>
    countCoverage(found.flatMap((one) => (name === undefined || one.class === name ? [one.standing] : [])))
  return {
    whole: of(),
    byClass: keysOf(classes)
      .map((name) => ({ class: name, coverage: of(name) }))
      .filter(({ coverage }) => coverage.total > 0),
  }
}
