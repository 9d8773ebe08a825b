import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { type BackUp, backUp } from '../support/back-up.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { runNode } from '../support/node-command.ts'
import { expectProblem } from '../support/node-request.ts'
import { readLog } from '../support/node-stranger.ts'
import { pairedRegistry } from '../support/witness.ts'

/** Two bureaus who witness, an agency, and its partner. */
let network: Network
let bureaus: TestNode[]
let agency: TestNode
let partner: TestNode
/** What the agency acknowledged. */
let receipts: Receipt[]
beforeEach(async () => {
  network = await createNetwork(['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）'], {
    registry: pairedRegistry,
  })
  const [one, two, ...others] = await Promise.all([0, 1, 2, 3].map((n) => network.start(n)))
  bureaus = [one!, two!]
  ;[agency, partner] = others as [TestNode, TestNode]
  receipts = []
})
afterEach(() => network.close())

async function publish(amount: number, from = receipts.length): Promise<void> {
  for (let n = from; n < from + amount; n += 1) receipts.push(await agency.publish(syntheticStandard(n)))
}

/** 3 entries in the copy, and then 4 more that others have seen. */
async function copyThenGoOn(): Promise<BackUp> {
  await publish(3)
  await agency.stop()
  const copy = await backUp(agency)
  agency = await network.start(2)
  await publish(4)
  await agency.publish({ ...syntheticStandard(90), tier: 'pair', audience: 'pair' })
  for (const node of [...bureaus, partner]) await node.waitFor(agency.member, 8)
  await agency.stop()
  return copy
}

const mirror = (node: TestNode) => `${node.url}/mirror/${sha256Hex(agency.member.origin)}`

/** A client that publishes all the time, from before the start on. */
class Client {
  readonly answers: { readonly status: number; readonly code?: string; readonly index?: number }[] = []
  private stopping = false
  private readonly running: Promise<void>

  constructor(first: number) {
    this.running = this.run(first)
  }

  async stop(): Promise<readonly number[]> {
    this.stopping = true
    await this.running
    return this.answers.flatMap(({ status, index }) => (status === 201 && index !== undefined ? [index] : []))
  }

  private async run(first: number): Promise<void> {
    for (let n = first; !this.stopping; n += 1) {
      const answer = await agency.post('/api/v1/records', syntheticStandard(n)).catch(() => undefined)
      const body = await answer?.json().catch(() => undefined)
      if (answer) this.answers.push({ status: answer.status, ...(body as object) })
      await sleep(10)
    }
  }
}

async function expectWhole(size: number): Promise<void> {
  await agency.waitFor(agency.member, size)
  const own = await readLog(`${agency.url}/log/1`)
  for (const { digest, index } of receipts) expect(own.entries[index]).toMatchObject({ digest })
  for (const node of [partner, ...bureaus]) {
    await node.waitFor(agency.member, own.size)
    await expect.poll(async () => (await node.logOf(agency.member))?.state).toBe('active')
    const copy = await readLog(mirror(node))
    expect([copy.size, copy.root]).toEqual([own.size, own.root])
  }
  expect(own.size).toBeGreaterThanOrEqual(size)
  expect(own.root).toBe(own.signedRoot)
}

