import { describe, expect, test } from 'vitest'
import { SyntheticLog, syntheticSalt } from '../../../fixtures/synthetic/log.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { decodeUtf8, encodeHex, encodeUtf8 } from '../../../protocol/bytes.ts'
import { type Draft, parseDraft } from '../../../protocol/record/draft.ts'
import { foldRange } from '../../../protocol/standing/range.ts'
import { verifyOpenedRecord } from '../../../protocol/verify.ts'
import { judge, member, trust } from '../verify/sample.ts'

const forMembers: Draft = { ...syntheticStandard(1), tier: 'federation' }
const other = `c1:${'0'.repeat(64)}`

/** A record for members alone, a disclosure of it, changed, and a public act that ends it. */
async function disclosedLog(change: Record<string, unknown>): Promise<SyntheticLog> {
  const log = new SyntheticLog(member)
  const { id, digest, entry } = await log.commit(forMembers)
  await disclose(log, { digest, commitment: JSON.parse(decodeUtf8(entry)).commitment, ...change })
  await log.publish(syntheticEvent({ id, digest }, 'abolished', '2026-02-01'))
  return log
}

function disclose(log: SyntheticLog, subject: Record<string, unknown>) {
  const credentialSubject = { index: 0, salt: encodeHex(syntheticSalt(0)), ...subject }
  return log.publish(
    parseDraft({ type: 'Disclosure', tier: 'public', synthetic: true, credentialSubject } as never),
  )
}

const verdictAbout = async (log: SyntheticLog) => judge(encodeUtf8(await log.bundle(0)))

describe('a disclosure', () => {
  test('[TIER-40] lets public acts end a record that was for some', async () => {
    expect(await verdictAbout(await disclosedLog({}))).toBe('rejected WITHDRAWN')
  })

  test.each([
    ['with another salt', { salt: 'a'.repeat(64) }],
    ['of another commitment', { commitment: other }],
    ['of another entry', { index: 1 }],
    ['of another record', { digest: `sha256:${'0'.repeat(64)}` }],
  ])('[TIER-40] %s opens nothing, and so no public act ends what it names', async (_, change) => {
    expect(await verdictAbout(await disclosedLog(change))).toBe('verified')
  })

  test('[STAND-8] at most 2,000 that name the record are looked at, and none of another or about a public one', async () => {
    let checked = 0
    const fold = (log: SyntheticLog) => {
      const { id, digest } = log.logged[0]!
      checked = 0
      return foldRange(
        { id, digest, origin: member.origin, index: 0, type: 'StandardRecord' },
        log.logged.map(({ entry }) => decodeUtf8(entry)),
        {
          records: new Map(log.logged.map(({ digest: each, bytes }) => [each, bytes])),
          latest: Date.UTC(2026, 5, 1),
          openings: new Map([[0, { digest, salt: syntheticSalt(0) }]]),
          verify: (entry, opening) => {
            checked += 1
            return verifyOpenedRecord(entry, opening, trust)
          },
        },
      )
    }
    const about = async (log: SyntheticLog, { digest }: { digest: string }) => {
      const { document } = await disclose(log, { digest, commitment: other })
      for (let n = 0; n < 2_000; n += 1) log.append({ ...document, n }, 'Disclosure')
      return log
    }
    const open = new SyntheticLog(member)
    fold(await about(open, await open.publish(syntheticStandard(1))))
    expect(checked).toBe(0)
    const elsewhere = new SyntheticLog(member)
    await elsewhere.commit(forMembers)
    fold(await about(elsewhere, { digest: `sha256:${'0'.repeat(64)}` }))
    expect(checked).toBe(0)
    const closed = new SyntheticLog(member)
    const subject = await closed.commit(forMembers)
    await about(closed, subject)
    expect(() => fold(closed)).toThrow(expect.objectContaining({ code: 'SIZE_LIMIT' }))
  })
})
