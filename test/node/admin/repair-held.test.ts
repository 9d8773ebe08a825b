import { type SQL, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticEvent } from '../../../fixtures/synthetic/standard.ts'
import { checkStoredLog } from '../../../node/admin/fsck.ts'
import { checkReadModel } from '../../../node/admin/read-model.ts'
import { repairStoredLog } from '../../../node/admin/repair.ts'
import type { StoredFault } from '../../../node/admin/tile-check.ts'
import { openSources } from '../../../node/repair-source.ts'
import { rootOfHashes } from '../../../protocol/log/merkle.ts'
import { dumpTables } from '../../support/dump.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import { repairPorts } from '../../support/repair.ts'

/** A log of 303 entries held for another: three of them faulty, one an event. */
let peer: Peer
let node: PeerFollower
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
  await peer.log.publishStandards(270)
  const first = peer.log.logged[0]!
  await peer.log.publish(syntheticEvent({ id: first.id, digest: first.digest }, 'abolished', '2026-01-01'))
  await peer.log.publishStandards(29)
  peer.log.appendFaulty({ ...first.document, about: ['altered'] })
  peer.log.appendFaulty(first.document, { leaf: new TextEncoder().encode('no entry') })
  await peer.log.publishStandards(1)
  for (const index of [301, 302]) peer.log.served.set(index, null)
  await node.pull(peer)
})
afterEach(async () => {
  await node.close()
  await peer.close()
})

const damage = (statement: SQL) => node.db.database.run((q) => q.execute(statement))
const dump = () => dumpTables(node.db.database)
const keysOf = () => (node.trust.logs.get(peer.member.origin)?.keys ?? []).map(({ key }) => key)
const ports = () => repairPorts((batch) => node.pool.check(batch))

async function fsck(): Promise<readonly StoredFault[]> {
  const { database } = node.db
  const { origin } = peer.member
  const faults = [...(await checkStoredLog(database, { origin, keys: keysOf() })).faults]
  await checkReadModel(database, { origin, check: ports().check }, (fault) => faults.push(fault))
  return faults
}

async function repair(given: readonly string[] = [`${peer.url}/log/1`]) {
  const { trust, client } = node
  const sources = await openSources(given, { trust, client, self: 'did:web:localhost%3A1' })
  const { origin } = peer.member
  return repairStoredLog(node.db.database, {
    origin,
    keys: keysOf(),
    sources: await sources(origin),
    ports: ports(),
  })
}

describe('the read model', () => {
  test('[DUR-30] that of a log with faulty entries is whole', async () => {
    expect(await fsck()).toEqual([])
    expect((await node.quarantineOf(peer)).map(({ index, code }) => [index, code])).toEqual([
      [300, 'SIGNATURE_INVALID'],
      [301, 'ENTRY_MALFORMED'],
      [302, 'RECORD_UNAVAILABLE'],
    ])
  })

  const rows: readonly (readonly [string, number, SQL])[] = [
    ['an altered title', 5, sql`update standard set title_zh = 'x' where index = 5`],
    ['an altered number', 280, sql`update standard set keys = '{"GB 1"}' where index = 280`],
    ['an altered date', 5, sql`update standard set effective_on = effective_on + 1 where index = 5`],
    ['a date that is gone', 5, sql`update standard set published_on = null where index = 5`],
    ['an altered digest', 5, sql`update standard set digest = sha256('x') where index = 5`],
    ['a missing row', 5, sql`delete from standard where index = 5`],
    ['an altered event', 270, sql`update event set body = body || '{"eventKind": "x"}' where index = 270`],
    [
      'an event about another text',
      270,
      sql`update event set edition_digest = sha256('x') where index = 270`,
    ],
    ['a missing event', 270, sql`delete from event`],
    [
      'a row of a faulty entry',
      300,
      sql`insert into standard select log_id, 300, 'x', digest, issuer, title_zh, keys, work_keys, level, class, published_on,
        effective_on, abolished_on, revision_of, synthetic, search from standard where index = 5`,
    ],
    ['a row beyond the end', 303, sql`update standard set index = 303 where index = 299`],
    ['a fault that is none', 5, sql`update entry set fault = 'SIGNATURE_INVALID' where index = 5`],
  ]

  test.each(rows)(
    '[DUR-30] %s is found, and made again without asking anybody',
    async (_, index, statement) => {
      const before = await dump()
      await damage(statement)
      expect(await fsck()).toContainEqual(
        expect.objectContaining({ index, part: 'row', code: 'LEAF_MISMATCH' }),
      )
      peer.takeRequests()
      const { mended } = await repair()
      expect(mended).toContainEqual({ index, part: 'row' })
      expect(peer.takeRequests()).toEqual([])
      expect(await dump()).toEqual(before)
      expect(await fsck()).toEqual([])
    },
  )

  test('[DUR-30] every row is made again', async () => {
    const before = await dump()
    await damage(sql`delete from standard`)
    expect(await fsck()).toHaveLength(299)
    await repair()
    expect(await dump()).toEqual(before)
  })
})

