import { fullWidth } from '../../protocol/log/tile.ts'
import type { CheckedEntry } from '../projection/checked.ts'
import { findOtherRows, findRowsBeyond, visibleEnd } from '../projection/remake.ts'
import type { Database } from '../store/database.ts'
import { findLog } from '../store/log-store.ts'
import type { CheckEntries } from './port.ts'
import { type FullRow, readFullRows } from './stored-entry.ts'
import type { ReportFault } from './tile-check.ts'

export interface ReadModelOptions {
  readonly origin: string
  readonly check: CheckEntries
}

/**
 * Makes the rows of a stored log again by the checks that every entry goes through, and compares. Reads alone.
 *
 * Proves that the pages show what the stored records say. Whether those are the signed ones is for `checkStoredLog`. What was
 * judged sound when it came and would not be now, under a newer registry or another clock, is no fault.
 *
 * @see spec/durability.md, DUR-30
 */
export async function checkReadModel(
  database: Database,
  options: ReadModelOptions,
  report: ReportFault,
): Promise<void> {
  const fail = (index: number, detail: string) =>
    report({ index, part: 'row', code: 'LEAF_MISMATCH', detail })
  await visitOtherRows(database, options, async (entries) => {
    for (const { index } of entries) fail(index, 'the row of the read model is not what the record says')
  })
  const log = await database.run((queries) => findLog(queries, options.origin))
  for (const index of log ? await findRowsBeyond(database, log) : [])
    fail(index, 'a row of the read model without an entry that it shows')
}

/** Calls with the entries whose rows are not what they must be, as they were checked today, bundle by bundle. */
export async function visitOtherRows(
  database: Database,
  { origin, check }: ReadModelOptions,
  visit: (entries: readonly CheckedEntry[]) => Promise<void>,
): Promise<void> {
  const log = await database.run((queries) => findLog(queries, origin))
  const end = log ? visibleEnd(log) : 0
  let lastAt = ''
  for (let from = 0; log && from < end; from += fullWidth) {
    const rows = await readFullRows(database, log, { from, end: Math.min(from + fullWidth, end) })
    // Where an entry is missing, the check of the entries says so.
    if (rows.length < Math.min(fullWidth, end - from)) return
    const entries = rows.map(({ bytes, record, quarantined, salt }) => ({
      bytes,
      record: record ?? quarantined,
      salt,
    }))
    const checked = await check({ origin, own: log.own, start: from, entries, lastAt })
    lastAt = checked.lastAt
    const others = await findOtherRows(database, log, expectedOf(rows, checked.entries))
    const differing = checked.entries.filter(({ index }) => others.has(index))
    if (differing.length > 0) await visit(differing)
  }
}

/**
 * What the read model must have, as far as that can be told: nothing for an entry that was found faulty, and for a sound one what
 * is made of it today.
 */
function expectedOf(stored: readonly FullRow[], checked: readonly CheckedEntry[]): readonly CheckedEntry[] {
  return checked.flatMap((entry, i) => {
    if (stored[i]?.fault !== null) return [{ ...entry, row: null }]
    return entry.fault === null ? [entry] : []
  })
}
