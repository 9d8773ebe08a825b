import { beforeAll, describe, expect, test } from 'vitest'
import { syntheticAct } from '../../../fixtures/synthetic/agreement.ts'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  bureaus,
  project,
  type RecognitionWorld,
  recognitionBundle,
  recognitionTrust,
  sawProposal,
  say,
  startRecognition,
  syntheticConsent,
  witnessedNote,
  witnessedTrust,
} from '../../../fixtures/synthetic/recognition.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import type { RecognitionAgreement } from '../../../protocol/record/agreement.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'

const trust = witnessedTrust()
const checked = '2026-06-01T01:00:00Z'
const now = Date.UTC(2026, 11, 1, 4)

type Notes = (world: RecognitionWorld) => Promise<ReadonlyMap<SyntheticLog, readonly string[]>>

/** The file with checkpoints that both bureaus saw on 1 June, and with older notes. */
async function bundleOf(
  world: RecognitionWorld,
  notes: Notes = async () => new Map(),
  change: { readonly contains?: 'pair'; readonly checkpoint?: (log: SyntheticLog) => Promise<string> } = {},
): Promise<string> {
  const { checkpoint: newest = (log: SyntheticLog) => witnessedNote(log, checked), ...rest } = change
  const older = await notes(world)
  const notesOf = async (log: SyntheticLog) => ({
    checkpoint: await newest(log),
    notes: older.get(log) ?? [],
  })
  return recognitionBundle(world, { ...rest, notesOf })
}

function judge(text: string, day: string): string {
  const at = Date.parse(`${day}T12:00:00+08:00`)
  const { verdict, findings, standing } = verifyAgreementBundle(encodeUtf8(text), { trust, now, at })
  const codes = findings.flatMap(({ outcome, code }) => (outcome === 'passed' || !code ? [] : [code]))
  return [verdict, standing?.state ?? '-', standing?.start ?? '-', ...new Set(codes)].join(' ')
}

/** Acts seen on the days after they were logged. */
const inTime: Notes = async ({ west, east }) =>
  new Map([
    [west, [await witnessedNote(west, '2026-02-03T02:00:00Z')]],
    [east, [await witnessedNote(east, '2026-02-11T02:00:00Z')]],
  ])

