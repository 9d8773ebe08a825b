import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type SQL, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { dumpTables } from '../support/dump.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { openNodeDatabase, runNode } from '../support/node-command.ts'
import { readLog } from '../support/node-stranger.ts'

/** North publishes 300 standards and an event, south follows and holds them; both publish and hold what the other has. */
let network: Network
let north: TestNode
let south: TestNode
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）'])
  await startBoth()
  const first = await north.publish(syntheticStandard(1))
  const records = Array.from({ length: 299 }, (_, n) => syntheticStandard(n + 2))
  expect((await north.post('/api/v1/batches?wait=visible', { records })).status).toBe(201)
  await north.publish(syntheticEvent({ id: first.id, digest: first.digest }, 'abolished', '2026-01-01'))
  for (const n of [900, 901, 902]) await south.publish(syntheticStandard(n))
  await bothHold(301, 3)
  await north.stop()
})
afterAll(() => network.close())
afterEach(() => north.stop())

async function startBoth(): Promise<void> {
  ;[north, south] = await Promise.all([network.start(0), network.start(1)])
}

async function bothHold(ofNorth: number, ofSouth: number): Promise<void> {
  for (const node of [north, south]) {
    await node.waitFor(north.member, ofNorth)
    await node.waitFor(south.member, ofSouth)
  }
}

const of = (origin: string) => sql`(select id from log where origin = ${origin})`

async function change(node: TestNode, ...statements: readonly SQL[]): Promise<void> {
  const database = await openNodeDatabase(node)
  for (const statement of statements) await database.run((q) => q.execute(statement))
  await database.close()
}

async function dump(node: TestNode) {
  const database = await openNodeDatabase(node)
  try {
    return await dumpTables(database)
  } finally {
    await database.close()
  }
}

/** In several places of the own log of north, the last entry among them. */
const damages = (): readonly SQL[] => {
  const log = of(north.member.origin)
  return [
    sql`update entry set bytes = set_byte(bytes, 60, get_byte(bytes, 60) # 1) where log_id = ${log} and index in (17, 270)`,
    sql`delete from entry where log_id = ${log} and index in (280, 300)`,
    sql`update entry set record = replace(record, '合成', '真实') where log_id = ${log} and index = 30`,
    sql`update entry set record = null, digest = null where log_id = ${log} and index = 31`,
    sql`update tile set hashes = set_byte(hashes, 20, get_byte(hashes, 20) # 1) where log_id = ${log}`,
    sql`update standard set title_zh = '改' where log_id = ${log} and index = 40`,
    sql`delete from event where log_id = ${log}`,
  ]
}

const mirror = () => `${south.url}/mirror/${sha256Hex(north.member.origin)}`