describe('repair of a log held for another', () => {
  test.each([
    ['an altered entry', [sql`update entry set bytes = set_byte(bytes, 60, 1) where index in (5, 290)`]],
    ['missing entries', [sql`delete from entry where index in (0, 5, 270, 300, 301, 302)`]],
    ['an altered record', [sql`update entry set record = replace(record, '合成', '真实') where index = 5`]],
    ['a missing record', [sql`update entry set record = null where index in (5, 270)`]],
    ['a fault that was wiped', [sql`update entry set fault = null where index in (300, 301)`]],
    ['everything', [sql`delete from entry`, sql`delete from tile`, sql`delete from standard`]],
    ['everything and its quarantine', [sql`delete from entry`, sql`delete from quarantine`]],
  ])('[DUR-32] %s: entries, faults and rows are what they were', async (_, statements) => {
    const before = await dump()
    for (const statement of statements) await damage(statement)
    expect((await fsck()).length).toBeGreaterThan(0)
    await repair()
    expect(await fsck()).toEqual([])
    expect(await dump()).toEqual(before)
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(303))
  })

  test('[DUR-32] an id that was used before is the fault of the later entry again', async () => {
    peer.log.appendFaulty(peer.log.logged[5]!.document)
    await node.pull(peer)
    expect(await node.quarantineOf(peer)).toContainEqual(
      expect.objectContaining({ index: 303, code: 'DUPLICATE_ID' }),
    )
    const before = await dump()
    for (const lost of [sql`index = 303`, sql`index = 5`, sql`index in (5, 303)`, sql`true`]) {
      await damage(sql`delete from entry where ${lost}`)
      await repair()
      expect(await dump()).toEqual(before)
    }
  })

  test('[DUR-33] what is held beyond its last note is cut back when it is damaged, and pulled again', async () => {
    await peer.log.publishStandards(400)
    const pool = node.pool.check
    const failing = {
      ...node.pool,
      check: (batch: Parameters<typeof pool>[0]) =>
        batch.start >= 512 ? Promise.reject(new Error('stopped')) : pool(batch),
    }
    Object.assign(node.pool, failing)
    await expect(node.pull(peer)).rejects.toThrow('stopped')
    Object.assign(node.pool, { check: pool })
    expect(await node.logOf(peer)).toMatchObject({ size: 512, checkpointSize: 303, pendingSize: 703 })
    expect(await fsck()).toEqual([])
    await damage(sql`update standard set title_zh = 'x' where index = 400`)
    expect(await repair()).toMatchObject({ cut: 0, mended: [{ index: 400, part: 'row' }] })
    await damage(sql`update entry set bytes = set_byte(bytes, 60, 1) where index = 400`)
    expect(await repair()).toMatchObject({ cut: 209 })
    expect(await fsck()).toEqual([])
    expect(await node.logOf(peer)).toMatchObject({ size: 303, visible: 303 })
    expect(await node.pull(peer)).toEqual({ applied: 400, held: 703, target: 703 })
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(703))
    expect(await fsck()).toEqual([])
  })

  test('[DUR-33] a copy that was never complete begins again', async () => {
    await damage(sql`update log set checkpoint = null, checkpoint_size = 0`)
    expect(await fsck()).toEqual([])
    await damage(sql`delete from entry where index = 17`)
    expect(await repair([])).toMatchObject({ cut: 302 })
    expect(await node.logOf(peer)).toMatchObject({ size: 0, visible: 0 })
    expect(await fsck()).toEqual([])
    expect(await node.pull(peer)).toEqual({ applied: 303, held: 303, target: 303 })
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(303))
  })
})

describe('sources', () => {
  test('[DUR-35] an address that the registry does not name is not called, and what is neither is refused', async () => {
    await expect(repair(['http://localhost:1/log/1'])).rejects.toMatchObject({ code: 'ADDRESS_FORBIDDEN' })
    await expect(repair(['/no/such/directory'])).rejects.toMatchObject({ code: 'USAGE_INVALID' })
    await expect(repair(['http://'])).rejects.toMatchObject({ code: 'USAGE_INVALID' })
  })

  test('[DUR-32] a fork of the log, signed by its own key, changes nothing', async () => {
    await damage(sql`delete from entry where index = 17`)
    const damaged = await dump()
    const { log } = peer
    peer.log = log.fork(10)
    await peer.log.publishStandards(293, 900)
    expect(rootOfHashes([peer.log.rootAt(303)])).not.toEqual(log.rootAt(303))
    const { mended, refusals } = await repair()
    expect([mended, refusals.map(({ code }) => code)]).toEqual([[], ['PAGE_MALFORMED']])
    expect(await dump()).toEqual(damaged)
    peer.log = log
    await repair()
    expect(await fsck()).toEqual([])
  })
})
