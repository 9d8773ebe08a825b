import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { syntheticAct, syntheticBasis } from '../../fixtures/synthetic/agreement.ts'
import { consentReuse } from '../../fixtures/synthetic/interconnection.ts'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import {
  sawProposal,
  startRecognition,
  syntheticConsent,
  witnessedNote,
} from '../../fixtures/synthetic/recognition.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { signRecord } from '../../protocol/proof/sign.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import { parseDraft } from '../../protocol/record/draft.ts'
import { base, bundle, file, plainTrust, run, Served, useFolder } from './agreement-node.ts'

useFolder()

describe('what csx bundle asks notes and records for', () => {
  const askedAfter = ({ requests }: Served) =>
    requests.flatMap(
      (path) =>
        path
          .match(/^\/log\/1\/witnessed\?after=(\d+)$/)
          ?.slice(1)
          .map(Number) ?? [],
    )

  /** A note with the quorum over every beginning of the west's log. */
  async function keepAll({ kept, world: { west } }: Served): Promise<void> {
    const notes = west.logged.map((_, i) => witnessedNote(west, '2026-05-01T02:00:00Z', i + 1))
    kept.set(west.member.origin, await Promise.all(notes))
  }

  test('[AGREE-47] a revision of a revision of an edition', async () => {
    const world = await syntheticConsent()
    const { west } = world
    for (const index of [0, 2]) {
      const { id, digest, document } = west.logged[index]!
      const { type, tier, synthetic, credentialSubject } = JSON.parse(JSON.stringify(document))
      const draft = { type: type[1], tier, synthetic, revisionOf: { id, digest }, credentialSubject }
      await west.publish(parseDraft(draft as never))
    }
    await west.publish(syntheticStandard(7))
    const served = new Served(world)
    await keepAll(served)
    expect((await bundle(served, '-o', file, '--trust', plainTrust)).exit).toBe(0)
    expect(askedAfter(served)).toEqual([0, 1, 2, 3])
  })

  test('[AGREE-47] [AGREE-51] a withdrawal of the recognition that a reuse cites, and acts about what replaces it', async () => {
    const world = await syntheticConsent()
    const { west, agreement } = world
    const reuse = await consentReuse(world)
    await west.publish(syntheticStandard(7))
    const seen = await sawProposal(world)
    await west.publish(syntheticAct({ act: 'withdraw', agreement, seen, reason: '合成理由' }))
    const renewed = {
      ...agreement,
      id: 'urn:uuid:00000000-0000-4000-8000-0000000000a2',
      supersedes: { id: agreement.id, digest: agreementDigest(agreement) },
    }
    await west.publish(syntheticAct({ act: 'propose', agreement: renewed }))
    const [index, size] = [west.logged.length - 1, west.logged.length]
    const again = { ...seen, index, size, digest: west.logged.at(-1)!.digest }
    await west.publish(syntheticAct({ act: 'withdraw', agreement: renewed, seen: again, reason: '合成理由' }))
    const served = new Served({ ...world, agreement: reuse as never })
    await keepAll(served)
    await run(['bundle', 'reuse', reuse.id, '--node', base, '-o', file], served.fetch)
    // The edition, the proposal, the acceptance of the reuse; then no note for what is about nothing of this.
    expect(askedAfter(served)).toEqual([0, 1, 2, 4, 5, 6])
  })

  test('[AGREE-44] [AGREE-47] entries from the first on, and records from where the node says', async () => {
    const world = await startRecognition()
    const { bureau, west, east, agreement } = world
    bureau.logged.splice(0)
    const before = await bureau.publish(syntheticStandard(8))
    const { digest } = await bureau.publish(syntheticBasis())
    const rebased = { ...world, agreement: { ...agreement, basis: { ...agreement.basis, digest } } }
    west.skipTo('2026-02-02T02:00:00Z')
    await west.publish(syntheticAct({ act: 'propose', agreement: rebased.agreement }))
    east.skipTo('2026-02-10T02:00:00Z')
    const seen = await sawProposal(rebased)
    await east.publish(syntheticAct({ act: 'accept', agreement: rebased.agreement, seen }))
    const served = new Served(rebased)
    const records = (from: number, index: number) =>
      (served.answer.logs as any[]).map((log) =>
        log.origin === bureau.member.origin ? { ...log, from, records: index } : log,
      )
    served.answer = { ...served.answer, logs: records(0, 1) }
    expect((await bundle(served, '-o', file, '--trust', plainTrust)).exit).toBe(0)
    const gathered = JSON.parse(readFileSync(file, 'utf8'))
    expect(gathered.logs.map(({ from }: any) => from)).toEqual([0, 0, 0])
    expect(gathered.records.map(({ id }: any) => id)).not.toContain(before.id)
    // A copy of its id decides nothing, and leaves nothing open.
    const { did, origin } = bureau.member
    const event = syntheticEvent({ id: bureau.logged[1]!.id, digest }, 'abolished', '2026-04-01')
    const copy = composeRecord(event, { id: before.id, issuer: did })
    const created = '2026-03-01T02:00:00Z'
    const signed = await signRecord(copy, {
      signer: bureau.member.publish,
      issuer: did,
      domain: origin,
      created,
    })
    const again = new SyntheticLog(bureau.member, Date.UTC(2026, 0, 5, 1))
    for (const one of bureau.logged) again.append(one.document, (one.document.type as string[])[1]!)
    again.append(signed, 'LifecycleEvent', { at: '2026-03-01T02:00:00.000Z' })
    const copied = new Served({ ...rebased, bureau: again })
    copied.answer = { ...copied.answer, logs: records(0, 1) }
    expect((await bundle(copied, '-o', file, '--trust', plainTrust)).exit).toBe(0)
    expect(JSON.parse(readFileSync(file, 'utf8')).records.map(({ id }: any) => id)).toContain(before.id)
    served.answer = { ...served.answer, logs: records(1, 1) }
    expect((await bundle(served, '-o', file, '--trust', plainTrust)).exit).toBe(3)
  })
})
