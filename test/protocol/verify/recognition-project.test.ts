import { describe, expect, test } from 'vitest'
import { syntheticAct } from '../../../fixtures/synthetic/agreement.ts'
import type { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  project,
  recognitionBundle,
  recognitionTrust,
  say,
  syntheticConsent,
} from '../../../fixtures/synthetic/recognition.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import type { Seen } from '../../../protocol/record/agreement.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import type { Trust } from '../../../protocol/trust/trust.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'

function judge(text: string, day: string, { trust }: { readonly trust: Trust }): string {
  const now = Date.UTC(2027, 11, 1, 4)
  const options = { trust, now, at: Date.parse(`${day}T12:00:00+08:00`) }
  const { verdict, standing } = verifyAgreementBundle(encodeUtf8(text), options)
  return `${verdict} ${standing?.state}`
}

async function saw(log: SyntheticLog, index = log.logged.length - 1): Promise<Seen> {
  const [origin = '', size = '', root = ''] = (await log.checkpoint()).split('\n')
  return { origin, size: Number(size), root, index, digest: log.logged[index]!.digest }
}

describe('a project that is over', () => {
  test('[AGREE-26] whoever consented may leave when the project is over', async () => {
    const world = await syntheticConsent()
    const { west, east, agreement } = world
    const seen = await saw(west)
    east.skipTo('2026-07-01T04:00:00Z')
    await say(east, syntheticAct({ act: 'withdraw', agreement, seen, reason: '合成理由' }))
    const parties = [west.member.did, east.member.did]
    const over = [{ id: project, nameZh: '合成结对', parties, to: '2026-06-01' }]
    const trust = recognitionTrust({ projects: over })
    expect(judge(await recognitionBundle(world), '2026-08-29', { trust })).toBe('verified effective')
    expect(judge(await recognitionBundle(world), '2026-08-30', { trust })).toBe('rejected withdrawn')
  })

  test('[AGREE-27] [TIER-2] of what is for the pair alone, too; whether the other had it, nobody shows then', async () => {
    const world = await syntheticConsent({}, 'pair')
    const { west, east, agreement } = world
    const about = { agreement, tier: 'pair' } as const
    west.skipTo('2026-02-11T04:00:00Z')
    const { origin, index, digest } = await saw(east)
    const credentialSubject = { origin, index, digest }
    const receipt = { type: 'Receipt', tier: 'pair', audience: project, synthetic: true, credentialSubject }
    await say(west, parseDraft(receipt))
    const parties = [west.member.did, east.member.did]
    const over = [{ id: project, nameZh: '合成结对', parties, to: '2026-06-01' }]
    const trust = recognitionTrust({ projects: over })
    const on = async (day: string) =>
      judge(await recognitionBundle(world, { contains: 'pair' }), day, { trust })
    west.skipTo('2026-06-30T04:00:00Z')
    await say(west, syntheticAct({ ...about, act: 'propose' }))
    expect(await on('2026-08-30')).toBe('verified effective')
    east.skipTo('2026-07-01T04:00:00Z')
    await say(east, syntheticAct({ ...about, act: 'withdraw', seen: await saw(west, 1), reason: '合成理由' }))
    expect(await on('2026-08-29')).toBe('verified effective')
    expect(await on('2026-08-30')).toBe('undecided undecided')
    expect(await on('2027-03-01')).toBe('rejected expired')
  })
})
