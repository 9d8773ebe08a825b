import type { CheckEntries } from './admin/port.ts'
import type { Deps } from './deps.ts'
import { formatPage } from './sync/page.ts'
import type { CheckingPool } from './sync/pool.ts'

/** An own entry was dated by this node, and no clock of today makes it one of the future. */
export function createCheck(pool: CheckingPool, { now }: Pick<Deps, 'now'>): CheckEntries {
  return ({ origin, own, start, entries, lastAt }) =>
    pool.check({
      origin,
      start,
      entries: entries.map(({ bytes }) => bytes),
      pages: [
        formatPage(
          entries.flatMap(({ record, salt }, i) =>
            record === null ? [] : [{ index: start + i, record, salt }],
          ),
        ),
      ],
      lastAt,
      now: own ? Number.POSITIVE_INFINITY : now(),
    })
}
