import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { openNodeDatabase, runNode } from '../../support/node-command.ts'
import { expectProblem } from '../../support/node-request.ts'

let network: Network
let node: TestNode
beforeEach(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0)
})
afterEach(() => network.close())

describe('an unsigned revision that is cut off', () => {
  test('[DUR-33] gives its number back, and the same request publishes it anew', async () => {
    const first = syntheticStandard(1)
    const { id, digest } = await node.publish(first)
    const revision = { ...first, revisionOf: { id, digest } }
    const note = await (await node.fetch('/log/1/checkpoint')).text()
    await node.publish(revision, 'key-of-the-revision')
    await node.stop()

    // As a crash before anything is signed over it leaves it, and then its record is lost.
    await rm(join(node.directory, 'signed'), { recursive: true })
    const database = await openNodeDatabase(node)
    for (const statement of [
      sql`update log set checkpoint = ${note}, checkpoint_size = 1, visible = 1`,
      sql`delete from standard where index = 1`,
      sql`update entry set record = null where index = 1`,
    ])
      await database.run((q) => q.execute(statement))
    await database.close()
    expect((await runNode(node, [])).err).toContain('LEAF_MISMATCH')
    const { exit, out } = await runNode(node, ['fsck', '--repair'])
    expect([exit, out]).toEqual([0, expect.stringMatching(/cut off.*: 1\n/)])

    node = await network.start(0)
    await expectProblem(await node.post('/api/v1/records', first), 'VERSION_CONFLICT')
    const again = await node.publish(revision, 'key-of-the-revision')
    expect(again.index).toBe(1)
    expect((await node.publish(revision, 'key-of-the-revision')).id).toBe(again.id)
    await expectProblem(await node.post('/api/v1/records', revision), 'VERSION_CONFLICT')
  })
})
