import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAddressPolicy } from '../../../node/sync/address.ts'
import { createPeerClient, type MemberClient } from '../../../node/sync/client.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Peer, startPeer } from '../../support/peer.ts'

let peer: Peer
let client: MemberClient
/** Seconds that the monotonic clock is ahead. */
let ahead = 0
const wall = Date.UTC(2026, 5, 1)
beforeEach(async () => {
  ahead = 0
  peer = await startPeer('璧山（合成）')
  client = openClient('synthetic')
})
afterEach(async () => {
  await client.close()
  await peer.close()
})

function openClient(network: 'synthetic' | 'production'): MemberClient {
  return createPeerClient({
    addresses: createAddressPolicy(network),
    now: () => wall,
    monotonic: () => performance.now() + ahead * 1000,
    userAgent: 'csx-test',
  })
}

function answering(answer: (response: ServerResponse) => unknown): void {
  peer.misbehave = async (_, response) => {
    await answer(response)
    return true
  }
}

const limits = { maxBytes: 100_000, timeout: 3_000 }

async function failureOf(work: Promise<unknown>): Promise<ProtocolError> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProtocolError)) throw error
  // Whatever is emitted after the answer must find somebody listening: it would end the process.
  await sleep(20)
  return error
}

const get = (path = '/log/1/checkpoint', bounds = limits) => client.get(`${peer.url}${path}`, bounds)

