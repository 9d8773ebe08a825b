import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { packageRoot } from '../../../node/store/migrate.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { dumpTables } from '../../support/dump.ts'
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

test('[DUR-27] rows of before there was a digest beside each reference are given it by the migration', async () => {
  const { id, digest } = await peer.log.publish(syntheticStandard(1))
  await peer.log.publish(parseDraft({ ...syntheticStandard(1), revisionOf: { id, digest } } as any))
  await peer.log.publish(syntheticEvent({ id, digest }, 'abolished', '2026-01-01'))
  await node.pull(peer)
  const { database } = node.db
  const made = await dumpTables(database)
  for (const statement of [
    'alter table event drop column edition_digest',
    'alter table standard drop column revision_digest',
    ...(await migration('0002_references')),
  ])
    await database.run((queries) => queries.execute(sql.raw(statement)))
  expect(await dumpTables(database)).toEqual(made)
  expect(JSON.stringify(made)).toContain(`"revision_digest\\": \\"\\\\\\\\x${digest.slice(7)}`)
})

async function migration(name: string): Promise<readonly string[]> {
  const text = await readFile(join(packageRoot(), 'node', 'store', 'migrations', `${name}.sql`), 'utf8')
  return text.split('--> statement-breakpoint')
}
