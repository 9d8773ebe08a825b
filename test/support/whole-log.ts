import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Database } from '../../node/store/database.ts'
import { openCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { logKeys, origin } from './log.ts'

export interface WholeLog {
  readonly size: number
  readonly digests: readonly string[]
  readonly moments: readonly string[]
}

/**
 * Recomputes the log as a stranger would, by RFC 6962 as it is written and by none of the code under test: entries
 * dense, each at its place, tiles of all levels, the root under the signed note, the bytes of each record.
 */
export async function checkWholeLog(database: Database, name = origin, keys = logKeys): Promise<WholeLog> {
  const rows = async (query: ReturnType<typeof sql>) =>
    [...(await database.run((q) => q.execute(query)))] as any[]
  const [log] = await rows(sql`select * from log where origin = ${name}`)
  const entries = await rows(
    sql`select index, bytes, record, encode(digest, 'hex') as digest from entry where log_id = ${log.id} order by index`,
  )
  const tiles = await rows(sql`select * from tile where log_id = ${log.id}`)
  const { checkpoint } = openCheckpoint(log.checkpoint, { origin: name, keys })
  expect(log).toMatchObject({ size: entries.length, checkpoint_size: entries.length })
  expect(checkpoint.size).toBe(entries.length)
  const parsed = entries.map(({ bytes }) => parseEntry(bytes))
  expect(parsed.map(({ index }) => index)).toEqual(entries.map((_, i) => i))
  expect(parsed.every(({ log: named }) => named === name)).toBe(true)
  const digests = entries.map(({ record, digest }, i) => {
    const found = createHash('sha256').update(record).digest('hex')
    expect(digest).toBe(found)
    expect(parsed[i]).toMatchObject({ digest: `sha256:${found}` })
    return `sha256:${found}`
  })
  const leaves = entries.map(({ bytes }) => hash(Buffer.of(0), bytes))
  expect(Buffer.from(checkpoint.root).toString('hex')).toBe(rootOf(leaves).toString('hex'))
  checkTiles(leaves, tiles)
  const moments = parsed.map(({ at }) => at)
  expect([...moments].sort()).toEqual(moments)
  return { size: entries.length, digests, moments }
}

function checkTiles(leaves: readonly Buffer[], tiles: readonly any[]): void {
  let row = leaves
  let expected = 0
  for (let level = 0; row.length > 0; level += 1) {
    const above: Buffer[] = []
    for (let start = 0; start < row.length; start += 256) {
      const hashes = row.slice(start, start + 256)
      const tile = tiles.find((found) => found.level === level && found.index === start / 256)
      expect(Buffer.from(tile?.hashes ?? []).toString('hex')).toBe(Buffer.concat(hashes).toString('hex'))
      expected += 1
      if (hashes.length === 256) above.push(rootOf(hashes))
    }
    row = above
  }
  expect(tiles.length).toBe(expected)
}

function hash(...parts: Uint8Array[]): Buffer {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves
  if (first === undefined) return hash()
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hash(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}
