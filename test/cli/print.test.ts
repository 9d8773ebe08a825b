import { describe, expect, test } from 'vitest'
import { formatError, formatFinding } from '../../cli/print.ts'
import { ProtocolError, problemCodes } from '../../protocol/error.ts'
import { messageOf } from '../../protocol/message.ts'

describe('what a command tells its user to do', () => {
  test('[VERIFY-23] nothing is said to be tried again by itself', () => {
    for (const code of problemCodes)
      expect(formatError(new ProtocolError(code, 'x'))).not.toContain('自动重试')
    expect(formatError(new ProtocolError('PEER_UNAVAILABLE', 'x'))).toContain('稍后再试')
    // A node does.
    expect(messageOf('PEER_UNAVAILABLE').remedyZh).toContain('自动重试')
  })

  test('[VERIFY-23] what was withdrawn is told of a standard and of an agreement', () => {
    const line = formatFinding({
      check: 'validity',
      outcome: 'failed',
      code: 'WITHDRAWN',
      detail: { zh: '一方撤回', en: 'withdrawn by one party' },
    })
    for (const words of ['请改用现行标准', '若为声明，请勿再据以办理', 'conclude a new one'])
      expect(line).toContain(words)
  })
})
