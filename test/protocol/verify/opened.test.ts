import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SyntheticLog, syntheticId, syntheticSalt } from '../../../fixtures/synthetic/log.ts'
import { syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { decodeUtf8, encodeHex } from '../../../protocol/bytes.ts'
import { formatTlogProof } from '../../../protocol/log/tlog-proof.ts'
import { proveInclusion } from '../../../protocol/log/tree.ts'
import { type Draft, parseDraft } from '../../../protocol/record/draft.ts'
import { readRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../../../protocol/trust/trust.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { alter, placesOf, replaceAt } from './alter.ts'
import { judge, member, now, openSample, redigest, stranger } from './sample.ts'

const audience = 'bishan-meishan'

function trustOf(group?: string): Trust {
  const registry = syntheticRegistry([member, stranger])
  const members = registry.members.map((entry) => (group === undefined ? entry : { ...entry, group }))
  const project = { id: audience, nameZh: '合成结对', parties: [member.did, stranger.did] }
  const whole = JSON.parse(JSON.stringify({ ...registry, members, projects: [project] }))
  const { registry: read, fingerprint } = readRegistry(whole)
  return openTrust(read, fingerprint)
}

const trust = trustOf('west')
const standard = (n: number, tier: string): Draft =>
  parseDraft({
    ...syntheticStandard(n),
    tier,
    ...(tier === 'pair' ? { audience } : tier === 'group' ? { audience: 'west' } : {}),
  } as never)

/** A bundle about a record of this tier, with one more for the same readers behind it. */
async function bundleOf(tier: string): Promise<any> {
  const log = new SyntheticLog(member)
  for (const draft of [standard(1, tier), standard(2, tier)]) await log.commit(draft)
  return openSample(log, 0)
}

/** What the other party logs of the first entry of a log. */
async function receiptOf({ logged }: SyntheticLog) {
  const other = new SyntheticLog(stranger)
  const { digest } = logged[0]!
  const credentialSubject = { origin: member.origin, index: 0, digest }
  const { entry, document } = await other.commit(
    parseDraft({ type: 'Receipt', tier: 'pair', audience, synthetic: true, credentialSubject } as never),
  )
  const path = proveInclusion(0, 1, other.readTile)
  const proof = formatTlogProof({ index: 0, path, checkpoint: await other.checkpoint() })
  return { entry: decodeUtf8(entry), proof, record: document, salt: encodeHex(syntheticSalt(0)) }
}

const verdict = (value: unknown, by = trust) => judge(redigest(value), { trust: by })

/** Whatever is altered, with the digest made anew, is not verified. */
function expectNoPartFree(whole: any): void {
  const bytes = redigest(whole)
  const places = placesOf(whole).filter((path) => path.length > 0 && path[0] !== 'digest')
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.nat(5), fc.nat(5000), (path, kind, seed) => {
      const text = redigest(replaceAt(whole, path, (old) => alter(old, kind, seed)))
      fc.pre(Buffer.compare(text, bytes) !== 0)
      expect(verifyBundle(text, { trust, now }).verdict).not.toBe('verified')
    }),
    { numRuns: 300 },
  )
}

describe('a file with records that are not public', () => {
  test.each(['federation', 'group', 'pair', 'private'])(
    '[TIER-80] [VERIFY-14] of tier %s says so, and not another, and no part of it may be changed',
    async (tier) => {
      const bundle = await bundleOf(tier)
      expect(verdict(bundle)).toBe('verified')
      expectNoPartFree(bundle)
      for (const contains of ['federation', 'group', 'pair', 'private'])
        if (contains !== tier)
          expect(verdict({ ...bundle, contains })).toBe('rejected LEAF_MISMATCH BUNDLE_MALFORMED unknown')
    },
  )

  test('[TIER-80] opens nothing of other readers', async () => {
    const log = new SyntheticLog(member)
    for (const draft of [standard(1, 'federation'), standard(2, 'private')]) await log.commit(draft)
    const bundle = await openSample(log, 0)
    expect(verdict(bundle)).toBe('rejected BUNDLE_MALFORMED unknown')
    const { openings, records } = bundle
    const own = { ...bundle, openings: openings.slice(0, 1), records: records.slice(0, 1) }
    expect(verdict(own)).toBe('verified')
  })

  test('[TIER-71] [VERIFY-14] a receipt stands beside a record of a pair, shows what it should, and has no extra data', async () => {
    const log = new SyntheticLog(member)
    const edition = { id: syntheticId(member, 255), digest: `sha256:${'0'.repeat(64)}` }
    const event = syntheticEvent(edition, 'review', '2026-02-01')
    await log.commit({ ...event, tier: 'pair', audience } as Draft)
    const act = await openSample(log, 0)
    const receipt = await receiptOf(log)
    expect(verdict(act)).toBe('undecided RECEIPT_MISSING')
    expect(verdict({ ...act, receipts: [receipt] })).toBe('verified')
    expectNoPartFree({ ...act, receipts: [receipt] })
    const extra = receipt.proof.replace('\nindex', '\nextra QUJD\nindex')
    expect(verdict({ ...act, receipts: [{ ...receipt, proof: extra }] })).toBe('rejected PROOF_MALFORMED')
    const junk = { entry: 'zz', proof: 'junk', record: { forged: true }, salt: 'a'.repeat(64) }
    for (const tier of ['federation', 'group', 'private']) {
      const bundle = await bundleOf(tier)
      for (const each of [junk, receipt])
        expect(verdict({ ...bundle, receipts: [each] })).toBe('rejected BUNDLE_MALFORMED')
    }
    const pair = await bundleOf('pair')
    expect(verdict({ ...pair, receipts: [junk] })).toMatch(/^rejected /)
    expect(verdict({ ...pair, receipts: [receipt] })).toBe('rejected LEAF_MISMATCH')
  })

  test('[TIER-2] of a member that is in another group now, nobody can tell where it was', async () => {
    const bundle = redigest(await bundleOf('group'))
    expect(judge(bundle, { trust: trustOf('east') })).toBe('undecided AUDIENCE_MISMATCH')
    const { findings } = verifyBundle(bundle, { trust: trustOf('east'), now })
    expect(findings.find(({ code }) => code === 'AUDIENCE_MISMATCH')).toMatchObject({ outcome: 'unknown' })
  })
})
