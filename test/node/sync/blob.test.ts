import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BlobStore, openBlobStore } from '../../../node/store/blob-store.ts'
import { wholeScope } from '../../../node/store/scope.ts'
import { type BlobFetcher, createBlobFetcher } from '../../../node/sync/blob.ts'
import type { MemberClient } from '../../../node/sync/client.ts'
import { parseDigest } from '../../../protocol/hash.ts'
import { eventually, type SampleFile, sampleFile, standardWith } from '../../support/blob.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

const maxBytes = 1 << 20
let peer: Peer
let node: PeerFollower
let directory: string
let blobs: BlobStore
let fetcher: BlobFetcher
let free: number
let held: number
const files = new Map<string, SampleFile>()
/** What the peer does when it is asked for a file, by digest; by default it gives it. */
const deeds = new Map<string, (response: ServerResponse) => void>()

beforeEach(async () => {
  files.clear()
  deeds.clear()
  ;[free, held] = [2 ** 40, 0]
  peer = await startPeer('璧山（合成）')
  peer.misbehave = ({ path }, response) => {
    const digest = path.replace('/blobs/', '')
    if (!path.startsWith('/blobs/')) return false
    response.on('error', () => {})
    const deed = deeds.get(digest)
    const file = files.get(digest)
    if (deed) deed(response)
    else if (file) response.writeHead(200, { 'content-length': file.bytes.length }).end(file.bytes)
    else response.writeHead(404).end()
    return true
  }
  node = await createPeerFollower([peer])
  directory = await mkdtemp(join(tmpdir(), 'csx-blob-'))
  blobs = openStore(maxBytes)
  fetcher = openFetcher(blobs)
})
afterEach(async () => {
  await fetcher.stop()
  await node.close()
  await peer.close()
  await rm(directory, { recursive: true, force: true })
})

function openStore(bytes: number): BlobStore {
  const { deps, db } = node
  return openBlobStore({
    directory,
    deps,
    database: db.database,
    maxBytes: bytes,
    freeBytes: () => Promise.resolve(free),
  })
}

function openFetcher(store: BlobStore): BlobFetcher {
  return createBlobFetcher({
    deps: node.deps,
    database: node.db.database,
    blobs: store,
    client: node.client as MemberClient,
    origin: peer.member.origin,
    base: () => peer.url,
    grants: () => [],
    interval: 50,
    onHeld: async () => {
      held += 1
    },
  })
}

/** Logs a record that names files, which are there unless they are told apart. */
async function publish(n: number, ...named: readonly SampleFile[]): Promise<void> {
  for (const file of named) files.set(file.digest, file)
  await peer.log.publish(standardWith(n, 'public', named) as never)
}

const has = async ({ digest }: SampleFile) =>
  (await blobs.find(parseDigest(digest), wholeScope)) !== undefined
const asked = () => peer.takeRequests().filter((path) => path.startsWith('/blobs/'))
const missing = () => node.catalogue.listMissing(10)

/** As a follower does after each look. */
async function look(renewed = false): Promise<void> {
  fetcher.wake(renewed)
  await sleep(30)
}

async function lookUntil(check: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    await look()
    return check()
  }, 20_000)
}

const stored = async () =>
  (await readdir(directory, { recursive: true })).filter((name) => /[0-9a-f]{32}/.test(name))

