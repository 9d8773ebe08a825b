import { sql } from 'drizzle-orm'
import type { CheckEntries, RepairPorts, RepairSource } from '../../node/admin/port.ts'
import type { CheckedBatch } from '../../node/projection/checked.ts'
import type { Database } from '../../node/store/database.ts'
import type { Batch } from '../../node/sync/batch.ts'
import { formatPage } from '../../node/sync/page.ts'
import { openProvenTree } from '../../node/sync/tree-proof.ts'
import { ProtocolError } from '../../protocol/error.ts'

/** What the program hands to repair, with the checks of a test. */
export function repairPorts(check: (batch: Batch) => Promise<CheckedBatch>): RepairPorts {
  return { check: checkWith(check), openTree: openProvenTree }
}

function checkWith(check: (batch: Batch) => Promise<CheckedBatch>): CheckEntries {
  return ({ origin, own, start, entries, lastAt }) => {
    const records = entries.flatMap(({ record, salt }, i) =>
      record === null ? [] : [{ index: start + i, record, salt }],
    )
    return check({
      origin,
      start,
      entries: entries.map(({ bytes }) => bytes),
      pages: [formatPage(records)],
      lastAt,
      now: own ? Number.POSITIVE_INFINITY : Date.now(),
    })
  }
}

/** All that somebody holds of a log. */
export interface Copy {
  readonly entries: readonly Uint8Array[]
  readonly records: readonly Uint8Array[]
  readonly tiles: ReadonlyMap<string, Uint8Array>
}

/** Of a database with one log. */
export async function copyOf(database: Database): Promise<Copy> {
  const rows = await database.run((q) =>
    q.execute(sql`select bytes, convert_to(record, 'UTF8') as record from entry order by index`),
  )
  const tiles = await database.run((q) => q.execute(sql`select level, index, hashes from tile`))
  return {
    entries: [...rows].map(({ bytes }) => bytes as Uint8Array),
    records: [...rows].map(({ record }) => record as Uint8Array),
    tiles: new Map([...tiles].map(({ level, index, hashes }) => [`${level}/${index}`, hashes as Uint8Array])),
  }
}

/** Somebody who holds a copy and perhaps a note, with what was asked of him. */
export function sourceOf({ entries, records, tiles }: Copy, name: string, note?: string) {
  const asked: string[] = []
  const source: RepairSource = {
    name,
    fetchTile: async ({ level, index, width }) => {
      asked.push(`tile ${level}/${index}`)
      const tile = tiles.get(`${level}/${index}`)
      if (tile) return tile.subarray(0, width * 32)
      throw new ProtocolError('PAGE_MALFORMED', 'no such tile')
    },
    fetchEntryBundle: async ({ index, width }) => {
      asked.push(`entries ${index}`)
      return entries.slice(index * 256, index * 256 + width)
    },
    fetchNote: async () => note,
    fetchRecords: async ({ indices }, take) => {
      asked.push(`records ${indices.join()}`)
      for (const index of indices) if (records[index]) take(index, { bytes: records[index] })
    },
  }
  return { source, asked }
}
