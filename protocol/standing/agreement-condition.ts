import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import { type Agreement, editionsOf } from '../record/agreement.ts'
import { type AgreementGiven, lapseOf } from './agreement-facts.ts'
import type { Cause, Condition } from './condition.ts'
import { consentStates } from './consent.ts'
import type { PlacedEvent } from './lifecycle.ts'
import { lifecycleStates } from './lifecycle.ts'
import type { EditionStanding } from './pinned-edition.ts'
import { withdrawalsOf } from './term.ts'

/** E1, E2, E3 and E6, as they are for an agreement of any kind, each by itself. */

/** @see spec/agreement.md, AGREE-31 */
export function consentCondition({ facts }: AgreementGiven): Condition {
  const { consent, stranger } = facts
  const { zh, en } = consentStates[consent.state]
  if (stranger !== undefined)
    return {
      condition: 'E1',
      outcome: stranger === 'NOT_A_MEMBER' ? 'unknown' : 'failed',
      code: stranger,
      zh: stranger === 'NOT_A_MEMBER' ? '登记册中没有这个项目' : '登记册中该项目的双方不是声明的双方',
      en:
        stranger === 'NOT_A_MEMBER'
          ? 'the registry names no such project'
          : 'the registry names other parties of the project',
    }
  if (consent.state !== 'consented') {
    const open = mayBeElsewhere(facts)
    return {
      condition: 'E1',
      outcome: open ? 'unknown' : 'failed',
      code: open ? 'RANGE_MISSING' : (consent.code ?? 'ATTESTATION_INCOMPLETE'),
      ...(consent.ending ? { cause: causeOf(consent.ending, consent.ending.subject.act) } : {}),
      zh,
      en,
    }
  }
  return { condition: 'E1', outcome: 'passed', zh, en }
}

/** A consent may stand in a log that is not at hand, or in what is for other readers. */
function mayBeElsewhere({ consent, missingActs = [], unopened }: AgreementGiven['facts']): boolean {
  return missingActs.length > 0 || (consent.state === 'none' && unopened === true)
}

export function digestCondition({ facts }: AgreementGiven): Condition {
  const { consent } = facts
  const mismatch = consent.code === 'ATTESTATION_MISMATCH'
  if (consent.state === 'consented' || (consent.acceptance && !mismatch))
    return { condition: 'E2', outcome: 'passed', zh: '摘要一致', en: 'one digest' }
  if (mayBeElsewhere(facts))
    return {
      condition: 'E2',
      outcome: 'unknown',
      code: 'RANGE_MISSING',
      zh: '同意可能在缺少的日志中',
      en: 'the consent may stand in what is not at hand',
    }
  return {
    condition: 'E2',
    outcome: mismatch ? 'failed' : 'unknown',
    code: mismatch ? 'ATTESTATION_MISMATCH' : 'ATTESTATION_INCOMPLETE',
    zh: mismatch ? '对方签署的不是这一摘要' : '尚无对方签署',
    en: mismatch ? 'the other party signed another digest' : 'the other party has not signed',
  }
}

/** What failed outweighs what is missing, and grace is told of before that all is well. @see spec/agreement.md, AGREE-32 */
export function editionCondition({ agreement, facts, editions, day }: AgreementGiven): Condition {
  const known = new Set(facts.editions.map(({ id, digest }) => `${id} ${digest}`))
  const absent = editionsOf(agreement).find(({ id, digest }) => !known.has(`${id} ${digest}`))
  const told = editions.flatMap((edition) => {
    const condition = conditionOf(edition, agreement, day)
    const unsettled = condition?.outcome === 'failed' && facts.unsettled?.includes(edition.edition.digest)
    if (!condition || !unsettled) return condition ?? []
    // What is missing may take back what is at hand.
    const { zh, en } = condition
    return open(
      'RANGE_MISSING',
      `${zh}；缺少可能另有说明的日志`,
      `${en}; a log that may say otherwise is not at hand`,
    )
  })
  const [failed] = told
    .filter(({ outcome }) => outcome === 'failed')
    .toSorted((a, b) => compareText(a.since ?? '9999-12-31', b.since ?? '9999-12-31'))
  if (failed) return failed
  const unknown = told.find(({ outcome }) => outcome === 'unknown')
  if (unknown) return unknown
  if (absent)
    return open(
      'RECORD_UNAVAILABLE',
      `缺少所引版本 ${absent.id}`,
      `the pinned edition ${absent.id} is not at hand`,
    )
  const [log] = facts.missing
  if (log !== undefined)
    return open('RANGE_MISSING', `缺少日志 ${log} 的后续条目`, `the later entries of ${log} are not at hand`)
  const [inGrace] = told
  if (inGrace) return inGrace
  const unspoken = editions.some(({ edition }) => edition.authority === undefined)
  return {
    condition: 'E3',
    outcome: 'passed',
    zh: unspoken ? '均为现行（无编号主管机关，依双方记录）' : '均为现行',
    en: unspoken
      ? 'all in force, by the parties’ own records where nobody speaks for the number'
      : 'all in force',
  }
}