describe('a node whose store was damaged', () => {
  test('[DUR-16] the start refuses, signs nothing and names the remedy; fsck names each fault', async () => {
    const before = await dump(north)
    await change(north, ...damages())
    const damaged = await dump(north)
    const start = await runNode(north, [])
    expect(start.exit).toBe(1)
    expect(start.err).toMatch(/LEAF_MISMATCH[\s\S]*csx-node fsck --repair/)
    const { exit, out } = await runNode(north, ['fsck'])
    expect(exit).toBe(1)
    expect(out).toMatch(/^ {2}\w+ record 30: /m)
    expect(out).toMatch(/^ {2}LEAF_MISMATCH row 40: /m)
    expect(out.trim().split('\n').at(-1)).toMatch(/有损坏.* \/ damaged/)
    expect(await dump(north)).toEqual(damaged)
    expect(damaged).not.toEqual(before)
  })

  test('[DUR-32] of a hostile mirror nothing is taken', async () => {
    const damaged = await dump(north)
    await south.stop()
    const log = of(north.member.origin)
    const altered = [
      sql`update entry set bytes = set_byte(bytes, 61, get_byte(bytes, 61) # 1), record = translate(record, '合真', '真合') where log_id = ${log}`,
      sql`update tile set hashes = set_byte(hashes, 21, get_byte(hashes, 21) # 1) where log_id = ${log}`,
    ]
    await change(south, ...altered)
    south = await network.start(1)
    const { exit, out } = await runNode(north, ['fsck', '--repair', mirror()])
    expect(exit).toBe(1)
    expect(out).toMatch(/not taken: http.*PAGE_MALFORMED/)
    expect(out.trim().split('\n').at(-1)).toMatch(/still damaged/)
    expect(out).not.toMatch(/mended/)
    expect(await dump(north)).toEqual(damaged)
    await south.stop()
    await change(south, ...altered)
    south = await network.start(1)
  })

  test('[DUR-32] from its mirror at a pair it is what it was, and both go on', async () => {
    await change(north, sql`update standard set title_zh = '改' where index = 41`)
    const { exit, out } = await runNode(north, ['fsck', '--repair', mirror()])
    expect(out).toMatch(/mended: entry ← http:\S+: 17, 270, 280, 300\n/)
    expect(out).toMatch(/mended: record ← http:\S+: 30[–]31\n/)
    expect([exit, out.trim().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/whole$/)])
    const again = await runNode(north, ['fsck'])
    expect([again.exit, again.out]).toEqual([0, expect.not.stringContaining('MISMATCH')])
    const signed = (await readLog(mirror())).signedRoot
    north = await network.start(0)
    const read = await readLog(`${north.url}/log/1`)
    expect([read.size, read.root, read.signedRoot]).toEqual([301, signed, signed])
    expect(await north.countStandards(`&issuer=${encodeURIComponent(north.member.did)}`)).toBe(300)
    await north.publish(syntheticStandard(500))
    await bothHold(302, 3)
    expect(await south.logOf(north.member)).toMatchObject({ state: 'active', held: 302, quarantined: 0 })
    expect((await south.logOf(north.member))?.fault).toBeUndefined()
    const [original, copy] = await Promise.all([readLog(`${north.url}/log/1`), readLog(mirror())])
    expect(copy.root).toBe(original.root)
  })

  test('[DUR-35] without a source every member is asked, for the own log and for those held for others', async () => {
    const before = await dump(north)
    await change(
      north,
      sql`delete from entry where index in (1, 150)`,
      sql`delete from tile`,
      sql`update standard set title_zh = '改' where index = 2`,
    )
    const { exit, out } = await runNode(north, ['fsck', '--repair'])
    expect(out).toMatch(new RegExp(`mended: entry ← ${mirror()}: 1, 150\n`))
    expect(out).toMatch(new RegExp(`mended: entry ← ${south.url}/log/1: 1\n`))
    expect([exit, await dump(north)]).toEqual([0, before])
  })

  test('[DUR-35] the base URL of a member is a source, and so is a directory', async () => {
    const before = await dump(north)
    const log = of(south.member.origin)
    await change(north, sql`delete from entry where log_id = ${log} and index = 1`)
    expect((await runNode(north, ['fsck', '--repair', south.url])).exit).toBe(0)
    expect(await dump(north)).toEqual(before)

    const stick = await mkdtemp(join(tmpdir(), 'csx-stick-'))
    for (const path of ['checkpoint', 'tile/0/000.p/3', 'tile/entries/000.p/3', 'records/000.p/3']) {
      const response = await south.fetch(`/log/1/${path}`)
      await mkdir(dirname(join(stick, path)), { recursive: true })
      await writeFile(join(stick, path), new Uint8Array(await response.arrayBuffer()))
    }
    await change(
      north,
      sql`delete from entry where log_id = ${log}`,
      sql`delete from tile where log_id = ${log}`,
    )
    await south.stop()
    const { exit, out } = await runNode(north, ['fsck', '--repair', south.url, '--repair', stick])
    expect(out).toMatch(/not taken: http.*PEER_UNAVAILABLE/)
    expect(out).toMatch(/mended: entry ← \/\S+: 0–2\n/)
    expect([exit, await dump(north)]).toEqual([0, before])
    south = await network.start(1)
    await rm(stick, { recursive: true })
  })

  test('[DUR-35] beside a running node it does nothing, whichever of the two locks it meets', async () => {
    north = await network.start(0)
    const other = await mkdtemp(join(tmpdir(), 'csx-other-'))
    for (const args of [['fsck'], ['fsck', '--repair', south.url]]) {
      for (const settings of [
        {},
        { CSX_DATA_DIR: other, CSX_REGISTRY_SOURCES: join(north.directory, 'registry') },
      ] as readonly Record<string, string>[]) {
        const { exit, out, err } = await runNode(north, args, settings)
        expect([exit, out, err]).toEqual([1, '', expect.stringContaining('LOG_LOCKED')])
      }
    }
    await rm(other, { recursive: true })
  })

  test.each([
    [['fsck', '--mend']],
    [['fsck', 'here']],
    [['fsck', '--repair', 'http://localhost:1/log/1']],
    [['fsck', '--repair', '/no/such/directory']],
    [['repair']],
  ])('[DUR-35] %j is refused', async (args) => {
    const { exit, out } = await runNode(north, args)
    expect([exit, out]).toEqual([2, ''])
  })
})
