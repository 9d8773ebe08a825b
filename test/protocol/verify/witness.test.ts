import { describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { syntheticMember, syntheticPolicy, syntheticRegistry } from '../../../fixtures/synthetic/member.ts'
import { concatBytes, encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatNote, parseNote } from '../../../protocol/log/note.ts'
import { keyIdOf } from '../../../protocol/log/signature-line.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { judge, member, now, sampleLog, options as unwitnessed } from './sample.ts'

const bureaus = [1, 2].map((n) => syntheticMember(`合成主管局${n}`, `http://localhost:741${n}`))
const registry = { ...syntheticRegistry([member, ...bureaus]), policy: syntheticPolicy(bureaus) }
const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
const options = { trust: openTrust(parsed.registry, parsed.fingerprint), now }
const log = await sampleLog(3)

/** The bundle of the second entry under a checkpoint that these bureaus cosigned, so many seconds before now. */
async function bundleOf(ages: readonly number[]): Promise<Uint8Array> {
  let note = await log.checkpoint()
  for (const [n, age] of ages.entries()) note = await cosign(note, bureaus[n]!, { at: now - age * 1000 })
  return encodeUtf8(await log.bundle(1, note))
}

describe('a verdict under a policy', () => {
  test('[VERIFY-300] both bureaus have cosigned: verified, and by whom and when', async () => {
    const { verdict, findings, asOf } = verifyBundle(await bundleOf([600, 60]), options)
    expect(verdict).toBe('verified')
    const line = findings.find(({ check }) => check === 'witness')
    expect(line?.detail.zh).toContain('合成主管局1、合成主管局2')
    expect(line?.detail.en).toContain('localhost:7411/witness, localhost:7412/witness')
    expect(findings[findings.findIndex(({ check }) => check === 'witness') - 1]?.check).toBe('checkpoint')
    expect(asOf?.loggedBy).toBe(new Date(now - 60_000).toISOString())
  })

  test.each([[[]], [[600]]])('[VERIFY-300] without the quorum (%j) it is undecided', async (ages) => {
    expect(judge(await bundleOf(ages), options)).toBe('undecided NOT_WITNESSED')
    expect(verifyBundle(await bundleOf(ages), options).asOf).not.toHaveProperty('loggedBy')
  })

  test('[VERIFY-300] where no policy asks, nothing is said of witnesses', async () => {
    const { verdict, findings, asOf } = verifyBundle(await bundleOf([]), unwitnessed)
    expect(verdict).toBe('verified')
    expect(findings.some(({ check }) => check === 'witness')).toBe(false)
    expect(asOf).not.toHaveProperty('loggedBy')
  })

  test('[VERIFY-301] how fresh it is, the newest word of the quorum says, however idle the log', async () => {
    const fresh = async (ages: readonly number[], freshWithin: number) =>
      judge(await bundleOf(ages), { ...options, freshWithin })
    expect(await fresh([600, 60], 120_000)).toBe('verified')
    expect(await fresh([60, 600], 120_000)).toBe('verified')
    expect(await fresh([600, 600], 120_000)).toBe('undecided CHECKPOINT_STALE')
    expect(await fresh([60], 120_000)).toBe('undecided NOT_WITNESSED CHECKPOINT_STALE')
    expect(await fresh([60, -600], 120_000)).toBe('undecided CHECKPOINT_STALE')
  })

  test('[LOG-35] a witness that dates its word beyond every date spoils the note, and nothing else', async () => {
    const [first, second] = bureaus
    const note = await cosign(await log.checkpoint(), first!, { at: now })
    const { text, signatures } = parseNote(note)
    const time = new Uint8Array(8)
    new DataView(time.buffer).setBigUint64(0, 8_700_000_000_000n)
    const message = encodeUtf8(`cosignature/v1\ntime 8700000000000\n${text}`)
    const name = second!.origin.replace(/\/log\/\d+$/, '/witness')
    const id = keyIdOf(name, 0x04, second!.witness.publicKey.raw)
    const line = { name, id, bytes: concatBytes(time, await second!.witness.sign(message)) }
    const spoilt = formatNote({ text, signatures: [...signatures, line] })
    expect(judge(encodeUtf8(await log.bundle(1, spoilt)), options)).toMatch(
      /^rejected CHECKPOINT_SIGNATURE_INVALID/,
    )
  })

  test('[WIT-41] an entry that is dated more than five minutes after its witnesses saw it is rejected', async () => {
    const logged = Date.parse('2026-01-05T01:00:01.000Z')
    const seen = (seconds: number) => bundleOf([0, 0].map(() => (now - logged) / 1000 + seconds))
    expect(judge(await seen(300), options)).toBe('verified')
    expect(judge(await seen(302), options)).toBe('rejected TIME_CONTRADICTED')
  })
})
