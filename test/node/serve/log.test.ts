import { sql } from 'drizzle-orm'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createDocumentRoutes } from '../../../node/serve/document.ts'
import { createLogRoutes } from '../../../node/serve/log.ts'
import { createLogReader } from '../../../node/serve/reader.ts'
import { openLog, select } from '../../../node/store/log-store.ts'
import { publicScope } from '../../../node/store/scope.ts'
import { exchangeContextPin } from '../../../protocol/context/pin.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { parseEntryBundle } from '../../../protocol/log/tile.ts'
import { makeDidDocument } from '../../../protocol/trust/did-document.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { rawRequest } from '../../support/node-request.ts'
import { readLog } from '../../support/node-stranger.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let network: Network
let node: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0)
  const records = Array.from({ length: 300 }, (_, n) => syntheticStandard(n))
  expect((await node.post('/api/v1/batches?wait=visible', { records })).status).toBe(201)
})
afterAll(() => network.close())

const immutable = 'public, max-age=31536000, immutable'
const bytesOf = async (path: string) => new Uint8Array(await (await node.fetch(path)).arrayBuffer())

describe('the log as it is served', () => {
  test('[NODE-1] the checkpoint is the note, with a strong tag, and 304 without a body where it is unchanged', async () => {
    const response = await node.fetch('/log/1/checkpoint')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect((await response.text()).startsWith(`${node.member.origin}\n300\n`)).toBe(true)
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await node.fetch('/log/1/checkpoint', { headers: { 'if-none-match': tag } })
      expect([tag, again.status, await again.text(), again.headers.get('etag')]).toEqual([tag, 304, '', etag])
    }
    const other = await node.fetch('/log/1/checkpoint', { headers: { 'if-none-match': '"x"' } })
    expect(other.status).toBe(200)
  })

  test('[NODE-1] a stranger recomputes the signed root from what is served', async () => {
    const log = await readLog(`${node.url}/log/1`)
    expect([log.size, log.root, log.digests.size]).toEqual([300, log.signedRoot, 300])
    for (const entry of log.entries)
      if (entry.tier === 'public') expect(log.digests.get(entry.index)).toBe(entry.digest)
  })

  test('[NODE-3] tiles and bundles are bytes that never change, and partial ones begin the full one', async () => {
    for (const [path, length] of [
      ['/log/1/tile/0/000', 8192],
      ['/log/1/tile/0/001.p/44', 44 * 32],
      ['/log/1/tile/1/000.p/1', 32],
    ] as const) {
      const response = await node.fetch(path)
      expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
        'application/octet-stream',
        immutable,
      ])
      expect((await response.arrayBuffer()).byteLength).toBe(length)
    }
    const full = await bytesOf('/log/1/tile/0/000')
    for (const width of [1, 77, 255])
      expect(await bytesOf(`/log/1/tile/0/000.p/${width}`)).toEqual(full.slice(0, width * 32))
    const all = parseEntryBundle(await bytesOf('/log/1/tile/entries/000'), 256)
    expect(parseEntryBundle(await bytesOf('/log/1/tile/entries/000.p/9'), 9)).toEqual(all.slice(0, 9))
  })

  test.each([
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/0',
    'tile/0/001',
    'tile/0/001.p/45',
    'tile/0/002.p/1',
    'tile/0/x000/000',
    'tile/00/000',
    'tile/1/000',
    'tile/2/000.p/1',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/%30%30%30',
    'tile/0/000%2ep/1',
    'tile//0/000',
    'tile/0/000/',
    'tile/entries/001',
    'tile/entries/x001/234',
    'tile/entries/000.p/0',
    'records/001',
    'records/000.p/300',
    'records/x',
    'records/',
    'checkpoint.txt',
    'tile/0/999999999999999999999',
  ])('[NODE-4] %s is not there', async (path) => {
    const answer = await rawRequest(node.url, `/log/1/${path}`)
    expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([404, 'NOT_FOUND'])
  })

  test('[NODE-5] a page of records has a line each, goes on from an index, and may be kept when it is whole', async () => {
    const whole = await node.fetch('/log/1/records/000')
    expect([whole.headers.get('content-type'), whole.headers.get('cache-control')]).toEqual([
      'application/x-ndjson',
      immutable,
    ])
    const lines = (await whole.text()).split('\n')
    expect([lines.length, lines.at(-1)]).toEqual([257, ''])
    const rest = await node.fetch('/log/1/records/000?from=250')
    expect(rest.headers.get('cache-control')).toBe(immutable)
    expect((await rest.text()).split('\n').slice(0, 6)).toEqual(lines.slice(250, 256))
    const partial = await node.fetch('/log/1/records/001.p/44')
    expect(partial.headers.get('cache-control')).toBe('private, no-store')
    expect(await (await node.fetch('/log/1/records/000?from=256')).text()).toBe('')
    for (const line of lines.slice(0, 3)) {
      const [, index, record = ''] = /^\{"index":(\d+),"record":(.*)\}$/.exec(line) ?? []
      const bytes = await bytesOf(`/records/${digestOf(record)}`)
      expect([Number(index) >= 0, Buffer.from(bytes).toString()]).toEqual([true, record])
    }
  })

  test('[NODE-7] a record is served as the bytes whose digest it is', async () => {
    const [entry] = (await readLog(`${node.url}/log/1`)).entries
    const digest = entry?.tier === 'public' ? entry.digest : ''
    const response = await node.fetch(`/records/${digest}`)
    expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      'application/vc',
      immutable,
    ])
    expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(digest)
    expect((await node.fetch(`/records/${digest.replace(':', '%3A')}`)).status).toBe(200)
  })

  test('[NODE-8] context and schemas are served as they are pinned and enforced', async () => {
    const context = await bytesOf('/ns/v1')
    expect(digestOf(context)).toBe(exchangeContextPin)
    for (const type of ['StandardRecord', 'LifecycleEvent'])
      for (const path of [type, `${type}.json`])
        expect(await (await node.fetch(`/ns/v1/schema/${path}`)).json()).toMatchObject({ type: 'object' })
  })

  test('[NODE-9] the DID document is that of the registry', async () => {
    const response = await node.fetch('/.well-known/did.json')
    expect(response.headers.get('content-type')).toBe('application/did')
    expect(await response.json()).toEqual(makeDidDocument(node.member.entry, () => 300))
  })

  test('[NODE-1] liveness, readiness and metrics say how it is', async () => {
    expect(await (await node.fetch('/healthz')).text()).toBe('ok\n')
    expect(await (await node.fetch('/readyz')).text()).toBe('ready\n')
    const metrics = await (await node.fetch('/metrics')).text()
    expect(metrics).toContain(`csx_log_size{origin="${node.member.origin}",own="true"} 300`)
    expect(metrics).toMatch(/csx_http_request_seconds_count\{method="GET",status="200"\} \d+/)
  })
})

