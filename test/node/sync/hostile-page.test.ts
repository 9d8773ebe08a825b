import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Misbehaviour, type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import type { PeerLog } from '../../support/peer-log.ts'

let peer: Peer
let honest: PeerLog
let node: PeerFollower
beforeAll(async () => {
  peer = await startPeer('璧山（合成）')
  honest = peer.log
  await honest.publishStandards(300)
})
afterAll(() => peer.close())
beforeEach(async () => {
  node = await createPeerFollower([peer])
})
afterEach(async () => {
  await node.close()
  peer.log = honest
  peer.note = undefined
  peer.misbehave = undefined
  peer.takeRequests()
})

/** Answers paths of one kind with other bytes. */
function forge(kind: RegExp, body: (path: string) => Uint8Array | string): Misbehaviour {
  return ({ path }, response) => {
    if (!kind.test(path)) return false
    response.end(body(path))
    return true
  }
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

async function expectNothingChanged(size: number): Promise<void> {
  const log = await node.logOf(peer)
  expect([log.size, log.state, log.fault]).toEqual([size, 'active', null])
  expect(await node.quarantineOf(peer)).toEqual([])
  peer.misbehave = undefined
  expect((await node.pull(peer)).held).toBe(300)
  expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(300))
}

describe('tiles and bundles that are not those of the tree', () => {
  test.each([
    ['tile/1', /^tile\/1\//, () => flip(peer.log.readTile({ level: 1, index: 0, width: 1 }), 5)],
    ['tile/0', /^tile\/0\//, () => flip(peer.log.readTile({ level: 0, index: 1, width: 44 }), 5)],
    ['a short tile', /^tile\/0\//, () => peer.log.readTile({ level: 0, index: 1, width: 43 })],
    ['an empty tile', /^tile\/1\//, () => ''],
    ['a page in its place', /^tile\/0\//, () => '<html>busy</html>'],
  ])('[SYNC-4] %s: nothing changes, and the next honest answer is taken', async (_, kind, body) => {
    peer.misbehave = forge(kind, body)
    expect(['PAGE_MALFORMED', 'TILE_MALFORMED']).toContain(await codeOfAsync(() => node.pull(peer)))
    await expectNothingChanged(0)
  })

  test.each([
    ['a changed entry', () => flip(peer.log.entryBundle(0, 256), 300)],
    ['entries of another place', () => peer.log.entryBundle(0, 256).slice().reverse()],
    ['one entry less', () => peer.log.entryBundle(0, 255)],
    ['bytes after the last', () => Buffer.concat([peer.log.entryBundle(0, 256), new Uint8Array(3)])],
    ['nothing', () => ''],
  ])('[SYNC-5] %s: nothing changes', async (_, body) => {
    peer.misbehave = forge(/^tile\/entries\/000$/, body)
    expect(['PAGE_MALFORMED', 'TILE_MALFORMED']).toContain(await codeOfAsync(() => node.pull(peer)))
    await expectNothingChanged(0)
  })

  test('[SYNC-5] the last, partial bundle is proven too, and what came before it is kept', async () => {
    peer.misbehave = forge(/^tile\/entries\/001/, () => flip(peer.log.entryBundle(1, 44), 100))
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PAGE_MALFORMED')
    await expectNothingChanged(256)
  })

  test('[SYNC-4] a tree larger than the one signed makes no difference', async () => {
    peer.note = await peer.log.checkpointAt(290)
    expect(await node.pull(peer)).toEqual({ applied: 290, held: 290, target: 290 })
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(290))
  })
})

describe('pages of records', () => {
  const recordRequests = () => peer.requests.filter(({ path }) => path.startsWith('records/')).length

  test('[SYNC-9] pages of one line each are gone through, one request a record', async () => {
    peer.misbehave = ({ path }, response) => {
      const from = /\?from=(\d+)/.exec(path)?.[1]
      if (from === undefined) return false
      response.end(peer.log.recordPage(Number(from), Number(from) + 1))
      return true
    }
    expect((await node.pull(peer)).held).toBe(300)
    expect(recordRequests()).toBe(300)
    expect(await node.standardsOf(peer)).toHaveLength(300)
  })

  test('[SYNC-9] pages that never end are not asked for for ever', async () => {
    peer.misbehave = forge(/^records\//, () => peer.log.recordPage(0, 1))
    expect((await node.pull(peer)).held).toBe(300)
    expect(recordRequests()).toBeLessThanOrEqual(4)
    expect(await node.standardsOf(peer)).toEqual([0])
  })

  test.each([
    ['garbage', () => 'x'.repeat(5000)],
    ['garbage lines', () => 'x\n'.repeat(5000)],
    ['nothing', () => ''],
    ['a line far ahead', () => '{"index":9007199254740991,"record":{}}\n'],
    ['a line beyond what a number keeps', () => '{"index":9999999999999999,"record":{}}\n'],
    ['a line without its end', () => '{"index":0,"record":{"a":1}}'],
    ['an array', () => '[{"index":0,"record":{}}]\n'],
  ])('[SYNC-9] %s counts as no record: the cursor moves and they are asked for again', async (_, body) => {
    peer.misbehave = forge(/^records\//, body)
    expect((await node.pull(peer)).held).toBe(300)
    expect(recordRequests()).toBeLessThanOrEqual(4)
    expect(new Set((await node.quarantineOf(peer)).map(({ code }) => code))).toEqual(
      new Set(['RECORD_UNAVAILABLE']),
    )
    peer.misbehave = undefined
    node.follow(peer)
    await expect.poll(() => node.standardsOf(peer), { timeout: 20_000 }).toHaveLength(300)
  })

  test('[SYNC-9] salt behind a record, blanks and other spellings: only the one form is read', async () => {
    const text = (i: number) => Buffer.from(peer.log.logged[i]!.bytes).toString()
    peer.misbehave = forge(/^records\/000/, () =>
      [
        `{"index":0,"record":${text(0)}}`,
        `{ "index":1,"record":${text(1)}}`,
        `{"record":${text(2)},"index":2}`,
        `{"index":03,"record":${text(3)}}`,
        `{"index":255,"record":${text(255)}}`,
        '',
      ].join('\n'),
    )
    await node.pull(peer)
    expect((await node.standardsOf(peer)).filter((index) => index < 256)).toEqual([0, 255])
  })

  test('[SYNC-9] records out of order and twice are taken by their index', async () => {
    peer.misbehave = forge(/^records\/000/, () =>
      Buffer.concat([
        peer.log.recordPage(100, 256),
        peer.log.recordPage(0, 101),
        peer.log.recordPage(255, 256),
      ]),
    )
    await node.pull(peer)
    expect(await node.quarantineOf(peer)).toEqual([])
  })

  test('[SYNC-9] a page that is larger than its records can be is given up', async () => {
    const filler = Buffer.alloc(3 << 20, 'x\n')
    peer.misbehave = forge(/^records\//, () => Buffer.concat([filler, peer.log.recordPage(0, 1)]))
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PAGE_MALFORMED')
    await expectNothingChanged(0)
  })

  test('[SYNC-9] large records come page by page, each stored before the next', async () => {
    const about = Array.from({ length: 50 }, () => 'x'.repeat(200))
    const large = await startPeer('大记录（合成）')
    const alone = await createPeerFollower([large])
    const headings = Array.from({ length: 800 }, (_, i) => ({
      uid: `c${i}`,
      locator: String(i + 1),
      heading: '长'.repeat(300),
      clauseType: 'requirement' as const,
    }))
    for (let n = 0; n < 16; n += 1)
      await large.log.publish({ ...syntheticStandard(n, { clauses: headings }), about })
    const steps: number[] = []
    await alone.pull(large)
    expect(await alone.quarantineOf(large)).toEqual([])
    steps.push(large.requests.filter(({ path }) => path.startsWith('records/')).length)
    expect(large.log.logged[0]!.bytes.length).toBeGreaterThan(700_000)
    expect(steps).toEqual([2])
    expect(await alone.standardsOf(large)).toHaveLength(16)
    await alone.close()
    await large.close()
  })
})

describe('a peer that stalls', () => {
  test('[SYNC-15] one that never answers delays no other, and stopping does not wait for it', async () => {
    const good = await startPeer('眉山（合成）')
    const both = await createPeerFollower([peer, good])
    await good.log.publishStandards(2)
    peer.misbehave = () => true
    const stalled = both.follow(peer)
    both.follow(good)
    await expect.poll(() => both.standardsOf(good), { timeout: 10_000 }).toHaveLength(2)
    await good.log.publishStandards(2)
    await expect.poll(() => both.standardsOf(good), { timeout: 10_000 }).toHaveLength(4)
    const begun = performance.now()
    await stalled.stop()
    expect(performance.now() - begun).toBeLessThan(5_000)
    await both.close()
    await good.close()
  })

  test('[SYNC-15] who asks for a pull that is under way gets the one under way', async () => {
    let asked = 0
    peer.misbehave = async ({ path }) => {
      if (path === 'checkpoint') asked += 1
      await sleep(100)
      return false
    }
    const follower = node.follow(peer, 60_000)
    const results = await Promise.all([follower.runOnce(), follower.runOnce(), follower.runOnce()])
    expect(results.map(({ held }) => held)).toEqual([300, 300, 300])
    expect(asked).toBe(1)
  })

  test('[SYNC-14] pauses after failures double below a bound, and one answer ends them', async () => {
    const times: number[] = []
    peer.misbehave = (_, response) => {
      times.push(performance.now())
      response.destroy()
      return true
    }
    // Half of each bound, in place of a random part of it.
    node.fixRandom(128)
    const follower = node.follow(peer, 50)
    await expect.poll(() => times.length, { timeout: 10_000 }).toBe(4)
    const pauses = times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) / 100) / 10)
    for (const [i, expected] of [0.5, 1, 2].entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(expected)
      expect(pauses[i]).toBeLessThan(expected + 2)
    }
    peer.misbehave = undefined
    follower.wake()
    await expect.poll(() => node.standardsOf(peer), { timeout: 10_000 }).toHaveLength(300)
    peer.takeRequests()
    await sleep(500)
    expect(peer.takeRequests().length).toBeGreaterThan(3)
  })

  test('[SYNC-14] a Retry-After is waited for, and a wake-up asks at once', async () => {
    const times: number[] = []
    peer.misbehave = (_, response) => {
      times.push(performance.now())
      response.writeHead(429, { 'retry-after': '2' }).end()
      return true
    }
    const follower = node.follow(peer, 50)
    await expect.poll(() => times.length, { timeout: 10_000 }).toBe(2)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_900)
    follower.wake()
    await expect.poll(() => times.length, { timeout: 1_000 }).toBe(3)
    peer.misbehave = undefined
    follower.wake()
    await expect.poll(() => node.standardsOf(peer), { timeout: 10_000 }).toHaveLength(300)
  })
})
