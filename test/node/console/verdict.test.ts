import { afterAll, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createNetwork } from '../../support/network.ts'

const network = await createNetwork(['璧山（合成）'])
afterAll(() => network.close())

test('[VERIFY-12] the page of a record that expires does not go on with the verdict of before', async () => {
  const clock = { ahead: 0 }
  const noon = Date.now() - (Date.now() % 86_400_000) + 4 * 3_600_000
  const begun = Date.now()
  const node = await network.start(0, { now: () => noon + (Date.now() - begun) + clock.ahead })
  const validUntil = new Date(noon + 600_000).toISOString()
  const { digest } = await node.publish({ ...syntheticStandard(1), validUntil })
  const page = async () => (await node.fetch(`/standards/${digest}`)).text()
  expect(await page()).not.toContain('EXPIRED')
  clock.ahead = 660_000
  expect(await page()).toContain('EXPIRED')
})
