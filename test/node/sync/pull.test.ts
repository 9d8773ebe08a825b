import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyBatch } from '../../../node/projection/apply.ts'
import { select } from '../../../node/store/log-store.ts'
import { pullLog } from '../../../node/sync/pull.ts'
import { encodeBase64 } from '../../../protocol/bytes.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
})
afterEach(async () => {
  await node.close()
  await peer.close()
})

describe('a pull', () => {
  test('[TRUST-10] of a closed log the closed tree is taken over, and another of its size is a log fault', async () => {
    await peer.log.publishStandards(3)
    const closedAt = (root: string) => {
      const registry = structuredClone(node.trust.registry)
      const [log] = registry.members[0]!.origins
      log!.closed = { size: 3, root, reason: 'synthetic' }
      return openTrust(registry, node.trust.fingerprint)
    }
    const pull = (root: string) => pullLog({ ...node.optionsFor(peer), trust: () => closedAt(root) })
    expect(await codeOfAsync(() => pull(`${'A'.repeat(43)}=`))).toBe('CONSISTENCY_INVALID')
    expect((await node.logOf(peer)).size).toBe(0)
    expect((await pull(encodeBase64(peer.log.rootAt(3)))).held).toBe(3)
  })

  test('[SYNC-1] a poll that finds nothing new is one request, answered 304', async () => {
    await peer.log.publishStandards(3)
    await node.pull(peer)
    peer.takeRequests()
    expect(await node.pull(peer)).toEqual({ applied: 0, held: 3, target: 3 })
    expect(peer.requests.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
      ['checkpoint', expect.stringMatching(/^"[0-9a-f]{32}"$/)],
    ])
    expect((await node.logOf(peer)).checkedAt).not.toBeNull()
  })

  test('[SYNC-1] "unchanged" as answer to a question without a tag changes nothing', async () => {
    await peer.log.publishStandards(1)
    peer.misbehave = (_, response) => {
      response.writeHead(304).end()
      return true
    }
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PEER_UNAVAILABLE')
    peer.misbehave = undefined
    expect((await node.pull(peer)).applied).toBe(1)
  })

  test('[SYNC-1] a tag that cannot be a header is not kept', async () => {
    await peer.log.publishStandards(1)
    peer.misbehave = async ({ path }, response) => {
      if (path !== 'checkpoint') return false
      response.setHeader('etag', 'W/"é\u00ff')
      response.end(await peer.log.checkpointAt(1))
      return true
    }
    await node.pull(peer)
    expect((await node.pull(peer)).held).toBe(1)
    expect((await node.logOf(peer)).etag).toBeNull()
  })

  test('[SYNC-5] what is stored is what the signed tree holds, through every width of the last bundle', async () => {
    for (const amount of [1, 1, 253, 1, 1, 300]) {
      await peer.log.publishStandards(amount)
      const result = await node.pull(peer)
      expect(result).toEqual({ applied: amount, held: peer.log.size, target: peer.log.size })
      expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(peer.log.size))
    }
    expect(await node.standardsOf(peer)).toHaveLength(557)
    const log = await node.logOf(peer)
    expect(log.checkpoint).toBe(await peer.log.checkpointAt(557))
    expect(log.checkpointSize).toBe(557)
  })

  test('[SYNC-4] each tile is asked for once, and entries that are held are not asked for again', async () => {
    await peer.log.publishStandards(600)
    await node.pull(peer)
    const first = peer.takeRequests()
    expect(new Set(first).size).toBe(first.length)
    await peer.log.publishStandards(100)
    await node.pull(peer)
    expect(peer.takeRequests().toSorted()).toEqual([
      'checkpoint',
      'records/002.p/188?from=600',
      'tile/0/002.p/188',
      'tile/1/000.p/2',
      'tile/entries/002.p/188',
    ])
  })

  test('[SYNC-4] a full tile stands in for a partial one that is gone, and so do full bundles and records', async () => {
    await peer.log.publishStandards(256)
    const note = await peer.log.checkpointAt(100)
    peer.note = note
    peer.misbehave = ({ path }, response) => {
      if (!path.includes('.p/')) return false
      response.writeHead(404).end()
      return true
    }
    expect(await node.pull(peer)).toEqual({ applied: 100, held: 100, target: 100 })
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(100))
    expect(await node.quarantineOf(peer)).toEqual([])
  })

  test('[SYNC-8] a pull that breaks off goes on at its cursor, towards the newest checkpoint', async () => {
    await peer.log.publishStandards(600)
    peer.misbehave = ({ path }, response) => {
      if (!path.startsWith('tile/entries/002')) return false
      response.destroy()
      return true
    }
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PEER_UNAVAILABLE')
    const broken = await node.logOf(peer)
    expect([broken.size, broken.pendingSize, broken.checkpointSize]).toEqual([512, 600, 0])
    peer.misbehave = undefined
    peer.takeRequests()
    await peer.log.publishStandards(20)
    expect(await node.pull(peer)).toEqual({ applied: 108, held: 620, target: 620 })
    expect(peer.takeRequests().filter((path) => /entries|records/.test(path))).toEqual([
      'tile/entries/002.p/108',
      'records/002.p/108?from=512',
    ])
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(620))
  })

  test('[SYNC-8] the same checkpoint after a broken pull is gone on with too', async () => {
    await peer.log.publishStandards(300)
    peer.misbehave = ({ path }, response) => {
      if (!path.startsWith('records/001')) return false
      response.destroy()
      return true
    }
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PEER_UNAVAILABLE')
    peer.misbehave = undefined
    expect(await node.pull(peer)).toEqual({ applied: 44, held: 300, target: 300 })
  })

  test('[SYNC-8] a batch that does not begin at the cursor is refused, and nothing of it is kept', async () => {
    await peer.log.publishStandards(2)
    await node.pull(peer)
    const entry = peer.log.logged[1]!.entry
    const batch = {
      origin: peer.member.origin,
      start: 1,
      entries: [
        {
          index: 1,
          bytes: entry,
          tier: 'public',
          audience: null,
          salt: null,
          digest: null,
          recordId: null,
          record: null,
          row: null,
          fault: null,
        },
      ],
      leaves: leafHash(entry),
      lastAt: '',
    }
    expect(await codeOfAsync(() => applyBatch(node.db.database, batch))).toBe('SEQUENCE_GAP')
    expect(await codeOfAsync(() => applyBatch(node.db.database, { ...batch, start: 5 }))).toBe('SEQUENCE_GAP')
    expect((await node.logOf(peer)).size).toBe(2)
  })

  test('[SYNC-3] an empty log is followed until it has something', async () => {
    expect(await node.pull(peer)).toEqual({ applied: 0, held: 0, target: 0 })
    await peer.log.publishStandards(1)
    expect(await node.pull(peer)).toEqual({ applied: 1, held: 1, target: 1 })
  })
})

describe('a look at a log', () => {
  test('[SYNC-1] it uses up nothing, however often it is taken', async () => {
    const numbers = () =>
      select<{ last: number }>(node.db.database, sql`select last_value as last from log_id_seq`)
    await peer.log.publishStandards(1)
    await node.pull(peer)
    const before = await numbers()
    for (let i = 0; i < 5; i += 1) await node.pull(peer)
    expect(await numbers()).toEqual(before)
  })
})
