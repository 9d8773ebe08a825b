import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../protocol/hash.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { foldConsent, type PlacedAct } from '../../../protocol/standing/consent.ts'
import { acceptance, act, agreement, factsOf, on, proposal } from './recognition-sample.ts'

const fold = (...acts: readonly PlacedAct[]) => {
  const { state, code } = foldConsent(agreementDigest(agreement), acts)
  return code === undefined ? state : `${state} ${code}`
}
const other = { ...agreement, graceDays: 31 }

describe('consent', () => {
  test('[AGREE-20] a proposal and an acceptance by the other of one digest are consent; one alone is one-sided', () => {
    expect(fold(proposal, acceptance)).toBe('consented')
    expect(fold(proposal)).toBe('proposed ATTESTATION_INCOMPLETE')
    expect(fold(acceptance)).toBe('none ATTESTATION_INCOMPLETE')
    expect(fold()).toBe('none ATTESTATION_INCOMPLETE')
    expect(fold(proposal, act({ act: 'propose', by: 'east', index: 6, on: '2026-02-02' }))).toBe(
      'proposed ATTESTATION_INCOMPLETE',
    )
  })

  test('[AGREE-21] an acceptance by the proposer, of another text, or of another proposal is none', () => {
    expect(fold(proposal, act({ act: 'accept', by: 'west', index: 6, on: '2026-02-02' }))).toBe(
      'proposed ATTESTATION_SAME_PARTY',
    )
    expect(
      fold(proposal, act({ act: 'accept', by: 'east', index: 7, on: '2026-02-02', agreement: other })),
    ).toBe('proposed ATTESTATION_MISMATCH')
    const changes = [{ index: 4 }, { origin: 'bishan.example/log/2' }, { digest: digestOf('another') }]
    for (const seen of changes)
      expect(fold(proposal, act({ act: 'accept', by: 'east', index: 7, on: '2026-02-10', seen }))).toBe(
        'proposed ATTESTATION_MISMATCH',
      )
    expect(
      fold(act({ act: 'propose', by: 'west', index: 5, on: '2026-02-01', agreement: other }), acceptance),
    ).toBe('none ATTESTATION_MISMATCH')
  })

  test('[AGREE-22] a withdrawal of the proposal comes first iff the acceptor had it in view', () => {
    const recall = (index: number) => act({ act: 'withdraw', by: 'west', index, on: '2026-02-05' })
    expect(fold(proposal, acceptance, recall(9))).toBe('recalled WITHDRAWN')
    expect(fold(proposal, acceptance, recall(10))).toBe('consented')
    expect(fold(proposal, recall(10))).toBe('recalled WITHDRAWN')
    expect(fold(proposal, acceptance, act({ act: 'withdraw', by: 'east', index: 6, on: '2026-02-05' }))).toBe(
      'consented',
    )
    expect(fold(proposal, act({ act: 'withdraw', by: 'east', index: 6, on: '2026-02-05' }))).toBe(
      'proposed ATTESTATION_INCOMPLETE',
    )
  })

  test('[AGREE-23] a rejection ends what nobody accepted; an acceptance of the same party outdoes it', () => {
    const rejection = act({ act: 'reject', by: 'east', index: 6, on: '2026-02-05' })
    expect(fold(proposal, rejection)).toBe('rejected ATTESTATION_INCOMPLETE')
    expect(fold(proposal, rejection, acceptance)).toBe('consented')
    expect(on('2026-06-01', factsOf({}, [proposal, rejection]))).toMatchObject({
      answer: 'not-effective',
      state: 'rejected',
    })
  })

  test('[AGREE-24] it begins with the latest of what was agreed and when both were logged; too late is never', () => {
    const at = (on: string) => act({ act: 'accept', by: 'east', index: 7, on })
    expect(on('2026-03-01', factsOf({}, [proposal, acceptance])).start).toBe('2026-03-01')
    expect(fold(proposal, at('2026-02-28'))).toBe('consented')
    expect(fold(proposal, at('2026-03-01'))).toBe('late EXPIRED')
    const late = act({ act: 'accept', by: 'east', index: 7, on: '2026-02-10', unwitnessed: true })
    expect(on('2026-06-01', factsOf({}, [proposal, late]))).toMatchObject({
      answer: 'undecided',
      reasons: ['E5 NOT_WITNESSED'],
    })
  })

  test('[AGREE-20] whatever the order in which acts came, the answer is the same', () => {
    const all = [
      proposal,
      acceptance,
      act({ act: 'accept', by: 'west', index: 8, on: '2026-02-11' }),
      act({ act: 'withdraw', by: 'east', index: 12, on: '2026-04-01' }),
      act({ act: 'withdraw', by: 'west', index: 13, on: '2026-03-20' }),
      act({ act: 'reject', by: 'east', index: 6, on: '2026-02-05' }),
      act({ act: 'accept', by: 'east', index: 9, on: '2026-02-10', agreement: other }),
    ]
    const whole = foldConsent(agreementDigest(agreement), all)
    expect(whole.withdrawals.map(({ index }) => index)).toEqual([13, 12])
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (acts) => {
        expect(foldConsent(agreementDigest(agreement), acts)).toEqual(whole)
      }),
    )
  })
})
