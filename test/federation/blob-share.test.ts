import { expect, test } from 'vitest'
import { attachSample, eventually, getFile, standardWith } from '../support/blob.ts'
import { createNetwork } from '../support/network.ts'

test('[TIER-103] the files of one log take no more than their share of a follower’s disk, and those of others come', async () => {
  const network = await createNetwork(['璧山（合成）', '眉山（合成）', '宜宾（合成）'])
  try {
    const [greedy, other] = [await network.start(0), await network.start(2)]
    const follower = await network.start(1, { settings: { CSX_BLOB_MEBIBYTES: '1' } })
    const files = []
    for (let n = 0; n < 36; n += 1) files.push(await attachSample(greedy, 1 << 20))
    for (const n of [0, 1, 2])
      await greedy.publish(standardWith(n, 'public', files.slice(12 * n, 12 * n + 12)))
    const told = () => follower.lines.some((line) => line.includes('"SIZE_LIMIT"'))
    await eventually(told)
    const modest = await attachSample(other, 1 << 20)
    await other.publish(standardWith(9, 'public', [modest]))
    await eventually(async () => (await getFile(follower, modest.digest)).status === 200)
    const statuses = await Promise.all(
      files.map(async ({ digest }) => (await getFile(follower, digest)).status),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(32)
    expect(await follower.logOf(greedy.member)).toMatchObject({ held: 3, visible: 3, state: 'active' })
  } finally {
    await network.close()
  }
})
