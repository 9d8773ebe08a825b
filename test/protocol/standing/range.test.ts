import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { decodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Draft, parseDraft } from '../../../protocol/record/draft.ts'
import { foldRange, type LaterRecords } from '../../../protocol/standing/range.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const trust = syntheticTrust([member])

async function logOf(
  ...later: ((subject: { id: string; digest: string }) => Draft)[]
): Promise<SyntheticLog> {
  const log = new SyntheticLog(member)
  const subject = await log.publish(syntheticStandard(1))
  for (const draft of later) await log.publish(draft({ id: subject.id, digest: subject.digest }))
  return log
}

function fold(
  log: SyntheticLog,
  change: (records: Map<string, Uint8Array>) => void = () => {},
): LaterRecords {
  const records = new Map<string, Uint8Array>(log.logged.map(({ digest, bytes }) => [digest, bytes]))
  change(records)
  const { id, digest } = log.logged[0]!
  const subject = { id, digest, origin: member.origin, index: 0, type: 'StandardRecord' }
  return foldRange(
    subject,
    log.logged.map(({ entry }) => decodeUtf8(entry)),
    {
      records,
      latest: Date.UTC(2026, 5, 1),
      openings: new Map(),
      verify: (entry, { bytes }) => verifyLoggedRecord(entry, bytes, trust),
    },
  )
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
  return 'passed'
}

const revision = (subject: { id: string; digest: string }): Draft =>
  parseDraft({ ...syntheticStandard(1), revisionOf: subject } as any)
const end = (subject: { id: string; digest: string }) => syntheticEvent(subject, 'abolished', '2026-02-01')

describe('what a log says about a record after it', () => {
  test('[STAND-7] a faulty entry, a faulty record and a second use of an id are passed over, and nothing after them is', async () => {
    const log = await logOf(end)
    const [subject, good] = log.logged
    const altered = structuredClone(good!.document) as any
    altered.id = `${good!.id.slice(0, -1)}9`
    log.append(altered, 'LifecycleEvent')
    log.append(good!.document as any, 'LifecycleEvent', { index: 77 })
    log.append(good!.document as any, 'LifecycleEvent')
    log.append(subject!.document as any, 'StandardRecord')
    expect(fold(log).events.map(({ index }) => index)).toEqual([1])
    await log.publish(syntheticEvent({ id: subject!.id, digest: subject!.digest }, 'review', '2026-02-02'))
    expect(fold(log).events.map(({ index, subject: { eventKind } }) => [index, eventKind])).toEqual([
      [1, 'abolished'],
      [6, 'review'],
    ])
    expect(fold(log).revisedBy).toBeUndefined()
  })

  test('[STAND-7] an entry dated before the one it follows does not act', async () => {
    const log = await logOf(() => syntheticStandard(2))
    const document = (await logOf(end)).logged[1]!.document as any
    log.append(document, 'LifecycleEvent', { at: '2026-01-01T00:00:00.000Z' })
    expect(fold(log).events).toEqual([])
    expect(fold(log).lastAt).toBe('2026-01-05T01:00:01.000Z')
  })

  test('[STAND-7] an id counts at its first sound use, also where that one is about something else', async () => {
    const unsound = structuredClone((await logOf(() => syntheticStandard(2))).logged[1]!.document) as any
    unsound.credentialSubject.titleZh += '改'
    const sound = (await logOf(() => syntheticStandard(3))).logged[1]!.document
    const act = (await logOf(end)).logged[1]!.document
    const log = await logOf()
    log.append(unsound, 'StandardRecord')
    log.append(act, 'LifecycleEvent')
    expect(fold(log).events.map(({ index }) => index)).toEqual([2])
    const used = await logOf()
    used.append(unsound, 'StandardRecord')
    used.append(sound, 'StandardRecord')
    used.append(act, 'LifecycleEvent')
    expect(fold(used).events).toEqual([])
  })

  test('[STAND-7] an entry dated in the future does not act, and does not keep what follows it from acting', async () => {
    const log = await logOf(() => syntheticStandard(2), end)
    const [subject, ahead, event] = log.logged
    const later = new SyntheticLog(member)
    later.append(subject!.document, 'StandardRecord')
    later.append(ahead!.document, 'StandardRecord', { at: '2026-06-01T00:00:00.001Z' })
    later.append(event!.document, 'LifecycleEvent')
    const { events, lastAt } = fold(later)
    expect([events.map(({ index }) => index), lastAt]).toEqual([[2], '2026-01-05T01:00:02.000Z'])
  })

  test('[STAND-8] a later record that names this one and is dated in the future leaves it open', async () => {
    const log = await logOf()
    const { document } = (await logOf(end)).logged[1]!
    log.append(document, 'LifecycleEvent', { at: '2026-06-01T00:00:00.001Z' })
    expect(codeOf(() => fold(log))).toBe('RANGE_MISSING')
  })

  test('[STAND-8] a later public record that is not at hand leaves the question open', async () => {
    const log = await logOf(() => syntheticStandard(2), end)
    expect(codeOf(() => fold(log))).toBe('passed')
    for (const { digest } of log.logged.slice(1))
      expect(codeOf(() => fold(log, (records) => records.delete(digest)))).toBe('RANGE_MISSING')
  })

  test('[STAND-8] a later record of an unknown type that names this one leaves it open; another does not', async () => {
    const log = await logOf()
    const about = { ...(log.logged[0]!.document as any), id: `${log.logged[0]!.id.slice(0, -1)}8` }
    log.append({ ...about, about: ['elsewhere'] }, 'ReviewReport')
    expect(codeOf(() => fold(log))).toBe('passed')
    log.append({ ...about, about: [log.logged[0]!.id] }, 'ReviewReport')
    expect(codeOf(() => fold(log))).toBe('RANGE_MISSING')
  })

  test('[STAND-9] the first later record of the same type that revises it counts, events about it and no others', async () => {
    const other = {
      id: `${member.base.replace('http', 'https')}/id/00000000-0000-4000-8000-0000000000ff`,
      digest: `sha256:${'0'.repeat(64)}`,
    }
    const log = await logOf(
      () => syntheticStandard(2),
      revision,
      revision,
      end,
      () => end(other),
      (subject) => parseDraft({ ...end(other), revisionOf: subject } as any),
    )
    const { events, revisedBy } = fold(log)
    expect(revisedBy?.index).toBe(2)
    expect(events.map(({ index }) => index)).toEqual([4])
  })

  test('[STAND-9] what names the id with another digest is about another text, and does not act on this one', async () => {
    const otherText = ({ id }: { id: string }) => ({ id, digest: `sha256:${'0'.repeat(64)}` })
    const log = await logOf(
      (subject) => revision(otherText(subject)),
      (subject) => end(otherText(subject)),
    )
    expect(fold(log)).toMatchObject({ events: [], lastAt: '2026-01-05T01:00:02.000Z' })
    expect(fold(log).revisedBy).toBeUndefined()
    const { id, digest } = log.logged[0]!
    await log.publish(end({ id, digest }))
    await log.publish(revision({ id, digest }))
    const { events, revisedBy } = fold(log)
    expect([events.map(({ index }) => index), revisedBy?.index]).toEqual([[3], 4])
  })
})
