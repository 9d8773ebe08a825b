import type { JsonObject, JsonValue } from '../../json-value.ts'
import { indicatorDigest } from '../../record/indicator-set.ts'
import type { Figure } from './average.ts'
import { editionRates } from './detail.ts'
import type { AgencyChange, FigureChange, RateDifference } from './difference.ts'
import type { Figures, Indicator } from './figure.ts'
import { type AssessmentSheet, leadersOf, sheetsOf } from './leader.ts'
import type { LineStanding } from './line.ts'
import type { RegionRate } from './rate.ts'
import { formatPercent, formatRational, type Rational } from './rational.ts'

/**
 * A rate as JSON, the same from a node and from the command line: fractions as texts, per cent beside them for people.
 *
 * @see spec/rate.md, RATE-21
 */
export function formatRate(rate: RegionRate, agency?: string): JsonObject {
  const { period, indicators, reporting } = rate
  const sheets = sheetsOf(rate).filter((sheet) => agency === undefined || sheet.agency === agency)
  const assumed = new Map(
    rate.agencies
      .flatMap(({ assumptions }) => assumptions)
      .map((one) => [`${one.edition} ${one.digest}`, { ...one }]),
  )
  return {
    period: period.name,
    indicatorSet: { code: indicators.code, digest: indicatorDigest(indicators) },
    reporting: {
      reported: reporting.reported,
      expected: reporting.expected ?? null,
      missing: reporting.missing ?? null,
      ...(reporting.misdirected.length === 0
        ? {}
        : { misdirected: reporting.misdirected.map((one) => ({ ...one })) }),
    },
    figures: formatFigures(rate.figures),
    leaders: leadersOf(rate).map(({ indicator, value, agencies, contested }) => ({
      indicator,
      value: formatValue(value),
      agencies,
      contested,
    })),
    assumptions: [...assumed.keys()].toSorted().flatMap((key) => assumed.get(key) ?? []),
    agencies: sheets.map(formatSheet),
    editions: editionRates(rate).map(({ executed, clauses, ...rest }) => ({
      ...rest,
      executed: formatFigure(executed),
      clauses: clauses.map((clause) => ({ ...clause })),
    })),
  }
}

/** @see spec/rate.md, RATE-17 and RATE-21 */
export function formatDifference({ from, to, figures, agencies }: RateDifference): JsonObject {
  return { from, to, figures: formatChanges(figures), agencies: agencies.map(formatAgencyChange) }
}

function formatAgencyChange({ agency, reported, figures, lines }: AgencyChange): JsonObject {
  return {
    agency,
    reported,
    ...(figures ? { figures: formatChanges(figures) } : {}),
    lines: lines.map(({ edition, before, after }) => ({
      edition,
      before: before ? formatCounts(before) : null,
      after: after ? formatCounts(after) : null,
    })),
  }
}

function formatChanges(changes: Readonly<Record<Indicator, FigureChange>>): JsonObject {
  return Object.fromEntries(
    Object.entries(changes).map(([name, { before, after, change }]) => [
      name,
      {
        before: formatFigure(before),
        after: formatFigure(after),
        change: change ? formatValue(change) : null,
      },
    ]),
  )
}

function formatSheet({ agency, report, figures, places, flags, lines }: AssessmentSheet): JsonObject {
  const { id, digest, at, place, subject } = report
  return {
    agency,
    report: { id, digest, at, ...(place ? { ...place } : {}) },
    figures: formatFigures(figures),
    places: Object.fromEntries(Object.entries(places).map(([name, where]) => [name, { ...where }])),
    flags: flags.map(({ code, edition, found }) => ({
      code,
      ...(edition === undefined ? {} : { edition }),
      ...(found ? { found: { ...found } } : {}),
    })),
    training: subject.lines.reduce(
      (sum, { training }) => ({
        times: sum.times + (training?.times ?? 0),
        people: sum.people + (training?.people ?? 0),
      }),
      { times: 0, people: 0 },
    ),
    lines: lines.map(formatLine),
  }
}

function formatLine({ line, known, standing, weights }: LineStanding): JsonObject {
  const [identifier] = known?.facts.identifiers ?? []
  const { reason, benefits } = line
  return {
    edition: { ...line.edition },
    ...(known ? { titleZh: known.facts.titleZh, important: known.facts.important === true } : {}),
    ...(identifier ? { number: identifier.value } : {}),
    standing,
    ...formatCounts(line),
    weight: weights.length === 1 ? (weights[0] ?? 0) : weights.length === 0 ? 0 : null,
    ...(reason === undefined ? {} : { reason }),
    ...(benefits ? { benefits: benefits.map((benefit) => ({ ...benefit })) } : {}),
  }
}

function formatCounts(line: LineStanding['line']): { readonly [name: string]: JsonValue } {
  const { applicable, clausesApplicable, clausesExecuted } = line
  return {
    applicable,
    ...(clausesApplicable === undefined ? {} : { clausesApplicable }),
    ...(clausesExecuted === undefined ? {} : { clausesExecuted }),
  }
}

function formatFigures(figures: Figures): JsonObject {
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, formatFigure(figure)]))
}

/** `determined` with its value, `undetermined` with the bounds that are known, or `none`. */
export function formatFigure(figure: Figure): JsonObject {
  if (figure.state === 'determined') return { state: figure.state, ...formatValue(figure.value) }
  if (figure.state === 'none') return { state: figure.state }
  const { state, lower, upper } = figure
  return {
    state,
    lower: lower ? formatValue(lower) : null,
    upper: upper ? formatValue(upper) : null,
  }
}

function formatValue(value: Rational): { readonly [name: string]: JsonValue } {
  return { ...formatRational(value), shown: formatPercent(value) }
}
