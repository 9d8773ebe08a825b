import { beforeAll, describe, expect, test } from 'vitest'
import { syntheticAct } from '../../../fixtures/synthetic/agreement.ts'
import type { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  type BundleChange,
  type RecognitionWorld,
  recognitionBundle,
  recognitionTrust,
  sawProposal,
  startRecognition,
  syntheticConsent,
} from '../../../fixtures/synthetic/recognition.ts'
import { syntheticEvent } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'
import { redigest } from './sample.ts'

const now = Date.UTC(2026, 11, 1, 4)

/** The verdict on a day, the state, and the codes of what did not pass. */
function judge(bytes: Uint8Array | string, day: string, change: Partial<VerifyOptions> = {}): string {
  const text = typeof bytes === 'string' ? encodeUtf8(bytes) : bytes
  const options = { trust: recognitionTrust(), now, at: Date.parse(`${day}T12:00:00+08:00`), ...change }
  const { verdict, findings, standing } = verifyAgreementBundle(text, options)
  const codes = findings.flatMap(({ outcome, code, check }) =>
    outcome === 'passed' ? [] : [code ?? `${check} ${outcome}`],
  )
  const failed = [...new Set(codes)].filter((code) => !code.startsWith('validity'))
  return [verdict, standing?.state ?? '-', ...failed].join(' ')
}

const bundleOf = (world: RecognitionWorld, change?: BundleChange) => recognitionBundle(world, change)

async function endEdition(log: SyntheticLog, kind: string, date: string): Promise<void> {
  const { id, digest } = log.logged[0]!
  log.skipTo(`${date}T02:00:00Z`)
  await log.publish(syntheticEvent({ id, digest }, kind, date))
}

describe('a bundle about a recognition', () => {
  let plain: string
  let world: RecognitionWorld
  beforeAll(async () => {
    world = await syntheticConsent()
    plain = await bundleOf(world)
  })

  test('[AGREE-40] it is one canonical line with its own digest; an altered byte is found', () => {
    expect(judge(plain, '2026-06-01')).toBe('verified effective')
    const bytes = encodeUtf8(plain)
    for (const at of [100, 2000, Math.floor(bytes.length / 2), bytes.length - 200]) {
      const altered = Uint8Array.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(judge(altered, '2026-06-01')).not.toContain('verified')
    }
    expect(judge(bytes.subarray(0, -1), '2026-06-01')).toContain('BUNDLE_MALFORMED')
  })

  test('[AGREE-41] it is about the agreement that its digest fixes', () => {
    const value = JSON.parse(plain)
    const other = { ...value, subject: { ...value.subject, digest: digestOf('another') } }
    expect(judge(redigest(other), '2026-06-01')).toBe('undecided - RECORD_UNAVAILABLE standing unknown')
  })

  test('[AGREE-42] each log is whole from its first entry to its checkpoint', () => {
    const value = JSON.parse(plain)
    for (const [i, { entries }] of value.logs.entries()) {
      const logs = value.logs.with(i, { ...value.logs[i], entries: entries.slice(0, -1) })
      expect(judge(redigest({ ...value, logs }), '2026-06-01')).toContain('RANGE_MISSING')
    }
    const swapped = value.logs.with(0, { ...value.logs[0], entries: [...value.logs[0].entries].reverse() })
    expect(judge(redigest({ ...value, logs: swapped }), '2026-06-01')).toContain('RANGE_INVALID')
    const forged = value.logs.with(0, { ...value.logs[0], checkpoint: value.logs[1].checkpoint })
    expect(judge(redigest({ ...value, logs: forged }), '2026-06-01')).toMatch(/^rejected/)
  })

  test('[AGREE-43] a record that may speak and is not there leaves it undecided, whichever it is', () => {
    const value = JSON.parse(plain)
    for (let i = 0; i < value.records.length; i += 1) {
      const without = { ...value, records: value.records.toSpliced(i, 1) }
      expect(judge(redigest(without), '2026-06-01')).toMatch(/^undecided/)
    }
  })

  test('[AGREE-44] a log that is left out leaves it undecided, never verified', async () => {
    const { west, east, bureau } = world
    for (const logs of [[west, east], [west, bureau], [east, bureau], [west]])
      expect(judge(await bundleOf(world, { logs }), '2026-06-01')).toMatch(/^undecided/)
    expect(judge(await bundleOf(world, { texts: [] }), '2026-06-01')).toBe(
      'undecided undecided MAPPING_MISSING',
    )
    expect(judge(await bundleOf(world, { texts: [`${world.set}#\n`] }), '2026-06-01')).toBe(
      'undecided undecided MAPPING_MISSING',
    )
  })

  test('[AGREE-30] it answers for any date, as known at its checkpoints', () => {
    expect(judge(plain, '2026-02-28')).toBe('rejected upcoming NOT_YET_VALID')
    expect(judge(plain, '2026-03-01')).toBe('verified effective')
    expect(judge(plain, '2027-02-28')).toBe('verified effective')
    expect(judge(plain, '2027-03-01')).toBe('rejected expired EXPIRED')
  })

  test('[AGREE-31] without a root of trust, or where the registry knows no such project, nothing is decided', () => {
    expect(judge(plain, '2026-06-01', { trust: undefined })).toMatch(/^undecided - NOT_TRUSTED/)
    expect(judge(plain, '2026-06-01', { trust: recognitionTrust({ projects: [] }) })).toBe(
      'undecided undecided NOT_A_MEMBER',
    )
    const [first, second] = [world.west.member.did, world.bureau.member.did]
    const others = [{ id: 'bishan-meishan', nameZh: '另一结对', parties: [first, second] }]
    expect(judge(plain, '2026-06-01', { trust: recognitionTrust({ projects: others }) })).toContain(
      'ATTESTATION_MISMATCH',
    )
    const over = [
      { id: 'bishan-meishan', nameZh: '合成结对', parties: [first, world.east.member.did], to: '2026-02-05' },
    ]
    expect(judge(plain, '2026-06-01', { trust: recognitionTrust({ projects: over }) })).toMatch(
      /^rejected proposed/,
    )
  })
})

