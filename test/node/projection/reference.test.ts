import { afterEach, beforeEach, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { parseDraft } from '../../../protocol/record/schema.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
})
afterEach(async () => {
  await node.close()
  await peer.close()
})

const query = { day: '2026-06-01', limit: 50, offset: 0 }

/** A log of another agency may hold what our own door refuses. */
test('[REC-32] an act about another text of the id changes no state, no list and no history; one about this text does', async () => {
  const { id, digest } = await peer.log.publish(syntheticStandard(1))
  const act = async (text: string) => {
    await peer.log.publish(syntheticEvent({ id, digest: text }, 'abolished', '2026-01-01'))
    await node.pull(peer)
  }
  const revise = async (text: string) => {
    await peer.log.publish(parseDraft({ ...syntheticStandard(1), revisionOf: { id, digest: text } } as any))
    await node.pull(peer)
  }
  const { catalogue } = node
  const find = () => catalogue.findStandard(digest, query.day)
  const listed = async (state: 'in-force' | 'abolished') =>
    (await catalogue.searchStandards({ ...query, state })).items.map((item) => item.digest)
  await act(`sha256:${'0'.repeat(64)}`)
  await revise(`sha256:${'0'.repeat(64)}`)
  expect(await find()).toMatchObject({ state: 'in-force', events: [] })
  expect((await find())?.revisedBy).toBeUndefined()
  expect(await listed('in-force')).toContain(digest)
  await act(digest)
  expect((await find())?.events.map(({ index }) => index)).toEqual([3])
  expect(await listed('abolished')).toEqual([digest])
  await revise(digest)
  expect((await find())?.revisedBy).toBe(peer.log.logged[4]?.id)
  expect(await listed('abolished')).toEqual([])
  expect((await catalogue.searchStandards(query)).items.map((item) => item.digest)).not.toContain(digest)
})
