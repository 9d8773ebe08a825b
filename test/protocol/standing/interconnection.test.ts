import { describe, expect, test } from 'vitest'
import {
  type Failing,
  syntheticFiles,
  syntheticInterconnection,
} from '../../../fixtures/synthetic/interconnection.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { parseRun } from '../../../protocol/conformance/run.ts'
import { openSchema } from '../../../protocol/conformance/schema.ts'
import { parseSuite } from '../../../protocol/conformance/suite.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { InterconnectionAgreement } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { foldConsent } from '../../../protocol/standing/consent.ts'
import { interconnectionAt } from '../../../protocol/standing/interconnection.ts'
import type { InterconnectionFacts } from '../../../protocol/standing/interconnection-facts.ts'
import { whatIf } from '../../../protocol/standing/what-if.ts'
import { act, east, edition, eventOf, logs, west } from './recognition-sample.ts'

const pinned = edition('west')
const files = syntheticFiles([west, east])

function agreementOf(change: Partial<InterconnectionAgreement> = {}): InterconnectionAgreement {
  return syntheticInterconnection(
    {
      project: 'bishan-meishan',
      parties: [west, east],
      edition: { id: pinned.id, digest: digestOf('west') },
      basis: digestOf('basis'),
      files,
    },
    change,
  )
}

const plain = agreementOf()

function factsOf(
  change: Partial<InterconnectionFacts> = {},
  agreement = plain,
  more: readonly ReturnType<typeof act>[] = [],
  failed: Failing = [[], []],
): InterconnectionFacts {
  const acts = [
    act({ act: 'propose', by: 'west', index: 5, on: '2026-02-01', agreement: agreement as any }),
    act({ act: 'accept', by: 'east', index: 7, on: '2026-02-10', agreement: agreement as any }),
    ...more,
  ]
  const [first, second] = syntheticFiles([west, east], failed).runs
  return {
    consent: foldConsent(agreementDigest(agreement), acts),
    editions: [pinned],
    basis: { documentNo: '合成发〔2026〕1号', issuedOn: '2026-01-02', events: [] },
    missing: [],
    schema: { value: openSchema(encodeUtf8(files.schema)) },
    suite: { value: parseSuite(encodeUtf8(files.suite)) },
    runs: [{ value: parseRun(encodeUtf8(first)) }, { value: parseRun(encodeUtf8(second)) }],
    ...change,
  }
}

function on(day: string, facts = factsOf(), agreement = plain) {
  const { conditions, ...rest } = interconnectionAt(facts, agreement, day)
  const reasons = conditions.flatMap(({ outcome, condition, code }) =>
    outcome === 'passed' ? [] : [`${condition} ${code}`],
  )
  return { ...rest, reasons }
}

describe('an interconnection on a date', () => {
  test('[AGREE-70] consent, term, withdrawal, basis and what is missing are as for a recognition', () => {
    expect(on('2026-06-01')).toMatchObject({ answer: 'effective', state: 'effective', reasons: [] })
    expect(on('2027-03-01')).toMatchObject({ state: 'expired', reasons: ['E5 EXPIRED'] })
    const withdrawal = act({
      act: 'withdraw',
      by: 'east',
      index: 20,
      on: '2026-05-01',
      agreement: plain as any,
    })
    expect(on('2026-06-29', factsOf({}, plain, [withdrawal]))).toMatchObject({ state: 'effective' })
    expect(on('2026-06-30', factsOf({}, plain, [withdrawal]))).toMatchObject({
      state: 'withdrawn',
      reasons: ['E6 WITHDRAWN'],
      cause: { index: 20 },
    })
    expect(on('2026-06-01', factsOf({ missing: [logs.east] })).answer).toBe('undecided')
    expect(on('2026-06-01', factsOf({ basis: undefined })).reasons).toEqual(['E7 BASIS_MISSING'])
    expect(on('2026-06-01', factsOf({ editions: [] })).reasons).toEqual(['E3 RECORD_UNAVAILABLE'])
    expect(on('2026-06-01', factsOf({ stranger: 'NOT_A_MEMBER' })).answer).toBe('undecided')
    expect(on('2026-09-01', factsOf({ renewedOn: '2026-09-01' }))).toMatchObject({
      answer: 'not-effective',
      state: 'renewed',
    })
  })

  test('[AGREE-72] a failure in a file at hand outweighs a file that is missing', () => {
    const failed = factsOf({}, plain, [], [['e1'], []])
    expect(on('2026-06-01', failed)).toMatchObject({ state: 'unmet', reasons: ['C3 CONFORMANCE_FAILED'] })
    const half = { ...failed, runs: [failed.runs[0], undefined] as const }
    expect(on('2026-06-01', half)).toMatchObject({
      answer: 'not-effective',
      reasons: ['C1 CONFORMANCE_MISSING', 'C2 CONFORMANCE_MISSING', 'C3 CONFORMANCE_FAILED'],
    })
    const swapped = factsOf()
    expect(on('2026-06-01', { ...swapped, runs: [swapped.runs[1], swapped.runs[0]] }).reasons).toEqual([
      'C2 CONFORMANCE_INVALID',
    ])
  })

  test('[AGREE-73] any revision of the interface standard ends it, and an amendment', () => {
    const revision = { origin: logs.west, index: 60, recordId: 'x', on: '2026-05-01', changed: [] }
    const revised = factsOf({ editions: [edition('west', { revisions: [revision] })] })
    expect(on('2026-04-30', revised).state).toBe('effective')
    expect(on('2026-05-01', revised)).toMatchObject({
      state: 'lapsed',
      end: '2026-05-01',
      reasons: ['E3 SUPERSEDED'],
      cause: { index: 60 },
    })
    const events = [eventOf('west', 'amendment', '2026-05-01', ['c3'])]
    const grace = agreementOf({ onRevision: 'grace', graceDays: 30 })
    const amended = factsOf({ editions: [edition('west', { events })] }, grace)
    expect(on('2026-05-30', amended, grace)).toMatchObject({ answer: 'effective', state: 'grace' })
    expect(on('2026-05-31', amended, grace)).toMatchObject({ state: 'lapsed', end: '2026-05-31' })
  })

  test('[AGREE-90] what falls with its interface standard is told beforehand', () => {
    const known = { recognitions: [], interconnections: [{ agreement: plain, facts: factsOf() }], reuses: [] }
    const west1 = { id: pinned.id, digest: digestOf('west') }
    expect(whatIf(west1, '2026-08-01', known)).toEqual([
      { kind: 'interconnection', id: plain.id, fallsOn: '2026-08-01', state: 'lapsed', rows: [] },
    ])
    const amended = { ...west1, eventKind: 'amendment', clauses: ['c1'] } as const
    expect(whatIf(amended, '2026-08-01', known)).toMatchObject([{ fallsOn: '2026-08-01' }])
    expect(whatIf({ ...west1, digest: digestOf('x') }, '2026-08-01', known)).toEqual([])
  })
})
