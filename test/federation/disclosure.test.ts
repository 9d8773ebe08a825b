import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { openNodeDatabase, runNode } from '../support/node-command.ts'
import { expectProblem } from '../support/node-request.ts'
import { askAs, indicesOf, tieredStandard, tierRegistry } from '../support/tier.ts'

let network: Network
let north: TestNode
let south: TestNode
let east: TestNode
let pair: Receipt
let later: Receipt
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  ;[north, south, east] = await Promise.all([network.start(0), network.start(1), network.start(3)])
  await north.publish(tieredStandard(1, 'public'))
  pair = await north.publish(tieredStandard(2, 'pair'), 'k-pair')
  later = await north.publish(tieredStandard(3, 'pair'), 'k-later')
  for (const node of [south, east]) await node.waitFor(north.member, 3)
})
afterAll(() => network.close())

const act = (kind: string, body: object) => north.post(`/api/v1/${kind}`, body)

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 30_000
  while (!(await check())) {
    if (performance.now() > until) throw new Error('it never came')
    await sleep(50)
  }
}

describe('a disclosure', () => {
  test('[TIER-40] opens an entry to everybody, here and at every follower, from then on', async () => {
    const event = syntheticEvent({ id: pair.id, digest: pair.digest }, 'review', '2026-02-01')
    await north.publish({ ...event, tier: 'pair', audience: 'bishan-meishan' })
    expect((await north.fetch(`/records/${pair.digest}`)).status).toBe(404)
    const answer = await act('disclosures', { index: 1 })
    expect(answer.status).toBe(201)
    expect(await indicesOf(await north.fetch('/log/1/records/000.p/5'))).toEqual([0, 1, 4])
    expect((await north.fetch(`/records/${pair.digest}`)).status).toBe(200)
    expect(await north.countStandards()).toBe(2)
    await eventually(async () => (await east.fetch(`/records/${pair.digest}`)).status === 200)
    const { path } = (await east.logOf(north.member))!
    expect(await indicesOf(await east.fetch(`${path}/records/000.p/5`))).toEqual([0, 1, 4])
    expect(await east.countStandards()).toBe(2)
  })

  test('[TIER-41] tells nothing of acts that are not disclosed, and public ones may follow', async () => {
    const shown = async (who: 'operator' | 'stranger') =>
      ((await (await askAs(north, `/api/v1/standards/${pair.digest}`, who)).json()) as { events: unknown[] })
        .events
    expect([(await shown('operator')).length, (await shown('stranger')).length]).toEqual([1, 0])
    const event = syntheticEvent({ id: pair.id, digest: pair.digest }, 'abolished', '2026-03-01')
    expect((await north.post('/api/v1/records', event)).status).toBe(201)
  })

  test('[TIER-40] of a public entry, of none, or one that opens something else does nothing', async () => {
    await expectProblem(await act('disclosures', { index: 0 }), 'RULE_VIOLATED')
    await expectProblem(await act('disclosures', { index: 99 }), 'NOT_FOUND', { status: 404 })
    await expectProblem(await act('disclosures', { index: '1' }), 'SCHEMA_INVALID')
    const { commitment } = (later as any).entry
    const credentialSubject = { index: 2, commitment, salt: 'a'.repeat(64), digest: pair.digest }
    await north.publish({ type: 'Disclosure', tier: 'public', synthetic: true, credentialSubject })
    expect((await north.fetch(`/records/${later.digest}`)).status).toBe(404)
  })
})

describe('an erasure', () => {
  const dump = async (node: TestNode) => {
    const database = await openNodeDatabase(node)
    const tables = [
      'entry',
      'opening',
      'standard',
      'event',
      'attachment',
      'blob',
      'claim',
      'quarantine',
      'idempotency',
      'disclosure',
    ]
    const rows = await Promise.all(
      tables.map((table) => database.run((q) => q.execute(sql.raw(`select t::text as row from ${table} t`)))),
    )
    await database.close()
    return rows
      .flat()
      .map(({ row }) => String(row))
      .join('\n')
  }

  test('[TIER-50] leaves nothing of the record here nor at a holder, and the log as it was', async () => {
    const hidden = [later.id, later.digest.slice(7), '第3号']
    for (const node of [north, south]) for (const word of hidden) expect(await dump(node)).toContain(word)
    const before = (await north.logOf(north.member))!.size
    expect((await act('erasures', { index: 2, note: '误传' })).status).toBe(201)
    await south.waitFor(north.member, before + 1)
    for (const node of [north, south, east])
      for (const word of hidden) expect([word, (await dump(node)).includes(word)]).toEqual([word, false])
    expect((await askAs(north, `/records/${later.digest}`, 'operator')).status).toBe(404)
    const held = await askAs(south, `/api/v1/standards`, 'operator')
    expect(await held.text()).not.toContain('第3号')
  })

  test('[TIER-51] says of what is gone that it is gone, and a public record cannot go', async () => {
    await expectProblem(await act('erasures', { index: 2 }), 'OPENING_LOST')
    await expectProblem(await act('disclosures', { index: 2 }), 'OPENING_LOST')
    await expectProblem(await act('erasures', { index: 0 }), 'RULE_VIOLATED')
    await expectProblem(
      await north.post('/api/v1/records', tieredStandard(3, 'pair'), { 'idempotency-key': 'k-later' }),
      'IDEMPOTENCY_CONFLICT',
    )
  })

  test('[TIER-50] is no fault of the store, and a holder keeps the request', async () => {
    const { items } = {
      items: await indicesOf(
        await askAs(south, `${(await south.logOf(north.member))!.path}/records/000.p/8`, 'operator'),
      ),
    }
    expect(items).not.toContain(2)
    expect(items).toContain(7)
    for (const node of [north, south]) await node.stop()
    for (const node of [north, south]) expect(await runNode(node, ['fsck'])).toMatchObject({ exit: 0 })
  })
})
