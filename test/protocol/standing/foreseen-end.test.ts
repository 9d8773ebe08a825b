import { describe, expect, test } from 'vitest'
import { addDays } from '../../../protocol/date.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { foldConsent } from '../../../protocol/standing/consent.ts'
import { withForeseenEnd } from '../../../protocol/standing/foreseen-end.ts'
import { recognitionAt } from '../../../protocol/standing/recognition.ts'
import type { RecognitionFacts } from '../../../protocol/standing/recognition-facts.ts'
import { reuseAt } from '../../../protocol/standing/reuse.ts'
import { summaryOf } from '../../../protocol/verify-agreement-standing.ts'
import {
  acceptance,
  act,
  agreement,
  edition,
  eventOf,
  factsOf,
  logs,
  proposal,
  rows,
} from './recognition-sample.ts'
import { reuseOf, withRecognition } from './reuse-sample.ts'

function on(day: string, facts: RecognitionFacts, about = agreement) {
  return withForeseenEnd((at) => recognitionAt(facts, about, at), [{ agreement: about, facts }], day)
}

describe('the end of an agreement in force', () => {
  test('[AGREE-38] an announced replacement is its end, after the grace, and is named before its day', () => {
    const facts = factsOf({
      editions: [edition('west', { events: [eventOf('west', 'superseded', '2026-05-01')] }), edition('east')],
    })
    for (const day of ['2026-03-01', '2026-04-30', '2026-05-01', '2026-05-30'])
      expect(on(day, facts)).toMatchObject({
        answer: 'effective',
        end: '2026-05-31',
        cause: { origin: logs.west, index: 50 },
      })
    expect(on('2026-03-01', facts).state).toBe('effective')
    expect(on('2026-05-31', facts)).toEqual(recognitionAt(facts, agreement, '2026-05-31'))
  })

  test('[AGREE-38] so is a withdrawal whose notice runs, and a renewal', () => {
    const withdrawal = act({ act: 'withdraw', by: 'east', index: 20, on: '2026-05-01' })
    const facts = factsOf({}, [proposal, acceptance, withdrawal])
    expect(on('2026-05-02', facts)).toMatchObject({
      answer: 'effective',
      end: '2026-06-30',
      cause: { index: 20 },
    })
    expect(on('2026-05-02', factsOf({ renewedOn: '2026-06-15' }))).toMatchObject({
      state: 'effective',
      end: '2026-06-15',
    })
  })

  test('[AGREE-38] what is reinstated before the grace runs out ends nothing, and one row of two neither', () => {
    const back = edition('west', {
      events: [
        eventOf('west', 'superseded', '2026-05-01'),
        { ...eventOf('west', 'reinstated', '2026-05-10'), index: 51 },
      ],
    })
    const facts = factsOf({ editions: [back, edition('east')] })
    expect(on('2026-03-01', facts)).toEqual(recognitionAt(facts, agreement, '2026-03-01'))
    const cut = edition('west', {
      events: [eventOf('west', 'amendment', '2026-05-01', ['c1'])],
    })
    const partly = factsOf({ editions: [cut, edition('east')] })
    expect(on('2026-03-01', partly).end).toBe(recognitionAt(partly, agreement, '2026-03-01').end)
  })

  test('[AGREE-38] one that has not begun has the end that it will have, and none where it never begins', () => {
    const ends = (date: string, kind = 'superseded') =>
      factsOf({ editions: [edition('west', { events: [eventOf('west', kind, date)] }), edition('east')] })
    expect(on('2026-02-20', ends('2026-05-01'))).toMatchObject({
      state: 'upcoming',
      end: '2026-05-31',
      cause: { index: 50 },
    })
    expect(on('2026-02-20', ends('2026-05-01'))).not.toHaveProperty('never')
    const lapse = { ...agreement, onRevision: 'lapse', graceDays: 0 } as const
    for (const date of ['2026-02-25', '2026-03-01'])
      expect(on('2026-02-20', ends(date), lapse)).toMatchObject({
        state: 'upcoming',
        start: '2026-03-01',
        end: date,
        never: { condition: 'E3', code: 'SUPERSEDED', zh: expect.stringContaining(date) },
      })
    for (const day of ['2026-02-26', '2026-06-01', '2028-01-01'])
      expect(on(day, ends('2026-02-25'), lapse)).toMatchObject({ state: 'unmet', never: { condition: 'E3' } })
    expect(on('2026-06-01', ends('2026-03-02'), lapse)).not.toHaveProperty('never')
  })

  test('[AGREE-38] what is taken back in time begins, and ends when that is announced', () => {
    const lapse = { ...agreement, onRevision: 'lapse', graceDays: 0 } as const
    const withEvents = (...list: readonly (readonly [string, string])[]) =>
      list.map(([kind, date], i) => ({ ...eventOf('west', kind, date), index: 50 + i }))
    const events = withEvents(['abolished', '2026-02-10'], ['reinstated', '2026-05-01'])
    const edited = factsOf({ editions: [edition('west', { events }), edition('east')] })
    const basis = { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events }
    for (const facts of [edited, factsOf({ basis })])
      for (const day of ['2026-02-20', '2026-04-30', '2026-05-01', '2026-08-01']) {
        expect(on(day, facts, lapse)).not.toHaveProperty('never')
        expect(on(day, facts, lapse).answer).toBe(day < '2026-05-01' ? 'not-effective' : 'effective')
      }
    const again = withEvents(['abolished', '2026-02-10'], ['reinstated', '2027-03-01'])
    const tooLate = factsOf({ editions: [edition('west', { events: again }), edition('east')] })
    for (const day of ['2026-02-20', '2026-06-01'])
      expect(on(day, tooLate, lapse)).toMatchObject({ never: { condition: 'E3', code: 'WITHDRAWN' } })
  })

  test('[AGREE-38] one that waits for its edition or its basis has the end that is announced after that', () => {
    const events = [eventOf('east', 'superseded', '2026-10-01')]
    const east = edition('east', { events })
    const waiting = edition('east', { ...east, subject: { ...east.subject, effectiveOn: '2026-07-01' } })
    const issued = { documentNo: '合成发〔2026〕1号', issuedOn: '2026-07-01', events: [] }
    for (const facts of [
      factsOf({ editions: [edition('west'), waiting] }),
      factsOf({ editions: [edition('west'), east], basis: issued }),
    ])
      for (const day of ['2026-02-20', '2026-05-01', '2026-07-01'])
        expect(on(day, facts)).toMatchObject({ end: '2026-10-31', cause: { origin: logs.east } })
  })

  test('[AGREE-38] [AGREE-84] what breaks a rule, or whose ground has fallen by its first day, never begins', () => {
    const broken = factsOf({ mapping: { rows, errors: ['M2'] } })
    for (const day of ['2026-02-20', '2026-06-01', '2028-01-01']) {
      const told = on(day, broken)
      expect(told).toMatchObject({ never: { condition: 'E4', code: 'MAPPING_INVALID' } })
      expect(told.end).toBeUndefined()
    }
    const changed = [eventOf('east', 'amendment', '2026-01-25', ['c1', 'c2'])]
    const fallen = factsOf({ editions: [edition('west'), edition('east', { events: changed })] })
    const reuse = reuseOf()
    const facts = withRecognition(fallen, reuse)
    const founded = [
      { agreement: reuse, facts },
      { agreement, facts: fallen },
    ] as const
    for (const day of ['2026-02-20', '2026-06-01']) {
      const told = withForeseenEnd((at) => reuseAt(facts, reuse, at), founded, day)
      expect(told).toMatchObject({ never: { condition: 'G1', code: 'SUPERSEDED' } })
      expect(told.end).toBeUndefined()
    }
    // Its ground may still be consented to, and whether it begins may still be open.
    const proposed = withRecognition(factsOf({}, [proposal]), reuse)
    const open = withForeseenEnd(
      (at) => reuseAt(proposed, reuse, at),
      [{ agreement: reuse, facts: proposed }],
      '2026-02-20',
    )
    expect(open).not.toHaveProperty('never')
    const about = { ...agreement, acceptBy: '2026-12-31' }
    const early = act({ act: 'propose', by: 'west', index: 5, on: '2026-02-01', agreement: about })
    const seen = act({ act: 'accept', by: 'east', index: 7, on: '2026-05-01', agreement: about })
    const consent = foldConsent(agreementDigest(about), [early, { ...seen, loggedFrom: '2026-02-10' }])
    const unclear = on('2026-06-01', factsOf({ ...broken, consent }), about)
    expect(unclear).toMatchObject({ state: 'unmet', start: '2026-05-01' })
    expect(unclear).not.toHaveProperty('never')
  })

  test('[AGREE-38] in the verdict, too, no term is told that ends before it begins', () => {
    const told = (day: string, date: string) => {
      const lapse = { ...agreement, onRevision: 'lapse', graceDays: 0 } as const
      const events = [eventOf('west', 'abolished', date)]
      const standing = on(day, factsOf({ editions: [edition('west', { events }), edition('east')] }), lapse)
      return summaryOf(standing, day).detail
    }
    for (const day of ['2026-02-20', '2026-06-01']) {
      const { zh, en } = told(day, '2026-02-25')
      expect(zh).toMatch(/不会生效：.*自2026-02-25起废止/)
      expect(zh).not.toMatch(/至2026|自2026-03-01/)
      expect(en).toMatch(/never comes into force: .*abolished/)
    }
    expect(told('2026-02-20', '2026-04-01').zh).toContain('自2026-03-01起，至2026-04-01（不含）')
  })

  test('[AGREE-38] an end is found behind a change on every day before it', () => {
    const long = { ...agreement, validUntil: '2029-01-01' }
    const days = Array.from({ length: 700 }, (_, i) => addDays('2026-03-02', i))
    const events = days.flatMap((day, i) => [
      { ...eventOf('west', 'superseded', day), index: 50 + 2 * i },
      { ...eventOf('west', 'reinstated', day), index: 51 + 2 * i },
    ])
    const last = { ...eventOf('west', 'abolished', '2028-06-01'), index: 5000 }
    const facts = factsOf({ editions: [edition('west', { events: [...events, last] }), edition('east')] })
    const told = on('2026-03-01', facts, long)
    expect(told).toMatchObject({ answer: 'effective', end: '2028-07-01', cause: { index: 5000 } })
  })

  test('[AGREE-38] behind thousands of announcements no end is told, soon, and none that is wrong', () => {
    const long = { ...agreement, validUntil: '2029-01-01' }
    const kinds = ['superseded', 'reinstated'] as const
    const events = Array.from({ length: 6000 }, (_, i) => ({
      ...eventOf('west', kinds[i % 2]!, addDays('2026-03-02', Math.floor(i / 2) % 1000)),
      index: 50 + i,
    }))
    const facts = factsOf({ editions: [edition('west', { events }), edition('east')] })
    const start = performance.now()
    const told = on('2026-03-01', facts, long)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(told.answer).toBe('effective')
    expect(told.end).toBeUndefined()
    const basis = { documentNo: '合成发〔2026〕1号', issuedOn: '2026-07-01', events: [] }
    const waiting = on('2026-02-20', factsOf({ ...facts, basis }), long)
    expect(waiting.state).toBe('upcoming')
    expect(waiting.end).toBeUndefined()
  })
})
