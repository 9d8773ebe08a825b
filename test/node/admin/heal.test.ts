import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { hasTree, healLog } from '../../../node/admin/heal.ts'
import type { RepairSource } from '../../../node/admin/port.ts'
import type { Database } from '../../../node/store/database.ts'
import { openLog } from '../../../node/store/log-store.ts'
import { checkBatch } from '../../../node/sync/batch.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { sha256Hex } from '../../../protocol/hash.ts'
import { parseHead, signCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { growTree } from '../../../protocol/log/tree.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { dumpTables } from '../../support/dump.ts'
import { logSigner, openSampleLog, origin } from '../../support/log.ts'
import { type Copy, copyOf, repairPorts, sourceOf } from '../../support/repair.ts'

/** A log of 600 entries; its first 300 are what the database was put back to. */
let whole: TestDatabase
let old: TestDatabase
let db: TestDatabase
let note: string
let copy: Copy
const trust = syntheticTrust([syntheticMember('璧山（合成）', 'http://localhost:7401')])
const ports = repairPorts(async (batch) => checkBatch(batch, trust))
const numbers = (from: number, end: number) => Array.from({ length: end - from }, (_, n) => from + n)

const holding = (held: Copy = copy, name = 'copy') => sourceOf(held, name, note).source

const freeze = sql`update log set state = 'frozen', fault = '{"code":"LOG_FROZEN","detail":""}'`

beforeAll(async () => {
  old = await createTestDatabase()
  const log = await openSampleLog(old.database)
  await log.append(...numbers(0, 300))
  await old.database.close()
  whole = await createTestDatabase({ from: old.target.database })
  await (await openSampleLog(whole.database)).append(...numbers(300, 600))
  note = (await openLog(whole.database, origin, true)).checkpoint ?? ''
  copy = await copyOf(whole.database)
})
afterAll(() => whole.drop())
beforeEach(async () => {
  db = await createTestDatabase({ from: old.target.database })
  await db.database.run((q) => q.execute(freeze))
})
afterEach(() => db.drop())

function heal(sources: readonly RepairSource[], database = db.database, over = note) {
  return healLog(database, { origin, note: over, sources, ports })
}

/** But for the note and the state, which the caller moves, and requests, which nobody else knew. */
async function contentOf(database: Database) {
  const { entry, tile, claim } = await dumpTables(database)
  // In short, so that a difference can be read.
  const short = (rows: readonly string[] = []) => [rows.length, sha256Hex(rows.join())]
  return { entry: short(entry), tile: short(tile), claim: short(claim) }
}

const size = async () => (await openLog(db.database, origin, true)).size

describe('the leaves of a frozen log', () => {
  test('[DUR-601] come back from a copy, with records, tiles and claims, and nothing is signed', async () => {
    const before = await openLog(db.database, origin, true)
    const report = await heal([holding()])
    expect(report).toEqual({ size: 600, recovered: 300, refusals: [] })
    expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))
    const { checkpoint, state, lastAt } = await openLog(db.database, origin, true)
    expect([checkpoint, state]).toEqual([before.checkpoint, 'frozen'])
    expect(lastAt).toBe((await openLog(whole.database, origin, true)).lastAt)
    expect(await hasTree(db.database, await openLog(db.database, origin, true), parseHead(note))).toBe(true)
  })

  test('[DUR-601] whatever it is killed at, the next run goes on', async () => {
    for (const outcome of ['lost', 'stored-but-reported-lost'] as const) {
      for (let strike = 0; strike < 2; strike += 1) {
        await db.drop()
        db = await createTestDatabase({ from: old.target.database })
        await db.database.run((q) => q.execute(freeze))
        let writes = 0
        const failing: Database = {
          ...pick(db.database),
          transaction: async (work) => {
            const struck = writes === strike
            writes += 1
            if (struck && outcome === 'lost') throw new ProtocolError('STORAGE_UNAVAILABLE', 'killed')
            const result = await db.database.transaction(work)
            if (struck) throw new ProtocolError('STORAGE_UNAVAILABLE', 'killed')
            return result
          },
        }
        await expect(heal([holding()], failing)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
        expect(await size()).toBe(300 + (outcome === 'lost' ? [0, 212] : [212, 300])[strike]!)
        await heal([holding()])
        expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))
      }
    }
  })

  const altered = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, i) => (i === 40 ? byte ^ 1 : byte))
  test.each<[string, () => Copy, number, string]>([
    ['other entries', () => ({ ...copy, entries: copy.entries.map(altered) }), 300, 'PAGE_MALFORMED'],
    ['fewer entries', () => ({ ...copy, entries: copy.entries.slice(0, 520) }), 512, 'PAGE_MALFORMED'],
    [
      'other tiles',
      () => ({ ...copy, tiles: new Map([...copy.tiles].map(([name, tile]) => [name, altered(tile)])) }),
      300,
      'PAGE_MALFORMED',
    ],
    ['nothing', () => ({ entries: [], records: [], tiles: new Map() }), 300, 'PAGE_MALFORMED'],
  ])(
    '[SYNC-602] of a copy with %s nothing else is taken, and the next is asked',
    async (_, liar, taken, code) => {
      const report = await heal([holding(liar(), 'liar')])
      expect([report.size, await size()]).toEqual([taken, taken])
      expect(report.refusals).toContainEqual(expect.objectContaining({ source: 'liar', code }))
      await heal([holding(liar(), 'liar'), holding()])
      expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))
    },
  )

  test('[SYNC-602] records with other bytes are not taken, and the next is asked', async () => {
    const liar = holding({ ...copy, records: copy.records.map(altered) }, 'liar')
    await heal([liar, holding()])
    expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))
  })

  test('[SYNC-603] another history under the own key is not joined to this one', async () => {
    const other = await createTestDatabase()
    const log = await openSampleLog(other.database)
    await log.append(...numbers(1000, 1600))
    const over = (await openLog(other.database, origin, true)).checkpoint ?? ''
    const report = await heal([holding(await copyOf(other.database), 'fork')], db.database, over)
    expect(report).toMatchObject({
      recovered: 0,
      refusals: [{ source: 'fork', code: 'CONSISTENCY_INVALID' }],
    })
    expect(await size()).toBe(300)
    await other.drop()
  })

  test('[DUR-601] a tail that nobody signed stays where others have the same, and goes where they have not', async () => {
    const unsigned = (n: readonly number[]) => async (database: Database) => {
      await database.run((q) => q.execute(sql`update log set state = 'active', fault = null`))
      await openSampleLog(database, {
        wrap: (store) => ({
          ...store,
          storeCheckpoint: async () => {
            throw new Error('killed')
          },
        }),
      })
        .then((log) => log.append(...n))
        .catch(() => {})
      await database.run((q) => q.execute(freeze))
    }
    await unsigned(numbers(300, 310))(db.database)
    expect((await heal([holding()])).recovered).toBeLessThanOrEqual(300)
    expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))

    await db.drop()
    db = await createTestDatabase({ from: old.target.database })
    await unsigned(numbers(700, 710))(db.database)
    expect(await size()).toBe(310)
    expect(await heal([holding()])).toMatchObject({ size: 600, recovered: 300 })
    expect(await contentOf(db.database)).toEqual(await contentOf(whole.database))
  })

  test('[DUR-601] what this node never writes is not recovered, though its key signed it', async () => {
    const other = await createTestDatabase({ from: old.target.database })
    const log = await openSampleLog(other.database)
    await log.append(...numbers(300, 302))
    const { id } = await openLog(other.database, origin, true)
    expect(id).toBeGreaterThan(0)
    const fake = await copyOf(other.database)
    const entries = [...copy.entries.slice(0, 300), copy.entries[5]!]
    const read = ({ level, index, width }: { level: number; index: number; width: number }) =>
      copy.tiles.get(`${level}/${index}`)!.subarray(0, width * 32)
    const grown = growTree(300, read, [leafHash(entries[300]!)])
    const tiles = new Map(fake.tiles)
    for (const { coord, hashes } of grown.tiles) tiles.set(`${coord.level}/${coord.index}`, hashes)
    const over = await signCheckpoint({ origin, size: 301, root: grown.root }, origin, logSigner)
    await expect(heal([holding({ entries, records: [], tiles })], db.database, over)).rejects.toMatchObject({
      code: 'ENTRY_MALFORMED',
    })
    expect(await size()).toBe(300)
    await other.drop()
  })
})

function pick(database: Database): Database {
  return {
    target: database.target,
    run: (work) => database.run(work),
    transaction: (work) => database.transaction(work),
    requireSpace: () => database.requireSpace(),
    close: () => database.close(),
  }
}