/** What there is to say of one edition; `undefined` of one that is in force. */
function conditionOf(
  { edition, lifecycle }: EditionStanding,
  agreement: Agreement,
  day: CalendarDate,
): Condition | undefined {
  const { state, since, cause } = lifecycle
  if (state === 'in-force') return undefined
  const name = edition.subject.identifiers[0]?.value ?? edition.id
  const words = lifecycleStates[state]
  if (state === 'undetermined')
    return open('STATUS_UNAVAILABLE', `${name}：${words.zh}`, `${name}: ${words.en}`)
  const ended = (state === 'superseded' || state === 'abolished') && since !== undefined
  const lapse = ended ? lapseOf(since, agreement) : undefined
  const by = cause ? { cause: causeOfEvent(cause) } : {}
  if (lapse !== undefined && day < lapse)
    return {
      condition: 'E3',
      outcome: 'passed',
      ...by,
      zh: `${name}自${since}起${words.zh}，宽限至${lapse}（不含）`,
      en: `${name} is ${words.en} since ${since}, in grace before ${lapse}`,
    }
  const codes = {
    abolished: 'WITHDRAWN',
    superseded: 'SUPERSEDED',
    disputed: 'ATTESTATION_CONFLICT',
    drafting: 'NOT_YET_VALID',
    upcoming: 'NOT_YET_VALID',
  } as const
  return {
    condition: 'E3',
    outcome: 'failed',
    code: codes[state],
    ...(lapse === undefined ? {} : { since: lapse }),
    ...by,
    zh: `${name}${since === undefined ? '' : `自${since}起`}${words.zh}`,
    en: `${name} is ${words.en}${since === undefined ? '' : ` since ${since}`}`,
  }
}

function open(
  code: 'RECORD_UNAVAILABLE' | 'RANGE_MISSING' | 'STATUS_UNAVAILABLE',
  zh: string,
  en: string,
): Condition {
  return { condition: 'E3', outcome: 'unknown', code, zh, en }
}

/** @see spec/agreement.md, AGREE-26 */
export function withdrawalCondition({
  agreement,
  facts: { consent, missing },
  day,
}: AgreementGiven): Condition {
  const withdrawals = withdrawalsOf(consent, agreement.noticeDays)
  const [first] = withdrawals
  if (first?.on !== undefined && first.on <= day)
    return {
      condition: 'E6',
      outcome: 'failed',
      code: 'WITHDRAWN',
      since: first.on,
      cause: causeOf(first.act, 'withdraw'),
      zh: `一方撤回，自${first.on}起不再有效`,
      en: `withdrawn by one party as of ${first.on}`,
    }
  if (withdrawals.some(({ from }) => from === undefined || from <= day))
    return {
      condition: 'E6',
      outcome: 'unknown',
      code: 'NOT_WITNESSED',
      zh: '有撤回，但无从得知其入日志日期',
      en: 'withdrawn, and no witness at hand says when that was logged',
    }
  const [log] = missing
  if (log !== undefined)
    return {
      condition: 'E6',
      outcome: 'unknown',
      code: 'RANGE_MISSING',
      zh: `缺少日志 ${log} 的后续条目`,
      en: `the later entries of ${log} are not at hand`,
    }
  return {
    condition: 'E6',
    outcome: 'passed',
    zh: first?.on === undefined ? '未被撤回' : `已通知撤回，自${first.on}起不再有效`,
    en: first?.on === undefined ? 'not withdrawn' : `notice was given: it ends on ${first.on}`,
  }
}

function causeOf(
  { origin, index, recordId }: { readonly origin: string; readonly index: number; readonly recordId: string },
  kind: string,
): Cause {
  return { origin, index, recordId, kind }
}

export function causeOfEvent({ origin, index, recordId, subject }: PlacedEvent): Cause {
  return { origin, index, recordId, kind: subject.eventKind }
}
