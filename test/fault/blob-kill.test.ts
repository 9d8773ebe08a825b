import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../protocol/hash.ts'
import { attach, eventually, getFile, sampleFile, standardWith, waitForFile } from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { type Peer, startPeer } from '../support/peer.ts'

let network: Network
let peer: Peer
let node: TestNode
beforeAll(async () => {
  peer = await startPeer('眉山（合成）')
  network = await createNetwork(['璧山（合成）'], { peers: [peer] })
  await start()
}, 60_000)
afterAll(async () => {
  await network.close()
  await peer.close()
})

async function start(): Promise<void> {
  node = await network.start(0, { kind: 'program', pollSeconds: 0.1 })
}

const incoming = () => readdir(join(node.directory, 'blobs', 'incoming')).catch(() => [])
const counted = async () =>
  (await readdir(join(node.directory, 'blobs'), { recursive: true })).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  )

describe('a program that is killed', () => {
  test('[TIER-100] while a file is handed in: the next start removes what came, and it is handed in again', async () => {
    const file = sampleFile(3_000_000)
    const { hostname, port } = new URL(node.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      `POST /api/v1/blobs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${node.token}\r\ncontent-type: application/octet-stream\r\ncontent-length: 3000000\r\n\r\n`,
    )
    socket.write(file.bytes.subarray(0, 2_000_000))
    await eventually(async () => (await incoming()).length === 1)
    await node.kill()
    expect((await incoming()).length).toBe(1)
    await start()
    expect([await incoming(), await counted()]).toEqual([[], []])
    expect((await attach(node, file)).status).toBe(201)
    await node.kill()
    await start()
    const answer = await getFile(node, file.digest, 'operator')
    expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(file.digest)
  }, 90_000)

  test('[TIER-100] at any moment of many uploads: what was acknowledged is there, and nothing else counts', async () => {
    const acknowledged: string[] = []
    for (let round = 0; round < 2; round += 1) {
      const sending = (async () => {
        for (;;) {
          const file = sampleFile(20_000)
          const answer = await attach(node, file).catch(() => undefined)
          if (answer?.status !== 201) return
          acknowledged.push(file.digest)
        }
      })()
      await sleep(200 + 300 * Math.random())
      await node.kill()
      await sending
      await start()
      expect(await incoming()).toEqual([])
    }
    expect(acknowledged.length).toBeGreaterThan(5)
    for (const digest of acknowledged) {
      const answer = await getFile(node, digest, 'operator')
      expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(digest)
    }
  }, 90_000)

  test('[TIER-100] while a file of another comes: it comes again, whole', async () => {
    const file = sampleFile(1_000_000)
    let honest = false
    peer.misbehave = ({ path }, response) => {
      if (path !== `/blobs/${file.digest}`) return false
      response.on('error', () => {})
      response.writeHead(200, { 'content-length': file.bytes.length })
      if (honest) response.end(file.bytes)
      else response.write(file.bytes.subarray(0, 600_000))
      return true
    }
    await peer.log.publish(standardWith(1, 'public', [file]) as never)
    await node.waitFor(peer.member, 1)
    await eventually(async () => (await incoming()).length === 1)
    await node.kill()
    honest = true
    await start()
    await waitForFile(node, file.digest)
    const answer = await getFile(node, file.digest)
    expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(file.digest)
    expect(await incoming()).toEqual([])
  }, 90_000)
})
