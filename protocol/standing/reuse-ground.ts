import type { CalendarDate } from '../date.ts'
import type { ProblemCode } from '../error.ts'
import { ProtocolError } from '../error.ts'
import { matchesDivision, parseDivision } from '../identifier/division.ts'
import { parseStandardNumber } from '../identifier/standard-number.ts'
import type { ReuseAgreement } from '../record/agreement.ts'
import { grounds } from '../record/agreement-word.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import type { Condition } from './condition.ts'
import { type RecognitionStanding, recognitionAt } from './recognition.ts'
import type { ReuseFacts } from './reuse-facts.ts'
import { reusedRows } from './reuse-scope.ts'
import { earlier, startOf } from './term.ts'

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
  const start = startOf(facts.consent)
  const standing = recognitionAt(recognition.facts, recognition.agreement, day)
  const { renewedOn } = recognition.facts
  const ended = standing.end !== undefined && standing.end <= day ? standing.end : undefined
  const renewed = renewedOn !== undefined && renewedOn <= day ? renewedOn : undefined
  const lapse = ended === undefined ? renewed : renewed === undefined ? ended : earlier(ended, renewed)
  const covered = reusedRows(agreement, recognition.agreement, {
    mapping: recognition.facts.mapping,
    rows: standing.rows,
    division: facts.division,
  })
  if (covered.outcome === 'outside') return failed('ATTESTATION_MISMATCH', covered.zh, covered.en)
  const lawful = isLawful(standing, { lapse, start })
  if (standing.answer !== 'effective' && !lawful) {
    const reason = standing.conditions.find(({ outcome }) =>
      standing.answer === 'undecided' ? outcome === 'unknown' : outcome === 'failed',
    )
    const zh = reason ? `所引互认：${reason.zh}` : '所引互认已续签'
    const en = reason ? `the recognition: ${reason.en}` : 'the recognition was renewed by another'
    if (standing.answer === 'undecided') return unknown(reason?.code ?? 'RANGE_MISSING', zh, en)
    return {
      ...failed(reason?.code ?? 'SUPERSEDED', zh, en),
      ...sinceOf(lapse, start),
      ...(standing.cause ? { cause: standing.cause } : {}),
    }
  }
  if (covered.outcome === 'unknown') return unknown(covered.code, covered.zh, covered.en)
  if (covered.outcome === 'fallen')
    return {
      ...failed('SUPERSEDED', covered.zh, covered.en),
      ...sinceOf(covered.since, start),
      ...(covered.cause ? { cause: covered.cause } : {}),
    }
  return {
    condition: 'G1',
    outcome: 'passed',
    zh: lawful ? `所引互认自${lapse}起撤回，此前开始的互用不受影响` : '所引互认有效，且涵盖所用条款',
    en: lawful
      ? `the recognition was withdrawn as of ${lapse}; a reuse that had begun goes on`
      : 'the recognition holds and covers what is used',
  }
}

/** Begun before a withdrawal that was the first thing to end the recognition. */
function isLawful(
  { conditions }: RecognitionStanding,
  { lapse, start }: { readonly lapse: CalendarDate | undefined; readonly start: CalendarDate | undefined },
): boolean {
  const failed = conditions.filter(({ outcome }) => outcome === 'failed')
  const withdrawn = failed.find(({ condition }) => condition === 'E6')
  if (withdrawn?.since === undefined || withdrawn.since !== lapse || start === undefined) return false
  const { since } = withdrawn
  return start < since && failed.every((one) => one.since !== undefined && one.since >= since)
}

/** Only what had begun can lapse. */
function sinceOf(
  lapse: CalendarDate | undefined,
  start: CalendarDate | undefined,
): { readonly since?: CalendarDate } {
  return lapse !== undefined && start !== undefined && start < lapse ? { since: lapse } : {}
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
