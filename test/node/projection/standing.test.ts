import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticId } from '../../../fixtures/synthetic/log.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { formatBundle } from '../../../protocol/bundle.ts'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatMoment } from '../../../protocol/date.ts'
import { leftEdge } from '../../../protocol/log/range.ts'
import { formatTlogProof } from '../../../protocol/log/tlog-proof.ts'
import { proveInclusion } from '../../../protocol/log/tree.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower } from '../../support/peer-follower.ts'
import { firstMoment, PeerLog } from '../../support/peer-log.ts'

let peer: Peer
beforeAll(async () => {
  peer = await startPeer('璧山（合成）')
})
afterAll(() => peer.close())

/** A generator that every run repeats. */
function randomness(seed: number) {
  let state = seed
  const next = () => {
    state = (state * 1103515245 + 12345) % 0x80000000
    return state / 0x80000000
  }
  return { next, pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]! }
}

const lifecycle = ['abolished', 'superseded', 'reinstated', 'review', 'publication', 'entry-into-force']
const dates = ['2019-01-01', '2024-01-01', '2025-05-01', '2026-02-01', '2030-01-01']

/** Standards, acts about them, and every fault that an entry can have: of its time, index, log, id, type and signature. */
async function fillLog(log: PeerLog, now: number, { next, pick }: ReturnType<typeof randomness>) {
  const { member } = log
  for (let n = 0; n < 14; n += 1) {
    const target = n > 0 ? pick(log.logged) : undefined
    const digest = next() < 0.85 ? target?.digest : undefined
    const reference = { id: target?.id ?? '', digest: digest ?? `sha256:${'0'.repeat(64)}` }
    const kind = target ? next() : 1
    const standard = syntheticStandard(n)
    const draft: any =
      kind < 0.45
        ? syntheticEvent(reference, pick(lifecycle), pick(dates))
        : { ...standard, ...(kind < 0.6 ? { revisionOf: reference } : {}) }
    const id = syntheticId(member, next() < 0.8 ? n : Math.floor(next() * n))
    const document = await signRecord(composeRecord(draft, { id, issuer: member.did }), {
      signer: next() < 0.93 ? member.publish : member.log,
      issuer: member.did,
      domain: member.origin,
      created: '2026-01-01T00:00:00Z',
    })
    const faults = [
      { at: formatMoment(now + 86_400_000) },
      { at: formatMoment(firstMoment - 1000 + n * 500) },
      { index: n + 1 },
      { id: syntheticId(member, 900) },
      { log: 'localhost:1/log/1' },
      { type: pick(['LifecycleEvent', 'StandardRecord']) },
    ]
    log.appendFaulty(document, { entry: next() < 0.3 ? pick(faults) : {} })
  }
}

async function bundleOf(log: PeerLog, index: number): Promise<Uint8Array> {
  const [checkpoint, { digest, id }] = [await log.checkpointAt(log.size), log.logged[index]!]
  const later = log.logged.slice(index)
  const path = proveInclusion(index, log.size, log.readTile)
  const entries = later.map(({ entry }) => decodeUtf8(entry))
  const left = leftEdge(index, log.readTile).map(encodeBase64)
  const { origin } = log.member
  return encodeUtf8(
    formatBundle({
      subject: { digest, id, index, origin },
      records: [...new Map(later.map((logged) => [logged.digest, logged.document])).values()],
      proofs: [{ entry: entries[0]!, proof: formatTlogProof({ index, path, checkpoint }) }],
      ranges: [{ origin, checkpoint, from: index, left, entries }],
    }),
  )
}

test('[STAND-7] whatever a log holds, a node and a bundle say the same of each standard, or the bundle leaves it open', async () => {
  const outcomes = new Map<string, number>()
  for (let seed = 1; seed <= 30; seed += 1) {
    const log = new PeerLog(peer.member)
    const now = Date.now()
    await fillLog(log, now, randomness(seed))
    peer.log = log
    const node = await createPeerFollower([peer])
    await node.pull(peer)
    const faulty = new Set((await node.quarantineOf(peer)).map(({ index }) => index))
    for (const [index, { digest, document }] of log.logged.entries()) {
      const isStandard = (document as any).type[1] === 'StandardRecord'
      // That an id was used before the record needs the whole log.
      const before = new Set(log.logged.slice(0, index).map(({ id }) => id))
      if (faulty.has(index) || !isStandard || log.logged.slice(index).some(({ id }) => before.has(id)))
        continue
      for (const day of ['2024-06-01', '2026-06-01', '2031-01-01']) {
        const at = Date.parse(`${day}T12:00:00+08:00`)
        const told = await node.catalogue.findStandard(digest, day)
        const { findings, lifecycle: found } = verifyBundle(await bundleOf(log, index), {
          trust: node.trust,
          now,
          at,
        })
        const codes = findings.filter(({ outcome }) => outcome !== 'passed').map(({ code }) => code)
        const ends = { superseded: 'SUPERSEDED', abolished: 'WITHDRAWN' } as Record<string, string>
        const end = told?.revisedBy === undefined ? ends[told?.state ?? ''] : 'SUPERSEDED'
        const word = codes.join(' ') || found?.state
        outcomes.set(`${word}`, (outcomes.get(`${word}`) ?? 0) + 1)
        if (word !== 'RANGE_MISSING')
          expect([seed, index, day, word]).toEqual([seed, index, day, end ?? told?.state])
      }
    }
    await node.close()
  }
  for (const word of ['in-force', 'SUPERSEDED', 'WITHDRAWN', 'RANGE_MISSING'])
    expect(outcomes.get(word) ?? 0, word).toBeGreaterThan(10)
})