describe('a recognition where both bureaus must have seen the logs', () => {
  let world: RecognitionWorld
  beforeAll(async () => {
    world = await syntheticConsent()
  })

  test('[AGREE-42] [AGREE-24] notes say by when both acts were logged, and so since when it holds', async () => {
    const bundle = await bundleOf(world, inTime)
    expect(judge(bundle, '2026-02-28')).toBe('rejected upcoming 2026-03-01 NOT_YET_VALID')
    expect(judge(bundle, '2026-03-01')).toBe('verified effective 2026-03-01')
    expect(judge(bundle, '2027-03-01')).toBe('rejected expired 2026-03-01 EXPIRED')
  })

  test('[AGREE-24] without notes an act is known to be there by the checkpoint alone, and before that nothing can be told', async () => {
    expect(judge(await bundleOf(world), '2026-06-01')).toBe('undecided undecided - NOT_WITNESSED')
    const one: Notes = async ({ east }) =>
      new Map([[east, [await witnessedNote(east, '2026-02-11T02:00:00Z')]]])
    // The proposal may have been logged as late as the checkpoint says.
    expect(judge(await bundleOf(world, one), '2026-05-31')).toBe(
      'undecided undecided 2026-06-01 NOT_WITNESSED',
    )
    expect(judge(await bundleOf(world, one), '2026-06-01')).toBe('verified effective 2026-06-01')
  })

  test('[AGREE-24] an acceptance that was logged after acceptBy is none; one seen later may have been in time', async () => {
    const seenAt =
      (moment: string): Notes =>
      async ({ west, east }) =>
        new Map([
          [west, [await witnessedNote(west, '2026-02-03T02:00:00Z')]],
          [east, [await witnessedNote(east, moment)]],
        ])
    // Midnight of Shanghai is 16:00 UTC.
    const on = async (moment: string) => judge(await bundleOf(world, seenAt(moment)), '2026-06-01')
    expect(await on('2026-02-28T15:59:59Z')).toBe('verified effective 2026-03-01')
    expect(await on('2026-02-28T16:00:00Z')).toBe('undecided undecided - NOT_WITNESSED')
    const late = await startRecognition()
    late.west.skipTo('2026-02-02T02:00:00Z')
    await late.west.publish(syntheticAct({ act: 'propose', agreement: late.agreement }))
    late.east.skipTo('2026-02-28T16:00:01Z')
    const seen = await sawProposal(late)
    await late.east.publish(syntheticAct({ act: 'accept', agreement: late.agreement, seen }))
    expect(judge(await bundleOf(late), '2026-06-01')).toBe('rejected rejected 2026-06-01 EXPIRED')
  })

  test('[AGREE-27] an act after the end of the project is none, and dated back it is undecided', async () => {
    const { registry } = witnessedTrust()
    const parties = [world.west.member.did, world.east.member.did]
    const over = (to: string) =>
      recognitionTrust({
        ...registry,
        projects: [{ id: project, nameZh: '合成结对', parties, to }],
      })
    const bundle = encodeUtf8(await bundleOf(world, inTime))
    const on = (bytes: Uint8Array, to: string) => {
      const at = Date.parse('2026-06-20T12:00:00+08:00')
      const { verdict, standing } = verifyAgreementBundle(bytes, { trust: over(to), now, at })
      return `${verdict} ${standing?.state}`
    }
    // Accepted on 10 February, and seen on the 11th.
    expect(on(bundle, '2026-02-12')).toBe('verified effective')
    expect(on(bundle, '2026-02-11')).toBe('undecided undecided')
    expect(on(bundle, '2026-02-10')).toBe('rejected proposed')
  })

  test('[AGREE-24] it begins when the later act was seen, and before that not for certain', async () => {
    const slow = await syntheticConsent({ acceptBy: '2026-12-31' })
    const notes: Notes = async ({ west, east }) =>
      new Map([
        [west, [await witnessedNote(west, '2026-02-03T02:00:00Z')]],
        [east, [await witnessedNote(east, '2026-04-09T20:00:00Z')]],
      ])
    const bundle = await bundleOf(slow, notes)
    expect(judge(bundle, '2026-02-28')).toBe('rejected upcoming 2026-04-10 NOT_YET_VALID')
    expect(judge(bundle, '2026-03-01')).toBe('undecided undecided 2026-04-10 NOT_WITNESSED')
    expect(judge(bundle, '2026-04-09')).toBe('undecided undecided 2026-04-10 NOT_WITNESSED')
    expect(judge(bundle, '2026-04-10')).toBe('verified effective 2026-04-10')
  })

  test('[AGREE-42] a log whose checkpoint they have not all seen proves nothing', async () => {
    const { west, east, bureau } = world
    for (const unseen of [west, east]) {
      const checkpoint = async (log: SyntheticLog) =>
        log === unseen
          ? cosign(await log.checkpoint(), bureaus[0], { at: Date.parse(checked) })
          : witnessedNote(log, checked)
      expect(judge(await bundleOf(world, inTime, { checkpoint }), '2026-06-01')).toMatch(
        /^undecided .*NOT_WITNESSED/,
      )
    }
    // A bureau is no witness of its own log: there the other one is enough.
    const other = async (log: SyntheticLog) =>
      log === bureau
        ? cosign(await log.checkpoint(), bureaus[1], { at: Date.parse(checked) })
        : witnessedNote(log, checked)
    expect(judge(await bundleOf(world, inTime, { checkpoint: other }), '2026-06-01')).toMatch(/^verified/)
  })

  test('[AGREE-42] a note that one bureau alone has seen, or that is over less than the act, says nothing', async () => {
    const alone: Notes = async ({ west, east }) =>
      new Map([
        [west, [await witnessedNote(west, '2026-02-03T02:00:00Z')]],
        [
          east,
          [
            await witnessedNote(east, '2026-02-01T02:00:00Z', 1),
            await cosign(await east.checkpoint(), bureaus[1], { at: Date.parse('2026-02-11T02:00:00Z') }),
          ],
        ],
      ])
    expect(judge(await bundleOf(world, alone), '2026-06-01')).toBe('undecided undecided - NOT_WITNESSED')
  })

  test('[AGREE-42] a note over another tree is proof of a fork', async () => {
    const other = new SyntheticLog(world.east.member)
    await other.publish(syntheticStandard(91))
    await other.publish(syntheticStandard(92))
    for (const size of [1, 2]) {
      const forked: Notes = async (one) =>
        new Map([
          ...(await inTime(one)),
          [one.east, [await witnessedNote(other, '2026-02-11T02:00:00Z', size)]],
        ])
      expect(judge(await bundleOf(world, forked), '2026-06-01')).toMatch(/^rejected .*LOG_EQUIVOCATION/)
    }
  })

  test('[AGREE-42] a note of another log, or with an altered line, is refused', async () => {
    const swapped: Notes = async ({ west, east }) => new Map([[east, [await witnessedNote(west, checked)]]])
    expect(judge(await bundleOf(world, swapped), '2026-06-01')).toMatch(
      /^rejected .*LOG_ORIGIN_MISMATCH|CHECKPOINT/,
    )
    const forged: Notes = async ({ east }) => {
      const note = await witnessedNote(east, '2026-02-11T02:00:00Z')
      return new Map([[east, [note.replace(/.{12}=\n$/, 'AAAAAAAAAAAA=\n')]]])
    }
    expect(judge(await bundleOf(world, forged), '2026-06-01')).toMatch(
      /^rejected .*CHECKPOINT_SIGNATURE_INVALID/,
    )
  })

  test('[AGREE-26] the notice of a withdrawal runs from the day by which it was seen', async () => {
    const ended = await syntheticConsent()
    const { east, agreement } = ended
    const consented = await inTime(ended)
    east.skipTo('2026-04-01T02:00:00Z')
    const seen = await sawProposal(ended)
    await east.publish(syntheticAct({ act: 'withdraw', agreement, seen, reason: '合成理由' }))
    const noted: Notes = async () =>
      new Map([
        ...consented,
        [east, [...(consented.get(east) ?? []), await witnessedNote(east, '2026-04-02T02:00:00Z')]],
      ])
    // 60 days after 1 April, by the log's own word; after 2 April by the note, and after 1 June without.
    const bundles = [await bundleOf(ended, noted), await bundleOf(ended, async () => consented)]
    const on = (day: string) => bundles.map((bundle) => judge(bundle, day).split(' ').slice(0, 2).join(' '))
    expect(on('2026-05-30')).toEqual(['verified effective', 'verified effective'])
    expect(on('2026-05-31')).toEqual(['undecided undecided', 'undecided undecided'])
    expect(on('2026-06-01')).toEqual(['rejected withdrawn', 'undecided undecided'])
    expect(on('2026-07-30')).toEqual(['rejected withdrawn', 'undecided undecided'])
    expect(on('2026-07-31')).toEqual(['rejected withdrawn', 'rejected withdrawn'])
  })
})

