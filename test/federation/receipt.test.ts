import { expect, test } from 'vitest'
import { syntheticEvent } from '../../fixtures/synthetic/standard.ts'
import { legalDateOf } from '../../protocol/date.ts'
import { createNetwork } from '../support/network.ts'
import type { Receipt, TestNode } from '../support/node.ts'
import { askAs, tieredStandard } from '../support/tier.ts'

const ended = 150

test('[TIER-70] acts of a pair that has ended do not keep those of another from their receipts', async () => {
  const yesterday = () => Date.now() - 86_400_000
  const network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'], {
    registry: ([first, second, third]) => ({
      projects: [
        {
          id: 'ended',
          nameZh: '昨日止（合成）',
          parties: [first!.did, second!.did],
          to: legalDateOf(Date.now()),
        },
        { id: 'standing', nameZh: '进行中（合成）', parties: [second!.did, third!.did] },
      ],
    }),
  })
  try {
    const act = async (node: TestNode, audience: string, amount: number): Promise<readonly Receipt[]> => {
      const standard = await node.publish({ ...tieredStandard(1, 'public'), tier: 'pair', audience })
      const { id, digest } = standard
      const event = { ...syntheticEvent({ id, digest }, 'abolished', '2026-01-01'), tier: 'pair', audience }
      const answer = await node.post('/api/v1/batches?wait=visible', { records: Array(amount).fill(event) })
      expect(answer.status).toBe(201)
      return ((await answer.json()) as { receipts: Receipt[] }).receipts
    }
    let south = await network.start(1, { now: yesterday })
    const north = await network.start(0, { now: yesterday })
    await act(north, 'ended', ended)
    await south.waitFor(north.member, ended + 1)
    await south.stop()
    // What was not receipted the day before cannot be any more.
    south = await network.start(1)
    const west = await network.start(2)
    const [last] = (await act(west, 'standing', 1)) as [Receipt]
    const receipted = async () =>
      (await askAs(south, `/api/v1/records?receiptOf=${encodeURIComponent(last.digest)}`, 'operator')).status
    await expect.poll(receipted, { timeout: 20_000 }).toBe(200)
    expect(south.lines.filter((line) => line.includes('a receipt could not be logged'))).toEqual([])
  } finally {
    await network.close()
  }
})
