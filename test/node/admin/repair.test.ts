import { type SQL, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { checkStoredLog } from '../../../node/admin/fsck.ts'
import type { RepairSource } from '../../../node/admin/port.ts'
import { repairStoredLog } from '../../../node/admin/repair.ts'
import type { Database } from '../../../node/store/database.ts'
import { checkBatch } from '../../../node/sync/batch.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { dumpTables } from '../../support/dump.ts'
import { createClock, logKeys, openSampleLog, origin, sampleRecord } from '../../support/log.ts'
import { type Copy, copyOf, repairPorts, sourceOf } from '../../support/repair.ts'
import { checkWholeLog } from '../../support/whole-log.ts'

/** An own log of 302 signed entries, and the note it had over the first 300 of them. */
let whole: TestDatabase
let noteOver300: string
let copy: Copy
beforeAll(async () => {
  whole = await createTestDatabase()
  const log = await openSampleLog(whole.database)
  await log.append(...Array.from({ length: 300 }, (_, n) => n))
  const [row] = await whole.database.run((q) => q.execute(sql`select checkpoint from log`))
  noteOver300 = String(row?.checkpoint)
  await log.append(300, 301)
  copy = await copyOf(whole.database)
  await whole.database.close()
})
afterAll(() => whole.drop())

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase({ from: 'database' in whole.target ? whole.target.database : '' })
})
afterEach(() => db.drop())

const holding = (held: Copy = copy, name = 'copy') => sourceOf(held, name)
const trust = syntheticTrust([syntheticMember('璧山（合成）', 'http://localhost:7401')])
const ports = repairPorts(async (batch) => checkBatch(batch, trust))

const damage = (statement: SQL) => db.database.run((q) => q.execute(statement))
const faults = async () => (await checkStoredLog(db.database, { origin, keys: logKeys })).faults
const repair = (sources: readonly RepairSource[] = [holding().source], database = db.database) =>
  repairStoredLog(database, { origin, keys: logKeys, sources, ports })

/** Of bytes of an entry, a tile, or a text: one bit turned. */
const bit = (column: string, at: number) =>
  sql.raw(`${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`)

const damages: readonly (readonly [string, readonly SQL[], readonly string[]])[] = [
  ['a bit of the first entry', [sql`update entry set ${bit('bytes', 60)} where index = 0`], ['entry']],
  ['a bit of the last entry', [sql`update entry set ${bit('bytes', 60)} where index = 301`], ['entry']],
  ['an entry in the middle is gone', [sql`delete from entry where index = 120`], ['entry']],
  ['the last entries are gone', [sql`delete from entry where index >= 299`], ['entry']],
  ['a whole bundle is gone', [sql`delete from entry where index < 256`], ['entry']],
  ['every entry is gone', [sql`delete from entry`], ['entry']],
  [
    'two entries changed places',
    [sql`update entry e set bytes = o.bytes from entry o where e.index in (3, 4) and o.index = 7 - e.index`],
    ['entry'],
  ],
  [
    'a record was altered',
    [sql`update entry set record = replace(record, '数据', '數據') where index in (77, 280)`],
    ['record'],
  ],
  ['a record is gone', [sql`update entry set record = null where index = 77`], ['record']],
  ['the digest beside an entry', [sql`update entry set ${bit('digest', 3)} where index = 12`], ['record']],
  ['no digest beside an entry', [sql`update entry set digest = null where index = 12`], ['record']],
  ['the tier beside an entry', [sql`update entry set tier = 'pair' where index = 12`], ['record']],
  ['the id beside an entry', [sql`update entry set record_id = 'x' where index = 12`], ['record']],
  ['a tile of level 0', [sql`update tile set ${bit('hashes', 700)} where level = 0 and index = 0`], ['tile']],
  [
    'a tile that was cut',
    [sql`update tile set hashes = substr(hashes, 1, 100) where level = 0 and index = 1`],
    ['tile'],
  ],
  ['a tile of level 0 is gone', [sql`delete from tile where level = 0 and index = 0`], ['tile']],
  ['the edge tile is gone', [sql`delete from tile where level = 0 and index = 1`], ['tile']],
  ['a tile of level 1', [sql`update tile set ${bit('hashes', 5)} where level = 1`], ['tile']],
  ['a tile of level 1 is gone', [sql`delete from tile where level = 1`], ['tile']],
  ['every tile is gone', [sql`delete from tile`], ['tile']],
  [
    'a tile too many',
    [sql`insert into tile select log_id, 2, 0, hashes from tile where level = 1`],
    ['tile'],
  ],
  [
    'an entry too many',
    [sql`insert into entry (log_id, index, bytes) select log_id, 302, bytes from entry where index = 301`],
    ['log'],
  ],
  ['the last moment', [sql`update log set last_at = '2020-01-01T00:00:00.000Z'`], ['log']],
  ['the size', [sql`update log set size = 17`], ['log']],
  ['the size of the note', [sql`update log set checkpoint_size = 17`], ['log']],
  ['the cursor of the read model', [sql`update log set visible = 999`], ['log']],
  [
    'entries and tiles at once',
    [
      sql`update entry set ${bit('bytes', 60)} where index in (5, 290)`,
      sql`update tile set ${bit('hashes', 5)}`,
      sql`update entry set record = null where index = 6`,
    ],
    ['entry', 'record', 'tile'],
  ],
]

