import type { ProblemCode } from '../error.ts'
import { askSender, type Row } from './remedy.ts'

/** Words of codes about evidence that a log showed two histories. */
export const evidenceRows = {
  EVIDENCE_MALFORMED: ['分叉证据格式有误', 'the evidence is malformed', ...askSender],
  NO_CONTRADICTION: [
    '两份检查点并不矛盾，不构成证据',
    'the two notes do not contradict each other',
    '请勿据此认定日志分叉',
    'do not accuse anybody with it',
  ],
  NO_COMMON_KEY: [
    '两份检查点不是同一密钥所签',
    'no one key signed both notes',
    '请勿据此认定日志分叉',
    'do not accuse anybody with it',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
