import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../node/store/database.ts'
import { select } from '../../node/store/log-store.ts'
import { followLog } from '../../node/sync/follow.ts'
import { pullLog } from '../../node/sync/pull.ts'
import { createHttpSource } from '../../node/sync/source.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Peer, startPeer } from '../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../support/peer-follower.ts'

const size = 600
let peer: Peer
let node: PeerFollower
beforeAll(async () => {
  peer = await startPeer('璧山（合成）')
  await peer.log.publishStandards(size - 1)
  peer.log.appendFaulty({ ...peer.log.logged[0]!.document, synthetic: false })
})
afterAll(() => peer.close())
beforeEach(async () => {
  node = await createPeerFollower([peer])
})
afterEach(() => node.close())

type Outcome = 'lost' | 'stored but reported lost'

/** A database whose n-th piece of work goes wrong. */
function failAt(n: number, outcome: Outcome): Database & { readonly done: () => number } {
  const inner = node.db.database
  let count = 0
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1
    if (count !== n) return work()
    if (outcome === 'stored but reported lost') await work()
    throw new ProtocolError('STORAGE_UNAVAILABLE', 'the database does not answer', {
      evidence: { outcome: 'unknown' },
    })
  }
  return {
    target: inner.target,
    run: (work) => guard(() => inner.run(work)),
    transaction: (work) => guard(() => inner.transaction(work)),
    requireSpace: () => inner.requireSpace(),
    close: () => inner.close(),
    done: () => count,
  }
}

async function expectWhole(): Promise<void> {
  const log = await node.logOf(peer)
  expect([log.size, log.visible, log.checkpointSize, log.pendingSize]).toEqual([size, size, size, size])
  expect([log.state, log.checkpoint]).toEqual(['active', await peer.log.checkpointAt(size)])
  expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(size))
  expect(await node.standardsOf(peer)).toEqual(Array.from({ length: size - 1 }, (_, n) => n))
  expect((await node.quarantineOf(peer)).map(({ index }) => index)).toEqual([size - 1])
}

describe('a pull whose database fails', () => {
  test('[SYNC-8] at each of its writes, lost or stored and reported lost: the next pull makes it whole', async () => {
    const counting = failAt(Number.POSITIVE_INFINITY, 'lost')
    await pullLog({ ...node.optionsFor(peer), database: counting })
    const writes = counting.done()
    expect(writes).toBeGreaterThanOrEqual(6)
    await expectWhole()
    for (const outcome of ['lost', 'stored but reported lost'] as const) {
      for (let n = 1; n <= writes; n += 1) {
        await node.close()
        node = await createPeerFollower([peer])
        const failing = pullLog({ ...node.optionsFor(peer), database: failAt(n, outcome) })
        const code = await failing.then(
          () => 'whole',
          (error: unknown) => (error as ProtocolError).code,
        )
        expect([n, outcome, code]).toEqual([n, outcome, 'STORAGE_UNAVAILABLE'])
        await node.pull(peer)
        await expectWhole()
      }
    }
  })

  test('[SYNC-20] connections that are cut again and again only delay it', async () => {
    const { source: _, ...options } = node.optionsFor(peer)
    const follower = followLog({
      ...options,
      openSource: (signal) => createHttpSource(node.client, `${peer.url}/log/1`, signal),
      interval: 20,
    })
    for (let i = 0; i < 25; i += 1) {
      await sleep(20)
      await select(
        node.db.database,
        sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      ).catch(() => {})
    }
    await expect
      .poll(async () => (await node.logOf(peer).catch(() => undefined))?.checkpointSize, { timeout: 40_000 })
      .toBe(size)
    await follower.stop()
    await expectWhole()
  })
})
