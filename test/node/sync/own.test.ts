import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import type { Database } from '../../../node/store/database.ts'
import { openLog, select } from '../../../node/store/log-store.ts'
import { followOwnLog, type OwnFollower } from '../../../node/sync/own.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
let own: OwnFollower | undefined
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
})
afterEach(async () => {
  await own?.stop()
  await node.close()
  await peer.close()
})

const select1 = <T extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  select<T>(node.db.database, statement)

/** Stores a log as the sequencer would leave it: everything there, signed up to `signed`, nothing visible. */
async function storeOwn(signed: number): Promise<void> {
  const { origin } = peer.member
  const { id } = await openLog(node.db.database, origin, true)
  for (const [index, { entry, id: recordId, digest, bytes }] of peer.log.logged.entries())
    await select1(
      sql`insert into entry (log_id, index, bytes, tier, digest, record_id, record)
        values (${id}, ${index}, ${`\\x${Buffer.from(entry).toString('hex')}`}::bytea, 'public',
          ${`\\x${digest.slice(7)}`}::bytea, ${recordId}, ${Buffer.from(bytes).toString()}) on conflict do nothing`,
    )
  await select1(
    sql`update log set size = ${peer.log.size}, checkpoint_size = ${signed}, checkpoint = ${await peer.log.checkpointAt(signed)} where id = ${id}`,
  )
}

function follow(database: Database = node.db.database): OwnFollower {
  const { origin } = peer.member
  own = followOwnLog({ deps: node.deps, database, pool: node.pool, origin })
  return own
}

describe('the own log', () => {
  test('[SYNC-17] own entries become visible by the checks of foreign ones, up to the signed size', async () => {
    await peer.log.publishStandards(300)
    await storeOwn(290)
    await follow().waitFor(290)
    expect(await node.standardsOf(peer)).toHaveLength(290)
    expect((await node.logOf(peer)).visible).toBe(290)
    await storeOwn(300)
    await own?.waitFor(300)
    expect(await node.standardsOf(peer)).toHaveLength(300)
  })

  test('[SYNC-17] an own entry that fails is in quarantine like any other, and the rest is visible', async () => {
    await peer.log.publishStandards(2)
    peer.log.appendFaulty({ ...peer.log.logged[0]!.document, id: peer.log.logged[0]!.id.replace(/.$/, '9') })
    await peer.log.publish(syntheticStandard(3))
    await storeOwn(4)
    await follow().waitFor(4)
    expect(await node.standardsOf(peer)).toEqual([0, 1, 3])
    expect((await node.quarantineOf(peer)).map(({ index, code }) => [index, code])).toEqual([
      [2, 'SIGNATURE_INVALID'],
    ])
  })

  test('[SYNC-17] the rows of a rebuild are those of the first time', async () => {
    await peer.log.publishStandards(30)
    await storeOwn(30)
    await follow().waitFor(30)
    const rows = () => select1(sql`select * from standard order by index`)
    const first = await rows()
    await own?.stop()
    await select1(sql`delete from standard`)
    await select1(sql`update log set visible = 0`)
    await follow().waitFor(30)
    expect(await rows()).toEqual(first)
    expect(first).toHaveLength(30)
  })

  test('[SYNC-17] the rows of an own log are those that a follower makes of it', async () => {
    await peer.log.publishStandards(10)
    await node.pull(peer)
    const rows = () =>
      select1(
        sql`select s.* from standard s join log l on l.id = s.log_id where l.origin = ${peer.member.origin} order by index`,
      )
    const foreign = (await rows()).map(({ log_id: _, ...row }) => row)
    for (const table of ['standard', 'tile', 'entry', 'log']) await select1(sql.raw(`delete from ${table}`))
    await storeOwn(10)
    await follow().waitFor(10)
    expect((await rows()).map(({ log_id: _, ...row }) => row)).toEqual(foreign)
  })

  test('[SYNC-20] an outage of the database fails who waits, and is made up for without being told', async () => {
    await peer.log.publishStandards(3)
    await storeOwn(3)
    let down = true
    const flaky: Database = {
      ...node.db.database,
      target: node.db.database.target,
      run: (work) =>
        down ? Promise.reject(new ProtocolError('STORAGE_UNAVAILABLE', 'down')) : node.db.database.run(work),
      transaction: (work) => node.db.database.transaction(work),
      requireSpace: () => node.db.database.requireSpace(),
    }
    expect(await codeOfAsync(() => follow(flaky).waitFor(3))).toBe('STORAGE_UNAVAILABLE')
    down = false
    await expect.poll(() => node.standardsOf(peer), { timeout: 10_000 }).toHaveLength(3)
  })

  test('[SYNC-17] who waits while it stops is told so', async () => {
    await storeOwn(0)
    const waiting = codeOfAsync(() => follow().waitFor(5))
    await own?.stop()
    expect(await waiting).toBe('STORAGE_UNAVAILABLE')
    expect(await codeOfAsync(async () => own?.waitFor(5))).toBe('STORAGE_UNAVAILABLE')
  })
})
