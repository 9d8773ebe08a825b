import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatherBundle } from '../../../node/serve/bundle.ts'
import type { LogReader } from '../../../node/serve/port.ts'
import { createLogReader } from '../../../node/serve/reader.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
let reader: LogReader
beforeAll(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
  await peer.log.publishStandards(1_005)
  await node.pull(peer)
  reader = createLogReader(node.db.database)
})
afterAll(async () => {
  await node.close()
  await peer.close()
})

async function argue(index: number, from: LogReader = reader) {
  const { id, digest } = peer.log.logged[index]!
  const bundle = await gatherBundle(from, { origin: peer.member.origin, index, id, digest })
  const { verdict, findings } = verifyBundle(encodeUtf8(bundle), { trust: node.trust, now: Date.now() })
  const codes = findings.flatMap(({ outcome, code }) => (outcome === 'passed' ? [] : [code]))
  return { verdict, codes, records: JSON.parse(bundle).records.length }
}

/** Each record is a MiB, as far as a page has to argue about it. */
const large = (): LogReader => ({
  ...reader,
  readRecords: async (log, range) => {
    const { records, complete } = await reader.readRecords(log, range)
    return {
      complete,
      records: records.map((record) => ({
        ...record,
        bytes: Buffer.concat([record.bytes, Buffer.alloc(1 << 20, 0x20)]),
      })),
    }
  },
})

describe('what a page argues about', () => {
  test('[NODE-24] is at most 1,000 entries: beyond, the record stands and the rest is not decided', async () => {
    expect(await argue(10)).toEqual({ verdict: 'verified', codes: [], records: 995 })
    expect(await argue(4)).toMatchObject({ verdict: 'undecided', records: 1 })
    expect((await argue(4)).codes).toContain('RANGE_MISSING')
  })

  test('[NODE-24] is at most 4 MiB of records', async () => {
    expect(await argue(1_002, large())).toMatchObject({ verdict: 'verified', records: 3 })
    expect(await argue(1_001, large())).toMatchObject({ verdict: 'undecided', records: 1 })
  })
})
