import type { ReportSubject } from '../../record/implementation-report.ts'
import type { Label } from '../../record/vocabulary.ts'
import { averageOf, type Figure, type Weighed } from './average.ts'
import type { LineStanding } from './line.ts'

/** What is computed of one agency and of all, in the order in which people read it. */
export const indicators = {
  utilisation: { zh: '综合运用率', en: 'utilisation' },
  implementation: { zh: '实施率', en: 'carried out at all' },
  'full-implementation': { zh: '全面执行率', en: 'carried out in full' },
  coverage: { zh: '覆盖率', en: 'coverage of functions' },
  'mutual-use': { zh: '互用率', en: 'use of recognised standards' },
} as const satisfies Record<string, Label>

export type Indicator = keyof typeof indicators
export type Figures = Readonly<Record<Indicator, Figure>>

/** What one report brings to each figure; figures of several are those of all they bring. */
export interface Contribution {
  readonly utilisation: readonly Weighed[]
  readonly implementation: readonly Weighed[]
  readonly full: readonly Weighed[]
  readonly mutual: readonly Weighed[]
  /** Matters covered for sure, and at most, of those that are functions; absent where the report states no functions. */
  readonly coverage?: { readonly least: number; readonly most: number; readonly of: number }
}

/** @see spec/rate.md, RATE-6 and RATE-9 */
export function contributionOf(
  { functions }: Pick<ReportSubject, 'functions'>,
  lines: readonly LineStanding[],
): Contribution {
  const counting = lines.filter(({ weights }) => weights.length > 0)
  const share = (of: readonly LineStanding[], holds: (one: LineStanding) => boolean): readonly Weighed[] =>
    of.map((one) => ({
      part: holds(one) ? 1 : 0,
      whole: 1,
      weights: one.weights[0] === 0 ? [0, 1] : [1],
      of: nameOf(one),
    }))
  return {
    utilisation: counting.map((one) => ({
      part: one.line.clausesExecuted ?? 0,
      whole: one.line.clausesApplicable ?? 1,
      weights: one.weights,
      of: nameOf(one),
    })),
    implementation: share(counting, ({ line }) => (line.clausesExecuted ?? 0) > 0),
    full: share(counting, ({ line }) => line.clausesExecuted === line.clausesApplicable),
    mutual: share(
      counting.filter(({ line }) => line.recognition !== undefined),
      ({ line }) => line.reuse !== undefined,
    ),
    ...(functions ? { coverage: coverOf(functions, counting) } : {}),
  }
}

/** Whether an edition was in force, and is important, is one and the same for all who report on it. */
function nameOf({ line: { edition } }: LineStanding): string {
  return `${edition.id} ${edition.digest}`
}

function coverOf(functions: readonly string[], lines: readonly LineStanding[]) {
  const [sure, possible] = [new Set<string>(), new Set<string>()]
  for (const { known, weights } of lines)
    for (const matter of known ? (known.facts.matters ?? []) : functions) {
      possible.add(matter)
      if (weights[0] !== 0) sure.add(matter)
    }
  const count = (set: ReadonlySet<string>) => functions.filter((matter) => set.has(matter)).length
  return { least: count(sure), most: count(possible), of: functions.length }
}

/** Of one report or of several: sums over all that they bring, never an average of averages. */
export function figuresOf(all: readonly Contribution[]): Figures {
  return {
    utilisation: averageOf(all.flatMap(({ utilisation }) => utilisation)),
    implementation: averageOf(all.flatMap(({ implementation }) => implementation)),
    'full-implementation': averageOf(all.flatMap(({ full }) => full)),
    coverage: coverageOf(all),
    'mutual-use': averageOf(all.flatMap(({ mutual }) => mutual)),
  }
}

function coverageOf(all: readonly Contribution[]): Figure {
  const stated = all.flatMap(({ coverage }) => (coverage ? [coverage] : []))
  const sum = (pick: (of: (typeof stated)[number]) => number) =>
    stated.reduce((total, one) => total + pick(one), 0)
  const whole = sum(({ of }) => of)
  if (whole === 0) return { state: 'none' }
  const at = (part: number) => averageOf([{ part, whole, weights: [1] }])
  const [lower, upper] = [at(sum(({ least }) => least)), at(sum(({ most }) => most))]
  if (lower.state !== 'determined' || upper.state !== 'determined') return { state: 'none' }
  const same = sum(({ least, most }) => most - least) === 0
  return same ? lower : { state: 'undetermined', lower: lower.value, upper: upper.value }
}
