import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { readLog } from '../support/node-stranger.ts'

const rounds = 3
let network: Network
let nodes: TestNode[]
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）'])
  nodes = await Promise.all([start(0), start(1)])
})
afterAll(() => network.close())

function start(n: number): Promise<TestNode> {
  return network.start(n, { kind: 'program', pollSeconds: 0.1 })
}

/** Publishes one after the other under keys of its own, and again whenever no answer came; every answer is kept. */
class Publisher {
  readonly answered: Receipt[] = []
  private stopping = false
  private readonly running: Promise<void>

  constructor(n: number) {
    this.running = this.run(n)
  }

  async stop(): Promise<void> {
    this.stopping = true
    await this.running
  }

  private async run(n: number): Promise<void> {
    for (let i = 0; !this.stopping; i += 1) this.answered.push(await this.publish(n, 1000 * (n + 1) + i))
  }

  private async publish(n: number, number: number): Promise<Receipt> {
    for (;;) {
      const answer = await nodes[n]!.post('/api/v1/records', syntheticStandard(number), {
        'idempotency-key': `key-${number}`,
      }).catch(() => undefined)
      const body = await answer?.text().catch(() => undefined)
      if (answer?.status === 201 && body !== undefined) return JSON.parse(body) as Receipt
      if (answer !== undefined && answer.status !== 503 && answer.status !== 201)
        throw new Error(`refused: ${answer.status} ${body}`)
      await sleep(50)
    }
  }
}

function postmastersOf({ directory }: TestNode): readonly string[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  return processes.filter(
    (line) => line.includes(directory) && / -D /.test(line) && !line.includes('/bin/sh'),
  )
}

describe('two programs that are killed at any moment', () => {
  test('[SYNC-20] nothing acknowledged is lost or doubled, none is left behind, and both reach one root', async () => {
    const publishers = [new Publisher(0), new Publisher(1)]
    for (let round = 0; round < rounds; round += 1) {
      const victim = round % 2
      await sleep(300 + 700 * Math.random())
      await nodes[victim]!.kill()
      nodes[victim] = await start(victim)
      expect(postmastersOf(nodes[victim]!)).toHaveLength(1)
    }
    await sleep(500)
    await Promise.all(publishers.map((publisher) => publisher.stop()))

    for (const [n, { answered }] of publishers.entries()) {
      const [own, other] = [nodes[n]!, nodes[1 - n]!]
      await other.waitFor(own.member, answered.length)
      const [original, copy] = await Promise.all([
        readLog(`${own.url}/log/1`),
        readLog(`${other.url}/mirror/${sha256Hex(own.member.origin)}`),
      ])
      expect(answered.length).toBeGreaterThan(20)
      expect(original.size).toBe(answered.length)
      expect([original.root, copy.root, copy.signedRoot]).toEqual(Array(3).fill(original.signedRoot))
      for (const { index, digest, entry } of answered) {
        expect(original.entries[index]).toEqual(entry)
        expect([original.digests.get(index), copy.digests.get(index)]).toEqual([digest, digest])
      }
      // R2: whoever was answered before another began stands before it.
      expect(answered.map(({ index }) => index)).toEqual(answered.map((_, index) => index))
      expect(await other.countStandards(`&issuer=${encodeURIComponent(own.member.did)}`)).toBe(
        answered.length,
      )
    }

    await Promise.all(nodes.map((node) => node.stop()))
    expect(nodes.flatMap(postmastersOf)).toEqual([])
  }, 120_000)
})
