import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays } from '../../../protocol/date.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { foldConsent } from '../../../protocol/standing/consent.ts'
import {
  acceptance,
  act,
  agreement,
  edition,
  eventOf,
  factsOf,
  logs,
  on,
  proposal,
  rows,
} from './recognition-sample.ts'
import { factsFor, reuseOf, reuseOn, withRecognition } from './reuse-sample.ts'

const ended = (kind: string, date: string) => [
  edition('west', { events: [eventOf('west', kind, date)] }),
  edition('east'),
]
const withdrawal = (day: string) => act({ act: 'withdraw', by: 'east', index: 20, on: day })
const basis = { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events: [] }

describe('the word for an agreement that is over', () => {
  test('[AGREE-39] what ended it first gives the word, when its term is over, too', () => {
    const lapsed = factsOf({ editions: ended('abolished', '2026-05-01') })
    for (const day of ['2026-05-31', '2027-02-28', '2027-03-01', '2029-01-01'])
      expect(on(day, lapsed)).toMatchObject({ state: 'lapsed', end: '2026-05-31', cause: { index: 50 } })
    const withdrawn = factsOf({}, [proposal, acceptance, withdrawal('2026-05-01')])
    for (const day of ['2026-06-30', '2027-03-01'])
      expect(on(day, withdrawn)).toMatchObject({ state: 'withdrawn', end: '2026-06-30' })
    const renewed = factsOf({ renewedOn: '2026-09-01' })
    for (const day of ['2026-09-01', '2027-03-01'])
      expect(on(day, renewed)).toMatchObject({ state: 'renewed', end: '2026-09-01' })
  })

  test('[AGREE-39] what comes after the end of the term does not', () => {
    const late = [
      factsOf({ editions: ended('abolished', '2027-04-01') }),
      factsOf({}, [proposal, acceptance, withdrawal('2027-02-01')]),
      factsOf({ renewedOn: '2027-06-01' }),
      factsOf({ basis: { ...basis, events: [eventOf('west', 'abolished', '2027-04-01')] } }),
    ]
    for (const facts of late) {
      const told = on('2028-01-01', facts)
      expect(told).toMatchObject({ state: 'expired', end: '2027-03-01' })
      expect(told).not.toHaveProperty('cause')
    }
  })

  test('[AGREE-39] of two editions that ended the first in date counts, in whatever order they stand', () => {
    const both = [
      edition('west', { events: [eventOf('west', 'superseded', '2026-09-01')] }),
      edition('east', { events: [eventOf('east', 'abolished', '2026-05-01')] }),
    ]
    for (const editions of [both, both.toReversed()])
      expect(on('2027-06-01', factsOf({ editions }))).toMatchObject({
        state: 'lapsed',
        end: '2026-05-31',
        cause: { origin: logs.east },
      })
  })

  test('[AGREE-39] once it has ended the word stays, whatever else ends it later', () => {
    const day = fc.integer({ min: 0, max: 700 }).map((n) => addDays('2026-03-02', n))
    const kinds = ['abolished', 'superseded'] as const
    fc.assert(
      fc.property(day, day, day, day, fc.constantFrom(...kinds), (edited, left, renewedOn, revoked, kind) => {
        const facts = factsOf(
          {
            editions: ended(kind, edited),
            renewedOn,
            basis: { ...basis, events: [eventOf('west', 'abolished', revoked)] },
          },
          [proposal, acceptance, withdrawal(left)],
        )
        const days = Array.from({ length: 40 }, (_, i) => addDays('2026-03-02', i * 25))
        const told = days.map((one) => on(one, facts)).filter(({ answer }) => answer === 'not-effective')
        expect(new Set(told.map(({ state, end }) => `${state} ${end}`)).size).toBe(1)
      }),
      { numRuns: 60 },
    )
  })
})

describe('the word for an agreement that does not hold yet, or never did', () => {
  test('[AGREE-39] one whose basis or edition is not yet in force is upcoming, not lapsed', () => {
    const unissued = factsOf({ basis: { ...basis, issuedOn: '2026-07-01' } })
    for (const day of ['2026-02-20', '2026-05-01'])
      expect(on(day, unissued)).toMatchObject({ answer: 'not-effective', state: 'upcoming' })
    expect(on('2026-07-01', unissued).state).toBe('effective')
    const east = edition('east')
    const later = { ...east, subject: { ...east.subject, effectiveOn: '2026-07-01' } }
    const unborn = factsOf({ editions: [edition('west'), later] })
    expect(on('2026-05-01', unborn).state).toBe('upcoming')
    expect(on('2026-07-01', unborn).state).toBe('effective')
  })

  test('[AGREE-39] what ended before it could begin, or broke a rule, is unmet for good', () => {
    const never = [
      factsOf({ editions: ended('abolished', '2026-01-15') }),
      factsOf({ basis: { ...basis, events: [eventOf('west', 'abolished', '2026-02-20')] } }),
      factsOf({ mapping: { rows, errors: ['M2'] } }),
    ]
    for (const facts of never)
      for (const day of ['2026-02-25', '2026-06-01', '2027-06-01'])
        expect([day, on(day, facts).state]).toEqual([day, 'unmet'])
    expect(on('2026-06-01', factsOf({ stranger: 'ATTESTATION_MISMATCH' })).state).toBe('unmet')
  })

  test('[AGREE-39] a dispute is one while nothing has ended it', () => {
    const events = [
      eventOf('west', 'abolished', '2026-05-01'),
      { ...eventOf('west', 'superseded', '2026-05-02'), origin: 'other.example/log/1' },
    ]
    const facts = factsOf({ editions: [edition('west', { events }), edition('east')] })
    expect(on('2026-06-01', facts).state).toBe('disputed')
    expect(on('2027-06-01', facts).state).toBe('expired')
  })
})

