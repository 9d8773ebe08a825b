import { beforeAll, describe, expect, test } from 'vitest'
import { syntheticRun, syntheticSuite } from '../../../fixtures/synthetic/conformance.ts'
import {
  consentedInterconnection,
  consentReuse,
  type InterconnectionWorld,
  syntheticFiles,
  syntheticTargets,
} from '../../../fixtures/synthetic/interconnection.ts'
import {
  recognitionBundle,
  recognitionTrust,
  syntheticConsent,
} from '../../../fixtures/synthetic/recognition.ts'
import { syntheticEvent } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { Agreement } from '../../../protocol/record/agreement.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'
import { redigest } from './sample.ts'

const now = Date.UTC(2026, 11, 1, 4)

function judge(bytes: Uint8Array | string, day: string, change: Partial<VerifyOptions> = {}): string {
  const text = typeof bytes === 'string' ? encodeUtf8(bytes) : bytes
  const options = { trust: recognitionTrust(), now, at: Date.parse(`${day}T12:00:00+08:00`), ...change }
  const { verdict, findings, standing } = verifyAgreementBundle(text, options)
  const codes = findings.flatMap(({ outcome, code }) => (outcome === 'passed' || !code ? [] : [code]))
  return [verdict, standing?.state ?? '-', ...new Set(codes)].join(' ')
}

const bundleOf = (world: any, agreement: Agreement, files: readonly string[], logs?: any) =>
  recognitionBundle(world, { agreement, texts: files, ...(logs ? { logs } : {}) })

const plainBundle = (world: InterconnectionWorld, files = world.files) =>
  bundleOf(world, world.agreement, files)

describe('a bundle about an interconnection', () => {
  let world: InterconnectionWorld
  let parties: readonly [string, string]
  beforeAll(async () => {
    world = await consentedInterconnection()
    parties = [world.west.member.did, world.east.member.did]
  })

  test('[AGREE-50] [AGREE-70] it answers for any date of its term', async () => {
    const bundle = await plainBundle(world)
    expect(judge(bundle, '2026-02-28')).toBe('rejected upcoming NOT_YET_VALID')
    expect(judge(bundle, '2026-03-01')).toBe('verified effective')
    expect(judge(bundle, '2027-02-28')).toBe('verified effective')
    expect(judge(bundle, '2027-03-01')).toBe('rejected expired EXPIRED')
  })

  test('[AGREE-46] it says each condition by itself, and the place in each log', async () => {
    const at = Date.parse('2026-06-01T12:00:00+08:00')
    const bytes = encodeUtf8(await plainBundle(world))
    const { findings, asOf } = verifyAgreementBundle(bytes, { trust: recognitionTrust(), now, at })
    const lines = findings.flatMap(({ check, detail }) =>
      check === 'standing' ? [detail.zh.slice(0, 2)] : [],
    )
    expect(lines).toEqual(['E1', 'E2', 'E3', 'C1', 'C2', 'C3', 'E5', 'E6', 'E7'])
    expect(asOf?.logs?.map(({ size }) => size)).toEqual([2, 2, 1])
  })

  test('[AGREE-71] a file that is missing leaves it undecided; an altered one is missing', async () => {
    for (const i of [0, 1, 2, 3]) {
      expect(judge(await plainBundle(world, world.files.toSpliced(i, 1)), '2026-06-01')).toBe(
        'undecided undecided CONFORMANCE_MISSING',
      )
      const altered = world.files.with(
        i,
        world.files[i]!.replace('synthetic', 'Synthetic').replace('合成', '合 成'),
      )
      expect(judge(await plainBundle(world, altered), '2026-06-01')).toBe(
        'undecided undecided CONFORMANCE_MISSING',
      )
    }
    const files = { ...syntheticFiles(parties), schema: '{"$schema":"x"}' }
    const other = await consentedInterconnection({}, files)
    expect(judge(await plainBundle(other), '2026-06-01')).toBe(
      'rejected unmet CONFORMANCE_INVALID CONFORMANCE_MISSING',
    )
  })

  test('[AGREE-72] each run is of this suite, by its own party, against the other', async () => {
    const good = syntheticFiles(parties)
    const [first, second] = syntheticTargets
    const of = async (files: typeof good) =>
      judge(await plainBundle(await consentedInterconnection({}, files)), '2026-06-01')
    expect(await of(good)).toBe('verified effective')
    const run = (facts: any) => syntheticRun({ runBy: parties[0], target: second, ...facts })
    for (const change of [
      { target: first },
      { runBy: parties[1] },
      { suite: syntheticSuite({ id: 'another' }) },
      { suite: syntheticSuite({ version: '1.1' }) },
      { suite: syntheticSuite({ schema: digestOf('another') }) },
      { environment: '另一环境' },
      { target: { url: 'http://localhost:7402/other' } },
    ])
      expect(await of({ ...good, runs: [run(change), good.runs[1]] })).toBe(
        'rejected unmet CONFORMANCE_INVALID',
      )
    const forged = run({ failed: ['e1'] })
      .replace('"passed":1', '"passed":2')
      .replace('"failed":1', '"failed":0')
    expect(await of({ ...good, runs: [forged, good.runs[1]] })).toContain('CONFORMANCE_INVALID')
    expect(await of(syntheticFiles(parties, [['e1'], []]))).toBe('rejected unmet CONFORMANCE_FAILED')
    expect(await of(syntheticFiles(parties, [[], ['s1']]))).toBe('rejected unmet CONFORMANCE_FAILED')
    expect(await of(syntheticFiles(parties, [[], ['s3']]))).toBe('verified effective')
  })

  test('[AGREE-73] the interface standard is replaced, amended or revised, and it lapses', async () => {
    for (const [kind, change, lapsed] of [
      ['superseded', {}, '2026-08-01'],
      ['amendment', {}, '2026-08-01'],
      ['amendment', { onRevision: 'grace', graceDays: 10 }, '2026-08-11'],
    ] as const) {
      const own = await consentedInterconnection(change)
      const { id, digest } = own.west.logged[0]!
      own.west.skipTo('2026-08-01T02:00:00Z')
      await own.west.publish(syntheticEvent({ id, digest }, kind, '2026-08-01'))
      const bundle = await plainBundle(own)
      expect(judge(bundle, '2026-07-31')).toBe('verified effective')
      expect(judge(bundle, lapsed)).toBe('rejected lapsed SUPERSEDED')
      if (lapsed !== '2026-08-01') expect(judge(bundle, '2026-08-05')).toBe('verified grace')
    }
  })
})

