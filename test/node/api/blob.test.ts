import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../../protocol/hash.ts'
import { attach, attachSample, eventually, getFile, octets, sampleFile } from '../../support/blob.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { expectProblem } from '../../support/node-request.ts'

let network: Network
let node: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'], { baseOf: () => '/jgj' })
  node = await network.start(0, { settings: { CSX_BLOB_MEBIBYTES: '2' } })
})
afterAll(() => network.close())

const incoming = () => readdir(join(node.directory, 'blobs', 'incoming')).catch(() => [])

describe('handing in a file', () => {
  test('[NODE-800] is answered with its digest and place, every time alike', async () => {
    const file = sampleFile(100_000)
    for (const query of ['', '', `?digest=${file.digest}`]) {
      const answer = await attach(node, file, query)
      expect([answer.status, answer.headers.get('location')]).toEqual([201, `/jgj/blobs/${file.digest}`])
      expect(await answer.json()).toEqual({ digest: file.digest, size: 100_000 })
    }
    const got = await getFile(node, file.digest, 'operator')
    expect(digestOf(new Uint8Array(await got.arrayBuffer()))).toBe(file.digest)
    const empty = sampleFile(0)
    expect((await attach(node, empty)).status).toBe(201)
    expect((await getFile(node, empty.digest, 'operator')).headers.get('content-length')).toBe('0')
  })

  test('[NODE-800] is refused without the token, in another type, with another digest, or too large', async () => {
    const file = sampleFile(1_000)
    const other = sampleFile(10)
    const send = (headers: Record<string, string>) =>
      node.fetch('/api/v1/blobs', { method: 'POST', headers, body: Buffer.from(file.bytes) })
    await expectProblem(await send(octets), 'AUTH_REQUIRED', { status: 401 })
    await expectProblem(await send({ ...octets, authorization: 'Bearer of-another' }), 'AUTH_INVALID')
    await expectProblem(await node.post('/api/v1/blobs', file.bytes), 'MEDIA_TYPE_REFUSED', { status: 415 })
    await expectProblem(await attach(node, file, `?digest=${other.digest}`), 'DIGEST_MISMATCH', {
      status: 422,
    })
    await expectProblem(await attach(node, file, '?digest=sha256:abc'), 'QUERY_INVALID', { status: 400 })
    await expectProblem(await attach(node, sampleFile((2 << 20) + 1)), 'BODY_TOO_LARGE', { status: 413 })
    expect((await attach(node, sampleFile(2 << 20))).status).toBe(201)
    for (const { digest } of [file, other]) expect((await getFile(node, digest, 'operator')).status).toBe(404)
    expect(await incoming()).toEqual([])
  })

  test('[NODE-800] one that does not state its length is cut off at the bound all the same', async () => {
    const outcome = await new Promise<number | string>((resolve) => {
      const outgoing = request(`${node.url}/api/v1/blobs`, {
        method: 'POST',
        headers: { ...octets, authorization: `Bearer ${node.token}` },
      })
      outgoing.on('response', (response) => resolve(response.resume().statusCode ?? 0))
      outgoing.on('error', () => resolve('broken off'))
      const chunk = Buffer.alloc(1 << 18)
      const write = (n: number) => {
        if (n < 40 && !outgoing.destroyed) outgoing.write(chunk, () => write(n + 1))
      }
      write(0)
    })
    expect([413, 'broken off']).toContain(outcome)
    await eventually(async () => (await incoming()).length === 0)
  })

  test('[TIER-100] one that breaks off leaves nothing', async () => {
    const { hostname, port } = new URL(node.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      `POST /jgj/api/v1/blobs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${node.token}\r\ncontent-type: application/octet-stream\r\ncontent-length: 500000\r\n\r\n`,
    )
    socket.write(Buffer.alloc(100_000))
    await eventually(async () => (await incoming()).length === 1)
    socket.destroy()
    await eventually(async () => (await incoming()).length === 0)
    expect((await getFile(node, digestOf(Buffer.alloc(100_000)), 'operator')).status).toBe(404)
  })

  test('[NODE-801] many readers that take nothing hold no file in memory, and hold up nobody', async () => {
    const file = await attachSample(node, 2 << 20)
    const { hostname, port } = new URL(node.url)
    const before = process.memoryUsage().rss
    const idle = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const socket = connect(Number(port), hostname)
        socket.on('error', () => {})
        socket.write(
          `GET /jgj/blobs/${file.digest} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${node.token}\r\n\r\n`,
        )
        socket.pause()
        return socket
      }),
    )
    await sleep(1_000)
    const answer = await getFile(node, file.digest, 'operator')
    expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(file.digest)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20)
    for (const socket of idle) socket.destroy()
  })
})