describe('repair of an own log', () => {
  test.each(damages)('[DUR-32] %s: every row is what it was', async (_, statements, parts) => {
    const before = await dumpTables(db.database)
    // The read model of these logs is empty: only what it is said to hold may differ.
    for (const statement of statements) await damage(statement)
    expect((await faults()).length).toBeGreaterThan(0)
    const { mended, refusals } = await repair()
    expect([...new Set(mended.map(({ part }) => part))].toSorted()).toEqual(parts)
    expect(refusals).toEqual([])
    const after = await dumpTables(db.database)
    expect(after).toEqual(parts.includes('log') ? { ...before, log: after.log } : before)
    expect(await faults()).toEqual([])
    expect((await checkWholeLog(db.database)).size).toBe(302)
    expect((await repair([])).mended).toEqual([])
  })

  test.each(damages.filter(([, , parts]) => !parts.includes('entry') && !parts.includes('record')))(
    '[DUR-32] %s: nobody need be asked',
    async (_, statements) => {
      for (const statement of statements) await damage(statement)
      await repair([])
      expect(await faults()).toEqual([])
    },
  )

  test('[DUR-32] only the bundle that is damaged is asked for, and where its bytes came from is told', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index = 290`)
    await damage(sql`update entry set record = null where index in (3, 7)`)
    const { source, asked } = holding()
    const { mended } = await repair([source])
    expect(asked).toEqual(['records 3,7', 'entries 1'])
    expect(mended).toEqual([
      { index: 3, part: 'record', from: 'copy' },
      { index: 7, part: 'record', from: 'copy' },
      { index: 290, part: 'entry', from: 'copy' },
    ])
  })

  test('[DUR-32] a source that is behind has what it has', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index in (5, 290)`)
    const behind = holding({
      ...copy,
      entries: copy.entries.slice(0, 280),
      records: copy.records.slice(0, 280),
    })
    expect((await repair([behind.source])).mended.map(({ index }) => index)).toEqual([5])
    expect(await faults()).toContainEqual(
      expect.objectContaining({ index: 290, part: 'entry', code: 'LEAF_MISMATCH' }),
    )
    await repair([behind.source, holding().source])
    expect(await faults()).toEqual([])
  })

  test('[DUR-31] without a note that verifies nothing is touched', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index = 5`)
    for (const note of [
      sql`update log set checkpoint = replace(checkpoint, '302', '301')`,
      sql`update log set checkpoint = null`,
      sql`update log set checkpoint = null, checkpoint_size = 0`,
    ]) {
      await damage(note)
      const before = await dumpTables(db.database)
      await expect(repair()).rejects.toMatchObject({ code: expect.stringMatching(/^CHECKPOINT_/) })
      expect(await dumpTables(db.database)).toEqual(before)
    }
  })

  test('[DUR-31] a log whose keys the registry does not know is not touched', async () => {
    await damage(sql`delete from entry where index = 5`)
    const before = await dumpTables(db.database)
    await expect(
      repairStoredLog(db.database, { origin, keys: [], sources: [holding().source], ports }),
    ).rejects.toMatchObject({ code: 'CHECKPOINT_SIGNATURE_INVALID' })
    expect(await dumpTables(db.database)).toEqual(before)
  })
})

describe('what sources offer', () => {
  const altered = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte))
  const liars: readonly (readonly [string, () => Copy, string])[] = [
    ['altered entries', () => ({ ...copy, entries: copy.entries.map(altered) }), 'PAGE_MALFORMED'],
    ['too few entries', () => ({ ...copy, entries: copy.entries.slice(1) }), 'PAGE_MALFORMED'],
    ['altered records', () => ({ ...copy, records: copy.records.map(altered) }), 'DIGEST_MISMATCH'],
    ['no records', () => ({ ...copy, records: [] }), 'RECORD_UNAVAILABLE'],
    [
      'another log of the same size',
      () => ({
        ...copy,
        entries: copy.entries.toReversed(),
        tiles: new Map([...copy.tiles].map(([name, hashes]) => [name, altered(hashes)])),
        records: copy.records.toReversed(),
      }),
      'PAGE_MALFORMED',
    ],
  ]

  test.each(liars)('[DUR-32] %s change nothing, and the next source is asked', async (_, make, code) => {
    const before = await dumpTables(db.database)
    await damage(sql`update entry set ${bit('bytes', 60)}, record = null where index = 5`)
    await damage(sql`delete from tile`)
    const damaged = await dumpTables(db.database)
    const first = await repair([holding(make(), 'liar').source])
    expect(first.refusals).toContainEqual(expect.objectContaining({ source: 'liar', code }))
    if (first.mended.length === 0) expect(await dumpTables(db.database)).toEqual(damaged)
    expect((await faults()).some(({ index }) => index === 5)).toBe(true)
    const second = await repair([holding(make(), 'liar').source, holding().source])
    expect(second.mended).toContainEqual({ index: 5, part: expect.any(String), from: 'copy' })
    expect(await dumpTables(db.database)).toEqual(before)
  })

  test('[DUR-32] one that cannot be reached is asked once', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index in (5, 290)`)
    let asked = 0
    const silent: RepairSource = {
      ...holding().source,
      name: 'silent',
      fetchEntryBundle: async () => {
        asked += 1
        throw new ProtocolError('PEER_TIMEOUT', 'no answer')
      },
    }
    const { refusals } = await repair([silent, holding().source])
    expect([asked, refusals]).toEqual([
      1,
      [expect.objectContaining({ source: 'silent', code: 'PEER_TIMEOUT' })],
    ])
    expect(await faults()).toEqual([])
  })

  test('[DUR-34] what nobody has is named and left, and all else is mended', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index in (5, 290)`)
    await damage(sql`update entry set record = null where index = 260`)
    await damage(sql`delete from tile where level = 0 and index = 0`)
    const poor = { ...copy, records: [], entries: copy.entries.slice(0, 256) }
    await repair([holding(poor).source])
    const left = (await faults()).map(({ index, part, code }) => `${index} ${part} ${code}`)
    expect(left).toEqual(expect.arrayContaining(['260 record RECORD_UNAVAILABLE', '290 entry LEAF_MISMATCH']))
    expect(left.filter((fault) => !/^(?:260|290|302) /.test(fault))).toEqual([])
    await repair()
    expect(await faults()).toEqual([])
  })

  test('[DUR-34] a repair that ends after any of its transactions is made again', async () => {
    const before = await dumpTables(db.database)
    await damage(sql`update entry set ${bit('bytes', 60)} where index in (5, 290)`)
    await damage(sql`delete from tile`)
    await damage(sql`update log set last_at = ''`)
    let ended = 0
    for (;;) {
      let left = 1
      const mortal: Database = {
        target: db.target,
        run: (work) => db.database.run(work),
        close: async () => {},
        requireSpace: async () => {},
        transaction: async (work) => {
          if (left === 0) throw new ProtocolError('STORAGE_UNAVAILABLE', 'killed')
          left -= 1
          return db.database.transaction(work)
        },
      }
      const done = await repair([holding().source], mortal).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
          return false
        },
      )
      if (done) break
      ended += 1
    }
    expect(ended).toBeGreaterThan(3)
    expect(await dumpTables(db.database)).toEqual(before)
  })
})

describe('what was never signed', () => {
  // The state after the first of the two commits of a publication: two entries stored, and the note still over three hundred.
  beforeEach(() => damage(sql`update log set checkpoint_size = 300, checkpoint = ${noteOver300}`))

  test('[DUR-33] what fits together stays, and is signed by the next start', async () => {
    await damage(sql`update entry set ${bit('bytes', 60)} where index = 5`)
    await damage(sql`update tile set ${bit('hashes', 7)} where level = 0 and index = 1`)
    expect(await repair()).toMatchObject({ cut: 0 })
    const { recovered } = await openSampleLog(db.database)
    expect(recovered).toMatchObject({ size: 302, checkpointSize: 302 })
    expect((await checkWholeLog(db.database)).size).toBe(302)
  })

  test.each([
    ['an entry', sql`update entry set ${bit('bytes', 60)} where index = 301`],
    ['a missing entry', sql`delete from entry where index = 300`],
    ['a record', sql`update entry set record = null where index = 301`],
    ['the tile', sql`delete from tile where level = 0 and index = 1`],
    ['the hash of one', sql`update tile set ${bit('hashes', 45 * 32)} where level = 0 and index = 1`],
    ['the last moment', sql`update log set last_at = ''`],
  ])(
    '[DUR-33] damaged in %s it is cut back to the note, and what it claimed is free',
    async (_, statement) => {
      await damage(statement)
      await expect(openSampleLog(db.database)).rejects.toMatchObject({ code: 'LEAF_MISMATCH' })
      const { cut } = await repair([])
      expect([1, 2]).toContain(cut)
      expect(await faults()).toEqual([])
      const log = await openSampleLog(db.database)
      expect(log.recovered).toMatchObject({ size: 300, checkpointSize: 300, checkpoint: noteOver300 })
      // The same records, at their places again.
      expect((await log.append(300, 301)).map(({ index }) => index)).toEqual([300, 301])
      expect((await checkWholeLog(db.database)).size).toBe(302)
    },
  )
})

describe('a cut', () => {
  test('[DUR-33] keys are free for the same request, and those of what was signed still answer', async () => {
    const { sequencer } = await openSampleLog(db.database)
    const request = (n: number) => ({
      records: [sampleRecord(n)],
      idempotency: { key: `key ${n}`, body: `body ${n}` },
    })
    await sequencer.append(request(400))
    const [log] = await damage(sql`select checkpoint from log`)
    await sequencer.append(request(401))
    await damage(sql`update log set checkpoint_size = 303, checkpoint = ${String(log?.checkpoint)}`)
    await damage(sql`delete from entry where index = 303`)
    expect((await repair([])).cut).toBe(0)
    const again = await openSampleLog(db.database, { deps: createClock(Date.UTC(2026, 0, 6)).deps })
    expect(await again.sequencer.append(request(400))).toMatchObject({ first: 302, replayed: true })
    expect(await again.sequencer.append(request(401))).toMatchObject({ first: 303, replayed: false })
  })
})