describe('what ends a recognition', () => {
  test('[AGREE-32] an edition that is replaced takes it along, for whoever has the file', async () => {
    const world = await syntheticConsent()
    await endEdition(world.west, 'superseded', '2026-08-01')
    const bundle = await bundleOf(world)
    expect(judge(bundle, '2026-07-31')).toBe('verified effective')
    expect(judge(bundle, '2026-08-01')).toBe('verified grace')
    expect(judge(bundle, '2026-08-31')).toBe('rejected lapsed SUPERSEDED')
  })

  test('[AGREE-39] [AGREE-46] what ended it first is told when its term is over, too', async () => {
    const world = await syntheticConsent()
    await endEdition(world.west, 'superseded', '2026-08-01')
    const bundle = encodeUtf8(await bundleOf(world))
    const at = Date.parse('2027-06-01T12:00:00+08:00')
    const { findings, standing } = verifyAgreementBundle(bundle, { trust: recognitionTrust(), now, at })
    expect(standing).toMatchObject({ state: 'lapsed', end: '2026-08-31', cause: { index: 2 } })
    expect(findings.at(-1)).toMatchObject({
      code: 'SUPERSEDED',
      detail: { zh: expect.stringContaining('失效') },
    })
  })

  test('[AGREE-32] the authority for a number speaks about the number, in its own log', async () => {
    const world = await syntheticConsent()
    const authority = [{ scheme: 'DB-P', prefix: 'DB50', origin: world.bureau.member.origin, from: 0 }]
    const trust = recognitionTrust({ authority })
    expect(judge(await bundleOf(world), '2026-06-01', { trust })).toBe('verified effective')
    const { document } = world.west.logged[0]!
    const { type, tier, synthetic, credentialSubject } = JSON.parse(JSON.stringify(document))
    const { id, digest } = await world.bureau.publish({
      type: type[1],
      tier,
      synthetic,
      credentialSubject,
    } as never)
    world.bureau.skipTo('2026-05-01T02:00:00Z')
    await world.bureau.publish(syntheticEvent({ id, digest }, 'abolished', '2026-05-15'))
    const bundle = await bundleOf(world)
    expect(judge(bundle, '2026-06-20', { trust })).toBe('rejected lapsed WITHDRAWN')
    expect(judge(bundle, '2026-06-20')).toBe('verified effective')
    const { west, east } = world
    expect(judge(await bundleOf(world, { logs: [west, east] }), '2026-06-20', { trust })).toMatch(
      /^undecided/,
    )
  })

  test('[AGREE-26] a withdrawal is in the range, and cannot be left out', async () => {
    const world = await syntheticConsent()
    world.east.skipTo('2026-05-01T02:00:00Z')
    await world.east.publish(
      syntheticAct({
        act: 'withdraw',
        agreement: world.agreement,
        seen: await sawProposal(world),
        reason: '合成理由',
      }),
    )
    const bundle = await bundleOf(world)
    expect(judge(bundle, '2026-06-29')).toBe('verified effective')
    expect(judge(bundle, '2026-06-30')).toBe('rejected withdrawn WITHDRAWN')
    const value = JSON.parse(bundle)
    const cut = (entries: readonly string[]) => entries.slice(0, -1)
    const at = value.logs.findIndex(({ origin }: any) => origin === world.east.member.origin)
    const logs = value.logs.with(at, { ...value.logs[at], entries: cut(value.logs[at].entries) })
    const records = value.records.filter((record: any) => record.credentialSubject.act !== 'withdraw')
    expect(judge(redigest({ ...value, logs, records }), '2026-07-30')).toMatch(/^undecided/)
    expect(judge(redigest({ ...value, records }), '2026-07-30')).toMatch(/^undecided/)
  })

  test('[AGREE-21] acceptances of another text, by the proposer, or of another proposal are none', async () => {
    const accept = async (change: object, by: 'west' | 'east' = 'east', seen: object = {}) => {
      const world = await startRecognition()
      await world.west.publish(syntheticAct({ act: 'propose', agreement: world.agreement }))
      const agreement = { ...world.agreement, ...change }
      await world[by].publish(
        syntheticAct({ act: 'accept', agreement, seen: { ...(await sawProposal(world)), ...seen } }),
      )
      return judge(await bundleOf(world), '2026-06-01')
    }
    expect(await accept({})).toBe('verified effective')
    expect(await accept({ graceDays: 31 })).toContain('rejected proposed ATTESTATION_MISMATCH')
    expect(await accept({ effects: [{ row: 'r1', from: 1, to: 0, effect: 'one-way' }] })).toContain(
      'ATTESTATION_MISMATCH',
    )
    expect(await accept({}, 'west')).toContain('rejected proposed ATTESTATION_SAME_PARTY')
    expect(await accept({}, 'east', { digest: digestOf('x') })).toContain(
      'rejected proposed ATTESTATION_MISMATCH',
    )
  })

  test('[AGREE-45] an acceptance that saw another tree of the proposer is a fork, and rejects', async () => {
    const world = await startRecognition()
    await world.west.publish(syntheticAct({ act: 'propose', agreement: world.agreement }))
    const seen = await sawProposal(world)
    await world.east.publish(
      syntheticAct({
        act: 'accept',
        agreement: world.agreement,
        seen: { ...seen, root: `${'A'.repeat(43)}=` },
      }),
    )
    expect(judge(await bundleOf(world), '2026-06-01')).toContain('LOG_EQUIVOCATION')
    const ahead = await startRecognition()
    await ahead.west.publish(syntheticAct({ act: 'propose', agreement: ahead.agreement }))
    await ahead.east.publish(
      syntheticAct({
        act: 'accept',
        agreement: ahead.agreement,
        seen: { ...(await sawProposal(ahead)), size: 9 },
      }),
    )
    expect(judge(await bundleOf(ahead), '2026-06-01')).toBe('undecided effective CHECKPOINT_STALE')
  })

  test('[AGREE-45] what somebody else says about it decides nothing, and spoils nothing', async () => {
    const world = await syntheticConsent()
    const seen = { ...(await sawProposal(world)), root: `${'A'.repeat(43)}=` }
    await world.bureau.publish(
      syntheticAct({ act: 'withdraw', agreement: world.agreement, seen, reason: '合成理由' }),
    )
    expect(judge(await bundleOf(world), '2026-11-01')).toBe('verified effective')
  })

  test('[AGREE-36] a renewal by both takes its place from its own beginning', async () => {
    const world = await syntheticConsent()
    const { agreement } = world
    const older = { id: agreement.id, digest: agreementDigest(agreement) }
    const renewed = {
      ...agreement,
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
      acceptBy: '2026-10-01',
      effectiveFrom: '2026-10-01',
      validUntil: '2027-10-01',
      supersedes: older,
    }
    world.west.skipTo('2026-09-01T02:00:00Z')
    const { digest } = await world.west.publish(syntheticAct({ act: 'propose', agreement: renewed }))
    const [origin = '', size = '', root = ''] = (await world.west.checkpoint()).split('\n')
    const seen = { origin, size: Number(size), root, index: Number(size) - 1, digest }
    expect(judge(await bundleOf(world), '2026-11-01')).toBe('verified effective')
    world.east.skipTo('2026-09-02T02:00:00Z')
    await world.east.publish(syntheticAct({ act: 'accept', agreement: renewed, seen }))
    expect(judge(await bundleOf(world), '2026-09-30')).toBe('verified effective')
    expect(judge(await bundleOf(world), '2026-10-01')).toBe('rejected renewed SUPERSEDED')
    expect(judge(await bundleOf(world, { agreement: renewed }), '2026-10-01')).toBe('verified effective')
  })

  test('[AGREE-37] the end of the basis ends it', async () => {
    const world = await syntheticConsent()
    await endEdition(world.bureau, 'abolished', '2026-07-01')
    const bundle = await bundleOf(world)
    expect(judge(bundle, '2026-06-30')).toBe('verified effective')
    expect(judge(bundle, '2026-07-01')).toBe('rejected lapsed REVOKED')
  })
})
