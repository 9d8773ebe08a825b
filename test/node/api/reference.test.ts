import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'
import { expectProblem } from '../../support/node-request.ts'

let network: Network
let node: TestNode
let edition: Receipt
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0)
  edition = await node.publish(syntheticStandard(1))
})
afterAll(() => network.close())

const wrong = `sha256:${'0'.repeat(64)}`

test('[REC-32] an event about another text of an own record is refused, and the digest is pointed to', async () => {
  const event = syntheticEvent({ id: edition.id, digest: wrong }, 'abolished', '2026-01-01')
  await expectProblem(await node.post('/api/v1/records', event), 'RULE_VIOLATED', {
    status: 422,
    pointer: '/credentialSubject/edition/digest',
  })
  const list = [syntheticStandard(2), event]
  await expectProblem(await node.post('/api/v1/batches', { records: list }), 'RULE_VIOLATED', {
    pointer: '/records/1/credentialSubject/edition/digest',
  })
  expect((await node.logOf(node.member))?.size).toBe(1)
})

test('[REC-32] so is a revision of another text, and the number stays free for the right one', async () => {
  const revision = (digest: string) => ({ ...syntheticStandard(1), revisionOf: { id: edition.id, digest } })
  await expectProblem(await node.post('/api/v1/records', revision(wrong)), 'RULE_VIOLATED', {
    status: 422,
    pointer: '/revisionOf/digest',
  })
  expect((await node.publish(revision(edition.digest))).index).toBe(1)
})