describe('what is not signed or not public', () => {
  let peer: Peer
  let store: PeerFollower
  beforeAll(async () => {
    peer = await startPeer('半途（合成）')
    store = await createPeerFollower([peer])
  })
  afterAll(async () => {
    await store.close()
    await peer.close()
  })

  const scopeOf = async () => publicScope
  const ask = (path: string) => {
    const reader = createLogReader(store.db.database)
    return answer(createLogRoutes(reader, { find: () => reader.findLog(peer.member.origin), scopeOf }), path)
  }
  /** With an error handler like the node's. */
  async function answer(app: Hono, path: string): Promise<number> {
    app.onError((error) => new Response(null, { status: error instanceof ProtocolError ? 404 : 500 }))
    return (await app.request(`http://x/${path}`)).status
  }

  test('[NODE-2] what a signed checkpoint does not cover is not there for anybody', async () => {
    await openLog(store.db.database, peer.member.origin, false)
    expect(await ask('checkpoint')).toBe(404)
    await peer.log.publishStandards(5)
    await store.pull(peer)
    await select(
      store.db.database,
      sql`update log set checkpoint = ${await peer.log.checkpointAt(3)}, checkpoint_size = 3`,
    )
    for (const [path, status] of [
      ['tile/0/000.p/3', 200],
      ['tile/0/000.p/4', 404],
      ['tile/entries/000.p/3', 200],
      ['tile/entries/000.p/4', 404],
      ['records/000.p/3', 200],
      ['records/000.p/4', 404],
    ] as const)
      expect([path, await ask(path)]).toEqual([path, status])
    const documents = createDocumentRoutes(createLogReader(store.db.database), scopeOf)
    const statuses = peer.log.logged.map(({ digest }) => answer(documents, `records/${digest}`))
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404, 404])
  })

  test('[NODE-5] records of other tiers have no line, and then no shared cache may keep the page', async () => {
    await select(store.db.database, sql`update log set checkpoint = pending, checkpoint_size = 5`)
    await select(store.db.database, sql`update entry set tier = 'federation' where index = 1`)
    const reader = createLogReader(store.db.database)
    const app = createLogRoutes(reader, { find: () => reader.findLog(peer.member.origin), scopeOf })
    const response = await app.request('http://x/records/000.p/5')
    const indices = (await response.text())
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).index)
    expect([indices, response.headers.get('cache-control')]).toEqual([[0, 2, 3, 4], 'private, no-store'])
    const { digest } = peer.log.logged[1]!
    expect(await answer(createDocumentRoutes(reader, scopeOf), `records/${digest}`)).toBe(404)
  })
})

describe('events and what they are about', () => {
  test('[NODE-10] an event may be published about an edition of this log', async () => {
    const receipt = await node.publish(syntheticStandard(400))
    const event = await node.publish(
      syntheticEvent({ id: receipt.id, digest: receipt.digest }, 'review', '2026-01-01'),
    )
    const detail = await node.get<{ events: { id: string }[] }>(`/api/v1/standards/${receipt.digest}`)
    expect(detail.events.map(({ id }) => id)).toEqual([event.id])
  })
})