describe('the bounds of an answer', () => {
  test('[SYNC-11] a body of 100 MiB is given up at its bound, stated or not', async () => {
    answering(async (response) => {
      response.on('error', () => {})
      for (let i = 0; i < 1600 && !response.destroyed; i += 1)
        if (!response.write(new Uint8Array(65_536))) await Promise.race([drained(response), sleep(500)])
      response.end()
    })
    expect((await failureOf(get())).code).toBe('RESPONSE_TOO_LARGE')
    answering((response) => {
      response.writeHead(200, { 'content-length': String(100 << 20) })
      response.write(new Uint8Array(200_000))
    })
    expect((await failureOf(get())).code).toBe('RESPONSE_TOO_LARGE')
  })

  test('[SYNC-11] compression is not asked for and refused, so that nothing unpacks', async () => {
    const bomb = gzipSync(new Uint8Array(50 << 20))
    answering((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    expect((await failureOf(get())).code).toBe('PAGE_MALFORMED')
    expect(peer.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  test('[SYNC-11] a peer that never answers is given up in time', async () => {
    answering(() => {})
    const begun = performance.now()
    expect((await failureOf(get(undefined, { maxBytes: 1000, timeout: 300 }))).code).toBe('PEER_TIMEOUT')
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('[SYNC-11] a trickle is given up after the grace, though it would never time out', async () => {
    answering(async (response) => {
      response.on('error', () => {})
      for (let i = 0; i < 100 && !response.destroyed; i += 1) {
        response.write('x')
        await sleep(30)
        ahead += 1
      }
    })
    const failure = await failureOf(get())
    expect(failure.code).toBe('PEER_TOO_SLOW')
    expect(failure.evidence.size).toBeLessThan(20)
  })

  test('[SYNC-11] a peer that thinks long and then answers at once is not slow', async () => {
    answering((response) => {
      ahead = 8
      response.end('ready')
    })
    expect(Buffer.from((await get()).bytes).toString()).toBe('ready')
  })

  test('[SYNC-11] whoever stops waiting has the request given up', async () => {
    answering(() => {})
    const ending = new AbortController()
    const failing = failureOf(
      client.get(peer.url, { maxBytes: 1000, timeout: 60_000, signal: ending.signal }),
    )
    await sleep(50)
    ending.abort()
    expect((await failing).code).toBe('PEER_UNAVAILABLE')
    const late = client.get(peer.url, { maxBytes: 1000, timeout: 60_000, signal: ending.signal })
    expect((await failureOf(late)).code).toBe('PEER_UNAVAILABLE')
  })

  test('[SYNC-11] closing the client ends what is under way', async () => {
    answering(() => {})
    const failing = failureOf(get(undefined, { maxBytes: 1000, timeout: 60_000 }))
    await sleep(50)
    await client.close()
    expect((await failing).code).toBe('PEER_UNAVAILABLE')
  })
})

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve))
}

describe('answers that are no answer', () => {
  test.each([301, 302, 303, 307, 308, 300])('[SYNC-13] a redirect (%i) is not followed', async (status) => {
    const elsewhere = await startPeer('他处（合成）')
    answering((response) => response.writeHead(status, { location: `${elsewhere.url}/x` }).end('moved'))
    expect((await failureOf(get())).code).toBe('REDIRECT_REFUSED')
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  test.each([
    [500, undefined, 'PEER_UNAVAILABLE', undefined],
    [503, '7', 'PEER_UNAVAILABLE', 7],
    [429, '120', 'RATE_LIMITED', 120],
    [429, new Date(wall + 90_000).toUTCString(), 'RATE_LIMITED', 90],
    [429, new Date(wall - 90_000).toUTCString(), 'RATE_LIMITED', 0],
    [429, '999999999', 'RATE_LIMITED', 86_400],
    [503, new Date(wall + 1e12).toUTCString(), 'PEER_UNAVAILABLE', 86_400],
    [503, '-3', 'PEER_UNAVAILABLE', undefined],
    [503, '1e9', 'PEER_UNAVAILABLE', undefined],
    [503, 'soon', 'PEER_UNAVAILABLE', undefined],
    [401, undefined, 'PEER_UNAVAILABLE', undefined],
    [206, undefined, 'PEER_UNAVAILABLE', undefined],
  ])('[SYNC-13] %i with Retry-After %s is %s', async (status, header, code, seconds) => {
    answering((response) =>
      response.writeHead(status, header === undefined ? {} : { 'retry-after': header }).end('x'.repeat(500)),
    )
    const failure = await failureOf(get())
    expect(failure.code).toBe(code)
    expect(failure.evidence.retryAfter).toBe(seconds)
  })

  test('[SYNC-13] a connection that is reset, before or in the body, is unavailable', async () => {
    answering((response) => response.destroy())
    expect((await failureOf(get())).code).toBe('PEER_UNAVAILABLE')
    answering(async (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      await sleep(50)
      response.destroy()
    })
    expect((await failureOf(get())).code).toBe('PEER_UNAVAILABLE')
  })

  test('[SYNC-13] what is no HTTP is unavailable, and no TLS is TLS_FAILED', async () => {
    const server = createSocketServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('SSH-2.0-x\r\n\r\n'),
    )
    await new Promise<void>((ready) => server.listen(0, 'localhost', ready))
    const { port } = server.address() as AddressInfo
    expect((await failureOf(client.get(`http://localhost:${port}/`, limits))).code).toBe('PEER_UNAVAILABLE')
    expect((await failureOf(client.get(`https://localhost:${port}/`, limits))).code).toBe('TLS_FAILED')
    await new Promise((closed) => server.close(closed))
    expect((await failureOf(client.get(`http://localhost:${port}/`, limits))).code).toBe('PEER_UNAVAILABLE')
  })
})

describe('addresses', () => {
  test.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://[::1]',
    'http://0.0.0.0',
    'http://2130706433',
    'http://0x7f.1',
    'http://169.254.169.254',
    'http://[fe80::1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:169.254.169.254]',
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[2002:a9fe:a9fe::]',
    'http://224.0.0.1',
    'http://100.100.100.200',
    'http://[fd00:ec2::254]',
  ])('[SYNC-12] a production network does not call %s', async (base) => {
    await client.close()
    client = openClient('production')
    const { port } = new URL(peer.url)
    expect((await failureOf(client.get(`${base}:${port}/log/1/checkpoint`, limits))).code).toBe(
      'ADDRESS_FORBIDDEN',
    )
    expect(peer.requests).toEqual([])
  })

  test.each([
    ['10.1.2.3', true],
    ['192.168.1.1', true],
    ['172.16.0.1', true],
    ['203.0.113.7', true],
    ['fd12::1', true],
    ['2001:db8::1', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['::', false],
    ['169.254.1.1', false],
    ['fe80::1', false],
    ['::ffff:10.1.2.3', false],
    ['not an address', false],
  ])('[SYNC-12] in a production network %s is allowed: %s', (address, allowed) => {
    const check = () => createAddressPolicy('production').check(address)
    if (allowed) expect(check()).toBeUndefined()
    else expect(check).toThrow(expect.objectContaining({ code: 'ADDRESS_FORBIDDEN' }))
  })

  test('[SYNC-12] loopback is for a synthetic network, link-local and metadata for none', () => {
    const { check } = createAddressPolicy('synthetic')
    expect([check('127.0.0.1'), check('::1')]).toEqual([undefined, undefined])
    for (const address of ['169.254.169.254', 'fe80::1', '::ffff:127.0.0.1', '0.0.0.0'])
      expect(() => check(address)).toThrow(expect.objectContaining({ code: 'ADDRESS_FORBIDDEN' }))
  })
})

describe('what is sent to a member', () => {
  const post = () =>
    client.post(`${peer.url}/witness/add-checkpoint`, 'old 0\n', { ...limits, maxBytes: 1_000 })

  test.each([200, 400, 403, 404, 409, 422])('[WIT-35] %d is an answer, with its type', async (status) => {
    answering((response) => response.writeHead(status, { 'content-type': 'text/x.tlog.size' }).end('7\n'))
    const answer = await post()
    expect([answer.status, answer.type, Buffer.from(answer.bytes).toString()]).toEqual([
      status,
      'text/x.tlog.size',
      '7\n',
    ])
  })

  test('[WIT-35] a redirect, an error, a flood, a bomb and a wish for patience are failures', async () => {
    const failures: readonly [string, (response: ServerResponse) => unknown][] = [
      ['REDIRECT_REFUSED', (response) => response.writeHead(307, { location: '/' }).end()],
      ['PEER_UNAVAILABLE', (response) => response.writeHead(500).end()],
      ['PEER_UNAVAILABLE', (response) => response.destroy()],
      ['RESPONSE_TOO_LARGE', (response) => response.on('error', () => {}).end(Buffer.alloc(100_000))],
      [
        'PAGE_MALFORMED',
        (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x')),
      ],
      ['RATE_LIMITED', (response) => response.writeHead(429, { 'retry-after': '7' }).end()],
    ]
    for (const [code, answer] of failures) {
      answering(answer)
      expect((await failureOf(post())).code).toBe(code)
    }
    await client.close()
    client = openClient('production')
    expect((await failureOf(post())).code).toBe('ADDRESS_FORBIDDEN')
  })
})
