import type { Figure } from './average.ts'
import { type Indicator, indicators } from './figure.ts'
import type { AgencyRate, RegionRate } from './rate.ts'
import { compareRational, type Rational } from './rational.ts'

/** 领跑者: who is first by one indicator. */
export interface Leader {
  readonly indicator: Indicator
  readonly value: Rational
  /** All that share the first place. */
  readonly agencies: readonly string[]
  /** Another, of whom too little is known, may stand as high. */
  readonly contested: boolean
}

export interface Place {
  /** From 1; those with the same value share one. */
  readonly rank: number
  readonly of: number
}

/** 考核表: what one agency is assessed by, each number with the report that it is from. */
export interface AssessmentSheet extends AgencyRate {
  /** Among the agencies whose number is known. */
  readonly places: Readonly<Partial<Record<Indicator, Place>>>
}

const names: readonly Indicator[] = Object.keys(indicators).filter(isIndicator)

function isIndicator(name: string): name is Indicator {
  return Object.hasOwn(indicators, name)
}

/** @see spec/rate.md, RATE-18 (DOMAIN section 1, row 40) */
export function leadersOf({ agencies }: RegionRate): readonly Leader[] {
  return names.flatMap((indicator) => {
    const [value] = knownValues(agencies, indicator)
    if (!value || value.numerator === 0n) return []
    return [
      {
        indicator,
        value,
        agencies: agencies.filter((one) => isAt(one.figures[indicator], value)).map(({ agency }) => agency),
        contested: agencies.some(({ figures }) => mayReach(figures[indicator], value)),
      },
    ]
  })
}

/** @see spec/rate.md, RATE-19 (DOMAIN section 1, row 39) */
export function sheetsOf({ agencies }: RegionRate): readonly AssessmentSheet[] {
  const values = new Map(names.map((indicator) => [indicator, knownValues(agencies, indicator)]))
  return agencies.map((one) => {
    const places = names.flatMap((indicator) => {
      const figure = one.figures[indicator]
      if (figure.state !== 'determined') return []
      const all = values.get(indicator) ?? []
      const rank = 1 + all.findIndex((value) => compareRational(value, figure.value) === 0)
      return [[indicator, { rank, of: all.length }] as const]
    })
    return { ...one, places: Object.fromEntries(places) }
  })
}

/** The greatest first. */
function knownValues(agencies: readonly AgencyRate[], indicator: Indicator): readonly Rational[] {
  return agencies
    .flatMap(({ figures }) => {
      const figure = figures[indicator]
      return figure.state === 'determined' ? [figure.value] : []
    })
    .toSorted((a, b) => compareRational(b, a))
}

function isAt(figure: Figure, value: Rational): boolean {
  return figure.state === 'determined' && compareRational(figure.value, value) === 0
}

function mayReach(figure: Figure, value: Rational): boolean {
  return figure.state === 'undetermined' && (!figure.upper || compareRational(figure.upper, value) >= 0)
}
