import type { ReportLine } from '../../record/implementation-report.ts'
import type { Figure } from './average.ts'
import type { Figures, Indicator } from './figure.ts'
import type { AgencyRate, RegionRate } from './rate.ts'
import { type Rational, subtract } from './rational.ts'

export interface FigureChange {
  readonly before: Figure
  readonly after: Figure
  /** Where both are known. */
  readonly change?: Rational
}

/** One edition in the reports of one agency, where it is not as it was. */
export interface LineChange {
  readonly edition: string
  readonly before?: ReportLine
  readonly after?: ReportLine
}

export interface AgencyChange {
  readonly agency: string
  /** Absent where it did not report. */
  readonly figures?: Readonly<Record<Indicator, FigureChange>>
  readonly reported: 'both' | 'before' | 'after'
  readonly lines: readonly LineChange[]
}

export interface RateDifference {
  readonly from: string
  readonly to: string
  readonly figures: Readonly<Record<Indicator, FigureChange>>
  readonly agencies: readonly AgencyChange[]
}

/**
 * What changed from one period to another: the pooled figures, and of each agency its own and the editions that it did more or less of.
 * An agency that reported once has no change, neither up nor down.
 *
 * @see spec/rate.md, RATE-17 (DOMAIN section 1, row 26)
 */
export function compareRates(before: RegionRate, after: RegionRate): RateDifference {
  const [earlier, later] = [byAgency(before), byAgency(after)]
  const all = [...new Set([...earlier.keys(), ...later.keys()])].toSorted()
  return {
    from: before.period.name,
    to: after.period.name,
    figures: changesOf(before.figures, after.figures),
    agencies: all.map((agency) => changeOf(agency, earlier.get(agency), later.get(agency))),
  }
}

function byAgency({ agencies }: RegionRate): ReadonlyMap<string, AgencyRate> {
  return new Map(agencies.map((one) => [one.agency, one]))
}

function changeOf(
  agency: string,
  before: AgencyRate | undefined,
  after: AgencyRate | undefined,
): AgencyChange {
  const lines = lineChanges(before, after)
  if (!before || !after) return { agency, reported: before ? 'before' : 'after', lines }
  return { agency, reported: 'both', figures: changesOf(before.figures, after.figures), lines }
}

function changesOf(before: Figures, after: Figures): Readonly<Record<Indicator, FigureChange>> {
  const of = (name: Indicator) => figureChange(before[name], after[name])
  return {
    utilisation: of('utilisation'),
    implementation: of('implementation'),
    'full-implementation': of('full-implementation'),
    coverage: of('coverage'),
    'mutual-use': of('mutual-use'),
  }
}

function figureChange(before: Figure, after: Figure): FigureChange {
  if (before.state !== 'determined' || after.state !== 'determined') return { before, after }
  return { before, after, change: subtract(after.value, before.value) }
}

function lineChanges(before: AgencyRate | undefined, after: AgencyRate | undefined): readonly LineChange[] {
  const [earlier, later] = [linesOf(before), linesOf(after)]
  return [...new Set([...earlier.keys(), ...later.keys()])].toSorted().flatMap((edition) => {
    const [one, other] = [earlier.get(edition), later.get(edition)]
    if (one && other && isSame(one, other)) return []
    return [{ edition, ...(one ? { before: one } : {}), ...(other ? { after: other } : {}) }]
  })
}

function linesOf(of: AgencyRate | undefined): ReadonlyMap<string, ReportLine> {
  return new Map(of?.lines.map(({ line }) => [line.edition.id, line]))
}

function isSame(one: ReportLine, other: ReportLine): boolean {
  return (
    one.edition.digest === other.edition.digest &&
    one.applicable === other.applicable &&
    one.clausesApplicable === other.clausesApplicable &&
    one.clausesExecuted === other.clausesExecuted
  )
}
