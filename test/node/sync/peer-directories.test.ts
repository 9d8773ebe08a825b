import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../../node/deps.ts'
import { createPreferredSource, openPeerDirectories } from '../../../node/sync/peer-directories.ts'
import { codeOfAsync } from '../../protocol/log/expect-code.ts'
import { type Peer, startPeer } from '../../support/peer.ts'
import { createPeerFollower } from '../../support/peer-follower.ts'

let [a, b]: [Peer, Peer] = [] as never
let root: string
let lines: string[]
beforeEach(async () => {
  a = await startPeer('璧山（合成）')
  b = await startPeer('眉山（合成）')
  root = await mkdtemp(join(tmpdir(), 'csx-sticks-'))
  lines = []
  await a.log.publishStandards(3)
})
afterEach(async () => {
  await a.close()
  await b.close()
  await rm(root, { recursive: true })
})

function open(directories: readonly string[] = [join(root, 'one'), join(root, 'two')], maxAge = 0) {
  const logger = createLogger('warn', { write: (line: string) => void lines.push(line) })
  const deps = { monotonic: () => performance.now(), logger }
  return openPeerDirectories({ deps, directories, origins: () => new Set([a.member.origin]), maxAge })
}

async function put(peer: Peer, size: number, ...path: readonly string[]): Promise<string> {
  const directory = join(root, ...path)
  for (const [file, bytes] of await peer.log.files()) {
    await mkdir(join(directory, file, '..'), { recursive: true })
    await writeFile(join(directory, file), bytes)
  }
  await writeFile(join(directory, 'checkpoint'), await peer.log.checkpointAt(size))
  return directory
}

const codes = () => lines.map((line) => JSON.parse(line).code as string)

describe('directories of copies', () => {
  test('[SYNC-24] a log lies in a directory or right below one, and the largest copy of it counts', async () => {
    const copies = open()
    const { origin } = a.member
    expect(await copies.find(origin)).toBeUndefined()
    const first = await put(a, 1, 'one')
    expect(await copies.find(origin)).toBe(first)
    const second = await put(a, 3, 'two', '2026-02')
    expect(await copies.find(origin)).toBe(second)
    await put(a, 2, 'two', '2026-03')
    await put(a, 3, 'two', 'deeper', 'still')
    expect(await copies.find(origin)).toBe(second)
    await rm(join(root, 'two'), { recursive: true })
    expect(await copies.find(origin)).toBe(first)
    // The stick that is not there is told of once each time it goes, and is no fault of the log.
    expect(codes()).toEqual(['PEER_UNAVAILABLE', 'PEER_UNAVAILABLE', 'PEER_UNAVAILABLE'])
  })

  test('[SYNC-24] a copy of a log that is not followed, the own one among them, is told once and left alone', async () => {
    await b.log.publishStandards(1)
    await put(b, 1, 'one', 'b')
    const copies = open([join(root, 'one')])
    for (let i = 0; i < 3; i += 1) expect(await copies.find(b.member.origin)).toBeUndefined()
    expect(codes()).toEqual(['NOT_A_MEMBER'])
  })

  test('[SYNC-26] links below a directory, and what is no checkpoint, are told once and never used', async () => {
    const outside = await put(a, 3, 'outside')
    await mkdir(join(root, 'one', 'garbage'), { recursive: true })
    await mkdir(join(root, 'one', 'large'))
    await symlink(outside, join(root, 'one', 'link'))
    await mkdir(join(root, 'one', 'inner'))
    await symlink(join(outside, 'checkpoint'), join(root, 'one', 'inner', 'checkpoint'))
    await writeFile(join(root, 'one', 'garbage', 'checkpoint'), 'nothing of the kind')
    await writeFile(join(root, 'one', 'large', 'checkpoint'), Buffer.alloc(1 << 20, 'x'))
    const copies = open([join(root, 'one')])
    for (let i = 0; i < 3; i += 1) expect(await copies.find(a.member.origin)).toBeUndefined()
    expect(codes().toSorted()).toEqual(['FILE_UNSAFE', 'FILE_UNSAFE', 'NOTE_MALFORMED', 'RESPONSE_TOO_LARGE'])
  })

  test('[SYNC-24] a directory is read in place of the network while it is there, and pulled out it is the network again', async () => {
    const node = await createPeerFollower([a])
    try {
      const copies = open([join(root, 'one')])
      const source = createPreferredSource(() => copies.find(a.member.origin), node.sourceOf(a))
      await put(a, 3, 'one', 'a')
      expect(await node.pull(a, source)).toEqual({ applied: 3, held: 3, target: 3 })
      expect(a.takeRequests()).toEqual([])
      await a.log.publishStandards(1)
      expect((await node.pull(a, source)).applied).toBe(0)
      await rename(join(root, 'one'), join(root, 'pulled-out'))
      expect(await node.pull(a, source)).toEqual({ applied: 1, held: 4, target: 4 })
      expect(a.takeRequests()[0]).toBe('checkpoint')
      await rename(join(root, 'pulled-out'), join(root, 'one'))
      const before = await node.logOf(a)
      expect(await codeOfAsync(() => node.pull(a, source))).toBe('CURSOR_AHEAD')
      expect(await node.logOf(a)).toEqual(before)
    } finally {
      await node.close()
    }
  })

  test('[SYNC-24] one look serves all followers for its time', async () => {
    const copies = open([join(root, 'one')], 60_000)
    expect(await copies.find(a.member.origin)).toBeUndefined()
    await put(a, 3, 'one')
    expect(await copies.find(a.member.origin)).toBeUndefined()
  })
})
