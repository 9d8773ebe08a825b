import type { Rational } from '../limit/rational.ts'
import { combineOutcomes, type Outcome } from './outcome.ts'
import type { Statement } from './statement.ts'

/** What has become of the clauses of A: each is counted once, so that the parts make the whole. */
export interface Coverage {
  readonly accepted: number
  readonly inReview: number
  /** Written down, and not put to the other party yet. */
  readonly draft: number
  readonly conflicting: number
  readonly noCounterpart: number
  readonly notCompared: number
  readonly total: number
}

export type CoverageClass = Exclude<keyof Coverage, 'total'>

export interface Standing {
  readonly outcome: Outcome
  readonly class: CoverageClass
  /** The state of the rows that say it. */
  readonly state?: 'accepted' | 'in-review' | 'draft'
}

const proposed = { 'in-review': 'inReview', draft: 'draft' } as const

/**
 * What a clause comes to: the accepted rows say it, where there are any; else those in review, else drafts: each of these is
 * counted apart. What a program suggested counts for nothing.
 *
 * @see spec/mapping.md, MAP-70 and MAP-72
 */
export function standingOf(statements: readonly Statement[]): Standing {
  for (const state of ['accepted', 'in-review', 'draft'] as const) {
    const those = statements.filter((statement) => statement.state === state && !isEmpty(statement))
    if (those.length === 0) continue
    const outcome = combineOutcomes(those.map((statement) => statement.outcome))
    return { outcome, state, class: state === 'accepted' ? classOf(outcome) : proposed[state] }
  }
  return { outcome: 'not-compared', class: 'notCompared' }
}

/** A row about a clause that the record of the other side does not have. */
function isEmpty({ outcome, counterpart }: Statement): boolean {
  return outcome === 'not-compared' && counterpart === undefined
}

function classOf(outcome: Outcome): CoverageClass {
  if (outcome === 'conflicting') return 'conflicting'
  if (outcome === 'no-counterpart') return 'noCounterpart'
  return outcome === 'not-compared' ? 'notCompared' : 'accepted'
}

export function countCoverage(standings: readonly Standing[]): Coverage {
  const count = (name: CoverageClass) => standings.filter((standing) => standing.class === name).length
  return {
    accepted: count('accepted'),
    inReview: count('inReview'),
    draft: count('draft'),
    conflicting: count('conflicting'),
    noCounterpart: count('noCounterpart'),
    notCompared: count('notCompared'),
    total: standings.length,
  }
}

/** The share of clauses about which an accepted row says something, exactly; `undefined` where there is no clause. */
export function coverageShare(coverage: Coverage): Rational | undefined {
  const { accepted, conflicting, noCounterpart, total } = coverage
  if (total === 0) return undefined
  return { numerator: BigInt(accepted + conflicting + noCounterpart), denominator: BigInt(total) }
}
