import { describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import {
  heavySet,
  inapplicableLine,
  syntheticIndicators,
  syntheticLine,
  syntheticReport,
} from '../../../fixtures/synthetic/report.ts'
import { openExpander } from '../../../protocol/context/expand.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { builtInIndicators, indicatorDigest } from '../../../protocol/record/indicator-set.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const id = 'https://localhost:7401/id/00000000-0000-4000-8000-000000000001'
const edition = (n: number) => ({ id: id.replace(/1$/, String(n)), digest: digestOf(`edition ${n}`) })
const agreement = { id: 'urn:uuid:00000000-0000-4000-8000-0000000000a1', digest: digestOf('agreement') }
const full = () =>
  syntheticReport(
    '2026-Q1',
    [
      syntheticLine(edition(1), 1, 2, {
        clauses: [
          { uid: 'c4-1', executed: true },
          { uid: 'c4-2', executed: false, reason: '尚未配置（合成）' },
        ],
        changeReason: '职能划转（合成）',
        manner: 'direct-use',
        evidence: [{ documentNo: '合成发〔2026〕3号' }, { digest: digestOf('file') }],
        training: { times: 2, people: 61 },
        recognition: agreement,
        reuse: agreement,
        benefits: [{ quantity: '节约公务用车', value: '582', unit: '辆', source: '合成统计' }],
      }),
      inapplicableLine(edition(2)),
    ],
    { functions: ['property', 'canteen'], note: '合成样例' },
  )

type Change = (subject: any) => void
function refusal(make: () => object, change: Change): { code: string; pointer: string | undefined } {
  const draft: any = structuredClone(make())
  change(draft.credentialSubject)
  try {
    parseDraft(draft)
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, pointer: error.place.pointer }
    throw error
  }
  return { code: 'accepted', pointer: undefined }
}

describe('reports of what was carried out', () => {
  test('[RATE-1] [RATE-3] a report with all that it may say is read, and is sound JSON-LD', async () => {
    const expand = await openExpander()
    for (const draft of [full(), syntheticIndicators(heavySet)])
      await expect(expand(composeRecord(draft, { id, issuer: member.did }))).resolves.toBeUndefined()
  })

  test.each<[string, Change]>([
    ['/credentialSubject/period', (s) => Object.assign(s, { period: '2026-Q5' })],
    ['/credentialSubject/period', (s) => Object.assign(s, { period: '2026-1' })],
    ['/credentialSubject/functions/0', (s) => Object.assign(s, { functions: ['物业'] })],
    ['/credentialSubject/lines', (s) => Object.assign(s, { lines: [] })],
    ['/credentialSubject/rate', (s) => Object.assign(s, { rate: '100%' })],
    ['/credentialSubject/lines/0/clausesExecuted', (s) => Object.assign(s.lines[0], { clausesExecuted: -1 })],
    [
      '/credentialSubject/lines/0/clausesExecuted',
      (s) => Object.assign(s.lines[0], { clausesExecuted: 0.5 }),
    ],
    [
      '/credentialSubject/lines/0/benefits/0/value',
      (s) => Object.assign(s.lines[0].benefits[0], { value: 582 }),
    ],
  ])('[RATE-1] the schema refuses what is wrong at %s', (pointer, change) => {
    expect(refusal(full, change)).toEqual({ code: 'SCHEMA_INVALID', pointer })
  })

  test.each<[string, Change]>([
    [
      '/lines/0/clausesExecuted',
      (s) => Object.assign(s.lines[0], { clausesExecuted: 3, clauses: undefined }),
    ],
    ['/lines/0/clausesApplicable', (s) => Object.assign(s.lines[0], { clausesApplicable: 0 })],
    ['/lines/0/clausesApplicable', (s) => delete s.lines[0].clausesApplicable],
    ['/lines/0/clausesExecuted', (s) => delete s.lines[0].clausesExecuted],
    ['/lines/0/reason', (s) => Object.assign(s.lines[0], { reason: '不适用' })],
    ['/lines/0/clauses', (s) => Object.assign(s.lines[0], { clausesExecuted: 2 })],
    ['/lines/0/clauses', (s) => Object.assign(s.lines[0].clauses[1], { uid: 'c4-1' })],
    ['/lines/1/reason', (s) => delete s.lines[1].reason],
    ['/lines/1/clausesExecuted', (s) => Object.assign(s.lines[1], { clausesExecuted: 1 })],
    ['/lines/1/reuse', (s) => Object.assign(s.lines[1], { reuse: agreement })],
    ['/lines/1/edition', (s) => Object.assign(s.lines[1], { edition: s.lines[0].edition })],
    ['/functions', (s) => s.functions.push('canteen')],
  ])('[RATE-2] a line that does not hold together is refused at %s', (pointer, change) => {
    const clean: Change = (subject) => {
      change(subject)
      for (const line of subject.lines)
        for (const name of Object.keys(line)) if (line[name] === undefined) delete line[name]
    }
    expect(refusal(full, clean)).toEqual({
      code: 'RULE_VIOLATED',
      pointer: `/credentialSubject${pointer}`,
    })
  })
})

describe('indicator sets', () => {
  test('[RATE-4] the digest is that of the definition, and other weights are another set', () => {
    expect(indicatorDigest({ ...heavySet })).toBe(indicatorDigest(heavySet))
    expect(indicatorDigest({ ...heavySet, importantWeight: 4 })).not.toBe(indicatorDigest(heavySet))
    const make = () => syntheticIndicators(heavySet)
    const at = (change: Change) => refusal(make, change)
    expect(at((s) => Object.assign(s, { importantWeight: 0 })).code).toBe('RULE_VIOLATED')
    expect(at((s) => Object.assign(s, { ordinaryWeight: 0, importantWeight: 0 })).code).toBe('RULE_VIOLATED')
    expect(at((s) => Object.assign(s, { ordinaryWeight: 1.5 })).code).toBe('SCHEMA_INVALID')
  })

  test('[RATE-5] ui-1 is what it is for ever; another set is named with its digest', () => {
    expect(builtInIndicators).toMatchObject({
      code: 'ui-1',
      importantWeight: 2,
      ordinaryWeight: 1,
      reportWithinDays: 30,
      notApplicableShare: 30,
    })
    expect(indicatorDigest(builtInIndicators)).toBe(
      'sha256:0eeb504f9b18990fb928a5aadca8e9ad6112939aa17e7efb8a3102d01a6fb097',
    )
    const named = (indicatorSet: object) => refusal(full, (s) => Object.assign(s, { indicatorSet }))
    const [pointer, code] = ['/credentialSubject/indicatorSet/digest', 'RULE_VIOLATED']
    expect(named({ code: 'ui-1', digest: digestOf('other') })).toEqual({ code, pointer })
    expect(named({ code: 'ui-2' })).toEqual({ code, pointer })
    expect(named({ code: 'ui-1', digest: indicatorDigest(builtInIndicators) }).code).toBe('accepted')
    expect(named({ code: 'ui-heavy', digest: indicatorDigest(heavySet) }).code).toBe('accepted')
    const renamed = refusal(
      () => syntheticIndicators(heavySet),
      (s) => Object.assign(s, { code: 'ui-1' }),
    )
    expect(renamed).toEqual({ code, pointer: '/credentialSubject/code' })
  })
})
