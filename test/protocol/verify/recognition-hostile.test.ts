import { describe, expect, test } from 'vitest'
import { syntheticAct } from '../../../fixtures/synthetic/agreement.ts'
import { syntheticReuse } from '../../../fixtures/synthetic/interconnection.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import {
  type BundleChange,
  project,
  type RecognitionWorld,
  recognitionBundle,
  recognitionTrust,
  say,
  startRecognition,
  syntheticConsent,
  witnessedNote,
  witnessedTrust,
} from '../../../fixtures/synthetic/recognition.ts'
import { syntheticEvent } from '../../../fixtures/synthetic/standard.ts'
import { encodeBase64, encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { leftEdge } from '../../../protocol/log/range.ts'
import type { ActWord, Agreement, RecognitionAgreement, Seen } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'
import { redigest } from './sample.ts'

const now = Date.UTC(2026, 11, 1, 4)

function judge(bytes: Uint8Array | string, day: string, change: Partial<VerifyOptions> = {}): string {
  const text = typeof bytes === 'string' ? encodeUtf8(bytes) : bytes
  const options = { trust: recognitionTrust(), now, at: Date.parse(`${day}T12:00:00+08:00`), ...change }
  const { verdict, standing } = verifyAgreementBundle(text, options)
  return `${verdict} ${standing?.state ?? '-'}`
}

async function saw(log: SyntheticLog, index = log.logged.length - 1): Promise<Seen> {
  const [origin = '', size = '', root = ''] = (await log.checkpoint()).split('\n')
  return { origin, size: Number(size), root, index, digest: log.logged[index]!.digest }
}

interface Said {
  readonly on: string
  readonly act: ActWord
  readonly about: Agreement
  readonly seen?: Seen
  readonly tier?: 'public' | 'pair'
}

/** Logs an act at noon of a day, and gives what somebody sees of it. */
async function speak(log: SyntheticLog, { on, act, about, seen, tier = 'public' }: Said): Promise<Seen> {
  log.skipTo(`${on}T04:00:00Z`)
  const reason = act === 'reject' || act === 'withdraw' ? { reason: '合成理由' } : {}
  await say(log, syntheticAct({ act, agreement: about, tier, ...(seen ? { seen } : {}), ...reason }))
  return saw(log)
}

/** That a party had what the other logged, in its own log. */
async function receive(log: SyntheticLog, on: string, { origin, index, digest }: Seen): Promise<void> {
  log.skipTo(`${on}T04:00:00Z`)
  const credentialSubject = { origin, index, digest }
  await say(
    log,
    parseDraft({ type: 'Receipt', tier: 'pair', audience: project, synthetic: true, credentialSubject }),
  )
}

function replacing(older: RecognitionAgreement, change: Partial<RecognitionAgreement> = {}) {
  return {
    ...older,
    id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
    acceptBy: '2026-12-31',
    effectiveFrom: '2026-06-01',
    supersedes: { id: older.id, digest: agreementDigest(older) },
    ...change,
  }
}

/** The file with checkpoints that both bureaus saw on 1 November, and with these older notes. */
function witnessed(
  world: RecognitionWorld,
  notes: readonly (readonly [SyntheticLog, string])[],
  change: BundleChange = {},
): Promise<string> {
  const notesOf = async (log: SyntheticLog) => ({
    checkpoint: await witnessedNote(log, '2026-11-01T01:00:00Z'),
    notes: notes.flatMap(([of, note]) => (of === log ? [note] : [])),
  })
  return recognitionBundle(world, { ...change, notesOf })
}

describe('what others say', () => {
  const third = syntheticMember('合成丙', 'http://localhost:7411')
  const fourth = syntheticMember('合成丁', 'http://localhost:7412')

  test('[AGREE-36] [AGREE-52] an agreement of others, or of one party with another, takes the place of none', async () => {
    const world = await syntheticConsent()
    const { west, east, bureau, agreement } = world
    const [c, d] = [new SyntheticLog(third), new SyntheticLog(fourth)]
    const members = [west, east, bureau, c, d].map(({ member }) => member.entry)
    const trust = recognitionTrust({ members })
    for (const [i, [first, second]] of [[c, d] as const, [west, bureau] as const].entries()) {
      const parties = [first.member.did, second.member.did].toSorted().map((id) => ({ id }))
      const about = replacing(agreement, {
        id: `${agreement.id.slice(0, -1)}${i + 3}`,
        parties: parties as never,
      })
      const seen = await speak(first, { on: '2026-03-05', act: 'propose', about })
      await speak(second, { on: '2026-03-06', act: 'accept', about, seen })
    }
    const bundle = await recognitionBundle(world, { logs: [west, east, bureau, c, d] })
    expect(judge(bundle, '2026-08-01', { trust })).toBe('verified effective')
    const about = replacing(agreement)
    const seen = await speak(west, { on: '2026-03-07', act: 'propose', about })
    await speak(east, { on: '2026-03-08', act: 'accept', about, seen })
    expect(judge(await recognitionBundle(world), '2026-05-31', { trust })).toBe('verified effective')
    expect(judge(await recognitionBundle(world), '2026-06-01', { trust })).toBe('rejected renewed')
  })

  test('[AGREE-103] nobody but the other party shows that it had an act of the pair', async () => {
    const world = await startRecognition()
    const { west, east, bureau, agreement } = world
    const about = { about: agreement, tier: 'pair' } as const
    const seen = await speak(west, { ...about, on: '2026-02-02', act: 'propose' })
    await receive(west, '2026-02-11', await speak(east, { ...about, on: '2026-02-10', act: 'accept', seen }))
    const left = await speak(west, { ...about, on: '2026-03-11', act: 'withdraw', seen })
    const c = new SyntheticLog(third)
    const trust = recognitionTrust({ members: [west, east, bureau, c].map(({ member }) => member.entry) })
    const pair = { contains: 'pair', logs: [west, east, bureau, c] } as const
    await speak(c, { on: '2026-03-12', act: 'reject', about: agreement, seen: left })
    await receive(west, '2026-03-13', left)
    expect(judge(await recognitionBundle(world, pair), '2026-10-01', { trust })).toBe('undecided undecided')
    expect(judge(await recognitionBundle(world, pair), '2026-05-09', { trust })).toBe('verified effective')
    await receive(east, '2026-03-14', left)
    expect(judge(await recognitionBundle(world, pair), '2026-05-12', { trust })).toBe('verified effective')
    expect(judge(await recognitionBundle(world, pair), '2026-05-13', { trust })).toBe('rejected withdrawn')
  })
})

describe('what one party says by itself', () => {
  test('[AGREE-20] a proposal of its own, or another for other readers, undoes no consent', async () => {
    for (const tier of ['public', 'pair'] as const) {
      const world = await syntheticConsent()
      const { west, east, agreement } = world
      await speak(east, { on: '2026-02-11', act: 'propose', about: agreement, tier })
      await speak(west, { on: '2026-02-12', act: 'propose', about: agreement, tier })
      for (const contains of ['public' as const, tier])
        expect(judge(await recognitionBundle(world, { contains }), '2026-06-01')).toBe('verified effective')
    }
  })

  test('[AGREE-22] what was recalled and proposed again can be accepted', async () => {
    const world = await startRecognition()
    const { west, east, agreement: about } = world
    const first = await speak(west, { on: '2026-02-02', act: 'propose', about })
    await speak(west, { on: '2026-02-03', act: 'withdraw', about, seen: first })
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('rejected withdrawn')
    const seen = await speak(west, { on: '2026-02-04', act: 'propose', about })
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('rejected proposed')
    await speak(east, { on: '2026-02-10', act: 'accept', about, seen })
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
  })

  test('[AGREE-45] a picture of a log that never was, in an act that decides nothing, spoils nothing', async () => {
    for (const change of [{ root: `${'A'.repeat(43)}=` }, { size: 9_000_000 }]) {
      const world = await syntheticConsent()
      const { west, east, agreement: about } = world
      const seen = { ...(await saw(west)), ...change }
      await speak(east, { on: '2026-03-01', act: 'reject', about, seen })
      expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
    }
  })

  test('[AGREE-36] a renewal that is withdrawn before it can begin ends nothing', async () => {
    const world = await syntheticConsent()
    const { west, east, agreement } = world
    const about = replacing(agreement, { effectiveFrom: '2026-10-01' })
    const seen = await speak(west, { on: '2026-04-01', act: 'propose', about })
    await speak(east, { on: '2026-04-02', act: 'accept', about, seen })
    expect(judge(await recognitionBundle(world), '2026-11-01')).toBe('rejected renewed')
    await speak(east, { on: '2026-05-01', act: 'withdraw', about, seen })
    expect(judge(await recognitionBundle(world), '2026-11-01')).toBe('verified effective')
  })
})

describe('a file with less in it', () => {
  test('[AGREE-43] what is for other readers, and not opened, may be the consent', async () => {
    const world = await startRecognition()
    const { west, east, agreement: about } = world
    const seen = await speak(west, { on: '2026-02-02', act: 'propose', about, tier: 'pair' })
    const acceptance = await speak(east, { on: '2026-02-10', act: 'accept', about, seen, tier: 'pair' })
    await receive(west, '2026-02-11', acceptance)
    const pair = await recognitionBundle(world, { contains: 'pair' })
    expect(judge(pair, '2026-06-01')).toBe('verified effective')
    const value = JSON.parse(pair)
    const logs = value.logs.map(({ openings: _, ...log }: { readonly openings: object }) => log)
    expect(judge(redigest({ ...value, contains: 'public', logs }), '2026-06-01')).toMatch(/^undecided/)
    for (const contains of ['group', 'federation'])
      expect(judge(redigest({ ...value, contains }), '2026-06-01')).toMatch(/^undecided/)
  })

  test('[AGREE-31] a log of a party that is missing may hold the consent, whatever ended what is there', async () => {
    const world = await syntheticConsent()
    const { west, bureau, agreement: about } = world
    await speak(west, { on: '2026-10-01', act: 'withdraw', about, seen: await saw(west) })
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
    expect(judge(await recognitionBundle(world, { logs: [west, bureau] }), '2026-06-01')).toMatch(
      /^undecided/,
    )
  })

  test('[AGREE-31] [AGREE-32] what a missing log may take back has not failed', async () => {
    const world = await syntheticConsent({ onRevision: 'lapse', graceDays: 0 })
    const { west, east, bureau } = world
    const authority = [{ scheme: 'DB-P', prefix: 'DB50', origin: bureau.member.origin, from: 0 }]
    const trust = recognitionTrust({ authority })
    const { id, digest } = west.logged[0]!
    await west.publish(syntheticEvent({ id, digest }, 'abolished', '2026-04-01'))
    expect(judge(await recognitionBundle(world), '2026-06-01', { trust })).toBe('rejected lapsed')
    const cut = await recognitionBundle(world, { logs: [west, east] })
    expect(judge(cut, '2026-06-01', { trust })).toMatch(/^undecided/)
  })

  test('[AGREE-25] [AGREE-31] an edition that is not at hand shortens no term', async () => {
    const world = await syntheticConsent({ validUntil: '2029-03-01' })
    const { west, bureau } = world
    const later = { now: Date.UTC(2028, 0, 1) }
    expect(judge(await recognitionBundle(world), '2027-06-01', later)).toBe('verified effective')
    const cut = await recognitionBundle(world, { logs: [west, bureau] })
    expect(judge(cut, '2027-06-01', later)).toMatch(/^undecided/)
  })
})

describe('a file that begins later', () => {
  /** Without the first entries of a log, and their records. */
  function cutFrom(bundle: string, log: SyntheticLog, from: number): Uint8Array {
    const value = JSON.parse(bundle)
    const dropped = new Set(log.logged.slice(0, from).map(({ digest }) => digest))
    const logs = value.logs.map((held: { readonly origin: string; readonly entries: readonly string[] }) =>
      held.origin === log.member.origin
        ? {
            ...held,
            from,
            left: leftEdge(from, log.readTile).map(encodeBase64),
            entries: held.entries.slice(from),
          }
        : held,
    )
    const records = value.records.filter((record: JsonObject) => !dropped.has(digestOf(canonicalize(record))))
    return redigest({ ...value, logs, records })
  }

  test('[AGREE-44] hides no act that came before: taken back and signed again, or answered twice', async () => {
    const world = await syntheticConsent({ acceptBy: '2026-12-31' })
    const { west, east, agreement: about } = world
    const seen = await saw(west)
    await speak(east, { on: '2026-03-10', act: 'withdraw', about, seen })
    await speak(east, { on: '2026-03-12', act: 'accept', about, seen })
    const whole = await recognitionBundle(world)
    expect(judge(whole, '2026-08-01')).toBe('rejected withdrawn')
    expect(judge(cutFrom(whole, east, 1), '2026-08-01')).toBe('rejected withdrawn')
    for (const from of [2, 3]) expect(judge(cutFrom(whole, east, from), '2026-08-01')).toMatch(/^undecided/)
    const value = JSON.parse(whole)
    const without = value.records.filter(
      (record: JsonObject) => !JSON.stringify(record).includes('"withdraw"'),
    )
    expect(judge(redigest({ ...value, records: without }), '2026-08-01')).toMatch(/^undecided/)
  })

  test('[AGREE-44] says nothing where the log of a party is not here from its first entry, whatever it pins', async () => {
    const world = await syntheticConsent()
    const { west, east } = world
    const whole = await recognitionBundle(world)
    expect(judge(whole, '2026-06-01')).toBe('verified effective')
    for (const log of [west, east]) expect(judge(cutFrom(whole, log, 1), '2026-06-01')).toMatch(/^undecided/)
  })
})

describe('notes that are left out', () => {
  const trust = witnessedTrust()

  test('[AGREE-36] say nothing of when it was renewed, and never that it was not', async () => {
    const world = await syntheticConsent()
    const { west, east, agreement } = world
    const notes: [SyntheticLog, string][] = [
      [west, await witnessedNote(west, '2026-02-02T05:00:00Z')],
      [east, await witnessedNote(east, '2026-02-10T05:00:00Z')],
    ]
    const about = replacing(agreement)
    const seen = await speak(west, { on: '2026-05-01', act: 'propose', about })
    await speak(east, { on: '2026-05-02', act: 'accept', about, seen })
    const more: [SyntheticLog, string][] = [
      [west, await witnessedNote(west, '2026-05-01T05:00:00Z')],
      [east, await witnessedNote(east, '2026-05-02T05:00:00Z')],
    ]
    for (const [day, whole, cut] of [
      ['2026-05-31', 'verified effective', 'verified effective'],
      ['2026-06-01', 'rejected renewed', 'undecided undecided'],
      ['2026-11-01', 'rejected renewed', 'rejected renewed'],
    ] as const) {
      expect(judge(await witnessed(world, [...notes, ...more]), day, { trust })).toBe(whole)
      expect(judge(await witnessed(world, notes), day, { trust })).toBe(cut)
    }
  })

  test('[AGREE-84] say nothing of whether a reuse had begun before its recognition was withdrawn', async () => {
    const world = await startRecognition({ noticeDays: 30 })
    const { west, east, bureau, agreement } = world
    const notes: [SyntheticLog, string][] = []
    const note = async (log: SyntheticLog, day: string) => {
      notes.push([log, await witnessedNote(log, `${day}T05:00:00Z`)])
    }
    const seen = await speak(west, { on: '2026-02-02', act: 'propose', about: agreement })
    await note(west, '2026-02-02')
    await speak(east, { on: '2026-02-10', act: 'accept', about: agreement, seen })
    await note(east, '2026-02-10')
    const recognition = { id: agreement.id, digest: agreementDigest(agreement) }
    const { id, digest } = west.logged[0]!
    const about = syntheticReuse(
      {
        project,
        parties: [west.member.did, east.member.did],
        edition: { id, digest },
        basis: bureau.logged[0]!.digest,
        ground: { recognition },
      },
      { acceptBy: '2026-12-31' },
    )
    const proposed = await speak(east, { on: '2026-03-02', act: 'propose', about })
    await note(east, '2026-03-02')
    await speak(west, { on: '2026-03-05', act: 'accept', about, seen: proposed })
    await note(west, '2026-03-05')
    await speak(east, { on: '2026-05-01', act: 'withdraw', about: agreement, seen })
    await note(east, '2026-05-01')
    const change = { agreement: about }
    for (const day of ['2026-05-15', '2026-08-01', '2026-11-15']) {
      expect(judge(await witnessed(world, notes, change), day, { trust })).toBe('verified effective')
      expect(judge(await witnessed(world, notes.toSpliced(3, 1), change), day, { trust })).toMatch(
        /^undecided/,
      )
    }
  })

  test('[AGREE-26] a withdrawal that nobody dates is not outdone by a later one that somebody does', async () => {
    const world = await startRecognition()
    const { west, east, agreement: about } = world
    const pair = { about, tier: 'pair' } as const
    const seen = await speak(west, { ...pair, on: '2026-02-02', act: 'propose' })
    await receive(west, '2026-02-11', await speak(east, { ...pair, on: '2026-02-10', act: 'accept', seen }))
    await speak(west, { ...pair, on: '2026-03-05', act: 'withdraw', seen })
    const bundle = () => recognitionBundle(world, { contains: 'pair' })
    expect(judge(await bundle(), '2026-08-01')).toBe('undecided undecided')
    await receive(west, '2026-09-02', await speak(east, { ...pair, on: '2026-09-01', act: 'withdraw', seen }))
    expect(judge(await bundle(), '2026-08-01')).toBe('undecided undecided')
    expect(judge(await bundle(), '2026-11-01')).toBe('rejected withdrawn')
  })

  test('[WIT-41] [AGREE-42] an act dated otherwise than its witnesses say counts for nothing', async () => {
    const late = await startRecognition()
    const { agreement: about } = late
    const seen = await speak(late.west, { on: '2026-02-02', act: 'propose', about })
    // Dated June, and seen in February.
    await speak(late.east, { on: '2026-06-10', act: 'accept', about, seen })
    const notes: [SyntheticLog, string][] = [
      [late.west, await witnessedNote(late.west, '2026-02-02T05:00:00Z')],
      [late.east, await witnessedNote(late.east, '2026-02-10T05:00:00Z')],
    ]
    expect(judge(await witnessed(late, notes), '2026-08-01', { trust })).toBe('rejected proposed')

    const world = await syntheticConsent()
    const { west, east, agreement } = world
    const inTime: [SyntheticLog, string][] = [
      [west, await witnessedNote(west, '2026-02-02T05:00:00Z')],
      [east, await witnessedNote(east, '2026-02-10T05:00:00Z')],
      // Nothing more had been logged by September.
      [east, await witnessedNote(east, '2026-09-01T05:00:00Z')],
    ]
    await speak(east, { on: '2026-02-11', act: 'withdraw', about: agreement, seen: await saw(west) })
    for (const day of ['2026-03-15', '2026-06-01', '2026-10-31'])
      expect(judge(await witnessed(world, inTime), day, { trust })).toBe('verified effective')
  })
})
