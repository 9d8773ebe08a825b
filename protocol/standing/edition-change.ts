import { type AgreementGiven, lapseOf } from './agreement-facts.ts'
import type { Condition } from './condition.ts'
import type { Change, EditionStanding } from './pinned-edition.ts'

/** The first change by the day asked that touches what is agreed. */
export function changeOf(
  editions: readonly EditionStanding[],
  touches: (change: Change) => boolean,
): Change | undefined {
  return editions.flatMap(({ changes }) => changes).find(touches)
}

/**
 * E3 of an agreement that rests on an edition as it is: an amendment or a revision ends it on its date, or after the days of grace. An
 * edition that ended sooner says so itself.
 *
 * @see spec/agreement.md, AGREE-73
 */
export function unchangedCondition(
  condition: Condition,
  change: Change | undefined,
  { agreement, day }: Pick<AgreementGiven, 'agreement' | 'day'>,
): Condition {
  if (!change) return condition
  const since = lapseOf(change.on, agreement)
  if (day < since) return condition
  const sooner = condition.outcome === 'failed' && condition.since !== undefined && condition.since <= since
  if (sooner) return condition
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
