import { describe, expect, test } from 'vitest'
import { addDays } from '../../../protocol/date.ts'
import { withForeseenEnd } from '../../../protocol/standing/foreseen-end.ts'
import { recognitionAt } from '../../../protocol/standing/recognition.ts'
import type { RecognitionFacts } from '../../../protocol/standing/recognition-facts.ts'
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
} from './recognition-sample.ts'

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
  })
})
