import type { CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import type { Pin } from '../record/mapping-row.ts'
import type { Cause, Condition } from './condition.ts'
import { consentStates } from './consent.ts'
import type { PlacedEvent } from './lifecycle.ts'
import { lifecycleStates } from './lifecycle.ts'
import type { EditionStanding } from './pinned-edition.ts'
import { lapseOf, type RecognitionFacts } from './recognition-facts.ts'
import type { RowStanding } from './row-standing.ts'
import { withdrawalOf } from './term.ts'

/** E1 to E4 and E6 of one recognition, each by itself. */
export interface RecognitionGiven {
  readonly agreement: RecognitionAgreement
  readonly facts: RecognitionFacts
  readonly editions: readonly EditionStanding[]
  readonly rows: readonly RowStanding[]
  readonly day: CalendarDate
}

/** @see spec/agreement.md, AGREE-31 */
export function consentCondition({ facts }: RecognitionGiven): Condition {
  const { consent, missing, stranger } = facts
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
    // A consent may stand in a log that is not at hand; what ended it stands in one that is.
    const open = missing.length > 0 && (consent.state === 'none' || consent.state === 'proposed')
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

export function digestCondition({ facts: { consent } }: RecognitionGiven): Condition {
  const mismatch = consent.code === 'ATTESTATION_MISMATCH'
  if (consent.state === 'consented' || (consent.acceptance && !mismatch))
    return { condition: 'E2', outcome: 'passed', zh: '摘要一致', en: 'one digest' }
  return {
    condition: 'E2',
    outcome: mismatch ? 'failed' : 'unknown',
    code: mismatch ? 'ATTESTATION_MISMATCH' : 'ATTESTATION_INCOMPLETE',
    zh: mismatch ? '对方签署的不是这一摘要' : '尚无对方签署',
    en: mismatch ? 'the other party signed another digest' : 'the other party has not signed',
  }
}

/** @see spec/agreement.md, AGREE-32 */
export function editionCondition({ agreement, facts, editions, day }: RecognitionGiven): Condition {
  const known = new Set(facts.editions.map(({ id, digest }) => `${id} ${digest}`))
  const absent = agreement.scope.editions.filter(({ id, digest }) => !known.has(`${id} ${digest}`))
  let inGrace: Condition | undefined
  for (const { edition, lifecycle } of editions) {
    const { state, since, cause } = lifecycle
    if (state === 'in-force') continue
    const name = edition.subject.identifiers[0]?.value ?? edition.id
    const words = lifecycleStates[state]
    if (state === 'undetermined')
      return open('STATUS_UNAVAILABLE', `${name}：${words.zh}`, `${name}: ${words.en}`)
    const ended = (state === 'superseded' || state === 'abolished') && since !== undefined
    const lapse = ended ? lapseOf(since, agreement) : undefined
    if (lapse !== undefined && day < lapse) {
      inGrace ??= {
        condition: 'E3',
        outcome: 'passed',
        ...(cause ? { cause: causeOfEvent(cause) } : {}),
        zh: `${name}自${since}起${words.zh}，宽限至${lapse}（不含）`,
        en: `${name} is ${words.en} since ${since}, in grace before ${lapse}`,
      }
      continue
    }
    return {
      condition: 'E3',
      outcome: 'failed',
      code:
        state === 'abolished'
          ? 'WITHDRAWN'
          : state === 'superseded'
            ? 'SUPERSEDED'
            : state === 'disputed'
              ? 'ATTESTATION_CONFLICT'
              : 'NOT_YET_VALID',
      ...(lapse === undefined ? {} : { since: lapse }),
      ...(cause ? { cause: causeOfEvent(cause) } : {}),
      zh: `${name}${since === undefined ? '' : `自${since}起`}${words.zh}`,
      en: `${name} is ${words.en}${since === undefined ? '' : ` since ${since}`}`,
    }
  }
  const [first] = absent
  if (first)
    return open(
      'RECORD_UNAVAILABLE',
      `缺少所引版本 ${first.id}`,
      `the pinned edition ${first.id} is not at hand`,
    )
  const [log] = facts.missing
  if (log !== undefined)
    return open('RANGE_MISSING', `缺少日志 ${log} 的后续条目`, `the later entries of ${log} are not at hand`)
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

function open(
  code: 'RECORD_UNAVAILABLE' | 'RANGE_MISSING' | 'STATUS_UNAVAILABLE',
  zh: string,
  en: string,
): Condition {
  return { condition: 'E3', outcome: 'unknown', code, zh, en }
}

/** @see spec/agreement.md, AGREE-35 */
export function mappingCondition({ agreement, facts: { mapping }, rows }: RecognitionGiven): Condition {
  const shared = { condition: 'E4' } as const
  if (!mapping)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'MAPPING_MISSING',
      zh: '声明所引摘要的映射集不在手边',
      en: 'the mapping set of the digest that was signed is not at hand',
    }
  const [error] = mapping.errors
  if (error !== undefined)
    return {
      ...shared,
      outcome: 'failed',
      code: 'MAPPING_INVALID',
      zh: `映射集不合规：${error}`,
      en: `the mapping set breaks a rule: ${error}`,
    }
  const pinned = new Map(agreement.scope.editions.map(({ id, digest }) => [id, digest]))
  const clauses = agreement.scope.clauses && new Set(agreement.scope.clauses)
  const within = (pin: Pin | undefined) =>
    pin === undefined ||
    (pinned.get(pin.edition) === pin.digest &&
      (clauses === undefined || pin.clause === undefined || clauses.has(`${pin.edition}#${pin.clause}`)))
  for (const { row } of agreement.effects) {
    const mapped = mapping.rows.get(row)
    if (mapped?.state === 'accepted' && mapped.object && within(mapped.subject) && within(mapped.object))
      continue
    return {
      ...shared,
      outcome: 'failed',
      code: 'MAPPING_INVALID',
      zh: `所依据的映射行 ${row} 未通过、不存在或超出范围`,
      en: `row ${row}, which is relied on, is not accepted, not there, or outside the scope`,
    }
  }
  const fallen = rows.filter(({ state }) => state === 'fallen')
  const last = fallen.toSorted((a, b) => ((a.until ?? '') < (b.until ?? '') ? -1 : 1)).at(-1)
  if (last && fallen.length === rows.length)
    return {
      ...shared,
      outcome: 'failed',
      code: 'SUPERSEDED',
      ...(last.until === undefined ? {} : { since: last.until }),
      ...(last.cause ? { cause: last.cause } : {}),
      zh: '所依据的各行均因条款变更而失效',
      en: 'every row that is relied on fell with a change of its clause',
    }
  return {
    ...shared,
    outcome: 'passed',
    zh: fallen.length === 0 ? `${rows.length}行均有效` : `${rows.length}行中${fallen.length}行已失效`,
    en:
      fallen.length === 0 ? `all ${rows.length} rows stand` : `${fallen.length} of ${rows.length} rows fell`,
  }
}

/** @see spec/agreement.md, AGREE-26 */
export function withdrawalCondition({
  agreement,
  facts: { consent, missing },
  day,
}: RecognitionGiven): Condition {
  const shared = { condition: 'E6' } as const
  const first = withdrawalOf(consent, agreement.noticeDays)
  if (first?.on === undefined && first)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'NOT_WITNESSED',
      zh: '有撤回，但无从得知其入日志日期',
      en: 'withdrawn, and no witness at hand says when that was logged',
    }
  if (first?.on !== undefined && first.on <= day)
    return {
      ...shared,
      outcome: 'failed',
      code: 'WITHDRAWN',
      since: first.on,
      cause: causeOf(first.act, 'withdraw'),
      zh: `一方撤回，自${first.on}起不再有效`,
      en: `withdrawn by one party as of ${first.on}`,
    }
  const [log] = missing
  if (log !== undefined)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'RANGE_MISSING',
      zh: `缺少日志 ${log} 的后续条目`,
      en: `the later entries of ${log} are not at hand`,
    }
  return {
    ...shared,
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

function causeOfEvent({ origin, index, recordId, subject }: PlacedEvent): Cause {
  return { origin, index, recordId, kind: subject.eventKind }
}
