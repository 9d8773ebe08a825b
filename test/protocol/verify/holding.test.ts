import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import {
  consentedInterconnection,
  type InterconnectionWorld,
} from '../../../fixtures/synthetic/interconnection.ts'
import type { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  recognitionBundle,
  recognitionTrust,
  syntheticConsent,
} from '../../../fixtures/synthetic/recognition.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatNote, parseNote } from '../../../protocol/log/note.ts'
import { holdingsOf } from '../../../protocol/standing/holding.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'

const now = Date.UTC(2026, 11, 1, 4)
const at = Date.parse('2026-06-01T12:00:00+08:00')

let world: InterconnectionWorld
beforeAll(async () => {
  world = await consentedInterconnection()
  world.east.skipTo('2026-04-01T02:00:00Z')
  await world.east.publish(syntheticStandard(3))
})

async function judge(
  notes: ReadonlyMap<SyntheticLog, readonly string[]>,
  newest?: (note: string) => Promise<string>,
) {
  const bytes = await recognitionBundle(world as any, {
    agreement: world.agreement,
    texts: world.files,
    notesOf: async (log) => ({
      checkpoint: await (newest ?? (async (note: string) => note))(await log.checkpoint()),
      notes: notes.get(log) ?? [],
    }),
  })
  return verifyAgreementBundle(encodeUtf8(bytes), { trust: recognitionTrust(), now, at })
}

const linesOf = ({ findings }: Awaited<ReturnType<typeof judge>>) =>
  findings.flatMap(({ check, outcome, detail }) => (check === 'holding' ? [[outcome, detail.zh]] : []))

const day = (month: number) => Date.UTC(2026, month - 1, 1, 4)
const member = (log: SyntheticLog) => log.member

describe('what each party holds of the other’s log, beside an interconnection', () => {
  test('[AGREE-74] [AGREE-75] the largest size that the holder of the other cosigned, and since when', async () => {
    const { west, east } = world
    const held = new Map([
      [
        east,
        [
          await cosign(await east.checkpointAt(2), member(west), { at: day(3), role: 'holder' }),
          await cosign(await east.checkpointAt(3), member(west), { at: day(5), role: 'holder' }),
          await cosign(await east.checkpointAt(3), member(west), { at: day(4), role: 'holder' }),
        ],
      ],
      [west, [await cosign(await west.checkpointAt(1), member(east), { at: day(2), role: 'holder' })]],
    ])
    const verdict = await judge(held)
    expect(verdict.verdict).toBe('verified')
    expect(verdict.standing?.holdings).toEqual([
      { by: west.member.did, origin: east.member.origin, size: 3, since: '2026-04-01T04:00:00.000Z' },
      { by: east.member.did, origin: west.member.origin, size: 1, since: '2026-02-01T04:00:00.000Z' },
    ])
    expect(linesOf(verdict)).toEqual([
      ['passed', expect.stringMatching(/前3条.*2026-04-01/)],
      ['passed', expect.stringMatching(/前1条.*2026-02-01/)],
    ])
  })

  test('[AGREE-74] without one that is said, and the answer is the same', async () => {
    const verdict = await judge(new Map())
    expect([verdict.verdict, verdict.standing?.state]).toEqual(['verified', 'effective'])
    expect(verdict.standing?.holdings?.map(({ size }) => size)).toEqual([undefined, undefined])
    for (const [, text] of linesOf(verdict)) expect(text).toContain('未见其持有')
    const recognition = await syntheticConsent()
    const bytes = encodeUtf8(await recognitionBundle(recognition))
    expect(verifyAgreementBundle(bytes, { trust: recognitionTrust(), now, at }).standing?.holdings).toBe(
      undefined,
    )
  })

  test('[AGREE-74] a witness, the log’s own holder, a third one, and a key that the registry does not have count for nothing', async () => {
    const { west, east, bureau } = world
    const note = await east.checkpointAt(3)
    const stranger = { ...member(west), holder: member(bureau).holder }
    const notes = [
      await cosign(note, member(west), { at: day(4) }),
      await cosign(note, member(east), { at: day(4), role: 'holder' }),
      await cosign(note, member(bureau), { at: day(4), role: 'holder' }),
      await cosign(note, stranger, { at: day(4), role: 'holder' }),
      await cosign(note, member(west), { at: Date.UTC(1999, 0, 1), role: 'holder' }),
    ]
    const verdict = await judge(new Map([[east, notes]]))
    expect(verdict.verdict).toBe('verified')
    expect(verdict.standing?.holdings?.map(({ size }) => size)).toEqual([undefined, undefined])
  })

  test('[AGREE-74] [AGREE-75] a forged line under the holder’s key refuses its note, and a line over another tree is a fork', async () => {
    const { west, east } = world
    const sound = await cosign(await east.checkpointAt(3), member(west), { at: day(4), role: 'holder' })
    const { text, signatures } = parseNote(sound)
    const forged = signatures.map((line, i) =>
      i === 1 ? { ...line, bytes: line.bytes.with(20, line.bytes[20]! ^ 1) } : line,
    )
    const refused = await judge(new Map([[east, [formatNote({ text, signatures: forged })]]]))
    expect(refused.verdict).toBe('rejected')
    expect(refused.findings.flatMap(({ code }) => code ?? [])).toContain('CHECKPOINT_SIGNATURE_INVALID')
    expect(refused.standing?.holdings?.some(({ size }) => size !== undefined) ?? false).toBe(false)
    const fork = (await east.checkpointAt(2)).replace(/\n2\n/, '\n3\n')
    expect((await judge(new Map([[east, [fork]]]))).verdict).toBe('rejected')
  })

  test('[AGREE-74] the order of the words changes nothing, and words of others add nothing', () => {
    const { trust, agreement, west, east, bureau } = world
    const origins = [west, east, bureau].map((log) => log.member.origin)
    const word = fc.record({
      by: fc.constantFrom(...[west, east, bureau].map((log) => log.member.did)),
      origin: fc.constantFrom(...origins),
      size: fc.integer({ min: 1, max: 5 }),
      time: fc.integer({ min: 1, max: 1_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.nat(), (holders, seed) => {
        const found = holdingsOf({ trust, holders }, agreement)
        const turned = holders.map((_, i) => holders[(i + seed) % holders.length]!)
        expect(holdingsOf({ trust, holders: turned.toReversed() }, agreement)).toEqual(found)
        for (const { by, origin, size, since } of found) {
          const own = holders.filter((one) => one.by === by && one.origin === origin)
          const most = Math.max(...own.map((one) => one.size))
          const first = Math.min(...own.filter((one) => one.size === most).map(({ time }) => time))
          expect([size, since]).toEqual(
            own.length === 0 ? [undefined, undefined] : [most, new Date(first * 1000).toISOString()],
          )
        }
      }),
    )
  })

  test('[AGREE-75] a line in the checkpoint of the file counts too', async () => {
    const { west, east } = world
    const verdict = await judge(new Map(), async (note) => {
      const both = await cosign(note, member(west), { at: day(6), role: 'holder' })
      return cosign(both, member(east), { at: day(7), role: 'holder' })
    })
    expect(verdict.standing?.holdings).toMatchObject([
      { by: west.member.did, size: 3, since: '2026-06-01T04:00:00.000Z' },
      { by: east.member.did, size: 2, since: '2026-07-01T04:00:00.000Z' },
    ])
  })
})
