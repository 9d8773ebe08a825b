import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { syntheticPolicy } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { formatMoment } from '../../../protocol/date.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import { firstMoment } from '../../support/peer-log.ts'

let [publisher, one, two]: Peer[] = []
let node: PeerFollower
beforeEach(async () => {
  ;[publisher, one, two] = await Promise.all(
    ['璧山（合成）', '主管局一（合成）', '主管局二（合成）'].map(startPeer),
  )
  node = await createPeerFollower([publisher!, one!, two!], {
    policy: syntheticPolicy([one!.member, two!.member]),
  })
})
afterEach(async () => {
  await node.close()
  await Promise.all([publisher, one, two].map((peer) => peer!.close()))
})

const minute = 60_000
const at = (minutes: number) => formatMoment(firstMoment + minutes * minute)

/** Logs one more entry, a sound one but for this time of its own. */
async function log(minutes: number): Promise<void> {
  const { log } = publisher!
  const { document } = await log.fork(log.size).publish(syntheticStandard(log.size))
  log.appendFaulty(document, { entry: { at: at(minutes) } })
}

async function seen(minutes: number, by: readonly Peer[] = [one!, two!]): Promise<void> {
  let note = await publisher!.log.checkpointAt(publisher!.log.size)
  for (const bureau of by) note = await cosign(note, bureau.member, { at: firstMoment + minutes * minute })
  publisher!.note = note
  await node.pull(publisher!)
}

const faults = async () => (await node.quarantineOf(publisher!)).map(({ index, code }) => [index, code])

describe('an entry of a followed log', () => {
  test('[WIT-42] that is dated more than five minutes after its witnesses saw it does not count; the next one does', async () => {
    await log(0)
    await seen(1)
    await log(7.5)
    await seen(2)
    await log(3)
    await seen(3)
    expect(await faults()).toEqual([[1, 'TIME_CONTRADICTED']])
    expect(await node.standardsOf(publisher!)).toEqual([0, 2])
    expect(await node.rootOf(publisher!)).toEqual(publisher!.log.rootAt(3))
  })

  test('[WIT-42] nor one that is dated more than five minutes before both had last seen the log without it', async () => {
    await log(0)
    await seen(1)
    await seen(60)
    await log(50)
    await log(56)
    await seen(61)
    expect(await faults()).toEqual([[1, 'TIME_CONTRADICTED']])
  })

  test('[WIT-42] the word of one bureau contradicts nothing, and within five minutes nothing is contradicted', async () => {
    await log(0)
    await seen(60, [one!])
    await log(2)
    await seen(61, [one!])
    await seen(90)
    await log(86)
    await log(94.5)
    await seen(90)
    expect(await faults()).toEqual([])
  })
})
