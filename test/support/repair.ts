import type { CheckEntries, RepairPorts } from '../../node/admin/port.ts'
import type { CheckedBatch } from '../../node/projection/checked.ts'
import type { Batch } from '../../node/sync/batch.ts'
import { formatPage } from '../../node/sync/page.ts'
import { openProvenTree } from '../../node/sync/tree-proof.ts'

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