describe('the word where consent cannot be told', () => {
  const missing = { missing: [logs.east], missingActs: [logs.east] }

  test('[AGREE-39] it is undecided, and a proposal where it is proven that there is nothing more', () => {
    expect(on('2026-06-01', factsOf(missing, [proposal]))).toMatchObject({
      answer: 'undecided',
      state: 'undecided',
    })
    expect(on('2026-06-01', factsOf(missing, []))).toMatchObject({ state: 'undecided' })
    expect(on('2026-06-01', factsOf({ unopened: true }, []))).toMatchObject({ state: 'undecided' })
    expect(on('2026-06-01', factsOf({}, [proposal]))).toMatchObject({
      answer: 'not-effective',
      state: 'proposed',
    })
    const rejection = act({ act: 'reject', by: 'east', index: 8, on: '2026-02-09' })
    expect(on('2026-06-01', factsOf(missing, [proposal, rejection])).state).toBe('undecided')
    expect(on('2026-06-01', factsOf({}, [proposal, rejection])).state).toBe('rejected')
  })

  test('[AGREE-31] an acceptance of another digest decides nothing while another may stand in what is missing', () => {
    const other = { ...agreement, noticeDays: 1 }
    const wrong = act({ act: 'accept', by: 'east', index: 7, on: '2026-02-10', agreement: other })
    expect(on('2026-06-01', factsOf(missing, [proposal, wrong]))).toMatchObject({
      answer: 'undecided',
      state: 'undecided',
    })
    expect(on('2026-06-01', factsOf({}, [proposal, wrong]))).toMatchObject({
      answer: 'not-effective',
      state: 'proposed',
      reasons: ['E1 ATTESTATION_MISMATCH', 'E2 ATTESTATION_MISMATCH', 'E5 NOT_WITNESSED'],
    })
  })
})

