import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { eventKinds, keysOf } from '../../../protocol/record/vocabulary.ts'
import { lifecycleAt, type PlacedEvent } from '../../../protocol/standing/lifecycle.ts'
import { isDatedByLogging } from '../../../protocol/standing/logged-date.ts'

const draft = syntheticStandard(0, { publishedOn: '2020-11-01', effectiveOn: '2021-02-01' })
if (draft.type !== 'StandardRecord') throw new Error('a standard was expected')
const facts = draft.credentialSubject
const edition = {
  id: 'https://localhost:7401/id/00000000-0000-4000-8000-000000000000',
  digest: digestOf('x'),
}

function event(index: number, eventKind: any, date: string, origin = 'localhost:7401/log/1'): PlacedEvent {
  return {
    origin,
    index,
    recordId: `https://localhost:7401/id/${index}`,
    subject: { eventKind, edition, date },
  }
}

describe('the state of an edition', () => {
  test('[STAND-1] before publication, between publication and effect, and after it', () => {
    expect(
      ['2020-10-31', '2020-11-01', '2021-01-31', '2021-02-01'].map(
        (day) => lifecycleAt(facts, [], day).state,
      ),
    ).toEqual(['drafting', 'upcoming', 'upcoming', 'in-force'])
    expect(
      lifecycleAt({ ...facts, publishedOn: undefined, effectiveOn: undefined }, [], '2025-01-01').state,
    ).toBe('undetermined')
  })

  test('[STAND-2] an end counts from its own date, and the answer names the event', () => {
    const end = event(4, 'abolished', '2023-05-01')
    expect(lifecycleAt(facts, [end], '2023-04-30')).toMatchObject({ state: 'in-force' })
    expect(lifecycleAt(facts, [end], '2023-05-01')).toMatchObject({
      state: 'abolished',
      since: '2023-05-01',
      cause: { index: 4 },
    })
    expect(lifecycleAt(facts, [event(5, 'superseded', '2023-05-01')], '2024-01-01').state).toBe('superseded')
    expect(lifecycleAt({ ...facts, abolishedOn: '2022-01-01' }, [], '2022-01-01').state).toBe('abolished')
  })

  test('[STAND-2] what ends it again later does not put off the end that its record states', () => {
    const stated = { ...facts, abolishedOn: '2022-04-01' }
    const events = [event(4, 'superseded', '2022-08-01')]
    for (const day of ['2022-04-01', '2022-08-01', '2022-12-31'])
      expect(lifecycleAt(stated, events, day)).toMatchObject({ state: 'abolished', since: '2022-04-01' })
    expect(lifecycleAt(stated, [event(4, 'superseded', '2022-03-01')], '2022-12-31')).toMatchObject({
      state: 'superseded',
      since: '2022-03-01',
    })
    const back = (date: string) => lifecycleAt(stated, [event(5, 'reinstated', date)], '2022-12-31').state
    expect([back('2022-03-31'), back('2022-04-01')]).toEqual(['abolished', 'in-force'])
  })

  test('[STAND-3] a reinstated edition is in force again', () => {
    const events = [event(4, 'abolished', '2023-05-01'), event(5, 'reinstated', '2023-06-01')]
    expect(lifecycleAt(facts, events, '2023-05-15').state).toBe('abolished')
    expect(lifecycleAt(facts, events, '2023-06-01').state).toBe('in-force')
  })

  test('[STAND-3] nobody takes back what another said', () => {
    const events = [
      event(4, 'abolished', '2023-05-01'),
      event(5, 'reinstated', '2023-06-01', 'localhost:7402/log/1'),
    ]
    expect(lifecycleAt(facts, events, '2023-07-01').state).toBe('abolished')
    const later = event(0, 'reinstated', '2023-06-01', 'localhost:7401/log/2')
    expect(lifecycleAt(facts, [...events, later], '2023-07-01').state).toBe('in-force')
  })

  test('[STAND-10] where there is an authority, another ends the edition and never mends it', () => {
    const own = (index: number, kind: string, date: string) => ({
      ...event(index, kind, date),
      authoritative: false,
    })
    const bureau = (index: number, kind: string, date: string) => ({
      ...event(index, kind, date, 'localhost:7409/log/1'),
      authoritative: true,
    })
    const stateBy = (...events: PlacedEvent[]) => lifecycleAt(facts, events, '2023-12-31').state
    const abolished = bureau(1, 'abolished', '2023-05-01')
    expect(stateBy(abolished, own(8, 'reinstated', '2023-06-01'))).toBe('abolished')
    expect(stateBy(abolished, bureau(2, 'reinstated', '2023-06-01'))).toBe('in-force')
    expect(stateBy(own(8, 'abolished', '2023-05-01'))).toBe('abolished')
    expect(stateBy(own(8, 'abolished', '2023-05-01'), own(9, 'reinstated', '2023-06-01'))).toBe('in-force')
    expect(stateBy(own(8, 'abolished', '2023-05-01'), bureau(2, 'reinstated', '2023-06-01'))).toBe('in-force')
    const another = { ...bureau(2, 'reinstated', '2023-06-01'), origin: 'localhost:7410/log/1' }
    expect(stateBy(abolished, another)).toBe('abolished')

    const reviewed = (event: PlacedEvent) => lifecycleAt(facts, [event], '2023-12-31').reviewDue
    expect(reviewed(own(8, 'review', '2023-05-01'))).toBe('2025-11-01')
    expect(reviewed(bureau(1, 'review', '2023-05-01'))).toBe('2028-05-01')
    const undated = { ...facts, effectiveOn: undefined }
    const begun = (event: PlacedEvent) => lifecycleAt(undated, [event], '2023-12-31').state
    expect(begun(own(8, 'entry-into-force', '2023-05-01'))).toBe('undetermined')
    expect(begun(bureau(1, 'entry-into-force', '2023-05-01'))).toBe('in-force')
  })

  test('[STAND-4] two logs that end it differently are shown as a dispute', () => {
    const events = [
      event(4, 'abolished', '2023-05-01'),
      event(9, 'superseded', '2023-06-01', 'localhost:7402/log/1'),
    ]
    expect(lifecycleAt(facts, events, '2023-07-01').state).toBe('disputed')
  })

  test('[STAND-5] flags and the due review follow from events; no known review is not "never reviewed"', () => {
    expect(lifecycleAt(facts, [], '2022-01-01')).toMatchObject({
      underRevision: false,
      amended: false,
      reviewDue: '2025-11-01',
    })
    const events = [
      event(1, 'review', '2024-02-29'),
      event(2, 'amendment', '2024-03-01'),
      event(3, 'revision-start', '2024-04-01'),
    ]
    expect(lifecycleAt(facts, events, '2024-12-01')).toMatchObject({
      underRevision: true,
      amended: true,
      reviewDue: '2029-02-28',
    })
    expect(lifecycleAt({ ...facts, publishedOn: undefined }, [], '2022-01-01').reviewDue).toBeUndefined()
  })

  test('[STAND-5] a review counts from the day by which it was logged, where that is asked', () => {
    const review = event(1, 'review', '2022-01-01')
    const due = (logged: Partial<PlacedEvent>) => {
      const { reviewDue, reviewDueByLogs } = lifecycleAt(facts, [{ ...review, ...logged }], '2022-06-01')
      return [reviewDue, reviewDueByLogs]
    }
    expect(due({})).toEqual(['2027-01-01', undefined])
    expect(due({ loggedOn: '2022-06-01', loggedFrom: '2022-06-01' })).toEqual(['2027-01-01', undefined])
    expect(due({ loggedOn: '2023-06-01', loggedFrom: '2023-06-01' })).toEqual(['2025-11-01', undefined])
    expect(due({ loggedOn: '2023-06-01', loggedFrom: '2022-01-01' })).toEqual(['2025-11-01', '2027-01-01'])
    expect(due({ loggedFrom: '2022-01-01' })).toEqual(['2025-11-01', '2027-01-01'])
  })

  test('[STAND-5] whatever it matters of by which day it was logged is asked for that day', () => {
    for (const kind of keysOf(eventKinds)) {
      const logged = { loggedOn: '2024-01-01', loggedFrom: '2022-01-01' }
      const told = (change: Partial<PlacedEvent>) => {
        const events = [{ ...event(1, kind, '2022-01-01'), ...change }]
        const { cause: _, ...lifecycle } = lifecycleAt(facts, events, '2022-06-01')
        return JSON.stringify(lifecycle)
      }
      const matters = told({}) !== told(logged)
      const record: any = {
        type: ['VerifiableCredential', 'LifecycleEvent'],
        credentialSubject: { eventKind: kind },
      }
      expect([kind, isDatedByLogging(record)]).toEqual([kind, matters])
    }
  })

  test('[STAND-6] a member’s logs follow one another by the number of their epoch', () => {
    const pair = (first: string, second: string) => [
      event(9, first, '2023-05-01', 'localhost:7401/log/9'),
      event(1, second, '2023-05-01', 'localhost:7401/log/10'),
    ]
    expect(lifecycleAt(facts, pair('reinstated', 'abolished'), '2023-06-01').state).toBe('abolished')
    expect(lifecycleAt(facts, pair('abolished', 'reinstated'), '2023-06-01').state).toBe('in-force')
  })

  test('[STAND-6] later knowledge never changes an earlier day, and order of arrival changes nothing', () => {
    const anyEvent = fc.record({
      kind: fc.constantFrom(...Object.keys(eventKinds)),
      day: fc.integer({ min: 1, max: 28 }),
      month: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (list, month) => {
        const events = list.map(({ kind, day, month: m }, i) =>
          event(i, kind, `2024-${String(m).padStart(2, '0')}-${String(day).padStart(2, '0')}`),
        )
        const day = `2024-${String(month).padStart(2, '0')}-15`
        const known = events.filter(({ subject }) => subject.date <= day)
        expect(lifecycleAt(facts, events, day)).toEqual(lifecycleAt(facts, known, day))
        expect(lifecycleAt(facts, events.toReversed(), day)).toEqual(lifecycleAt(facts, events, day))
      }),
    )
  })
})
