import { describe, expect, test } from 'vitest'
import { addDays } from '../../../protocol/date.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { whatIf } from '../../../protocol/standing/what-if.ts'
import {
  acceptance,
  act,
  edition,
  eventOf,
  factsOf,
  proposal,
  agreement as recognition,
  west,
} from './recognition-sample.ts'
import { factsFor, reuseOn as on, pinned, reuseOf, withRecognition } from './reuse-sample.ts'

describe('a reuse on a date', () => {
  test('[AGREE-80] it holds with its ground, within its term, while the edition is as it was', () => {
    expect(on('2026-06-01')).toMatchObject({ answer: 'effective', state: 'effective', reasons: [] })
    expect(on('2026-02-28')).toMatchObject({
      answer: 'not-effective',
      reasons: ['G1 NOT_YET_VALID', 'E5 NOT_YET_VALID'],
    })
    expect(on('2027-03-01').state).toBe('expired')
    const changed = (clauses: readonly string[], used?: string[]) => {
      const agreement = reuseOf(used ? { scope: { clauses: used } } : {})
      const events = [eventOf('west', 'amendment', '2026-05-01', clauses)]
      return on('2026-06-10', agreement, factsFor(agreement, { editions: [edition('west', { events })] }))
    }
    expect(changed(['c3'], ['c1'])).toMatchObject({ state: 'effective' })
    expect(changed(['c1'], ['c1'])).toMatchObject({
      state: 'lapsed',
      end: '2026-05-01',
      reasons: ['E3 SUPERSEDED'],
    })
    expect(changed(['c3'])).toMatchObject({ state: 'lapsed' })
  })

  test('[AGREE-81] it is as undecided as the recognition behind it', () => {
    expect(on('2026-06-01', reuseOf(), withRecognition(factsOf({ basis: undefined })))).toMatchObject({
      answer: 'undecided',
      reasons: ['G1 BASIS_MISSING'],
    })
    const { recognition: _none, ...without } = factsFor(reuseOf())
    expect(on('2026-06-01', reuseOf(), without)).toMatchObject({
      answer: 'undecided',
      reasons: ['G1 RECORD_UNAVAILABLE'],
    })
    const never = withRecognition(factsOf({}, [proposal]))
    expect(on('2026-06-01', reuseOf(), never)).toMatchObject({
      state: 'unmet',
      reasons: ['G1 ATTESTATION_INCOMPLETE'],
    })
  })

  test('[AGREE-82] the recognition covers edition, clauses, matters, division and direction', () => {
    const outside = (change: any, about: any = recognition) => {
      const agreement = reuseOf(change)
      return on('2026-06-01', agreement, withRecognition(factsOf(), agreement, about)).reasons
    }
    expect(outside({ scope: { clauses: ['c1', 'c2'] } })).toEqual([])
    expect(outside({ scope: { clauses: ['c3'] } })).toEqual(['G1 ATTESTATION_MISMATCH'])
    expect(outside({ scope: { edition: { id: pinned.id, digest: digestOf('other') } } })).toContain(
      'G1 ATTESTATION_MISMATCH',
    )
    const scoped = (scope: object) => ({ ...recognition, scope: { ...recognition.scope, ...scope } })
    expect(outside({}, scoped({ matters: ['assets'] }))).toEqual(['G1 ATTESTATION_MISMATCH'])
    expect(outside({}, scoped({ divisions: ['511400'] }))).toEqual(['G1 STATUS_UNAVAILABLE'])
    const agreement = reuseOf()
    const there = (division: string) =>
      on('2026-06-01', agreement, {
        ...withRecognition(factsOf(), agreement, scoped({ divisions: ['511400'] }) as any),
        division,
      }).reasons
    expect(there('511402')).toEqual([])
    expect(there('500120')).toEqual(['G1 ATTESTATION_MISMATCH'])
    const oneWay = (from: 0 | 1) => ({
      ...recognition,
      effects: recognition.effects.map(({ row }) => ({ row, from, to: 1 - from, effect: 'one-way' })),
    })
    expect(outside({}, oneWay(0))).toEqual([])
    expect(outside({}, oneWay(1))).toEqual(['G1 ATTESTATION_MISMATCH'])
    expect(
      outside({}, { ...recognition, parties: [{ id: west }, { id: 'did:web:other.example' }] }),
    ).toContain('G1 ATTESTATION_MISMATCH')
  })

  test('[AGREE-83] by law: the level, or the digits of the number', () => {
    const by = (statute: any, change: any = {}, division?: string) => {
      const agreement = reuseOf({ scope: { ground: { statute } } })
      const of = edition('west', { subject: { ...pinned.subject, ...change } })
      const { recognition: _none, ...facts } = factsFor(agreement, { editions: [of] })
      return on('2026-06-01', agreement, { ...facts, ...(division ? { division } : {}) }).reasons
    }
    expect(by('national', { level: 'national' })).toEqual([])
    expect(by('national')).toEqual(['G1 RULE_VIOLATED'])
    expect(by('industry', { level: 'industry' })).toEqual([])
    expect(by('own-region', {}, '500120')).toEqual([])
    expect(by('own-region', {}, '511402')).toEqual(['G1 RULE_VIOLATED'])
    expect(by('own-region')).toEqual(['G1 STATUS_UNAVAILABLE'])
    const municipal = { identifiers: [{ scheme: 'DB-M', value: 'DB5114/T 5—2020', canonicalKey: 'x' }] }
    expect(by('own-region', municipal, '511402')).toEqual([])
    expect(by('own-region', municipal, '510100')).toEqual(['G1 RULE_VIOLATED'])
  })

  test('[AGREE-84] what had begun is to be disposed of when its ground lapses, and goes on after a withdrawal', () => {
    const abolished = factsOf({
      editions: [edition('west'), edition('east', { events: [eventOf('east', 'abolished', '2026-05-01')] })],
    })
    const facts = withRecognition(abolished)
    expect(on('2026-05-30', reuseOf(), facts)).toMatchObject({ state: 'effective' })
    expect(on('2026-05-31', reuseOf(), facts)).toMatchObject({
      answer: 'not-effective',
      state: 'disposal-due',
      end: '2026-05-31',
      disposeBy: addDays('2026-05-31', 90),
      reasons: ['G1 WITHDRAWN'],
      cause: { index: 50 },
    })
    const late = reuseOf({ effectiveFrom: '2026-07-01' })
    expect(on('2026-08-01', late, withRecognition(abolished, late))).toMatchObject({ state: 'unmet' })
    const rows = factsOf({
      editions: [
        edition('west'),
        edition('east', { events: [eventOf('east', 'amendment', '2026-05-01', ['c1'])] }),
      ],
    })
    const one = reuseOf({ scope: { clauses: ['c1'] } })
    expect(on('2026-06-10', one, withRecognition(rows, one))).toMatchObject({
      state: 'disposal-due',
      end: '2026-05-31',
    })
    const other = reuseOf({ scope: { clauses: ['c2'] } })
    expect(on('2026-06-10', other, withRecognition(rows, other))).toMatchObject({ state: 'effective' })
    const withdrawn = factsOf({}, [
      proposal,
      acceptance,
      act({ act: 'withdraw', by: 'east', index: 20, on: '2026-05-01' }),
    ])
    expect(on('2026-09-01', reuseOf(), withRecognition(withdrawn))).toMatchObject({ state: 'effective' })
    expect(on('2027-03-01', reuseOf(), withRecognition(withdrawn))).toMatchObject({ state: 'expired' })
    expect(on('2026-09-01', late, withRecognition(withdrawn, late))).toMatchObject({
      state: 'unmet',
      reasons: ['G1 WITHDRAWN'],
    })
    expect(
      on('2026-09-01', reuseOf(), withRecognition({ ...withdrawn, editions: abolished.editions })),
    ).toMatchObject({
      state: 'disposal-due',
      end: '2026-05-31',
    })
    const renewed = withRecognition(factsOf({ renewedOn: '2026-09-01' }))
    expect(on('2026-09-01', reuseOf(), renewed)).toMatchObject({ state: 'disposal-due', end: '2026-09-01' })
  })
})