describe('a bundle about a reuse', () => {
  test('[AGREE-51] proves the recognition too, or leaves the reuse undecided', async () => {
    const world = await syntheticConsent()
    const reuse = await consentReuse(world)
    const bundle = await bundleOf(world, reuse, [world.set])
    expect(judge(bundle, '2026-06-01')).toBe('verified effective')
    expect(judge(await bundleOf(world, reuse, []), '2026-06-01')).toMatch(
      /^undecided undecided MAPPING_MISSING/,
    )
    const value = JSON.parse(bundle)
    for (let i = 0; i < value.records.length; i += 1)
      expect(judge(redigest({ ...value, records: value.records.toSpliced(i, 1) }), '2026-06-01')).toMatch(
        /^undecided/,
      )
    const { west, east, bureau } = world
    for (const logs of [
      [west, east],
      [west, bureau],
      [east, bureau],
    ])
      expect(judge(await bundleOf(world, reuse, [world.set], logs), '2026-06-01')).toMatch(/^undecided/)
  })

  test('[AGREE-52] what rests on a recognition does not speak about it', async () => {
    const world = await syntheticConsent()
    await consentReuse(world)
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
  })

  test('[AGREE-84] the recognition falls, and the reuse is to be disposed of', async () => {
    const world = await syntheticConsent()
    const reuse = await consentReuse(world)
    const { id, digest } = world.east.logged[0]!
    world.east.skipTo('2026-08-01T02:00:00Z')
    await world.east.publish(syntheticEvent({ id, digest }, 'superseded', '2026-08-01'))
    const bundle = await bundleOf(world, reuse, [world.set])
    expect(judge(bundle, '2026-08-30')).toBe('verified effective')
    expect(judge(bundle, '2026-08-31')).toBe('rejected disposal-due SUPERSEDED')
    const verdict = verifyAgreementBundle(encodeUtf8(bundle), {
      trust: recognitionTrust(),
      now,
      at: Date.parse('2026-09-30T12:00:00+08:00'),
    })
    expect(verdict.standing).toMatchObject({ end: '2026-08-31', disposeBy: '2026-11-29' })
  })
})
