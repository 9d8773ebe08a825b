import { describe, expect, test } from 'vitest'
import { syntheticAct, syntheticBasis } from '../../../fixtures/synthetic/agreement.ts'
import { type LoggedDraft, SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticSeed } from '../../../fixtures/synthetic/member.ts'
import {
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
import { syntheticEvent as eventAbout } from '../../../fixtures/synthetic/standard.ts'
import { encodeBase64, encodeUtf8 } from '../../../protocol/bytes.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { formatVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { leftEdge } from '../../../protocol/log/range.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import type { RecognitionAgreement, Seen } from '../../../protocol/record/agreement.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import type { VerifyOptions } from '../../../protocol/verdict.ts'
import { verifyAgreementBundle } from '../../../protocol/verify-recognition.ts'
import { redigest } from './sample.ts'

const now = Date.UTC(2026, 11, 1, 4)
const bureauOrigin = 'localhost:7409/log/1'
const trust = recognitionTrust({
  authority: [{ scheme: 'DB-P', prefix: 'DB50', origin: bureauOrigin, from: 0 }],
})
const atOnce = { onRevision: 'lapse', graceDays: 0 } as const

function judge(bundle: Uint8Array | string, day: string, change: Partial<VerifyOptions> = {}): string {
  const bytes = typeof bundle === 'string' ? encodeUtf8(bundle) : bundle
  const options = { trust, now, at: Date.parse(`${day}T12:00:00+08:00`), ...change }
  const { verdict, findings, standing } = verifyAgreementBundle(bytes, options)
  const codes = findings.flatMap(({ outcome, code }) => (outcome === 'passed' || !code ? [] : [code]))
  return [verdict, standing?.state ?? '-', ...new Set(codes)].join(' ')
}

const syntheticEvent = ({ id, digest }: LoggedDraft, kind: string, date: string) =>
  eventAbout({ id, digest }, kind, date)

/** The record of the edition in the west's log, said anew with this change. */
function revise({ west }: RecognitionWorld, index: number, change: (subject: any) => object) {
  const { id, digest, document } = west.logged[index]!
  const { type, tier, synthetic, credentialSubject } = JSON.parse(JSON.stringify(document))
  const subject = { ...credentialSubject, ...change(credentialSubject) }
  const draft = { type: type[1], tier, synthetic, revisionOf: { id, digest }, credentialSubject: subject }
  return west.publish(parseDraft(draft as never))
}

async function seeing(log: SyntheticLog, index: number): Promise<Seen> {
  const [origin = '', size = '', root = ''] = (await log.checkpoint()).split('\n')
  return { origin, size: Number(size), root, index, digest: log.logged[index]!.digest }
}

describe('what is read of the logs together', () => {
  test('[AGREE-43] [AGREE-32] what the authority says of a revision of a pinned edition is said of it', async () => {
    const world = await syntheticConsent(atOnce)
    world.west.skipTo('2026-03-10T02:00:00Z')
    const index = world.west.logged.length
    await revise(world, 0, () => ({ titleEn: 'synthetic' }))
    const again = await revise(world, index, () => ({ titleEn: 'synthetic again' }))
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
    world.bureau.skipTo('2026-04-10T02:00:00Z')
    await world.bureau.publish(syntheticEvent(again, 'abolished', '2026-04-15'))
    const bundle = await recognitionBundle(world)
    expect(judge(bundle, '2026-04-14')).toBe('verified effective')
    expect(judge(bundle, '2026-06-01')).toBe('rejected lapsed WITHDRAWN')
  })

  test('[AGREE-32] [STAND-10] a party does not take back what the authority said', async () => {
    const world = await syntheticConsent(atOnce)
    const [edition] = world.west.logged
    world.bureau.skipTo('2026-04-01T02:00:00Z')
    await world.bureau.publish(syntheticEvent(edition!, 'abolished', '2026-04-01'))
    world.west.skipTo('2026-04-02T02:00:00Z')
    await world.west.publish(syntheticEvent(edition!, 'reinstated', '2026-04-02'))
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('rejected lapsed WITHDRAWN')
    world.bureau.skipTo('2026-04-03T02:00:00Z')
    await world.bureau.publish(syntheticEvent(edition!, 'reinstated', '2026-04-03'))
    expect(judge(await recognitionBundle(world), '2026-06-01')).toBe('verified effective')
  })

  test('[AGREE-43] [AGREE-36] a withdrawal of what would take its place names the other alone, and is read', async () => {
    for (const tier of ['public', 'pair'] as const) {
      const world = await syntheticConsent({}, tier)
      const { west, east, agreement } = world
      const receive = (log: SyntheticLog, of: SyntheticLog, index: number) => {
        const { digest } = of.logged[index]!
        const credentialSubject = { origin: of.member.origin, index, digest }
        const part = { type: 'Receipt', tier: 'pair', audience: project, synthetic: true }
        return say(log, parseDraft({ ...part, credentialSubject } as never))
      }
      west.skipTo('2026-02-11T02:00:00Z')
      if (tier === 'pair') await receive(west, east, 1)
      const renewed: RecognitionAgreement = {
        ...agreement,
        id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
        acceptBy: '2026-10-01',
        effectiveFrom: '2026-06-01',
        validUntil: '2027-10-01',
        supersedes: { id: agreement.id, digest: agreementDigest(agreement) },
      }
      west.skipTo('2026-05-01T02:00:00Z')
      await say(west, syntheticAct({ act: 'propose', agreement: renewed, tier }))
      const at = west.logged.length - 1
      const reason = '合成理由'
      const seen = await seeing(west, at)
      await say(west, syntheticAct({ act: 'withdraw', agreement: renewed, tier, seen, reason }))
      east.skipTo('2026-05-02T02:00:00Z')
      const withdrawn = await seeing(west, at)
      await say(east, syntheticAct({ act: 'accept', agreement: renewed, tier, seen: withdrawn }))
      if (tier === 'pair') {
        west.skipTo('2026-05-03T02:00:00Z')
        await receive(west, east, 2)
      }
      const bundle = await recognitionBundle(world, { contains: tier })
      expect(judge(bundle, '2026-07-01')).toBe('verified effective')
    }
  })

  test('[AGREE-44] a copy of the edition does not hide what ended it before', async () => {
    const world = await syntheticConsent(atOnce)
    const { bureau } = world
    // The basis, by an agency that is no party.
    const [document] = bureau.logged
    bureau.skipTo('2026-03-20T02:00:00Z')
    await bureau.publish(syntheticEvent(document!, 'abolished', '2026-04-01'))
    bureau.append(document!.document, 'BasisDocument')
    const whole = JSON.parse(await recognitionBundle(world, { logs: [world.west, world.east] }))
    const held = async (from: number) => ({
      origin: bureau.member.origin,
      checkpoint: await bureau.checkpoint(),
      notes: [],
      from,
      left: from === 0 ? [] : leftEdge(from, bureau.readTile).map(encodeBase64),
      entries: bureau.logged.slice(from).map(({ entry }) => new TextDecoder().decode(entry)),
    })
    const withBureau = async (from: number, records: readonly unknown[]) =>
      redigest({ ...whole, logs: [...whole.logs, await held(from)], records: [...whole.records, ...records] })
    const [basis, ending] = bureau.logged.map((one) => one.document)
    expect(judge(await withBureau(0, [basis, ending]), '2026-06-01')).toBe('rejected lapsed REVOKED')
    expect(judge(await withBureau(2, [basis]), '2026-06-01')).toBe('undecided undecided RANGE_MISSING')
  })
})

describe('the logs of one issuer by epoch', () => {
  /** A basis that an agency which is no party logged in its second log, under this id. */
  async function inSecondEpoch(idOf: (first: string) => string) {
    const { bureau } = await startRecognition()
    const { member } = bureau
    const [basis] = bureau.logged
    const previous = { origin: member.origin, size: 1, root: encodeBase64(bureau.rootAt(1)) }
    const log = signerFromSeed(syntheticSeed('log', `${member.did} next`))
    const next = { ...member, origin: member.origin.replace(/1$/, '2'), log }
    const later = new SyntheticLog(next, Date.UTC(2026, 0, 20))
    const append = async (draft: Parameters<typeof composeRecord>[0], id: string) => {
      const document = await signRecord(composeRecord(draft, { id, issuer: member.did }), {
        signer: member.publish,
        issuer: member.did,
        domain: next.origin,
        created: '2026-01-20T00:00:00Z',
      })
      return later.append(document, draft.type)
    }
    const credentialSubject = { previous }
    await append({ type: 'EpochStart', tier: 'public', credentialSubject }, `${basis!.id.slice(0, -3)}aaa`)
    const { digest } = await append(syntheticBasis(), idOf(basis!.id))
    const vkey = [{ key: formatVerifierKey(verifierKeyOf(next.origin, log.publicKey)), from: 0 }]
    const members = recognitionTrust().registry.members.map((one) => {
      if (one.id !== member.did) return one
      const closed = { size: previous.size, root: previous.root, reason: '合成' }
      const second = { origin: next.origin, url: 'http://localhost:7409/log/2', vkey }
      return {
        ...one,
        origins: [{ ...one.origins[0], closed }, second],
        keys: one.keys.map((key) => ({ ...key, valid: [...key.valid, { origin: next.origin, from: 0 }] })),
        status: [...one.status, { status: 'active', origin: next.origin, size: 0 }],
      }
    })
    const world = await syntheticConsent({ basis: { number: '合成发〔2026〕1号', digest } })
    const both = recognitionTrust({ members })
    return async (choose: (world: RecognitionWorld) => readonly SyntheticLog[]) => {
      const logs = [world.west, world.east, ...choose(world), later]
      return judge(await recognitionBundle(world, { logs }), '2026-06-01', { trust: both })
    }
  }

  test('[AGREE-44] what is pinned in a later epoch needs the entries of those before it: its id may stand there', async () => {
    const fresh = await inSecondEpoch((first) => `${first.slice(0, -3)}bbb`)
    expect(await fresh(({ bureau }) => [bureau])).toBe('verified effective')
    expect(await fresh(() => [])).toMatch(/^undecided undecided RANGE_MISSING/)
    const repeated = await inSecondEpoch((first) => first)
    expect(await repeated(({ bureau }) => [bureau])).toBe('undecided undecided BASIS_MISSING')
    expect(await repeated(() => [])).toMatch(/^undecided undecided RANGE_MISSING/)
  })
})

describe('what witnesses say of other records than acts', () => {
  const seenLater = async (world: RecognitionWorld, notes: readonly string[]) => {
    const { west, east } = world
    const acts = new Map([
      [west, [await witnessedNote(west, '2026-02-03T02:00:00Z', 2), ...notes]],
      [east, [await witnessedNote(east, '2026-02-11T02:00:00Z', 2)]],
    ])
    return recognitionBundle(world, {
      notesOf: async (log) => ({
        checkpoint: await witnessedNote(log, '2026-11-01T01:00:00Z'),
        notes: acts.get(log) ?? [],
      }),
    })
  }

  test('[AGREE-33] a note that is left out makes the change of an edition open, and not later', async () => {
    const world = await syntheticConsent(atOnce)
    world.west.skipTo('2026-04-01T02:00:00Z')
    await revise(world, 0, ({ clauses }) => ({
      clauses: clauses.map((clause: any) => ({ ...clause, heading: `${clause.heading}改` })),
    }))
    const note = await witnessedNote(world.west, '2026-04-02T03:00:00Z')
    const options = { trust: witnessedTrust() }
    const [told, open] = [await seenLater(world, [note]), await seenLater(world, [])]
    expect(judge(told, '2026-03-31', options)).toBe('verified effective')
    expect(judge(told, '2026-08-01', options)).toBe('rejected lapsed SUPERSEDED')
    expect(judge(open, '2026-03-31', options)).toBe('verified effective')
    expect(judge(open, '2026-08-01', options)).toMatch(/^undecided .*NOT_WITNESSED/)
    expect(judge(open, '2026-11-02', options)).toBe('rejected lapsed SUPERSEDED')
  })

  test('[STAND-3] [WIT-41] by dating back when it was logged nobody gains more than by an event with an early date', async () => {
    const options = { trust: witnessedTrust() }
    const told = async (loggedOn: string | undefined) => {
      const world = await syntheticConsent(atOnce)
      const { west } = world
      west.skipTo('2026-04-01T02:00:00Z')
      await west.publish(syntheticEvent(west.logged[0]!, 'abolished', '2026-04-01'))
      const note = await witnessedNote(west, '2026-06-01T03:00:00Z')
      if (loggedOn !== undefined) west.skipTo(`${loggedOn}T02:00:00Z`)
      await west.publish(syntheticEvent(west.logged[0]!, 'reinstated', '2026-04-02'))
      const files = [await seenLater(world, [note]), await seenLater(world, [])]
      return files.map((file) => judge(file, '2026-07-01', options))
    }
    expect(await told('2026-06-10')).toEqual(['verified effective', 'verified effective'])
    expect(await told(undefined)).toEqual(['rejected lapsed WITHDRAWN', 'verified effective'])
  })
})

describe('when a review counts', () => {
  test('[AGREE-25] one that is logged after the beginning revives nothing, whatever its date', async () => {
    const world = await syntheticConsent({ validUntil: '2030-03-01' })
    const { west, east } = world
    const later = { trust: recognitionTrust(), now: Date.UTC(2029, 11, 1) }
    const review = async (day: string) => {
      for (const log of [west, east]) {
        log.skipTo(`${day}T02:00:00Z`)
        await log.publish(syntheticEvent(log.logged[0]!, 'review', '2026-02-15'))
      }
    }
    // Published on 1 March 2024: the review is due on 1 March 2029.
    expect(judge(await recognitionBundle(world), '2029-02-28', later)).toBe('verified effective')
    await review('2026-07-01')
    expect(judge(await recognitionBundle(world), '2029-03-01', later)).toBe('rejected expired EXPIRED')
  })

  test('[AGREE-25] one that was logged before it does', async () => {
    const world = await startRecognition({ validUntil: '2030-03-01' })
    for (const log of [world.west, world.east])
      await log.publish(syntheticEvent(log.logged[0]!, 'review', '2026-01-04'))
    world.west.skipTo('2026-02-02T02:00:00Z')
    await world.west.publish(syntheticAct({ act: 'propose', agreement: world.agreement }))
    world.east.skipTo('2026-02-10T02:00:00Z')
    const seen = await seeing(world.west, 2)
    await world.east.publish(syntheticAct({ act: 'accept', agreement: world.agreement, seen }))
    const later = { trust: recognitionTrust(), now: Date.UTC(2029, 11, 1) }
    expect(judge(await recognitionBundle(world), '2029-03-01', later)).toBe('verified effective')
  })
})
