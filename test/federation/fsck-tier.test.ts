import { type SQL, sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attachSample, getFile, type SampleFile, standardWith } from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { openNodeDatabase, runNode } from '../support/node-command.ts'
import { askAs, tieredStandard, tierRegistry } from '../support/tier.ts'

/** A private record with a file, and one with another that was disclosed. */
let network: Network
let node: TestNode
let files: readonly [SampleFile, SampleFile]
let records: readonly [Receipt, Receipt]
beforeEach(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）'], {
    change: (registry, members) => tierRegistry(registry, members),
  })
  node = await network.start(0)
  files = [await attachSample(node, 1_000), await attachSample(node, 2_000)]
  records = [
    await node.publish(standardWith(1, 'private', [files[0]])),
    await node.publish(standardWith(2, 'pair', [files[1]])),
  ]
  await node.publish(tieredStandard(3, 'public'))
  expect((await node.post('/api/v1/disclosures', { index: 1 })).status).toBe(201)
  await node.waitFor(node.member, 4)
  await expectServed()
  await node.stop()
})
afterEach(() => network.close())

/** What a stranger gets: the disclosed record and its file, and nothing of the other. */
async function expectServed(): Promise<void> {
  const served = await Promise.all(records.map(({ digest }) => askAs(node, `/records/${digest}`, 'stranger')))
  expect(served.map(({ status }) => status)).toEqual([404, 200])
  const given = await Promise.all(files.map(({ digest }) => getFile(node, digest)))
  expect(given.map(({ status }) => status)).toEqual([404, 200])
}

const damages: readonly (readonly [string, readonly number[], readonly SQL[]])[] = [
  [
    'one too many',
    [2, 4],
    [
      sql`insert into disclosure select log_id, 4, 0, digest, salt from disclosure`,
      sql`insert into disclosure select log_id, 2, 0, digest, salt from disclosure where index = 3`,
      sql`insert into attachment select log_id, 2, digest, media_type, name from attachment where index = 0`,
    ],
  ],
  ['missing', [1, 3], [sql`delete from disclosure`, sql`delete from attachment where index = 1`]],
  [
    'altered',
    [0, 3],
    [sql`update disclosure set disclosed = 0`, sql`update attachment set name = 'x' where index = 0`],
  ],
]

test('[DUR-30] rows that open records and files to others are found, and mended from what is stored', async () => {
  for (const [, indices, statements] of damages) {
    const database = await openNodeDatabase(node)
    for (const statement of statements) await database.run((q) => q.execute(statement))
    await database.close()
    const found = await runNode(node, ['fsck'])
    expect(found.exit).toBe(1)
    for (const index of indices)
      expect(found.out + found.err).toMatch(
        new RegExp(`\\b${index}\\b.*LEAF_MISMATCH|LEAF_MISMATCH.*\\b${index}\\b`),
      )
    const { exit, out } = await runNode(node, ['fsck', '--repair'])
    expect([exit, out]).toEqual([0, expect.stringContaining('LEAF_MISMATCH')])
  }
  node = await network.start(0)
  await expectServed()
})
