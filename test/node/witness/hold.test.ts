import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { createLogReader } from '../../../node/serve/reader.ts'
import { sql } from '../../../node/store/drizzle.ts'
import { readHoldingNotes } from '../../../node/store/holding-store.ts'
import { findLog, select } from '../../../node/store/log-store.ts'
import { createHolder } from '../../../node/witness/hold.ts'
import { parseHead } from '../../../protocol/log/checkpoint.ts'
import { cosignatureTime } from '../../../protocol/log/cosignature.ts'
import { parseNote } from '../../../protocol/log/note.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'
import { readNote } from '../../support/witness.ts'

let publisher: Peer
let self: Peer
let node: PeerFollower
let hold: () => Promise<void>
beforeEach(async () => {
  publisher = await startPeer('璧山（合成）')
  self = await startPeer('眉山（合成）')
  node = await createPeerFollower([publisher, self])
  await publisher.log.publishStandards(3)
  const { holder, entry } = syntheticMember('眉山（合成）', self.url)
  const sign = createHolder({
    deps: node.deps,
    database: node.db.database,
    name: entry.cosigners[1]!.name,
    signerAt: async () => holder,
  })
  hold = () => sign(publisher.member.origin)
})
afterEach(async () => {
  await node.close()
  await publisher.close()
  await self.close()
})

/** The note of the mirror. */
async function shown() {
  const { checkpoint } = (await createLogReader(node.db.database).findLog(publisher.member.origin))!
  return { ...readNote(checkpoint, publisher.member.origin, node.trust), note: checkpoint }
}
const name = () => self.member.entry.cosigners[1]!.name

describe('a holder', () => {
  test('[WIT-50] signs the size below which everything is here, in the note of its mirror', async () => {
    await node.pull(publisher)
    expect((await shown()).by).toEqual([])
    await hold()
    expect(await shown()).toMatchObject({ size: 3, by: [name()] })
    await publisher.log.publishStandards(300)
    await node.pull(publisher)
    expect(await shown()).toMatchObject({ size: 303, by: [] })
    await hold()
    expect(await shown()).toMatchObject({ size: 303, by: [name()] })
  })

  test('[WIT-50] says nothing while a public record is missing, and says it once it is there', async () => {
    publisher.log.served.set(1, null)
    await node.pull(publisher)
    await hold()
    expect((await shown()).by).toEqual([])
    publisher.log.served.delete(1)
    const follower = node.follow(publisher)
    await expect.poll(() => node.quarantineOf(publisher), { timeout: 20_000 }).toEqual([])
    await follower.stop()
    await hold()
    expect((await shown()).by).toEqual([name()])
  })

  test('[WIT-50] signs a size once, at a time that never goes back and is never that of a clock in doubt, and stands once in a note that has its line', async () => {
    await node.pull(publisher)
    await hold()
    const { note } = await shown()
    const [, line] = parseNote(note).signatures
    await hold()
    expect((await shown()).note).toBe(note)
    publisher.note = note
    await node.pull(publisher)
    expect((await shown()).note).toBe(note)
    publisher.note = undefined
    await publisher.log.publishStandards(1)
    await node.pull(publisher)
    node.clockOffset = -3_600_000
    await expect(hold()).rejects.toMatchObject({ code: 'CLOCK_WENT_BACK' })
    node.clockOffset = 10 * 365 * 86_400_000
    await expect(hold()).rejects.toMatchObject({ code: 'TIME_IN_FUTURE' })
    node.clockOffset = -180_000
    await hold()
    const [, later] = parseNote((await shown()).note).signatures
    expect(cosignatureTime(later!)).toBeGreaterThanOrEqual(cosignatureTime(line!))
    expect(cosignatureTime(later!)).toBeLessThan(Date.now() / 1000 + 60)
  })

  test('[WIT-52] its last line is kept when the log grows, and of older ones that within the note with the quorum', async () => {
    const { database } = node.db
    await node.pull(publisher)
    const { id } = (await database.run((queries) => findLog(queries, publisher.member.origin)))!
    const sizes = async () => (await readHoldingNotes(database, id)).map((text) => parseHead(text).size)
    await hold()
    await publisher.log.publishStandards(1)
    await node.pull(publisher)
    expect(await sizes()).toEqual([3])
    await hold()
    expect(await sizes()).toEqual([4])
    await select(database, sql`update log set witnessed_size = 4 where id = ${id}`)
    for (const more of [5, 6]) {
      await publisher.log.publishStandards(1)
      await node.pull(publisher)
      await hold()
      expect(await sizes()).toEqual([4, more])
    }
    await select(database, sql`update log set witnessed_size = 6 where id = ${id}`)
    await publisher.log.publishStandards(1)
    await node.pull(publisher)
    await hold()
    expect(await sizes()).toEqual([6, 7])
    const [text = ''] = await readHoldingNotes(database, id)
    expect(readNote(text, publisher.member.origin, node.trust)).toMatchObject({ size: 6, by: [name()] })
  })
})
