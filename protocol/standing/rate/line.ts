import type { ReportLine } from '../../record/implementation-report.ts'
import type { IndicatorSubject } from '../../record/indicator-set.ts'
import type { EditionLookup, KnownEdition, PeriodStanding, StandingLookup } from './edition.ts'

/** A line of a report, and what it weighs. */
export interface LineStanding {
  readonly line: ReportLine
  readonly known: KnownEdition | undefined
  readonly standing: PeriodStanding
  /** What it may weigh, from the smallest to the greatest; none where the edition is not applicable or was not in force. */
  readonly weights: readonly number[]
}

/**
 * What each line weighs: twice for what is important, or as the set says. Of an edition that is not at hand nobody knows whether it was
 * in force and whether it is important.
 *
 * @see spec/rate.md, RATE-6, RATE-7 and RATE-10
 */
export function weighLines(
  lines: readonly ReportLine[],
  given: {
    readonly standingOf: StandingLookup
    readonly indicators: IndicatorSubject
    readonly editionOf: EditionLookup
  },
): readonly LineStanding[] {
  const { standingOf, indicators, editionOf } = given
  const { importantWeight, ordinaryWeight } = indicators
  return lines.map((line) => {
    const known = editionOf(line.edition)
    const standing = known ? standingOf(known) : 'unknown'
    if (!line.applicable || standing === 'not-in-force') return { line, known, standing, weights: [] }
    if (!known) return { line, known, standing, weights: [0, ordinaryWeight, importantWeight] }
    const weight = known.facts.important ? importantWeight : ordinaryWeight
    return { line, known, standing, weights: standing === 'in-force' ? [weight] : [0, weight] }
  })
}
