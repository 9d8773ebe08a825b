import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticId } from '../../../fixtures/synthetic/log.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { programVersion } from '../../../node/projection/apply.ts'
import { select } from '../../../node/store/log-store.ts'
import { createRechecker, recheckStored } from '../../../node/sync/recheck.ts'
import { formatMoment } from '../../../protocol/date.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
/** Milliseconds that the monotonic clock of the rechecker is ahead. */
let ahead = 0
beforeEach(async () => {
  ahead = 0
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
})
afterEach(async () => {
  await node.close()
  await peer.close()
})

function openRechecker() {
  const deps = {
    ...node.deps,
    monotonic: () => performance.now() + ahead,
    random: () => new Uint8Array([128]),
  }
  return createRechecker({ ...node.optionsFor(peer), deps, interval: 1_000 })
}

async function withhold(indices: readonly number[]): Promise<void> {
  for (const index of indices) peer.log.served.set(index, null)
}

describe('records that were not to be had', () => {
  test('[SYNC-7] a missing record is asked for again until it is there, with one request a bundle', async () => {
    await peer.log.publishStandards(300)
    await withhold([3, 4, 270])
    await node.pull(peer)
    expect((await node.quarantineOf(peer)).map(({ index, code }) => [index, code])).toEqual([
      [3, 'RECORD_UNAVAILABLE'],
      [4, 'RECORD_UNAVAILABLE'],
      [270, 'RECORD_UNAVAILABLE'],
    ])
    peer.log.served.clear()
    peer.takeRequests()
    await openRechecker().run(0)
    expect(peer.takeRequests()).toEqual(['records/000?from=3', 'records/001.p/44?from=270'])
    expect(await node.quarantineOf(peer)).toEqual([])
    expect(await node.standardsOf(peer)).toHaveLength(300)
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(300))
    const [row] = await select<{ sound: number }>(
      node.db.database,
      sql`select count(*) as sound from entry where record is not null and fault is null and digest is not null`,
    )
    expect(Number(row?.sound)).toBe(300)
  })

  test('[SYNC-7] of many that come at last each page is stored before the next is asked for', async () => {
    await peer.log.publishStandards(40)
    await withhold(Array.from({ length: 40 }, (_, n) => n))
    await node.pull(peer)
    peer.log.served.clear()
    const { recordPage } = peer.log
    peer.log.recordPage = (from, end) => recordPage.call(peer.log, from, end, 8_000)
    const left: number[] = []
    peer.misbehave = async ({ path }, response) => {
      if (!path.startsWith('records/')) return false
      left.push((await node.quarantineOf(peer)).length)
      if (left.length < 4) return false
      response.writeHead(500).end()
      return true
    }
    await openRechecker().run(0)
    expect(left).toHaveLength(4)
    expect(left).toEqual([...new Set(left)].toSorted((a, b) => b - a))
    expect(await node.quarantineOf(peer)).toHaveLength(left[3]!)
    peer.misbehave = undefined
    await openRechecker().run(0)
    expect(await node.quarantineOf(peer)).toEqual([])
  })

  test('[SYNC-22] what waits for a withheld record waits no longer once it is given, though the log has not grown', async () => {
    const { id, digest } = await peer.log.publish(syntheticStandard(1))
    await peer.log.publish(syntheticEvent({ id, digest }, 'abolished', '2026-01-01'))
    await withhold([0])
    await node.pull(peer)
    expect(await node.catalogue.listLogs()).toMatchObject([{ visible: 2, quarantined: 1, pending: 1 }])
    peer.log.served.clear()
    await openRechecker().run(0)
    expect(await node.catalogue.listLogs()).toMatchObject([{ visible: 2, quarantined: 0, pending: 0 }])
  })

  test('[SYNC-7] while it stays away it is asked for less and less often, and nothing else is', async () => {
    await peer.log.publishStandards(3)
    await withhold([1])
    await node.pull(peer)
    const rechecker = openRechecker()
    peer.takeRequests()
    const asked: number[] = []
    for (let second = 0; second < 70; second += 1) {
      await rechecker.run(0)
      if (peer.takeRequests().length > 0) asked.push(second)
      ahead += 1_000
    }
    expect(asked.length).toBeGreaterThanOrEqual(5)
    expect(asked.length).toBeLessThanOrEqual(8)
    const pauses = asked.slice(1).map((second, i) => second - (asked[i] ?? 0))
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses)
  })

  test('[SYNC-7] a peer that fails while it is asked again only puts off the next look', async () => {
    await peer.log.publishStandards(2)
    await withhold([0])
    await node.pull(peer)
    peer.misbehave = (_, response) => {
      response.destroy()
      return true
    }
    const rechecker = openRechecker()
    await rechecker.run(0)
    peer.misbehave = undefined
    peer.log.served.clear()
    await rechecker.run(0)
    expect(await node.quarantineOf(peer)).toHaveLength(1)
    ahead += 5_000
    await rechecker.run(0)
    expect(await node.quarantineOf(peer)).toEqual([])
  })

  test('[SYNC-7] a record that comes and is bad stays out, with its own code', async () => {
    await peer.log.publishStandards(2)
    await withhold([1])
    await node.pull(peer)
    peer.log.served.set(1, peer.log.logged[0]!.bytes)
    await openRechecker().run(0)
    const [entry] = await node.quarantineOf(peer)
    expect([entry?.index, entry?.code]).toEqual([1, 'LEAF_MISMATCH'])
  })

  test('[SYNC-7] a follower with nothing in quarantine asks for nothing more', async () => {
    await peer.log.publishStandards(2)
    node.follow(peer, 50)
    await sleep(1_000)
    const paths = peer.takeRequests()
    expect(paths.filter((path) => path !== 'checkpoint')).toHaveLength(3)
    expect(paths.length).toBeGreaterThan(6)
  })

  test('[SYNC-7] a running follower finds what was missing', async () => {
    await peer.log.publishStandards(2)
    await withhold([1])
    node.follow(peer, 50)
    await expect.poll(() => node.quarantineOf(peer), { timeout: 10_000 }).toHaveLength(1)
    peer.log.served.clear()
    await expect.poll(() => node.quarantineOf(peer), { timeout: 10_000 }).toEqual([])
    expect(await node.standardsOf(peer)).toEqual([0, 1])
  })

  test('[SYNC-8] an id counts at its first index, also when its record comes last', async () => {
    await peer.log.publishStandards(1)
    const again = composeRecord(syntheticStandard(50), {
      id: syntheticId(peer.member, 0),
      issuer: peer.member.did,
    })
    peer.log.appendFaulty(
      await signRecord(again, {
        signer: peer.member.publish,
        issuer: peer.member.did,
        domain: peer.member.origin,
        created: '2026-01-05T01:00:00Z',
      }),
    )
    await withhold([0])
    await node.pull(peer)
    expect(await node.standardsOf(peer)).toEqual([1])
    peer.log.served.clear()
    await openRechecker().run(0)
    expect(await node.standardsOf(peer)).toEqual([0])
    expect((await node.quarantineOf(peer)).map(({ index, code }) => [index, code])).toEqual([
      [1, 'DUPLICATE_ID'],
    ])
  })
})

