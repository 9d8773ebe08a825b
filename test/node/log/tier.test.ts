import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'
import { openNodeDatabase, runNode } from '../../support/node-command.ts'
import { expectProblem } from '../../support/node-request.ts'
import { askAs, groupId, pairId, tieredStandard, tierRegistry } from '../../support/tier.ts'

let network: Network
let node: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）', '泸州（合成）'], {
    change: (registry, members) => {
      const changed = tierRegistry(registry, members)
      const [, second, , fourth] = members
      const parties: [string, string] = [second!.did, fourth!.did]
      const own = changed.projects[0]!
      const projects = [own, { ...own, id: 'others', parties }, { ...own, id: 'ended', to: '2026-01-01' }]
      return { ...changed, projects }
    },
  })
  node = await network.start(0)
})
afterAll(() => network.close())

const audienceOf = (tier: string, audience: string) => ({ ...syntheticStandard(50), tier, audience })

describe('publishing what is not public', () => {
  test.each([
    ['a pair of others', 'pair', 'others'],
    ['a pair that has ended', 'pair', 'ended'],
    ['a pair that nobody knows', 'pair', 'nobody'],
    ['another group', 'group', 'east'],
  ])('[TIER-2] is refused for %s', async (_, tier, audience) => {
    await expectProblem(await node.post('/api/v1/records', audienceOf(tier, audience)), 'AUDIENCE_MISMATCH', {
      status: 422,
      pointer: '/audience',
    })
  })

  test('[REC-400] an audience with a blank is refused, and so is one where there is none', async () => {
    for (const [tier, audience] of [
      ['pair', 'a b'],
      ['group', '协作组'],
      ['private', pairId],
      ['public', groupId],
    ])
      await expectProblem(
        await node.post('/api/v1/records', audienceOf(tier!, audience!)),
        'SCHEMA_INVALID',
        {
          pointer: '/audience',
        },
      )
  })

  test('[NODE-13] the same key gets the same receipt, commitment and all; another entry another salt', async () => {
    const draft = tieredStandard(1, 'pair')
    const [first, again] = [await node.publish(draft, 'k-1'), await node.publish(draft, 'k-1')]
    expect({ ...again, checkpoint: '' }).toEqual({ ...first, checkpoint: '' })
    await node.publish(tieredStandard(2, 'private'))
    const salts = await saltsOf(node)
    expect(new Set(salts).size).toBe(2)
    await node.stop()
    node = await network.start(0)
    expect({ ...(await node.publish(draft, 'k-1')), checkpoint: '' }).toEqual({ ...first, checkpoint: '' })
    expect(await saltsOf(node)).toEqual(salts)
  })

  test('[NODE-12] a number is taken for its readers alone', async () => {
    const pair = await node.publish(tieredStandard(3, 'pair'))
    await node.publish(tieredStandard(3, 'public'))
    await node.publish(tieredStandard(3, 'private'))
    await expectProblem(await node.post('/api/v1/records', tieredStandard(3, 'pair')), 'VERSION_CONFLICT')
    const revision = { ...tieredStandard(3, 'pair'), revisionOf: { id: pair.id, digest: pair.digest } }
    expect((await node.post('/api/v1/records', revision)).status).toBe(201)
  })

  test('[REC-401] an act is for the very readers of what it acts on', async () => {
    const [open, secret] = [
      await node.publish(tieredStandard(4, 'public')),
      await node.publish(tieredStandard(5, 'pair')),
    ]
    const event = ({ id, digest }: Receipt, readers: object) => ({
      ...syntheticEvent({ id, digest }, 'abolished', '2026-02-01'),
      ...readers,
    })
    const [toAll, toPair] = [{ tier: 'public' }, { tier: 'pair', audience: pairId }]
    for (const [edition, readers] of [
      [open, toPair],
      [secret, toAll],
      [secret, { tier: 'private' }],
    ] as const)
      await expectProblem(await node.post('/api/v1/records', event(edition, readers)), 'RULE_VIOLATED', {
        pointer: '/credentialSubject/edition/digest',
      })
    await node.publish(event(secret, toPair))
    const states = async (who: 'operator' | 'stranger') => {
      const answer = await askAs(node, `/api/v1/standards?at=2026-06-01&state=abolished`, who)
      return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)
    }
    expect([await states('operator'), await states('stranger')]).toEqual([[secret.id], []])
  })
})

async function saltsOf(of: TestNode): Promise<readonly string[]> {
  const database = await openNodeDatabase(of)
  const rows = await database.run((q) =>
    q.execute<{ salt: string }>(sql`select encode(salt, 'hex') as salt from opening order by index`),
  )
  await database.close()
  return rows.map(({ salt }) => salt)
}

describe('a store with records that are not public', () => {
  const damage = async (...statements: string[]) => {
    const database = await openNodeDatabase(node)
    for (const statement of statements) await database.run((q) => q.execute(sql.raw(statement)))
    await database.close()
  }

  test('[TIER-5] is whole after a stop, and repair finds nothing to do', async () => {
    await node.stop()
    for (const args of [['fsck'], ['fsck', '--repair']])
      expect(await runNode(node, args)).toMatchObject({
        exit: 0,
        err: expect.not.stringContaining('INTERNAL'),
      })
  })

  test('[TIER-5] that lost a salt says so, and of what nothing; the rest is served', async () => {
    await damage('delete from opening where index = 0')
    const { exit, out } = await runNode(node, ['fsck'])
    expect([exit, out]).toEqual([1, expect.stringContaining('OPENING_LOST record 0')])
    expect(out).not.toContain('sha256:')
    expect((await runNode(node, ['fsck', '--repair'])).exit).toBe(1)
    node = await network.start(0)
    expect((await askAs(node, '/log/1/records/000.p/2', 'operator')).status).toBe(200)
    await node.stop()
  })

  test('[TIER-5] with a record that opens nothing is named too', async () => {
    await damage(`update entry set record = replace(record, '（合成样例）', '（样例）') where index = 1`)
    const { out } = await runNode(node, ['fsck'])
    expect(out).toContain('DIGEST_MISMATCH record 1')
  })

  test('[TIER-4] salts stand apart from records, and a record without its salt goes to nobody', async () => {
    node = await network.start(0)
    const text = await (await askAs(node, '/log/1/records/000.p/2', 'operator')).text()
    expect(text).not.toContain('"index":0,')
  })

  test('[TIER-5] whose last entry was not signed and does not open is not signed over', async () => {
    await node.stop()
    await damage(
      `update log set checkpoint_size = checkpoint_size - 1, checkpoint = null where own`,
      `delete from opening where index = (select max(index) from entry)`,
    )
    await expect(network.start(0)).rejects.toMatchObject({ code: 'LEAF_MISMATCH' })
  })
})
