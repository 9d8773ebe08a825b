import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import type { AgreementState, Answer, Condition } from './condition.ts'
import { earliestStartOf, startOf } from './term.ts'

/** What came to its end, and when. */
interface Ending {
  readonly state: 'withdrawn' | 'renewed' | 'expired' | 'disposal-due' | 'lapsed'
  readonly since: CalendarDate
  readonly condition: Condition
}

/** Of several on one day the first of these gives the word. */
const ranks = ['withdrawn', 'renewed', 'expired', 'disposal-due', 'lapsed'] as const

/** Everything that has ended it by the day asked, in order of date. */
function endingsOf(list: readonly Condition[]): readonly Ending[] {
  return list
    .flatMap((condition): readonly Ending[] => {
      const { outcome, since } = condition
      return outcome === 'failed' && since !== undefined
        ? [{ state: endOf(condition), since, condition }]
        : []
    })
    .toSorted((a, b) => compareText(a.since, b.since) || ranks.indexOf(a.state) - ranks.indexOf(b.state))
}

function endOf({ condition, code }: Condition): Ending['state'] {
  if (condition === 'E6') return 'withdrawn'
  if (condition === 'E5') return code === 'SUPERSEDED' ? 'renewed' : 'expired'
  return condition === 'G1' ? 'disposal-due' : 'lapsed'
}

/** Conditions that failed without a day from which they did, but for those that wait for a day or for an end of a dispute. */
function faultsOf(list: readonly Condition[]): readonly Condition[] {
  return list.filter(
    ({ outcome, since, code }) =>
      outcome === 'failed' &&
      since === undefined &&
      code !== 'NOT_YET_VALID' &&
      code !== 'ATTESTATION_CONFLICT',
  )
}

/** What keeps it from ever holding, whatever the day; what may still be consented to does not. */
export function lastingFaultOf(list: readonly Condition[]): Condition | undefined {
  return faultsOf(list).find(({ code }) => code !== 'ATTESTATION_INCOMPLETE')
}

/** Whether it held at some time, as far as the conditions of a day on which it has ended tell. */
export function hasHeld(list: readonly Condition[]): boolean {
  return (
    faultsOf(list).length === 0 &&
    list.every(({ outcome, code }) => outcome !== 'failed' || code !== 'NOT_YET_VALID')
  )
}

/** Of the conditions that failed the one that says why it does not hold: what never held before what ended, and what ended first. */
export function decisiveOf(list: readonly Condition[]): Condition | undefined {
  return (
    faultsOf(list)[0] ?? endingsOf(list)[0]?.condition ?? list.find(({ outcome }) => outcome === 'failed')
  )
}

/** The first day on which it no longer held, by the day asked. */
export function endedOn(list: readonly Condition[]): CalendarDate | undefined {
  return endingsOf(list)[0]?.since
}

/**
 * One word for people; the conditions say why. Of what has ended it the first in date gives the word for good, whatever comes later. What
 * could never hold has not ended.
 *
 * @see spec/agreement.md, AGREE-39
 */
export function stateOf(
  list: readonly Condition[],
  answer: Answer,
  { facts: { consent }, inGrace }: { readonly facts: AgreementFacts; readonly inGrace: boolean },
): AgreementState {
  if (answer === 'effective') return inGrace ? 'grace' : 'effective'
  if (answer === 'undecided') return 'undecided'
  const failed = list.filter(({ outcome }) => outcome === 'failed')
  if (failed.some(({ condition }) => condition === 'E1') && consent.state !== 'consented')
    return unconsented[consent.state]
  const isBefore = failed.some(({ condition, code }) => condition === 'E5' && code === 'NOT_YET_VALID')
  // Before the reuse begins its ground may still be consented to.
  const faults = faultsOf(list).filter(({ code }) => !isBefore || code !== 'ATTESTATION_INCOMPLETE')
  if (faults.length > 0) return 'unmet'
  const [first] = endingsOf(list)
  if (first) {
    const start = startOf(consent) ?? earliestStartOf(consent)
    const began = start === undefined || start < first.since
    return !began && (first.state === 'lapsed' || first.state === 'expired') ? 'unmet' : first.state
  }
  return failed.some(({ code }) => code === 'ATTESTATION_CONFLICT') ? 'disputed' : 'upcoming'
}

const unconsented = {
  none: 'proposed',
  proposed: 'proposed',
  rejected: 'rejected',
  late: 'rejected',
  recalled: 'withdrawn',
} as const