describe('judgements that time or a new program changes', () => {
  test('[SYNC-21] what another version of the program refused is judged again at start', async () => {
    await peer.log.publishStandards(3)
    await node.pull(peer)
    await select(
      node.db.database,
      sql`insert into quarantine (log_id, index, code, detail, record, program)
        select log_id, index, 'SCHEMA_INVALID', 'then unknown', convert_to(record, 'UTF8'), '0' from entry where index = 1`,
    )
    await select(
      node.db.database,
      sql`update entry set record = null, fault = 'SCHEMA_INVALID' where index = 1`,
    )
    await select(node.db.database, sql`delete from standard where index = 1`)
    await openRechecker().run(0)
    expect(await node.quarantineOf(peer)).toEqual([])
    expect(await node.standardsOf(peer)).toEqual([0, 1, 2])
  })

  test('[SYNC-21] what this version refuses too stays, and is not judged a third time', async () => {
    await peer.log.publishStandards(1)
    peer.log.appendFaulty({ ...peer.log.logged[0]!.document, id: syntheticId(peer.member, 1) })
    await node.pull(peer)
    await select(node.db.database, sql`update quarantine set program = '0', code = 'RULE_VIOLATED'`)
    await recheckStored(node.optionsFor(peer), { kind: 'outdated' })
    const [entry] = await node.quarantineOf(peer)
    expect([entry?.code, entry?.program]).toEqual(['SIGNATURE_INVALID', programVersion])
  })

  test('[SYNC-21] an entry dated ahead is used once its time has come', async () => {
    await peer.log.publishStandards(1)
    const ahead10 = formatMoment(node.deps.now() + 10 * 60_000)
    const document = composeRecord(syntheticStandard(1), {
      id: syntheticId(peer.member, 1),
      issuer: peer.member.did,
    })
    peer.log.appendFaulty(
      await signRecord(document, {
        signer: peer.member.publish,
        issuer: peer.member.did,
        domain: peer.member.origin,
        created: '2026-01-05T01:00:00Z',
      }),
      { entry: { at: ahead10 } },
    )
    await node.pull(peer)
    const rechecker = openRechecker()
    await rechecker.run(0)
    expect((await node.quarantineOf(peer)).map(({ code }) => code)).toEqual(['TIME_IN_FUTURE'])
    node.clockOffset = 6 * 60_000
    ahead += 10_000
    await rechecker.run(0)
    expect(await node.quarantineOf(peer)).toEqual([])
    expect(await node.standardsOf(peer)).toEqual([0, 1])
  })
})
