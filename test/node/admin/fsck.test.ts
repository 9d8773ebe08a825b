import { type SQL, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkStoredLog } from '../../../node/admin/fsck.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { logKeys, openSampleLog, origin } from '../../support/log.ts'
import { checkWholeLog } from '../../support/whole-log.ts'

let whole: TestDatabase
let noteOver300: string
beforeAll(async () => {
  whole = await createTestDatabase()
  const log = await openSampleLog(whole.database)
  await log.append(...Array.from({ length: 300 }, (_, n) => n))
  const [row] = await whole.database.run((q) => q.execute(sql`select checkpoint from log`))
  noteOver300 = String(row?.checkpoint)
  await log.append(300, 301)
  await whole.database.close()
})
afterAll(() => whole.drop())

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase({ from: 'database' in whole.target ? whole.target.database : '' })
})
afterEach(() => db.drop())

const damage = (statement: SQL) => db.database.run((q) => q.execute(statement))
const fsck = () => checkStoredLog(db.database, { origin, keys: logKeys })

describe('fsck', () => {
  test('[DUR-28] a whole log has no faults, and the root is recomputed', async () => {
    const { size } = await checkWholeLog(db.database)
    const progress: number[] = []
    const report = await checkStoredLog(db.database, {
      origin,
      keys: logKeys,
      onProgress: (n) => progress.push(n),
    })
    expect(report).toMatchObject({ origin, size, checkpointSize: 302, faults: [] })
    expect(progress).toEqual([256, 302])
  })

  test('[DUR-28] an empty log is whole', async () => {
    const empty = await createTestDatabase()
    await openSampleLog(empty.database)
    expect((await checkStoredLog(empty.database, { origin, keys: logKeys })).faults).toEqual([])
    await empty.drop()
  })

  test.each([
    [0, 0],
    [255, 254],
    [256, 256],
    [301, 17],
  ])('[DUR-28] one changed byte of entry %i is found at its index', async (index, byte) => {
    await damage(
      sql`update entry set bytes = set_byte(bytes, ${byte}::int % length(bytes), 1) where index = ${index}`,
    )
    const [first] = (await fsck()).faults
    expect(first).toMatchObject({ index })
    expect((await fsck()).faults).toContainEqual(
      expect.objectContaining({ index, part: 'entry', code: 'LEAF_MISMATCH' }),
    )
  })

  test('[DUR-28] of several damaged entries the first stands first', async () => {
    await damage(sql`update entry set bytes = set_byte(bytes, 40, 1) where index in (290, 17, 200)`)
    const found = (await fsck()).faults.filter(({ part }) => part === 'entry')
    expect(found[0]).toMatchObject({ index: 17 })
  })

  test('[DUR-28] an entry that is gone is named, and so is one too many', async () => {
    await damage(sql`delete from entry where index = 120`)
    expect((await fsck()).faults[0]).toMatchObject({ index: 120, part: 'entry', code: 'LEAF_MISMATCH' })
  })

  test('[DUR-28] an entry beyond the end is named', async () => {
    await damage(
      sql`insert into entry (log_id, index, bytes) select log_id, 302, bytes from entry where index = 301`,
    )
    expect((await fsck()).faults).toEqual([expect.objectContaining({ index: 302, part: 'entry' })])
  })

  test('[DUR-28] a record that was changed is found by its digest', async () => {
    await damage(sql`update entry set record = replace(record, '数据', '數據') where index = 77`)
    expect((await fsck()).faults).toEqual([
      expect.objectContaining({ index: 77, part: 'record', code: 'DIGEST_MISMATCH' }),
    ])
    await damage(sql`update entry set record = null where index = 77`)
    expect((await fsck()).faults).toEqual([
      expect.objectContaining({ index: 77, part: 'record', code: 'RECORD_UNAVAILABLE' }),
    ])
  })

  test.each([
    ['digest', sql`update entry set digest = null where index = 77`],
    ['tier', sql`update entry set tier = 'pair' where index = 77`],
    ['id', sql`update entry set record_id = 'x' where index = 77`],
  ])('[DUR-28] the %s beside an entry is compared with the one in it', async (_, statement) => {
    await damage(statement)
    expect(await fsck()).toMatchObject({ faults: [{ index: 77, part: 'record', code: 'DIGEST_MISMATCH' }] })
  })

  test.each([
    ['the last moment', sql`update log set last_at = ''`],
    ['the cursor of the read model', sql`update log set visible = 303`],
  ])('[DUR-28] %s of the log is compared with its entries', async (_, statement) => {
    await damage(statement)
    expect(await fsck()).toMatchObject({ faults: [{ index: 302, part: 'log', code: 'LEAF_MISMATCH' }] })
  })

  test('[DUR-28] entries that were stored before their first note are no damage', async () => {
    await damage(sql`update log set checkpoint = null, checkpoint_size = 0`)
    expect((await fsck()).faults).toEqual([])
  })

  test('[DUR-29] a tile that is no tile, or one too many, is named', async () => {
    await damage(sql`update tile set hashes = substr(hashes, 1, 100) where level = 0 and index = 1`)
    await damage(sql`insert into tile select log_id, 2, 0, hashes from tile where level = 1`)
    expect((await fsck()).faults.map(({ index, part }) => [index, part])).toEqual([
      [259, 'tile'],
      [302, 'tile'],
    ])
  })

  test('[DUR-29] where the signed root vouches for the entry, the tile is blamed', async () => {
    await damage(
      sql`update tile set hashes = set_byte(hashes, 32 * 9, get_byte(hashes, 32 * 9) # 1) where level = 0 and index = 0`,
    )
    expect((await fsck()).faults).toEqual([
      expect.objectContaining({ index: 9, part: 'tile', code: 'LEAF_MISMATCH' }),
    ])
  })

  test('[DUR-29] a tile of a higher level is checked too', async () => {
    await damage(sql`update tile set hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1) where level = 1`)
    expect((await fsck()).faults).toEqual([
      expect.objectContaining({ index: 0, part: 'tile', code: 'LEAF_MISMATCH' }),
    ])
    await damage(sql`delete from tile where level = 1`)
    expect((await fsck()).faults[0]).toMatchObject({ part: 'tile' })
  })

  test('[DUR-29] a note that is another key’s, or over another tree, is named', async () => {
    await damage(sql`update log set checkpoint = replace(checkpoint, '302', '301'), checkpoint_size = 301`)
    expect((await fsck()).faults[0]).toMatchObject({
      part: 'checkpoint',
      code: 'CHECKPOINT_SIGNATURE_INVALID',
    })
    await damage(sql`update log set checkpoint = null`)
    expect((await fsck()).faults[0]).toMatchObject({ part: 'checkpoint', code: 'CHECKPOINT_MALFORMED' })
  })

  test('[DUR-28] a log that is not here is a mismatch', async () => {
    await expect(
      checkStoredLog(db.database, { origin: 'example.org/log/1', keys: [] }),
    ).rejects.toMatchObject({
      code: 'LOG_MISMATCH',
    })
  })
})

