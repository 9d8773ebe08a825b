import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../protocol/hash.ts'
import { recognitionAt } from '../../../protocol/standing/recognition.ts'
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

describe('a recognition on a date', () => {
  test('[AGREE-30] it holds iff E1 to E7 hold, and each says why not', () => {
    expect(on('2026-06-01')).toMatchObject({
      answer: 'effective',
      state: 'effective',
      reasons: [],
      start: '2026-03-01',
      end: '2027-03-01',
    })
    expect(on('2026-02-28')).toMatchObject({
      answer: 'not-effective',
      state: 'upcoming',
      reasons: ['E5 NOT_YET_VALID'],
    })
    expect(on('2027-02-28').answer).toBe('effective')
    expect(on('2027-03-01')).toMatchObject({
      answer: 'not-effective',
      state: 'expired',
      reasons: ['E5 EXPIRED'],
    })
  })

  test('[AGREE-31] what is missing makes it undecided, and a failure outweighs it', () => {
    expect(on('2026-06-01', factsOf({ missing: [logs.east] }))).toMatchObject({
      answer: 'undecided',
      reasons: ['E3 RANGE_MISSING', 'E6 RANGE_MISSING'],
    })
    expect(on('2026-06-01', factsOf({ mapping: undefined }))).toMatchObject({
      answer: 'undecided',
      reasons: ['E4 MAPPING_MISSING'],
    })
    expect(on('2026-06-01', factsOf({ basis: undefined }))).toMatchObject({
      answer: 'undecided',
      reasons: ['E7 BASIS_MISSING'],
    })
    expect(on('2026-06-01', factsOf({ editions: [edition('west')] }))).toMatchObject({
      answer: 'undecided',
      reasons: ['E3 RECORD_UNAVAILABLE'],
    })
    expect(on('2026-06-01', factsOf({ missing: [logs.east] }, [proposal])).reasons).toContain(
      'E1 RANGE_MISSING',
    )
    expect(on('2027-06-01', factsOf({ mapping: undefined }))).toMatchObject({
      answer: 'not-effective',
      state: 'expired',
    })
  })

  test('[AGREE-25] a review that nobody at hand dates leaves the end open between the two it may be', () => {
    const old = edition('west')
    const review = { ...eventOf('west', 'review', '2026-02-01'), loggedFrom: '2026-02-02' }
    const reviewed = (event: typeof review & { readonly loggedOn?: string }) =>
      factsOf({
        editions: [
          { ...old, subject: { ...old.subject, publishedOn: '2020-01-01' }, events: [event] },
          edition('east'),
        ],
      })
    const long = { ...agreement, validUntil: '2029-03-01' }
    const facts = reviewed({ ...review, loggedOn: '2026-04-01' })
    expect(on('2027-02-28', facts, long)).toMatchObject({ state: 'effective', end: '2027-03-01' })
    for (const day of ['2027-03-01', '2028-12-31'])
      expect(on(day, facts, long)).toMatchObject({ answer: 'undecided', reasons: ['E5 NOT_WITNESSED'] })
    expect(on('2029-01-01', facts, long)).toMatchObject({ state: 'expired', end: '2029-01-01' })
    expect(on('2028-12-31', reviewed({ ...review, loggedOn: '2026-03-01' }), long).state).toBe('effective')
  })

  test('[AGREE-32] an edition that ends takes it along, from that date or after the days of grace', () => {
    const ended = (kind: string) =>
      factsOf({
        editions: [edition('west', { events: [eventOf('west', kind, '2026-05-01')] }), edition('east')],
      })
    for (const [kind, code] of [
      ['superseded', 'SUPERSEDED'],
      ['abolished', 'WITHDRAWN'],
    ] as const) {
      expect(on('2026-04-30', ended(kind)).state).toBe('effective')
      expect(on('2026-05-01', ended(kind))).toMatchObject({ answer: 'effective', state: 'grace' })
      const { conditions } = recognitionAt(ended(kind), agreement, '2026-05-30')
      expect(conditions.find(({ condition }) => condition === 'E3')).toMatchObject({
        outcome: 'passed',
        cause: { origin: logs.west, index: 50, kind },
        zh: expect.stringMatching(/自2026-05-01起(?:被代替|废止)，宽限至2026-05-31（不含）/),
      })
      expect(on('2026-05-31', ended(kind))).toMatchObject({
        answer: 'not-effective',
        state: 'lapsed',
        reasons: [`E3 ${code}`],
        end: '2026-05-31',
        cause: { origin: logs.west, index: 50, kind },
      })
    }
    const lapse = { ...agreement, onRevision: 'lapse', graceDays: 0 } as const
    expect(on('2026-05-01', ended('abolished'), lapse)).toMatchObject({
      answer: 'not-effective',
      state: 'lapsed',
    })
    const upcoming = edition('east')
    const later = { ...upcoming, subject: { ...upcoming.subject, effectiveOn: '2026-04-01' } }
    expect(on('2026-03-15', factsOf({ editions: [edition('west'), later] })).reasons).toEqual([
      'E3 NOT_YET_VALID',
    ])
    const disputed = edition('west', {
      events: [
        eventOf('west', 'abolished', '2026-05-01'),
        { ...eventOf('west', 'superseded', '2026-05-02'), origin: 'other.example/log/1' },
      ],
    })
    expect(on('2026-06-01', factsOf({ editions: [disputed, edition('east')] }))).toMatchObject({
      state: 'disputed',
      reasons: ['E3 ATTESTATION_CONFLICT'],
    })
  })

  test('[AGREE-33] an amendment lets the rows of its clauses fall singly, and all of them where it names none', () => {
    const amended = (clauses?: readonly string[]) =>
      factsOf({
        editions: [
          edition('west', { events: [eventOf('west', 'amendment', '2026-05-01', clauses)] }),
          edition('east'),
        ],
      })
    expect(on('2026-05-10', amended(['c1']))).toMatchObject({
      answer: 'effective',
      state: 'grace',
      rows: { r1: 'grace', r2: 'effective' },
    })
    expect(on('2026-06-10', amended(['c1']))).toMatchObject({
      answer: 'effective',
      state: 'effective',
      rows: { r1: 'fallen', r2: 'effective' },
    })
    expect(on('2026-06-10', amended())).toMatchObject({
      answer: 'not-effective',
      state: 'lapsed',
      reasons: ['E4 SUPERSEDED'],
      end: '2026-05-31',
    })
    expect(on('2026-06-10', amended(['c1', 'c2'])).state).toBe('lapsed')
  })

  test('[AGREE-34] a change that touches nothing agreed leaves it in force, with pins to be renewed', () => {
    const revision = {
      origin: logs.west,
      index: 60,
      recordId: 'https://bishan.example/id/x',
      on: '2026-05-01',
      changed: ['c3'],
    }
    const revised = factsOf({ editions: [edition('west', { revisions: [revision] }), edition('east')] })
    expect(on('2026-04-30', revised).repin).toEqual([])
    expect(on('2026-08-01', revised)).toMatchObject({
      answer: 'effective',
      state: 'effective',
      repin: [edition('west').id],
    })
    const touching = factsOf({
      editions: [edition('west', { revisions: [{ ...revision, changed: ['c2'] }] }), edition('east')],
    })
    expect(on('2026-08-01', touching)).toMatchObject({
      answer: 'effective',
      rows: { r1: 'effective', r2: 'fallen' },
      repin: [],
    })
  })

  test('[AGREE-35] each row that is relied on is accepted, there, and within the scope', () => {
    const first = rows.get('r1')!
    const set = (change: object) =>
      factsOf({
        mapping: {
          rows: new Map([
            ['r1', { ...first, ...change }],
            ['r2', rows.get('r2')!],
          ]),
          errors: [],
        },
      })
    expect(on('2026-06-01', set({})).answer).toBe('effective')
    expect(on('2026-06-01', set({ state: 'in-review' })).reasons).toEqual(['E4 MAPPING_INVALID'])
    expect(
      on('2026-06-01', set({ subject: { ...first.subject, digest: digestOf('older') } })).reasons,
    ).toEqual(['E4 MAPPING_INVALID'])
    expect(on('2026-06-01', set({ object: undefined })).reasons).toEqual(['E4 MAPPING_INVALID'])
    expect(on('2026-06-01', factsOf({ mapping: { rows: new Map(), errors: [] } })).reasons).toEqual([
      'E4 MAPPING_INVALID',
    ])
    expect(on('2026-06-01', factsOf({ mapping: { rows, errors: ['M2'] } })).reasons).toEqual([
      'E4 MAPPING_INVALID',
    ])
    const clauses = { ...agreement, scope: { ...agreement.scope, clauses: [`${edition('west').id}#c1`] } }
    expect(on('2026-06-01', factsOf(), clauses).reasons).toEqual(['E4 MAPPING_INVALID'])
  })

  test('[AGREE-26] a withdrawal by one party ends it after the notice, from its own logging', () => {
    const withdrawn = factsOf({}, [
      proposal,
      acceptance,
      act({ act: 'withdraw', by: 'east', index: 20, on: '2026-05-01' }),
    ])
    expect(on('2026-06-29', withdrawn)).toMatchObject({ answer: 'effective', state: 'effective' })
    expect(on('2026-06-30', withdrawn)).toMatchObject({
      answer: 'not-effective',
      state: 'withdrawn',
      reasons: ['E6 WITHDRAWN'],
      end: '2026-06-30',
      cause: { index: 20 },
    })
    const open = factsOf({}, [
      proposal,
      acceptance,
      act({ act: 'withdraw', by: 'east', index: 20, on: '2026-05-01', unwitnessed: true }),
    ])
    expect(on('2026-06-30', open)).toMatchObject({ answer: 'undecided', reasons: ['E6 NOT_WITNESSED'] })
  })

  test('[AGREE-25] it ends when a pinned edition is due for review, and after a year where one is overdue', () => {
    const old = edition('west')
    const due = { ...old, subject: { ...old.subject, publishedOn: '2021-08-01' } }
    expect(on('2026-07-31', factsOf({ editions: [due, edition('east')] }))).toMatchObject({
      answer: 'effective',
      reviewOverdue: false,
    })
    expect(on('2026-08-01', factsOf({ editions: [due, edition('east')] }))).toMatchObject({
      state: 'expired',
      end: '2026-08-01',
    })
    const overdue = {
      ...old,
      subject: { ...old.subject, publishedOn: '2019-08-01', effectiveOn: '2020-01-01' },
    }
    const long = { ...agreement, validUntil: '2030-03-01' }
    expect(on('2027-02-28', factsOf({ editions: [overdue, edition('east')] }), long)).toMatchObject({
      answer: 'effective',
      reviewOverdue: true,
    })
    expect(on('2027-03-01', factsOf({ editions: [overdue, edition('east')] }), long).state).toBe('expired')
    const reviewed = edition('west', { ...overdue, events: [eventOf('west', 'review', '2025-01-01')] })
    expect(on('2028-12-31', factsOf({ editions: [reviewed, edition('east')] }), long)).toMatchObject({
      answer: 'effective',
      reviewOverdue: false,
    })
  })

  test('[AGREE-37] the end of its basis ends it', () => {
    const event = { ...eventOf('west', 'abolished', '2026-05-01'), origin: 'bureau.example/log/1' }
    const facts = factsOf({
      basis: { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events: [event] },
    })
    expect(on('2026-04-30', facts).answer).toBe('effective')
    expect(on('2026-05-01', facts)).toMatchObject({
      state: 'lapsed',
      reasons: ['E7 REVOKED'],
      cause: { origin: 'bureau.example/log/1' },
    })
  })

  test('[AGREE-36] a later agreement takes its place from the day on which that begins', () => {
    const renewed = factsOf({ renewedOn: '2026-09-01' })
    expect(on('2026-08-31', renewed).state).toBe('effective')
    expect(on('2026-09-01', renewed)).toMatchObject({ answer: 'not-effective', state: 'renewed' })
  })
})
