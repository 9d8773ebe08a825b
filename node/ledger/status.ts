import { readDate } from '../../protocol/identifier/cell.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import { type LifecycleState, lifecycleAt, lifecycleStates } from '../../protocol/standing/lifecycle.ts'
import { showCell } from './fault.ts'
import type { OpenRow } from './open-row.ts'
import { readState } from './word.ts'

/** What the system makes of facts and events on one day. */
export interface ComputedStatus {
  readonly state: LifecycleState
  readonly reviewDue?: string
}

/** What facts alone give: all there is to know of an edition that no event is about. */
export function statusOfFacts(subject: StandardSubject, day: string): ComputedStatus {
  const { state, reviewDue } = lifecycleAt(subject, [], day)
  return { state, ...(reviewDue === undefined ? {} : { reviewDue }) }
}

export function agreesWithStatus(row: OpenRow, computed: ComputedStatus): boolean {
  return agreesOnState(row, computed) && agreesOnReview(row, computed)
}

/**
 * 状态 and 复审到期 are computed, never typed (rule ST9): where the table says otherwise, it is warned of.
 *
 * @see spec/import.md, IMP-26
 */
export function warnOfStatus(row: OpenRow, computed: ComputedStatus): void {
  if (!agreesOnState(row, computed)) {
    const { zh, en } = lifecycleStates[computed.state]
    row.warn('状态', 'ST9', {
      zh: `状态由系统计算：${zh}；表中为“${showCell(row.text('状态'))}”，未读取`,
      en: `the state is computed: ${en}; that of the table is not read`,
      remedyZh: '如已废止请另行发布废止事件',
      remedyEn: 'if it was abolished, publish an event abolished',
    })
  }
  if (!agreesOnReview(row, computed)) {
    row.warn('复审到期', 'ST9', {
      zh: `复审到期由系统计算：${computed.reviewDue ?? '不可判定'}；表中为“${showCell(row.text('复审到期'))}”，未读取`,
      en: `the review is computed to be due ${computed.reviewDue ?? 'at a day that cannot be told'}`,
      remedyZh: '如已复审请另行发布复审事件',
      remedyEn: 'if it was reviewed, publish an event review',
    })
  }
}

function agreesOnState(row: OpenRow, { state }: ComputedStatus): boolean {
  const text = row.text('状态')
  return text === '' || text === lifecycleStates[state].zh || readState(text) === state
}

function agreesOnReview(row: OpenRow, { reviewDue }: ComputedStatus): boolean {
  const text = row.text('复审到期')
  return text === '' || readDate(text) === reviewDue
}