describe('start over a damaged store', () => {
  // The state after the first of the two commits: two entries stored, and the note still over three hundred.
  beforeEach(() => damage(sql`update log set checkpoint_size = 300, checkpoint = ${noteOver300}`))

  test('[DUR-6] entries that were stored and not signed are signed', async () => {
    const { recovered } = await openSampleLog(db.database)
    expect(recovered).toMatchObject({ size: 302, checkpointSize: 302 })
    expect((await checkWholeLog(db.database)).size).toBe(302)
  })

  test.each([
    ['an unsigned entry', sql`update entry set bytes = set_byte(bytes, 30, 1) where index = 300`],
    ['the last entry', sql`update entry set bytes = set_byte(bytes, 30, 1) where index = 301`],
    ['a missing entry', sql`delete from entry where index = 301`],
    ['the edge tile', sql`update tile set hashes = set_byte(hashes, 1400, 1) where level = 0 and index = 1`],
    ['a lost tile', sql`delete from tile where level = 1`],
    ['the signed part', sql`update tile set hashes = set_byte(hashes, 7, 1) where level = 1`],
    ['the size of the note', sql`update log set checkpoint_size = 299`],
    ['an unsigned record', sql`update entry set record = replace(record, '数据', '數據') where index = 300`],
    ['an unsigned record that is gone', sql`update entry set record = null where index = 301`],
  ])('[DUR-16] nothing is signed over a mismatch: %s', async (_name, statement) => {
    await damage(statement)
    const before = await db.database.run((q) => q.execute(sql`select checkpoint from log`))
    await expect(openSampleLog(db.database)).rejects.toMatchObject({ code: 'LEAF_MISMATCH' })
    expect(await db.database.run((q) => q.execute(sql`select checkpoint from log`))).toEqual(before)
  })

  test('[DUR-16] nothing is signed after a note that is not ours', async () => {
    await damage(sql`update log set checkpoint = regexp_replace(checkpoint, '.{6}\n$', E'AAAAA=\n')`)
    await expect(openSampleLog(db.database)).rejects.toMatchObject({
      code: expect.stringMatching(/CHECKPOINT|NOTE/),
    })
  })
})
