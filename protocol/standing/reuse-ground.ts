import type { CalendarDate } from '../date.ts'
import type { ProblemCode } from '../error.ts'
import { ProtocolError } from '../error.ts'
import { matchesDivision, parseDivision } from '../identifier/division.ts'
import { parseStandardNumber } from '../identifier/standard-number.ts'
import type { ReuseAgreement } from '../record/agreement.ts'
import { grounds } from '../record/agreement-word.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import { decisiveOf, hasHeld } from './agreement-state.ts'
import type { Condition } from './condition.ts'
import { type RecognitionStanding, recognitionAt } from './recognition.ts'
import type { ReuseFacts } from './reuse-facts.ts'
import { reusedRows } from './reuse-scope.ts'
import { earliestStartOf, startOf, withdrawalsOf } from './term.ts'

export interface GroundGiven {
  readonly agreement: ReuseAgreement
  readonly facts: ReuseFacts
  readonly day: CalendarDate
}

/**
 * G1: what allows the reuse on the day asked, a recognition that holds and covers it, or the law.
 *
 * A recognition that a party withdrew stays a ground for a reuse that had begun before; whatever else ends it, ends the ground on that
 * day, which is `since` iff the reuse had begun.
 *
 * @see spec/agreement.md, AGREE-81 to AGREE-83
 */
export function groundCondition(given: GroundGiven): Condition {
  const { ground } = given.agreement.scope
  return 'statute' in ground ? statuteCondition(given, ground.statute) : recognitionCondition(given)
}

function recognitionCondition({ agreement, facts, day }: GroundGiven): Condition {
  const { recognition } = facts
  if (!recognition)
    return unknown('RECORD_UNAVAILABLE', '缺少所引互认声明', 'the recognition that it cites is not at hand')
  const standing = recognitionAt(recognition.facts, recognition.agreement, day)
  const lapse = standing.end !== undefined && standing.end <= day ? standing.end : undefined
  const covered = reusedRows(agreement, recognition.agreement, {
    mapping: recognition.facts.mapping,
    rows: standing.rows,
    division: facts.division,
  })
  if (covered.outcome === 'outside') return failed('ATTESTATION_MISMATCH', covered.zh, covered.en)
  if (covered.outcome === 'fallen' && covered.since < day) {
    // What cannot be told of a later day takes nothing back.
    const then = recognitionCondition({ agreement, facts, day: covered.since })
    if (then.since !== undefined) return then
  }
  if (standing.answer === 'undecided') {
    const reason = standing.conditions.find(({ outcome }) => outcome === 'unknown')
    return unknown(
      reason?.code ?? 'RANGE_MISSING',
      `所引互认：${reason?.zh ?? ''}`,
      `the recognition: ${reason?.en ?? ''}`,
    )
  }
  const begun = beganBy(facts, standing)
  if (covered.outcome === 'fallen' && (lapse === undefined || covered.since <= lapse))
    return {
      ...failed('SUPERSEDED', covered.zh, covered.en),
      ...(begun(covered.since) ? { since: covered.since } : {}),
      ...(covered.cause ? { cause: covered.cause } : {}),
    }
  const lawful = isLawful(standing, { agreement, facts, recognition })
  if (lawful === 'unknown')
    return unknown(
      'NOT_WITNESSED',
      '所引互认已撤回，互用是否在此之前开始无从得知',
      'the recognition was withdrawn, and no witness at hand says whether the reuse had begun before',
    )
  if (standing.answer !== 'effective' && lawful === 'no') {
    const reason = decisiveOf(standing.conditions)
    return {
      ...failed(
        reason?.code ?? 'RULE_VIOLATED',
        `所引互认：${reason?.zh ?? ''}`,
        `the recognition: ${reason?.en ?? ''}`,
      ),
      ...(lapse !== undefined && begun(lapse) ? { since: lapse } : {}),
      ...(standing.cause ? { cause: standing.cause } : {}),
    }
  }
  if (covered.outcome === 'unknown') return unknown(covered.code, covered.zh, covered.en)
  return {
    condition: 'G1',
    outcome: 'passed',
    zh:
      lawful === 'yes' ? `所引互认自${lapse}起撤回，此前开始的互用不受影响` : '所引互认有效，且涵盖所用条款',
    en:
      lawful === 'yes'
        ? `the recognition was withdrawn as of ${lapse}; a reuse that had begun goes on`
        : 'the recognition holds and covers what is used',
  }
}

/**
 * Whether it had begun before a withdrawal that was the first thing to end the recognition. Both days lie between what the logs say and
 * what the witnesses at hand do.
 */
function isLawful(
  { conditions, end }: RecognitionStanding,
  { agreement, facts, recognition }: LawfulGiven,
): 'yes' | 'no' | 'unknown' {
  const failed = conditions.filter(({ outcome }) => outcome === 'failed')
  const since = failed.find(({ condition }) => condition === 'E6')?.since
  if (since === undefined || since !== end) return 'no'
  if (!failed.every((one) => one.since !== undefined && one.since >= since)) return 'no'
  const withdrawals = withdrawalsOf(recognition.facts.consent, recognition.agreement.noticeDays)
  const first = withdrawals.flatMap(({ from }) => from ?? []).toSorted()[0] ?? since
  const [start, earliest] = [
    startOf(facts.consent),
    earliestStartOf(facts.consent) ?? agreement.effectiveFrom,
  ]
  if (start !== undefined && start < first) return 'yes'
  return earliest < since ? 'unknown' : 'no'
}

interface LawfulGiven extends Omit<GroundGiven, 'day'> {
  readonly recognition: NonNullable<ReuseFacts['recognition']>
}

/** Only what had begun can lapse: a reuse on its ground, and the ground itself; what may have, where nobody at hand says when. */
function beganBy(
  { consent }: ReuseFacts,
  { conditions, start: ofGround }: RecognitionStanding,
): (lapse: CalendarDate) => boolean {
  const start = startOf(consent) ?? earliestStartOf(consent)
  const held = hasHeld(conditions)
  return (lapse) =>
    held && start !== undefined && start < lapse && (ofGround === undefined || ofGround < lapse)
}

function statuteCondition({ facts }: GroundGiven, statute: keyof typeof grounds): Condition {
  const [edition] = facts.editions
  if (!edition)
    return unknown('RECORD_UNAVAILABLE', '缺少所用版本', 'the edition that is used is not at hand')
  const { zh, en } = grounds[statute]
  if (statute === 'own-region' && facts.division === undefined)
    return unknown(
      'STATUS_UNAVAILABLE',
      '登记册没有使用方的行政区划',
      'the registry has no division of the reuser',
    )
  const holds =
    statute === 'own-region'
      ? isOfRegion(edition.subject, facts.division ?? '')
      : edition.subject.level === statute
  if (!holds) return failed('RULE_VIOLATED', `所用版本不是${zh}`, `the edition is not ${en}`)
  return { condition: 'G1', outcome: 'passed', zh: `依据：${zh}`, en: `by law: ${en}` }
}

/** By the digits of its number: two of a province, four of a prefecture. */
function isOfRegion({ identifiers }: StandardSubject, code: string): boolean {
  try {
    const division = parseDivision(code)
    return identifiers.some(({ value }) => matchesDivision(parseStandardNumber(value), division) === true)
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

function failed(code: ProblemCode, zh: string, en: string): Condition {
  return { condition: 'G1', outcome: 'failed', code, zh, en }
}

function unknown(code: ProblemCode, zh: string, en: string): Condition {
  return { condition: 'G1', outcome: 'unknown', code, zh, en }
}
