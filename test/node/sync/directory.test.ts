import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDirectorySource } from '../../../node/sync/directory.ts'
import { classOf } from '../../../node/sync/failure.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower, type PeerFollower } from '../../support/peer-follower.ts'

let peer: Peer
let node: PeerFollower
let directory: string
beforeEach(async () => {
  peer = await startPeer('璧山（合成）')
  node = await createPeerFollower([peer])
  directory = await mkdtemp(join(tmpdir(), 'csx-stick-'))
})
afterEach(async () => {
  await node.close()
  await peer.close()
  await rm(directory, { recursive: true })
})

async function writeStick(): Promise<void> {
  for (const [path, bytes] of await peer.log.files()) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), bytes)
  }
}

const pull = () => node.pull(peer, createDirectorySource(directory))

describe('a directory', () => {
  test('[SYNC-18] a stick is a peer: the same checks, the same result, without the network', async () => {
    await peer.log.publishStandards(300)
    peer.log.appendFaulty({ ...peer.log.logged[0]!.document, synthetic: false })
    await writeStick()
    expect(await pull()).toEqual({ applied: 301, held: 301, target: 301 })
    expect((await node.quarantineOf(peer)).map(({ index }) => index)).toEqual([300])
    expect(await node.rootOf(peer)).toEqual(peer.log.rootAt(301))
    expect(peer.requests).toEqual([])
    expect(await pull()).toEqual({ applied: 0, held: 301, target: 301 })
  })

  test('[SYNC-18] a newer stick over an older one, and the network after it', async () => {
    await peer.log.publishStandards(200)
    await writeStick()
    await pull()
    await peer.log.publishStandards(100)
    await writeStick()
    expect(await pull()).toEqual({ applied: 100, held: 300, target: 300 })
    await peer.log.publishStandards(1)
    expect(await node.pull(peer)).toEqual({ applied: 1, held: 301, target: 301 })
    expect(await codeOfAsync(pull)).toBe('CURSOR_AHEAD')
    expect(await node.standardsOf(peer)).toHaveLength(301)
  })

  test('[SYNC-23] a copy that is what it was is no look at the log, and one with more is', async () => {
    const checkedAt = async () => (await node.logOf(peer)).checkedAt
    await peer.log.publishStandards(1)
    await writeStick()
    await pull()
    const first = await checkedAt()
    node.clockOffset += 3_600_000
    await pull()
    expect(await checkedAt()).toBe(first)
    expect(await node.catalogue.listLogs()).toMatchObject([{ warning: { code: 'CHECKPOINT_STALE' } }])
    await peer.log.publishStandards(1)
    await writeStick()
    await pull()
    expect((await node.catalogue.listLogs())[0]?.warning).toBeUndefined()
    node.clockOffset += 3_600_000
    // From the log itself the same checkpoint says that there is nothing more.
    await node.pull(peer)
    expect((await node.catalogue.listLogs())[0]?.warning).toBeUndefined()
  })

  test.each([0, 1, 255, 256, 299])(
    '[SYNC-25] a copy of size %i that is older than what is held is no rollback, and changes nothing',
    async (size) => {
      await peer.log.publishStandards(300)
      await node.pull(peer)
      const before = await node.logOf(peer)
      await writeStick()
      await writeFile(join(directory, 'checkpoint'), await peer.log.checkpointAt(size))
      expect(await codeOfAsync(pull)).toBe('CURSOR_AHEAD')
      expect(classOf(new ProtocolError('CURSOR_AHEAD', ''))).toBe('transport')
      expect(await node.logOf(peer)).toEqual(before)
    },
  )

  test('[SYNC-25] one that shows another history is a log fault with both notes, however old; so is the same size', async () => {
    await peer.log.publishStandards(300)
    await node.pull(peer)
    const fork = peer.log.fork(100)
    await fork.publishStandards(200, 400)
    for (const [size, code] of [
      [200, 'CONSISTENCY_INVALID'],
      [300, 'LOG_EQUIVOCATION'],
    ] as const) {
      const note = await fork.checkpointAt(size)
      await writeFile(join(directory, 'checkpoint'), note)
      const error = await pull().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code, evidence: { notes: [await peer.log.checkpointAt(300), note] } })
      expect(classOf(error)).toBe('log')
    }
    await writeFile(join(directory, 'checkpoint'), await fork.checkpointAt(100))
    expect(await codeOfAsync(pull)).toBe('CURSOR_AHEAD')
  })

  test('[SYNC-25] between what is held and what was seen nobody can tell, and nothing is taken', async () => {
    await peer.log.publishStandards(600)
    peer.misbehave = ({ path }, response) => {
      if (!path.startsWith('tile/entries/001')) return false
      response.destroy()
      return true
    }
    expect(await codeOfAsync(() => node.pull(peer))).toBe('PEER_UNAVAILABLE')
    const before = await node.logOf(peer)
    expect([before.size, before.pendingSize]).toEqual([256, 600])
    await writeStick()
    await writeFile(join(directory, 'checkpoint'), await peer.log.checkpointAt(400))
    expect(await codeOfAsync(pull)).toBe('CURSOR_AHEAD')
    expect(await node.logOf(peer)).toEqual(before)
    await writeStick()
    expect(await pull()).toEqual({ applied: 344, held: 600, target: 600 })
  })

  test('[SYNC-25] from the log itself a smaller tree is a rollback as ever', async () => {
    await peer.log.publishStandards(3)
    await node.pull(peer)
    peer.note = await peer.log.checkpointAt(2)
    expect(await codeOfAsync(() => node.pull(peer))).toBe('LOG_ROLLBACK')
  })

  test('[SYNC-18] a stick that was pulled out, or is not one, is unavailable', async () => {
    expect(await codeOfAsync(pull)).toBe('PEER_UNAVAILABLE')
    await peer.log.publishStandards(3)
    await writeStick()
    await rm(join(directory, 'tile', '0'), { recursive: true })
    expect(await codeOfAsync(pull)).toBe('PAGE_MALFORMED')
  })

  test('[SYNC-26] links, pipes, devices and folders are not read, wherever they lead', async () => {
    await peer.log.publishStandards(3)
    await writeStick()
    const checkpoint = join(directory, 'checkpoint')
    const outside = `${directory}.outside`
    await writeFile(outside, await peer.log.checkpoint())
    for (const plant of [
      () => symlink(outside, checkpoint),
      () => symlink('/dev/zero', checkpoint),
      () => execFileSync('mkfifo', [checkpoint]),
      () => mkdir(checkpoint),
    ]) {
      await rm(checkpoint, { recursive: true, force: true })
      await plant()
      expect(await codeOfAsync(pull)).toBe('FILE_UNSAFE')
    }
    await rm(outside)
    await rm(checkpoint, { recursive: true })
    await writeStick()
    await rename(join(directory, 'tile'), `${directory}.tile`)
    await symlink(`${directory}.tile`, join(directory, 'tile'))
    expect(await codeOfAsync(pull), 'a folder on the way').toBe('FILE_UNSAFE')
    await rm(`${directory}.tile`, { recursive: true })
    expect(classOf(new ProtocolError('FILE_UNSAFE', ''))).toBe('transport')
  })

  test('[SYNC-26] a file beyond its bound is not read', async () => {
    await writeFile(join(directory, 'checkpoint'), Buffer.alloc(70_000, 'x'))
    expect(await codeOfAsync(pull)).toBe('RESPONSE_TOO_LARGE')
  })

  test('[SYNC-26] a file of records larger than a bundle can be, or of more lines, is not read further', async () => {
    const source = createDirectorySource(directory)
    const file = join(directory, 'records', '000')
    await mkdir(dirname(file))
    const line = (index: number) => `{"index":${index},"record":{}}\n`
    const lines = Array.from({ length: 256 }, (_, i) => line(i)).join('')
    const read = () => source.fetchRecords({ index: 0, width: 256 }, 255)
    await writeFile(file, lines)
    expect(Buffer.from((await read()) ?? []).toString()).toBe(line(255))
    await writeFile(file, `${lines}\n`)
    expect(await codeOfAsync(read)).toBe('RESPONSE_TOO_LARGE')
    await writeFile(file, lines)
    await truncate(file, 256 * ((1 << 20) + 256) + 1)
    expect(await codeOfAsync(() => source.fetchRecords({ index: 0, width: 256 }, 0))).toBe(
      'RESPONSE_TOO_LARGE',
    )
  })

  test('[SYNC-18] a file of records is taken a page at a time, whatever its size', async () => {
    const source = createDirectorySource(directory)
    await mkdir(join(directory, 'records'))
    const record = (index: number) => `{"index":${index},"record":{"x":"${'x'.repeat(1_000_000)}"}}\n`
    await writeFile(
      join(directory, 'records', '000'),
      Array.from({ length: 24 }, (_, i) => record(i)).join(''),
    )
    const bundle = { index: 0, width: 256 }
    const first = await source.fetchRecords(bundle, 0)
    expect(first?.length).toBeGreaterThan(8 << 20)
    expect(first?.length).toBeLessThan(10 << 20)
    const from20 = Buffer.from((await source.fetchRecords(bundle, 20)) ?? []).toString()
    expect(from20.startsWith('{"index":20,')).toBe(true)
    expect(from20.split('\n')).toHaveLength(5)
    expect((await source.fetchRecords(bundle, 24))?.length).toBe(0)
    expect((await source.fetchRecords({ index: 0, width: 9 }, 23))?.length).toBeGreaterThan(0)
    expect(await source.fetchRecords({ index: 1, width: 9 }, 256)).toBeUndefined()
  })
})