describe('whoever has fewer notes', () => {
  test('[AGREE-24] [AGREE-26] knows less, and never anything else', async () => {
    const world = await syntheticConsent({ acceptBy: '2026-03-20' })
    const { west, east, agreement } = world
    east.skipTo('2026-04-20T15:59:00Z')
    const seen = await sawProposal(world)
    await east.publish(syntheticAct({ act: 'withdraw', agreement, seen, reason: '合成理由' }))
    const all = [
      [west, await witnessedNote(west, '2026-02-03T02:00:00Z', 2)],
      [west, await witnessedNote(west, '2026-03-05T02:00:00Z')],
      [east, await witnessedNote(east, '2026-02-11T02:00:00Z', 2)],
      [east, await witnessedNote(east, '2026-03-25T02:00:00Z', 2)],
      [east, await witnessedNote(east, '2026-04-20T16:01:00Z')],
    ] as const
    const days = [
      '2026-02-20',
      '2026-03-02',
      '2026-03-10',
      '2026-04-01',
      '2026-06-10',
      '2026-06-19',
      '2026-06-20',
    ]
    const answersWith = async (kept: readonly boolean[]) => {
      const notes = new Map(
        [west, east].map((log) => [
          log,
          all.flatMap(([of, note], i) => (of === log && kept[i] ? [note] : [])),
        ]),
      )
      const bundle = await bundleOf(world, async () => notes)
      return [...days, '2026-07-31', '2026-08-01'].map((day) => judge(bundle, day).split(' ')[0])
    }
    const whole = await answersWith(all.map(() => true))
    expect(new Set(whole)).toEqual(new Set(['rejected', 'verified', 'undecided']))
    for (let mask = 0; mask < 2 ** all.length; mask += 1) {
      const part = await answersWith(all.map((_, i) => (mask & (1 << i)) !== 0))
      for (const [i, answer] of part.entries()) expect(['undecided', whole[i]]).toContain(answer)
    }
  })
})

