import type { CalendarDate } from '../date.ts'
import type { ProblemCode } from '../error.ts'

/** What must hold for an agreement to be in force: E4 of a recognition, C of an interconnection, G of a reuse (DOMAIN sections 8.5 to 8.7). */
export const conditions = {
  E1: { zh: '双方以授权密钥签署', en: 'both parties signed, with keys that may' },
  E2: { zh: '双方签署同一摘要', en: 'both signed one digest' },
  E3: { zh: '所引各版本现行', en: 'every pinned edition is in force' },
  E4: { zh: '映射集已知且合规', en: 'the mapping set is known and sound' },
  E5: { zh: '在有效期内', en: 'within its term' },
  E6: { zh: '未被撤回', en: 'not withdrawn' },
  E7: { zh: '依据文件有效', en: 'its basis stands' },
  C1: { zh: '接口模式、测试集与双方运行结果已知', en: 'schema, suite and both runs are known' },
  C2: { zh: '双方均以同一测试集测对方', en: 'each ran this suite against the other' },
  C3: { zh: '必测项全部通过', en: 'every mandatory case passed' },
  G1: { zh: '互用的依据成立', en: 'the ground of the reuse stands' },
} as const

export type ConditionName = keyof typeof conditions

/** An entry that decided something: anybody can look it up. */
export interface Cause {
  readonly origin: string
  readonly index: number
  readonly recordId: string
  readonly kind: string
}

/** How one condition came out on the day asked. */
export interface Condition {
  readonly condition: ConditionName
  readonly outcome: 'passed' | 'failed' | 'unknown'
  readonly code?: ProblemCode
  /** From when on it failed. */
  readonly since?: CalendarDate
  readonly cause?: Cause
  readonly zh: string
  readonly en: string
}

/** One failure suffices for no, one gap for "cannot be told", and a failure outweighs a gap. */
export function answerOf(list: readonly Condition[]): Answer {
  if (list.some(({ outcome }) => outcome === 'failed')) return 'not-effective'
  return list.some(({ outcome }) => outcome === 'unknown') ? 'undecided' : 'effective'
}

export const answers = {
  effective: { zh: '有效', en: 'in force' },
  'not-effective': { zh: '无效', en: 'not in force' },
  undecided: { zh: '不可判定', en: 'cannot be told' },
} as const

export type Answer = keyof typeof answers

export const agreementStates = {
  proposed: { zh: '提议', en: 'proposed' },
  rejected: { zh: '拒绝', en: 'rejected' },
  upcoming: { zh: '待生效', en: 'not yet in force' },
  effective: { zh: '生效', en: 'in force' },
  grace: { zh: '宽限', en: 'in grace' },
  lapsed: { zh: '失效', en: 'lapsed' },
  withdrawn: { zh: '撤回', en: 'withdrawn' },
  expired: { zh: '到期', en: 'expired' },
  renewed: { zh: '已续签', en: 'renewed' },
  unmet: { zh: '条件不符', en: 'its conditions were not met' },
  'disposal-due': { zh: '待处置', en: 'to be disposed of' },
  disputed: { zh: '争议', en: 'disputed' },
  undecided: { zh: '不可判定', en: 'cannot be told' },
} as const

export type AgreementState = keyof typeof agreementStates