describe('a node that is put back from an old back-up', () => {
  test.each(['database', 'disk'] as const)(
    '[SYNC-600] [DUR-600] %s: it publishes nothing that contradicts what it signed, heals by itself, and goes on',
    async (what) => {
      const copy = await copyThenGoOn()
      await copy.putBack(what)
      const client = new Client(200)
      agency = await network.start(2)
      await expect
        .poll(() => client.answers.some(({ status }) => status === 201), { timeout: 30_000 })
        .toBe(true)
      const indices = await client.stop()
      expect(Math.min(...indices)).toBe(8)
      await publish(1, 500)
      await expectWhole(8 + indices.length + 1)
      expect((await agency.fetch('/readyz')).status).toBe(200)
    },
  )

  test('[DUR-602] what only some may have comes back from the partner', async () => {
    const copy = await copyThenGoOn()
    await copy.putBack('disk')
    agency = await network.start(2)
    await agency.waitFor(agency.member, 8)
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 20_000 }).toBe(200)
    const page = await agency.fetch('/log/1/records/000.p/8?from=7', {
      headers: { authorization: `Bearer ${agency.token}` },
    })
    expect(JSON.parse((await page.text()).trim())).toMatchObject({ index: 7, record: { tier: 'pair' } })
    await agency.stop()
    expect(await runNode(agency, ['fsck'])).toMatchObject({ exit: 0 })
  })

  test('[SYNC-602] a node that kept nothing but its keys has all of its log again', async () => {
    await agency.stop()
    const empty = await backUp(agency)
    agency = await network.start(2)
    await publish(4)
    for (const node of [...bureaus, partner]) await node.waitFor(agency.member, 4)
    await agency.stop()
    await empty.putBack('database')
    await rm(join(agency.directory, 'signed'), { recursive: true })
    agency = await network.start(2)
    await publish(1, 500).catch(() => {})
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 20_000 }).toBe(200)
    await publish(1, 501)
    await expectWhole(5)
  })

  test('[SYNC-601] with one bureau away it heals all the same', async () => {
    const copy = await copyThenGoOn()
    await bureaus[0]!.stop()
    await copy.putBack('disk')
    agency = await network.start(2)
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 20_000 }).toBe(200)
    await publish(1, 500)
    bureaus = bureaus.slice(1)
    await expectWhole(9)
  })

  test('[SYNC-601] with both away the partner is enough for what this node remembers, and for a disk that was put back nobody is', async () => {
    const copy = await copyThenGoOn()
    for (const bureau of bureaus) await bureau.stop()
    bureaus = []
    // An ordinary start.
    agency = await network.start(2)
    await publish(1, 500)
    await partner.waitFor(agency.member, 9)
    await agency.stop()
    await copy.putBack('disk')
    agency = await network.start(2)
    await agency.waitFor(agency.member, 9)
    await expectProblem(await agency.fetch('/readyz'), 'LOG_FROZEN', { status: 503 })
    await expectProblem(await agency.post('/api/v1/records', syntheticStandard(501)), 'LOG_FROZEN', {
      status: 503,
    })
    bureaus = [await network.start(0)]
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 30_000 }).toBe(200)
    await publish(1, 502)
    await expectWhole(10)
  })

  test('[SYNC-601] a node that kept nothing but its keys waits for a bureau, whoever else says that he has nothing', async () => {
    await agency.stop()
    const empty = await backUp(agency)
    await partner.stop()
    agency = await network.start(2)
    await publish(3)
    for (const node of bureaus) await node.waitFor(agency.member, 3)
    await agency.stop()
    for (const bureau of bureaus) await bureau.stop()
    await empty.putBack('disk')
    await rm(join(agency.directory, 'signed'), { recursive: true, force: true })
    partner = await network.start(3)
    // Whoever lost everything starts more than once.
    for (let starts = 0; starts < 2; starts += 1) {
      agency = await network.start(2)
      for (let n = 0; n < 3; n += 1) {
        await expectProblem(
          await agency.post('/api/v1/records', syntheticStandard(700 + n)),
          'LOG_UNPROVEN',
          {
            status: 503,
          },
        )
        await sleep(300)
      }
      await expectProblem(await agency.fetch('/readyz'), 'LOG_UNPROVEN', { status: 503 })
      if (starts === 0) await agency.stop()
    }
    bureaus = [await network.start(0)]
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 30_000 }).toBe(200)
    await publish(1, 710)
    await expectWhole(4)
  })

  test('[SYNC-600] while nobody answers it reads and signs nothing, and says why', async () => {
    await publish(3)
    await agency.stop()
    for (const node of [...bureaus, partner]) await node.stop()
    agency = await network.start(2)
    await expectProblem(await agency.fetch('/readyz'), 'LOG_UNPROVEN', { status: 503 })
    await expectProblem(await agency.post('/api/v1/records', syntheticStandard(9)), 'LOG_UNPROVEN', {
      status: 503,
    })
    expect((await readLog(`${agency.url}/log/1`)).size).toBe(3)
    partner = await network.start(3)
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 30_000 }).toBe(200)
    await publish(1)
  })
})