describe('a recognition for the pair alone', () => {
  const receipt = async ({ west, east }: RecognitionWorld, of: 'west' | 'east', moment: string) => {
    const [from, by] = of === 'west' ? [west, east] : [east, west]
    const index = from.logged.findIndex(({ document }) =>
      JSON.stringify(document).includes('"agreementDigest"'),
    )
    const digest = from.logged[index]!.digest
    by.skipTo(moment)
    const subject = { origin: from.member.origin, index, digest }
    const draft: unknown = {
      type: 'Receipt',
      tier: 'pair',
      audience: project,
      synthetic: true,
      credentialSubject: subject,
    }
    await say(by, parseDraft(JSON.parse(JSON.stringify(draft))))
  }
  const consent = (change: Partial<RecognitionAgreement> = {}) => syntheticConsent(change, 'pair')

  test('[AGREE-103] an act counts when the other is shown to have had it: by its receipt, or by its acceptance', async () => {
    const world = await consent()
    const { west, east } = world
    const acts = await inTime(world)
    await receipt(world, 'east', '2026-02-12T02:00:00Z')
    const notes: Notes = async () =>
      new Map([
        ...acts,
        [west, [...(acts.get(west) ?? []), await witnessedNote(west, '2026-02-13T02:00:00Z')]],
      ])
    expect(judge(await bundleOf(world, notes, { contains: 'pair' }), '2026-03-01')).toBe(
      'verified effective 2026-03-01',
    )
    expect(east.logged).toHaveLength(2)
    // The notes over the acts themselves say nothing: by the checkpoint alone the receipt may have come too late.
    expect(judge(await bundleOf(world, async () => acts, { contains: 'pair' }), '2026-06-01')).toBe(
      'undecided undecided - NOT_WITNESSED',
    )
  })

  test('[AGREE-103] an agreement about the same editions that is for other readers changes nothing', async () => {
    const world = await startRecognition()
    const { west, east, agreement } = world
    const other = {
      ...agreement,
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000b2',
      nonce: '6b'.repeat(32),
    }
    west.skipTo('2026-02-01T02:00:00Z')
    await west.publish(syntheticAct({ act: 'propose', agreement: other }))
    await say(west, syntheticAct({ act: 'propose', agreement, tier: 'pair' }))
    const [origin = '', size = '', root = ''] = (await west.checkpoint()).split('\n')
    const seen = { origin, size: Number(size), root, index: 2, digest: west.logged[2]!.digest }
    east.skipTo('2026-02-10T02:00:00Z')
    await say(east, syntheticAct({ act: 'accept', agreement, tier: 'pair', seen }))
    await receipt({ ...world }, 'east', '2026-02-12T02:00:00Z')
    const notes: Notes = async () =>
      new Map([
        [west, [await witnessedNote(west, '2026-02-13T02:00:00Z')]],
        [east, [await witnessedNote(east, '2026-02-13T02:00:00Z')]],
      ])
    expect(judge(await bundleOf(world, notes, { contains: 'pair' }), '2026-06-01')).toBe(
      'verified effective 2026-03-01',
    )
  })

  test('[AGREE-24] [AGREE-103] without a receipt of the acceptance nobody can tell since when', async () => {
    const world = await consent()
    const bundle = await bundleOf(world, inTime, { contains: 'pair' })
    expect(judge(bundle, '2026-06-01')).toMatch(/^undecided undecided - NOT_WITNESSED/)
  })

  test('[AGREE-103] a receipt by oneself, or of another record, is none', async () => {
    const world = await consent()
    const { east } = world
    const { west } = world
    const subject = { origin: east.member.origin, index: 1, digest: east.logged[1]!.digest }
    const draft = (credentialSubject: object) =>
      parseDraft(
        JSON.parse(
          JSON.stringify({
            type: 'Receipt',
            tier: 'pair',
            audience: project,
            synthetic: true,
            credentialSubject,
          }),
        ),
      )
    await say(east, draft(subject))
    await say(west, draft({ ...subject, index: 0 }))
    await say(west, draft({ ...subject, digest: west.logged[0]!.digest }))
    const bundle = await bundleOf(world, undefined, { contains: 'pair' })
    expect(judge(bundle, '2026-06-01')).toMatch(/^undecided undecided - NOT_WITNESSED/)
  })

  test('[AGREE-43] what is not opened for the pair leaves it undecided', async () => {
    const world = await consent()
    await receipt(world, 'east', '2026-02-12T02:00:00Z')
    const value = JSON.parse(await bundleOf(world, inTime, { contains: 'pair' }))
    const { redigest } = await import('./sample.ts')
    for (const [i, log] of value.logs.entries()) {
      for (const at of (log.openings ?? []).keys()) {
        const openings = log.openings.toSpliced(at, 1)
        const { openings: _none, ...bare } = log
        const logs = value.logs.with(i, openings.length === 0 ? bare : { ...log, openings })
        const text = new TextDecoder().decode(redigest({ ...value, logs }))
        expect(judge(text, '2026-06-01')).toMatch(/^undecided/)
      }
    }
  })
})
