import { compareText } from '../canonical.ts'
import { type AgreementGiven, lapseOf } from './agreement-facts.ts'
import type { Condition } from './condition.ts'
import type { Change, EditionStanding } from './pinned-edition.ts'

/** The first change of what is agreed, and one that may have come sooner than those at hand can tell. */
export interface FirstChange {
  readonly change: Change | undefined
  readonly sooner: Change | undefined
}

/** The first changes by the day asked that touch what is agreed; `undefined` where there is none. */
export function changeOf(
  editions: readonly EditionStanding[],
  touches: (change: Change) => boolean,
): FirstChange | undefined {
  const first = (changes: readonly Change[]) =>
    changes.filter(touches).toSorted((a, b) => compareText(a.on, b.on))[0]
  const change = first(editions.flatMap(({ changes }) => changes))
  const sooner = first(editions.flatMap(({ open }) => open))
  return change || sooner ? { change, sooner } : undefined
}

/**
 * E3 of an agreement that rests on an edition as it is: an amendment or a revision ends it on its date, or after the days of grace. An
 * edition that ended sooner says so itself. Between the first day on which a revision may have been logged and the one that witnesses at
 * hand give, nobody can tell.
 *
 * @see spec/agreement.md, AGREE-33 and AGREE-73
 */
export function unchangedCondition(
  condition: Condition,
  first: FirstChange | undefined,
  { agreement, day }: Pick<AgreementGiven, 'agreement' | 'day'>,
): Condition {
  const { change, sooner } = first ?? {}
  const since = change && lapseOf(change.on, agreement)
  if (change && since !== undefined && since <= day) {
    const ended = condition.outcome === 'failed' && condition.since !== undefined && condition.since <= since
    if (ended) return condition
    return {
      condition: 'E3',
      outcome: 'failed',
      code: 'SUPERSEDED',
      since,
      cause: change.cause,
      zh: `所引版本自${change.on}起有修改`,
      en: `the pinned edition was changed on ${change.on}`,
    }
  }
  if (condition.outcome !== 'passed' || !sooner || day < lapseOf(sooner.on, agreement)) return condition
  return {
    condition: 'E3',
    outcome: 'unknown',
    code: 'NOT_WITNESSED',
    cause: sooner.cause,
    zh: '所引版本有修改，但无从得知其入日志日期',
    en: 'the pinned edition was changed, and no witness at hand says when that was logged',
  }
}
