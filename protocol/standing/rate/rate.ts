import { builtInIndicators, type IndicatorSubject, indicatorDigest } from '../../record/indicator-set.ts'
import { type EditionLookup, standingsIn } from './edition.ts'
import { type Contribution, contributionOf, type Figures, figuresOf } from './figure.ts'
import { type Flag, flagsOf } from './flag.ts'
import { type LineStanding, weighLines } from './line.ts'
import { type Period, parsePeriod, periodBefore } from './period.ts'
import { type ShownLog, unprovenOf } from './proof.ts'
import { type ChosenReport, chooseReports, misdirectedReports, type PlacedReport } from './report.ts'

/** What a rate is computed from; all of it given, none of it fetched. */
export interface RateCase {
  readonly period: string
  /** Of this period and, to compare with, of the one before; others are passed over. */
  readonly reports: readonly PlacedReport[]
  /** Reports that are known to be there without being given, of any agency and period. */
  readonly seen?: readonly PlacedReport[]
  /** Of an agency all its logs, as far as they are shown; without it nothing is said of what the logs prove. */
  readonly logsOf?: (agency: string) => readonly ShownLog[]
  readonly editionOf: EditionLookup
  /** The set to compute by; without it, the one that all reports of the period name, if it is at hand, else the one built in. */
  readonly indicators?: IndicatorSubject
  /** Sets that reports may name beside the one built in. */
  readonly sets?: readonly IndicatorSubject[]
  /** Who is to report: who, or how many. */
  readonly expected?: readonly string[] | number
}

/** What is not known and moves the number. */
export interface Assumption {
  readonly code: 'edition-unknown' | 'edition-undetermined'
  readonly edition: string
  readonly digest: string
}

export interface AgencyRate {
  readonly agency: string
  readonly report: PlacedReport
  readonly figures: Figures
  readonly lines: readonly LineStanding[]
  readonly flags: readonly Flag[]
  readonly assumptions: readonly Assumption[]
}

export interface RegionRate {
  readonly period: Period
  readonly indicators: IndicatorSubject
  readonly reporting: {
    readonly reported: number
    readonly expected?: number
    /** Who did not report: neither nought nor everything. */
    readonly missing?: readonly string[]
    /** Records that correct what is another agency's or period's: none of them counts. */
    readonly misdirected: readonly { readonly agency: string; readonly id: string }[]
  }
  /** Pooled over the agencies that reported. */
  readonly figures: Figures
  /** By name, each with its own. */
  readonly agencies: readonly AgencyRate[]
}

/**
 * 标准综合运用率 of a period: U = Σ w·(m/n) / Σ w over the editions that were in force and are applicable, and what goes with it, of
 * each agency and pooled over those that reported. Every number is exact, and the same whatever the order of what is given.
 *
 * Takes for granted that the reports and editions are verified. Says nothing of agencies without a report but that they have none.
 *
 * @throws {ProtocolError} `SCHEMA_INVALID` — not a period
 * @see spec/rate.md, RATE-6 to RATE-16 (DOMAIN section 8.8)
 */
export function rateOf(given: RateCase): RegionRate {
  const period = parsePeriod(given.period)
  const chosen = chooseReports(given.reports, period.name, given.seen)
  const earlier = periodBefore(period)
  const before = earlier && chooseReports(given.reports, earlier.name, given.seen)
  const indicators = given.indicators ?? agreedSet(chosen, given.sets ?? [])
  const standingOf = standingsIn(period)
  const contributions: Contribution[] = []
  const agencies = [...chosen].map(([agency, choice]): AgencyRate => {
    const { subject } = choice.report
    const lines = weighLines(subject.lines, { standingOf, indicators, editionOf: given.editionOf })
    const contribution = contributionOf(subject, lines)
    contributions.push(contribution)
    return {
      agency,
      report: choice.report,
      figures: figuresOf([contribution]),
      lines,
      flags: flagsOf(choice, {
        period,
        indicators,
        lines,
        before: before?.get(agency)?.report,
        unproven: given.logsOf ? unprovenOf(choice.report, given.logsOf(agency)) : [],
      }),
      assumptions: lines.flatMap(assumptionOf),
    }
  })
  return {
    period,
    indicators,
    reporting: {
      ...reportingOf([...chosen.keys()], given.expected),
      misdirected: misdirectedReports(given.reports, period.name, given.seen).map(({ agency, id }) => ({
        agency,
        id,
      })),
    },
    figures: figuresOf(contributions),
    agencies,
  }
}

function assumptionOf({ line, known, weights }: LineStanding): readonly Assumption[] {
  if (weights[0] !== 0) return []
  const { id: edition, digest } = line.edition
  return [{ code: known ? 'edition-undetermined' : 'edition-unknown', edition, digest }]
}

/** What all reports name, so that old ones go on to be computed as they were. @see spec/rate.md, RATE-5 */
function agreedSet(
  chosen: ReadonlyMap<string, ChosenReport>,
  sets: readonly IndicatorSubject[],
): IndicatorSubject {
  const named = [...chosen.values()].map(({ report }) => report.subject.indicatorSet)
  const [first] = named
  if (!first || named.some(({ code, digest }) => code !== first.code || digest !== first.digest))
    return builtInIndicators
  const found = sets.find((set) => set.code === first.code && indicatorDigest(set) === first.digest)
  return found ?? builtInIndicators
}

function reportingOf(
  reported: readonly string[],
  expected: RateCase['expected'],
): Omit<RegionRate['reporting'], 'misdirected'> {
  if (expected === undefined) return { reported: reported.length }
  if (typeof expected === 'number') return { reported: reported.length, expected }
  const all = new Set([...expected, ...reported])
  const have = new Set(reported)
  return {
    reported: reported.length,
    expected: all.size,
    missing: [...all].filter((agency) => !have.has(agency)).toSorted(),
  }
}