describe('what if', () => {
  const known = (reuse = reuseOf()) => ({
    recognitions: [{ agreement: recognition, facts: factsOf() }],
    interconnections: [],
    reuses: [{ agreement: reuse, facts: factsFor(reuse) }],
  })
  const east1 = { id: edition('east').id, digest: digestOf('east') }
  const west1 = { id: pinned.id, digest: digestOf('west') }

  test('[AGREE-90] an edition is replaced: the recognition after its grace, the reuse with it or at once', () => {
    expect(whatIf(east1, '2026-08-01', known())).toEqual([
      {
        kind: 'recognition',
        id: recognition.id,
        fallsOn: '2026-08-31',
        state: 'lapsed',
        graceFrom: '2026-08-01',
        rows: [],
      },
      {
        kind: 'reuse',
        id: reuseOf().id,
        fallsOn: '2026-08-31',
        state: 'disposal-due',
        rows: [],
        disposeBy: '2026-11-29',
      },
    ])
    expect(whatIf(west1, '2026-08-01', known())).toMatchObject([
      { kind: 'recognition', fallsOn: '2026-08-31' },
      { kind: 'reuse', fallsOn: '2026-08-01', state: 'lapsed' },
    ])
    const amendment = { ...east1, eventKind: 'amendment', clauses: ['c1'] } as const
    expect(whatIf(amendment, '2026-08-01', known(reuseOf({ scope: { clauses: ['c1'] } })))).toMatchObject([
      {
        kind: 'recognition',
        state: 'effective',
        graceFrom: '2026-08-01',
        rows: [{ row: 'r1', on: '2026-08-31' }],
      },
      { kind: 'reuse', fallsOn: '2026-08-31', state: 'disposal-due' },
    ])
  })

  test('[AGREE-91] what goes on, or is over anyway, is not named', () => {
    expect(whatIf({ ...east1, digest: digestOf('none') }, '2026-08-01', known())).toEqual([])
    expect(whatIf({ ...east1, eventKind: 'amendment', clauses: ['c3'] }, '2026-08-01', known())).toEqual([])
    expect(whatIf(east1, '2027-03-01', known())).toEqual([])
  })
})
