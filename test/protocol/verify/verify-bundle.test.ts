import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticRegistry, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { checks, outcomeOf, verdictOf } from '../../../protocol/verdict.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import {
  judge,
  member,
  now,
  openSample,
  options,
  publishEvent,
  redigest,
  sampleLog,
  stranger,
  trust,
} from './sample.ts'

const day = 86_400_000

function trustWith(change: (registry: any) => void) {
  const registry: any = structuredClone(syntheticRegistry([member]))
  change(registry)
  const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
  return openTrust(parsed.registry, parsed.fingerprint)
}

async function bundleOf(log: SyntheticLog, index: number): Promise<Uint8Array> {
  return encodeUtf8(await log.bundle(index))
}

const log = await sampleLog(4)
const bytes = await bundleOf(log, 1)

describe('the argument', () => {
  test('[VERIFY-1] one failure rejects, failing that one gap leaves it undecided, only then is it verified', () => {
    const line = (outcome: 'passed' | 'failed' | 'unknown') => ({
      check: 'form' as const,
      outcome,
      detail: { zh: '', en: '' },
    })
    expect(verdictOf([line('passed'), line('unknown'), line('failed')])).toBe('rejected')
    expect(verdictOf([line('passed'), line('unknown')])).toBe('undecided')
    expect(verdictOf([line('passed')])).toBe('verified')
    expect(verdictOf([])).toBe('undecided')
  })

  test('[VERIFY-1] its lines stand in the order of the argument, each with Chinese and English', () => {
    const { verdict, findings } = verifyBundle(bytes, { ...options, freshWithin: 365 * day })
    expect(verdict).toBe('verified')
    const elsewhere = ['witness', 'readers', 'receipt', 'holding']
    const asked = checks.filter((check) => !elsewhere.includes(check))
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(asked)
    for (const { detail } of findings)
      expect([detail.zh, detail.en].every((text) => text.length > 3)).toBe(true)
  })

  test('[VERIFY-2] what the reader lacks is unknown, what the file has wrong is failed', () => {
    for (const code of [
      'NOT_TRUSTED',
      'NOT_A_MEMBER',
      'NOT_WITNESSED',
      'INCLUSION_MISSING',
      'RANGE_MISSING',
      'CHECKPOINT_STALE',
      'PEER_TIMEOUT',
      'SIZE_LIMIT',
    ] as const)
      expect(outcomeOf(code), code).toBe('unknown')
    for (const code of [
      'BUNDLE_MALFORMED',
      'JSON_MALFORMED',
      'SIGNATURE_INVALID',
      'KEY_NOT_FOUND',
      'INCLUSION_INVALID',
      'SUPERSEDED',
    ] as const)
      expect(outcomeOf(code), code).toBe('failed')
    expect(judge(encodeUtf8('{}'))).toBe('rejected BUNDLE_MALFORMED')
    expect(judge(encodeUtf8(''))).toBe('rejected BUNDLE_MALFORMED')
  })

  test('[VERIFY-2] a proof that is not there is never held against the file, whatever else is', async () => {
    const value = await openSample(log, 1)
    value.proofs = []
    expect(judge(redigest(value))).toBe('undecided INCLUSION_MISSING unknown')
    value.ranges[0].entries.reverse()
    expect(judge(redigest(value))).toBe('rejected INCLUSION_MISSING unknown RANGE_INVALID')
  })

  test('[VERIFY-3] without a root of trust nothing is decided', () => {
    expect(judge(bytes, { trust: undefined })).toBe('undecided NOT_TRUSTED unknown')
  })

  test('[VERIFY-4] an issuer that the registry does not know is undecided', () => {
    expect(judge(bytes, { trust: syntheticTrust([stranger]) })).toBe('undecided NOT_A_MEMBER unknown')
  })

  test("[VERIFY-4] a member's record in another member's log is rejected", async () => {
    const foreign = new SyntheticLog(stranger)
    await foreign.publish(syntheticStandard(9))
    foreign.append(log.logged[0]!.document, 'StandardRecord')
    const both = syntheticTrust([member, stranger])
    expect(judge(await bundleOf(foreign, 1), { trust: both })).toContain('ISSUER_MISMATCH')
  })

  test('[VERIFY-5] a checkpoint counts by a key of that log, valid for its size', async () => {
    const other = trustWith((registry) => {
      registry.members[0].origins[0].vkey = [
        { key: formatVerifierKey(verifierKeyOf(member.origin, stranger.log.publicKey)), from: 0 },
      ]
    })
    expect(judge(bytes, { trust: other })).toBe('rejected CHECKPOINT_SIGNATURE_INVALID unknown')
    const closed = trustWith((registry) => {
      registry.members[0].origins[0].closed = { size: 3, root: `${'A'.repeat(43)}=`, reason: 'x' }
    })
    expect(judge(bytes, { trust: closed })).toBe('rejected BEYOND_CLOSE unknown')
  })

  test('[TRUST-10] of a closed log the closed tree counts, another of its size is refused, a smaller proves nothing', () => {
    const { root } = verifyBundle(bytes, options).asOf ?? { root: '' }
    const closedAt = (size: number, pinned: string) =>
      trustWith((registry) => {
        registry.members[0].origins[0].closed = { size, root: pinned, reason: 'x' }
      })
    expect(judge(bytes, { trust: closedAt(4, root) })).toBe('verified')
    expect(judge(bytes, { trust: closedAt(4, `${'A'.repeat(43)}=`) })).toBe(
      'rejected CONSISTENCY_INVALID unknown',
    )
    expect(judge(bytes, { trust: closedAt(5, root) })).toBe('undecided INCLUSION_MISSING unknown')
  })

  test('[VERIFY-5] signatures of unknown keys beside it count for nothing, and the line says so', async () => {
    const value = await openSample(log, 1)
    const extra = `\u2014 example.org/witness ${Buffer.alloc(76, 7).toString('base64')}\n`
    value.proofs[0].proof += extra
    value.ranges[0].checkpoint += extra
    const { verdict, findings } = verifyBundle(redigest(value), options)
    expect(verdict).toBe('verified')
    expect(findings.find(({ check }) => check === 'checkpoint')?.detail.en).toContain('1 other signature')
  })

  test('[VERIFY-6] a proof for another index, leaf or root is rejected', async () => {
    const value = await openSample(log, 1)
    const wrong = (await openSample(log, 2)).proofs[0].proof
    expect(judge(redigest({ ...value, proofs: [{ ...value.proofs[0], proof: wrong }] }))).toContain(
      'INDEX_MISMATCH',
    )
    const renumbered = value.proofs[0].proof.replace('\nindex 1\n', '\nindex 2\n')
    expect(
      judge(
        redigest({
          ...value,
          subject: { ...value.subject, index: 2 },
          proofs: [{ ...value.proofs[0], proof: renumbered }],
        }),
      ),
    ).toContain('INCLUSION_INVALID')
  })

  test('[VERIFY-7] an entry that names another log, index, digest, id or type than the record is rejected', async () => {
    for (const [change, code] of [
      [{ log: 'localhost:7409/log/1' }, 'LOG_ORIGIN_MISMATCH'],
      [{ index: 7 }, 'INDEX_MISMATCH'],
      [{ type: 'LifecycleEvent' }, 'LEAF_MISMATCH'],
      [{ at: '2026-07-05T00:00:00.000Z' }, 'TIME_IN_FUTURE'],
    ] as const) {
      const odd = await sampleLog(1)
      const source = await sampleLog(2)
      odd.append(source.logged[1]!.document, 'StandardRecord', change)
      expect(judge(await bundleOf(odd, 1)), code).toContain(`rejected ${code}`)
    }
  })

  test('[VERIFY-7] another record in the place of the subject is rejected, and the argument shows what else is wrong', async () => {
    const value = await openSample(log, 1)
    value.records[0].credentialSubject.titleZh = '另一标题'
    const { verdict, findings, asOf } = verifyBundle(redigest(value), options)
    expect(verdict).toBe('rejected')
    const failed = findings.filter(({ outcome }) => outcome === 'failed')
    expect(failed.map(({ check, code }) => `${check} ${code}`)).toEqual([
      'entry LEAF_MISMATCH',
      'proof SIGNATURE_INVALID',
      'range BUNDLE_MALFORMED',
    ])
    expect(asOf?.size).toBe(4)
  })

  test('[VERIFY-8] a record altered after signing is rejected, also when log and file agree with it', async () => {
    const odd = await sampleLog(1)
    const changed: any = structuredClone((await sampleLog(2)).logged[1]!.document)
    changed.credentialSubject.titleZh = '另一标题'
    odd.append(changed, 'StandardRecord')
    expect(judge(await bundleOf(odd, 1))).toBe('rejected SIGNATURE_INVALID')
    const { verdict } = verifyBundle(await bundleOf(odd, 1), { ...options, trust: undefined })
    expect(verdict).toBe('rejected')
  })

  test('[VERIFY-8] a key outside its range of indices is rejected', () => {
    const late = trustWith((registry) => {
      registry.members[0].keys[0].valid[0].from = 2
    })
    expect(judge(bytes, { trust: late })).toContain('rejected KEY_NOT_VALID_AT_TIME')
  })

  test('[VERIFY-9] a member suspended at the entry is rejected', () => {
    const suspended = trustWith((registry) => {
      registry.members[0].status.push({ status: 'suspended', origin: member.origin, size: 1 })
    })
    expect(judge(bytes, { trust: suspended })).toContain('rejected MEMBER_SUSPENDED')
    expect(
      judge(bytes, {
        trust: trustWith((registry) =>
          registry.members[0].status.push({ status: 'suspended', origin: member.origin, size: 2 }),
        ),
      }),
    ).toBe('verified')
  })
})

