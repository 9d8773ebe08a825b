import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { backUp } from '../support/back-up.ts'
import { createNetwork, type Network } from '../support/network.ts'
import { databaseName, type TestNode } from '../support/node.ts'
import { runNode } from '../support/node-command.ts'
import { expectProblem } from '../support/node-request.ts'
import { readLog } from '../support/node-stranger.ts'
import { askAs, indicesOf, tieredStandard, tierRegistry } from '../support/tier.ts'

/** An agency, the partner of its pair, one of its group, and another member; nobody is asked to witness. */
let network: Network
let agency: TestNode
let others: TestNode[]
beforeEach(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  const [first, ...rest] = await Promise.all([0, 1, 2, 3].map((n) => network.start(n)))
  agency = first!
  others = rest
})
afterEach(() => network.close())

const tiers = ['public', 'federation', 'group', 'pair', 'private']

async function othersHold(size: number): Promise<void> {
  for (const node of others) await node.waitFor(agency.member, size)
}

/** Two entries in the copy, and then one of each tier. */
async function copyThenGoOn() {
  for (const n of [90, 91]) await agency.publish(syntheticStandard(n))
  await agency.stop()
  const copy = await backUp(agency)
  agency = await network.start(0)
  for (const [n, tier] of tiers.entries()) await agency.publish(tieredStandard(n, tier), `key-${n}`)
  await othersHold(7)
  const { root } = await readLog(`${agency.url}/log/1`)
  await agency.stop()
  return { copy, root }
}

describe('a stopped node that was put back', () => {
  test('[DUR-603] [DUR-602] is healed by fsck --repair, and what nobody else had is named as lost', async () => {
    const { copy, root } = await copyThenGoOn()
    await copy.putBack('database')
    const { exit, out } = await runNode(agency, ['fsck', '--repair'])
    expect([exit, out]).toEqual([0, expect.stringMatching(/recovered: entry 2–6\n/)])
    expect(out).toMatch(/^ {2}OPENING_LOST .*: 6$/m)
    expect(out).not.toMatch(/MISMATCH/)
    expect(await runNode(agency, ['fsck'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^ {2}OPENING_LOST .*: 6$/m),
    })
    agency = await network.start(0)
    expect((await readLog(`${agency.url}/log/1`)).root).toBe(root)
    const page = await askAs(agency, '/log/1/records/000.p/7', 'operator')
    expect(await indicesOf(page)).toEqual([0, 1, 2, 3, 4, 5])
    // What was acknowledged holds its number; the key under which it was sent nobody else knew.
    const again = await agency.post('/api/v1/records', tieredStandard(0, 'public'), {
      'idempotency-key': 'key-0',
    })
    await expectProblem(again, 'VERSION_CONFLICT')
    await agency.publish(syntheticStandard(100))
    await othersHold(8)
    for (const node of others) expect((await node.logOf(agency.member))?.state).toBe('active')
  })

  test('[DUR-603] while nobody has what it signed it stays frozen, and fsck names it', async () => {
    const { copy } = await copyThenGoOn()
    await copy.putBack('database')
    for (const node of others) await node.stop()
    const repair = await runNode(agency, ['fsck', '--repair'])
    expect([repair.exit, repair.out]).toEqual([1, expect.stringMatching(/LOG_FROZEN log 2: /)])
    expect(await runNode(agency, ['fsck'])).toMatchObject({ exit: 1 })
    agency = await network.start(0)
    await expectProblem(await agency.post('/api/v1/records', syntheticStandard(7)), 'LOG_FROZEN')
    others = [await network.start(2)]
    await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 30_000 }).toBe(200)
    expect((await readLog(`${agency.url}/log/1`)).size).toBe(7)
  })
})

test('[DUR-601] a node that is killed again and again while it heals is whole in the end', async () => {
  await agency.stop()
  const copy = await backUp(agency)
  agency = await network.start(0)
  for (let n = 0; n < 2000; n += 500) {
    const records = Array.from({ length: 500 }, (_, i) => syntheticStandard(n + i))
    expect((await agency.post('/api/v1/batches', { records })).status).toBe(201)
  }
  await othersHold(2000)
  const { root } = await readLog(`${agency.url}/log/1`)
  await agency.stop()
  await copy.putBack('database')
  const { PGHOST = '', PGUSER = '', PGPASSWORD = '' } = process.env
  const environment = {
    DATABASE_URL: `postgres:///${databaseName(agency.directory)}`,
    PGHOST,
    PGUSER,
    PGPASSWORD,
  }
  const start = () => network.start(0, { kind: 'program', environment })
  const seen: number[] = []
  for (let kill = 0; kill < 4; kill += 1) {
    agency = await start()
    await sleep(50 + 350 * Math.random())
    seen.push((await agency.logOf(agency.member).catch(() => undefined))?.held ?? -1)
    await agency.kill()
  }
  agency = await start()
  await expect.poll(async () => (await agency.fetch('/readyz')).status, { timeout: 60_000 }).toBe(200)
  await agency.publish(syntheticStandard(5000))
  await othersHold(2001)
  const own = await readLog(`${agency.url}/log/1`)
  const copyOfOwn = await readLog(`${others[0]!.url}${(await others[0]!.logOf(agency.member))!.path}`)
  expect([own.size, own.root]).toEqual([2001, copyOfOwn.root])
  expect(own.digests.size).toBe(2001)
  expect(seen).toHaveLength(4)
  expect(root).not.toBe(own.root)
  await agency.stop()
  expect(await runNode(agency, ['fsck'])).toMatchObject({ exit: 0 })
})