describe('files of a followed log', () => {
  test('[SYNC-800] come once each, with every one of 40, and are told of', async () => {
    const many = Array.from({ length: 40 }, (_, n) => sampleFile(1_000 + n))
    for (let n = 0; n < 8; n += 1) await publish(n, ...many.slice(n * 5, n * 5 + 5), many[0]!)
    await node.pull(peer)
    await lookUntil(async () => (await missing()).length === 0)
    for (const file of many) expect(await has(file)).toBe(true)
    expect(asked().length).toBe(40)
    expect(held).toBeGreaterThan(0)
    for (let times = 0; times < 3; times += 1) await look(true)
    expect(asked()).toEqual([])
  })

  test.each([
    ['sends other bytes', 'DIGEST_MISMATCH', (response: ServerResponse) => response.end('other bytes')],
    ['has none', 'BLOB_MISSING', (response: ServerResponse) => response.writeHead(404).end()],
    [
      'compresses',
      'PAGE_MALFORMED',
      (response: ServerResponse) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    ],
    [
      'states too much',
      'SIZE_LIMIT',
      (response: ServerResponse) => response.writeHead(200, { 'content-length': 2 << 20 }).flushHeaders(),
    ],
    [
      'breaks off',
      'PEER_UNAVAILABLE',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': 1000 }).write('x')
        setTimeout(() => response.destroy(), 20)
      },
    ],
    [
      'redirects',
      'REDIRECT_REFUSED',
      (response: ServerResponse) => response.writeHead(302, { location: '/' }).end(),
    ],
    [
      'never ends',
      'SIZE_LIMIT',
      (response: ServerResponse) => {
        const write = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
          if (!response.destroyed) response.once('drain', write)
        }
        write()
      },
    ],
  ] as const)(
    '[SYNC-800] of a peer that %s nothing stays, it is %s, and others come',
    async (_, code, deed) => {
      const [bad, good] = [sampleFile(900), sampleFile(1_000)]
      await publish(1, bad, good)
      deeds.set(bad.digest, deed)
      await node.pull(peer)
      await lookUntil(() => has(good))
      await lookUntil(async () => (await missing())[0]?.code === code)
      expect((await node.logOf(peer)).state).toBe('active')
      expect(await has(bad)).toBe(false)
      expect(await stored()).toHaveLength(1)
      deeds.clear()
      if (code !== 'SIZE_LIMIT') await lookUntil(() => has(bad))
    },
    30_000,
  )

  test('[SYNC-800] a trickle is given up, and records go on meanwhile', async () => {
    const [slow, later] = [sampleFile(900_000), sampleFile(10)]
    await publish(1, slow)
    deeds.set(slow.digest, (response) => {
      const trickle = setInterval(() => response.write('x'), 500)
      response.on('close', () => clearInterval(trickle))
    })
    await node.pull(peer)
    await look()
    await publish(2, later)
    await node.pull(peer)
    expect(await node.standardsOf(peer)).toEqual([0, 1])
    await lookUntil(async () => (await missing()).some(({ code }) => code === 'PEER_TOO_SLOW'))
    await lookUntil(() => has(later))
  }, 30_000)

  test('[TIER-103] one that is too large is asked for again by a node that takes larger ones, and by no other', async () => {
    const large = sampleFile(maxBytes + 1)
    await publish(1, large)
    await node.pull(peer)
    await lookUntil(async () => (await missing())[0]?.code === 'SIZE_LIMIT')
    asked()
    for (let times = 0; times < 5; times += 1) await look(true)
    expect(asked()).toEqual([])
    await fetcher.stop()
    blobs = openStore(2 * maxBytes)
    fetcher = openFetcher(blobs)
    await lookUntil(() => has(large))
  })

  test('[TIER-103] what does not come is asked for ever more seldom, and what is new at once', async () => {
    await publish(1, ...Array.from({ length: 30 }, () => sampleFile(10)))
    for (const digest of files.keys()) deeds.set(digest, (response) => response.writeHead(404).end())
    await node.pull(peer)
    for (let times = 0; times < 100; times += 1) await look()
    const times = asked().length
    expect(times).toBeGreaterThan(30)
    expect(times).toBeLessThan(16 * 12)
    const fresh = sampleFile(10)
    await publish(2, fresh)
    await node.pull(peer)
    await look(true)
    await eventually(() => has(fresh))
  })

  test('[TIER-103] what is new while files are asked for is asked for as soon as that has ended', async () => {
    const [first, fresh] = [sampleFile(10), sampleFile(10)]
    let refuse: (() => void) | undefined
    deeds.set(first.digest, (response) => {
      refuse = () => response.writeHead(404).end()
    })
    await publish(1, first)
    await node.pull(peer)
    await look(true)
    await eventually(() => refuse !== undefined)
    await publish(2, fresh)
    await node.pull(peer)
    await look(true)
    refuse?.()
    await eventually(() => has(fresh))
    expect(await missing()).toMatchObject([{ code: 'BLOB_MISSING' }])
  })

  test('[TIER-100] none comes while the disk is kept free, and all do as soon as there is room', async () => {
    const file = sampleFile(1_000)
    await publish(1, file)
    free = (256 << 20) - 1
    await node.pull(peer)
    await lookUntil(async () => (await missing())[0]?.code === 'STORAGE_FULL')
    expect([asked(), await stored()]).toEqual([[], []])
    free = 1 << 30
    await lookUntil(() => has(file))
  })

  test('[SYNC-800] an hour of Retry-After is an hour without a question', async () => {
    const file = sampleFile(10)
    await publish(1, file)
    deeds.set(file.digest, (response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    await node.pull(peer)
    await lookUntil(async () => (await missing())[0]?.code === 'RATE_LIMITED')
    asked()
    for (let times = 0; times < 20; times += 1) await look(true)
    expect(asked()).toEqual([])
  })
})