describe('the word for a reuse', () => {
  const abolished = factsOf({ editions: ended('abolished', '2026-05-01').toReversed() })
  const fallen = factsOf({
    editions: [edition('west'), edition('east', { events: [eventOf('east', 'abolished', '2026-05-01')] })],
  })
  const due = { state: 'disposal-due', end: '2026-05-31', disposeBy: addDays('2026-05-31', 90) }
  const withdrawn = (agreement = reuseOf()) => {
    const about: any = agreement
    const acts = [
      act({ act: 'propose', by: 'west', index: 5, on: '2026-02-03', agreement: about }),
      act({ act: 'accept', by: 'east', index: 9, on: '2026-02-11', agreement: about }),
      act({ act: 'withdraw', by: 'east', index: 20, on: '2026-09-01', agreement: about }),
    ]
    return foldConsent(agreementDigest(agreement), acts)
  }

  test('[AGREE-84] what is to be disposed of stays so, when its own term is over or it is withdrawn, too', () => {
    const facts = withRecognition(fallen)
    for (const day of ['2026-05-31', '2027-02-28', '2027-03-01', '2030-01-01'])
      expect(reuseOn(day, reuseOf(), facts)).toMatchObject({ answer: 'not-effective', ...due })
    const left = { ...facts, consent: withdrawn() }
    expect(reuseOn('2027-06-01', reuseOf(), left)).toMatchObject(due)
    const revoked = { ...basis, events: [eventOf('west', 'abolished', '2026-08-01')] }
    expect(reuseOn('2027-06-01', reuseOf(), { ...facts, basis: revoked })).toMatchObject(due)
    const replaced = { ...facts, renewedOn: '2026-08-01' }
    expect(reuseOn('2027-06-01', reuseOf(), replaced)).toMatchObject(due)
  })

  test('[AGREE-84] the day of the lapse does not move when the recognition is over as well', () => {
    const long = reuseOf({ validUntil: '2028-03-01' })
    const day = '2027-06-01'
    const renewed = withRecognition(factsOf({ renewedOn: '2026-09-01' }), long)
    expect(reuseOn(day, long, renewed)).toMatchObject({
      state: 'disposal-due',
      end: '2026-09-01',
      disposeBy: addDays('2026-09-01', 90),
    })
    const amended = factsOf({
      editions: [
        edition('west'),
        edition('east', { events: [eventOf('east', 'amendment', '2026-05-01', ['c1'])] }),
      ],
    })
    const one = reuseOf({ scope: { clauses: ['c1'] }, validUntil: '2028-03-01' })
    expect(reuseOn(day, one, withRecognition(amended, one))).toMatchObject(due)
    const open = factsOf({ ...amended }, [
      proposal,
      acceptance,
      act({ act: 'withdraw', by: 'west', index: 30, on: '2026-08-01', unwitnessed: true }),
    ])
    expect(reuseOn('2027-01-01', one, withRecognition(open, one))).toMatchObject(due)
  })

  test('[AGREE-39] [AGREE-84] where nobody at hand says when it began, one word still is the word', () => {
    const acts = (agreement: any) => [
      act({ act: 'propose', by: 'west', index: 5, on: '2026-02-03', agreement }),
      {
        ...act({ act: 'accept', by: 'east', index: 9, on: '2026-02-11', agreement, unwitnessed: true }),
        loggedFrom: '2026-02-11',
      },
    ]
    const unseen = { consent: foldConsent(agreementDigest(reuseOf()), acts(reuseOf())) }
    const told = (facts: any) =>
      ['2026-06-01', '2026-09-01', '2027-06-01'].map((day) => {
        const { state, end } = reuseOn(day, reuseOf(), { ...withRecognition(facts), ...unseen })
        return `${state} ${end}`
      })
    expect(told(fallen)).toEqual(Array(3).fill('disposal-due 2026-05-31'))
    expect(told(factsOf()).at(-1)).toBe('expired 2027-03-01')
    const early = factsOf({
      editions: [edition('west'), edition('east', { events: [eventOf('east', 'abolished', '2026-01-25')] })],
    })
    expect(told(early).map((one) => one.split(' ')[0])).toEqual(Array(3).fill('unmet'))
  })

  test('[AGREE-84] what had ended by itself before owes nothing', () => {
    const gone = { ...withRecognition(factsOf({ renewedOn: '2027-01-01' })), consent: withdrawn() }
    expect(reuseOn('2027-02-01', reuseOf(), gone)).toMatchObject({ state: 'withdrawn', end: '2026-10-31' })
    expect(reuseOn('2027-02-01', reuseOf(), gone)).not.toHaveProperty('disposeBy')
    const own = withRecognition(factsOf({ editions: ended('abolished', '2026-06-01') }))
    const used = {
      ...own,
      editions: [edition('west', { events: [eventOf('west', 'abolished', '2026-06-01')] })],
    }
    expect(reuseOn('2027-02-01', reuseOf(), used)).toMatchObject({ state: 'lapsed', end: '2026-06-01' })
  })

  test('[AGREE-84] a change after a withdrawal of the recognition takes nothing from a reuse that goes on', () => {
    const facts = factsOf(
      {
        editions: [
          edition('west'),
          edition('east', { events: [eventOf('east', 'amendment', '2026-08-01', ['c1'])] }),
        ],
      },
      [proposal, acceptance, withdrawal('2026-05-01')],
    )
    const one = reuseOf({ scope: { clauses: ['c1'] } })
    expect(reuseOn('2026-10-01', one, withRecognition(facts, one))).toMatchObject({ state: 'effective' })
  })

  test('[AGREE-39] [AGREE-84] before it begins it is upcoming; on a ground that never held, unmet, and nothing is due', () => {
    expect(reuseOn('2026-02-28')).toMatchObject({ state: 'upcoming' })
    const proposed = withRecognition(factsOf({}, [proposal]))
    expect(reuseOn('2026-02-28', reuseOf(), proposed).state).toBe('upcoming')
    for (const day of ['2026-06-01', '2027-06-01']) {
      const long = reuseOf({ validUntil: '2028-03-01' })
      const told = reuseOn(day, long, withRecognition(factsOf({}, [proposal]), long))
      expect(told).toMatchObject({ state: 'unmet' })
      expect(told).not.toHaveProperty('disposeBy')
    }
    const waiting = withRecognition(factsOf({ basis: { ...basis, issuedOn: '2026-07-01' } }))
    expect(reuseOn('2026-05-01', reuseOf(), waiting).state).toBe('upcoming')
    const late = reuseOf({ effectiveFrom: '2026-07-01' })
    for (const day of ['2026-06-15', '2026-08-01'])
      expect(reuseOn(day, late, withRecognition(abolished, late)).state).toBe('unmet')
    expect(reuseOn('2026-06-15', late, factsFor(late)).state).toBe('upcoming')
  })
})