describe('what came after', () => {
  test('[VERIFY-10] the range recomputes the root of the checkpoint, and no record is there that it does not name', async () => {
    const value = await openSample(log, 1)
    value.ranges[0].left = [`${'A'.repeat(43)}=`]
    expect(judge(redigest(value))).toBe('rejected RANGE_INVALID unknown')
  })

  test('[VERIFY-11] an event that ends the edition by the day asked rejects it, and names itself', async () => {
    const ended = await sampleLog(3)
    const event = await publishEvent(ended, 1, 'abolished', '2026-03-01')
    const file = await bundleOf(ended, 1)
    const { verdict, findings } = verifyBundle(file, options)
    expect(verdict).toBe('rejected')
    const line = findings.find(({ check }) => check === 'standing')
    expect(line?.code).toBe('WITHDRAWN')
    expect(line?.detail.zh).toContain(`index=3, event=${event.id}`)
    expect(judge(file, { at: Date.UTC(2026, 1, 27) })).toBe('verified')
    expect(judge(file, { at: Date.UTC(2026, 1, 28, 16) }), 'the day begins in Shanghai').toBe(
      'rejected WITHDRAWN',
    )
    expect(judge(await bundleOf(ended, 2))).toBe('verified')
  })

  test('[VERIFY-11] what ended stays ended to the last moment that can be asked about', async () => {
    const ended = await sampleLog(1)
    await publishEvent(ended, 0, 'abolished', '2026-03-01')
    const file = await bundleOf(ended, 0)
    for (const at of ['9999-12-31T15:59:59.999Z', '9999-12-31T16:00:00Z', '9999-12-31T23:59:59-14:00'])
      expect(judge(file, { at: Date.parse(at) }), at).toBe('rejected WITHDRAWN')
    for (const at of ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00+14:00'])
      expect(judge(file, { at: Date.parse(at) }), at).toBe('verified')
  })

  test('[VERIFY-11] a later record that revises it rejects it', async () => {
    const revised = await sampleLog(2)
    const { id, digest } = revised.logged[0]!
    await revised.publish({ ...syntheticStandard(7), revisionOf: { id, digest } })
    expect(judge(await bundleOf(revised, 0))).toBe('rejected SUPERSEDED')
    expect(judge(await bundleOf(revised, 1))).toBe('verified')
    expect(judge(await bundleOf(revised, 2))).toBe('verified')
  })

  test('[VERIFY-11] acts about another text of the same id change nothing', async () => {
    const named = await sampleLog(2)
    const edition = { id: named.logged[0]!.id, digest: named.logged[1]!.digest }
    await named.publish({ ...syntheticStandard(7), revisionOf: edition })
    await named.publish(syntheticEvent(edition, 'abolished', '2026-03-01'))
    expect(judge(await bundleOf(named, 0))).toBe('verified')
  })

  test('[VERIFY-11] a faulty act is ignored, as everybody ignores it', async () => {
    const odd = await sampleLog(2)
    const { id, digest } = odd.logged[0]!
    const other = new SyntheticLog(member)
    const event: any = structuredClone(
      (await other.publish(syntheticEvent({ id, digest }, 'abolished', '2026-03-01'))).document,
    )
    event.credentialSubject.date = '2026-04-01'
    odd.append(event, 'LifecycleEvent')
    expect(judge(await bundleOf(odd, 0))).toBe('verified')
  })

  test('[VERIFY-11] an entry dated in the future hides no act that follows it', async () => {
    const odd = await sampleLog(1)
    odd.append((await sampleLog(2)).logged[1]!.document, 'StandardRecord', { at: '2036-01-01T00:00:00.000Z' })
    await publishEvent(odd, 0, 'abolished', '2026-03-01')
    expect(judge(await bundleOf(odd, 0))).toBe('rejected WITHDRAWN')
  })

  test('[VERIFY-11] an act under an id that was used before is ignored', async () => {
    const odd = await sampleLog(1)
    const { id, digest } = odd.logged[0]!
    const review = await odd.publish(syntheticEvent({ id, digest }, 'review', '2026-03-01'))
    const twin = new SyntheticLog(member)
    await twin.publish(syntheticStandard(0))
    const second = await twin.publish(syntheticEvent({ id, digest }, 'abolished', '2026-03-02'))
    expect(second.id).toBe(review.id)
    odd.append(second.document, 'LifecycleEvent')
    expect(judge(await bundleOf(odd, 0))).toBe('verified')
  })

  test('[VERIFY-11] a later record of a type that only a later version knows leaves it undecided', async () => {
    const odd = await sampleLog(2)
    const later: any = { ...structuredClone(odd.logged[1]!.document), about: [odd.logged[0]!.id] }
    later.type = ['VerifiableCredential', 'Revocation']
    odd.append(later, 'Revocation')
    expect(judge(await bundleOf(odd, 0))).toBe('undecided RANGE_MISSING')
  })

  test('[VERIFY-11] of a copy that was logged again only what came after it is told, and that is said', async () => {
    const log = await sampleLog(1)
    await publishEvent(log, 0, 'abolished', '2026-02-01')
    log.append(log.logged[0]!.document, 'StandardRecord')
    const told = async (index: number) => {
      const { verdict, findings } = verifyBundle(encodeUtf8(await log.bundle(index)), options)
      return [verdict, findings.find(({ check }) => check === 'standing')?.detail.zh]
    }
    expect((await told(0))[0]).toBe('rejected')
    expect(await told(2)).toEqual(['verified', expect.stringMatching(/^自第2条起，至/)])
  })

  test('[VERIFY-12] outside its stated validity it is rejected', async () => {
    const bounded = new SyntheticLog(member)
    await bounded.publish({
      ...syntheticStandard(1),
      validFrom: '2026-05-01T00:00:00Z',
      validUntil: '2026-07-01T00:00:00+08:00',
    })
    const file = await bundleOf(bounded, 0)
    expect(judge(file)).toBe('verified')
    expect(judge(file, { at: Date.UTC(2026, 3, 30) })).toBe('rejected NOT_YET_VALID')
    expect(judge(file, { at: Date.UTC(2026, 5, 30, 16) })).toBe('rejected EXPIRED')
  })

  test('[VERIFY-13] fresh enough is told by the newest sound entry alone, and otherwise cannot be told', async () => {
    const asked = { now: Date.UTC(2026, 0, 5, 1, 10) }
    expect(judge(bytes, { ...asked, freshWithin: 15 * 60_000 })).toBe('verified')
    expect(judge(bytes, { ...asked, freshWithin: 60_000 })).toBe('undecided CHECKPOINT_STALE')
    expect(judge(bytes, { now, freshWithin: day })).toBe('undecided CHECKPOINT_STALE')
    const future = await sampleLog(1)
    const source = await sampleLog(2)
    future.append(source.logged[1]!.document, 'StandardRecord', { at: '2036-01-01T00:00:00.000Z' })
    expect(judge(await bundleOf(future, 0), { ...asked, freshWithin: 1000 })).toBe(
      'undecided CHECKPOINT_STALE',
    )
  })

  test('[VERIFY-14] the verdict names what it rests on: log, size, root, time, registry', () => {
    const { asOf, lifecycle } = verifyBundle(bytes, options)
    expect(asOf).toMatchObject({
      origin: member.origin,
      size: 4,
      loggedAt: '2026-01-05T01:00:03.000Z',
      registry: { version: 1, fingerprint: trust.fingerprint },
    })
    expect(lifecycle?.state).toBe('in-force')
  })
})
