import type { PlacedReport } from './report.ts'

/** What is shown of one log: where no public report can hide. */
export interface ShownLog {
  readonly origin: string
  /** Where the registry closed it: nothing comes after. */
  readonly closedSize?: number
  /** The largest tree that is shown; 0: nothing is. */
  readonly size: number
  /** From an index on and before another: every public report there is known. In any order; they may overlap. */
  readonly stretches: readonly (readonly [from: number, before: number])[]
}

export const unproven = ['first-unproven', 'newest-unproven'] as const

export type Unproven = (typeof unproven)[number]

/**
 * What the logs that are shown leave open about which report counts. Of one that corrects nothing: that no other came before it, from
 * the beginning of the agency's first log on. Of any: that no correction came after it, to the end of what is shown of the newest.
 *
 * Takes for granted that every report in the stretches was looked at, and that none of them counts instead. Nothing is said of what
 * was logged after the trees that are shown.
 *
 * @param logs all logs of the agency, in their order
 * @see spec/rate.md, RATE-34
 */
export function unprovenOf(
  { place, revisionOf }: Pick<PlacedReport, 'place' | 'revisionOf'>,
  logs: readonly ShownLog[],
): readonly Unproven[] {
  const at = place ? logs.findIndex(({ origin }) => origin === place.origin) : -1
  const own = logs[at]
  const isFirst = place && own && logs.slice(0, at).every(isWhole) && isShown(own, 0, place.index)
  const isNewest =
    place && own && isShown(own, place.index + 1, endOf(own)) && logs.slice(at + 1).every(isWhole)
  return unproven.filter((code) =>
    code === 'first-unproven' ? revisionOf === undefined && !isFirst : !isNewest,
  )
}

function endOf({ closedSize, size }: ShownLog): number {
  return closedSize ?? size
}

/** From its beginning to its end; of one that is not closed nobody can tell where that is before he sees a tree of it. */
function isWhole(log: ShownLog): boolean {
  const end = endOf(log)
  return (log.closedSize !== undefined || log.size > 0) && isShown(log, 0, end)
}

function isShown({ stretches }: ShownLog, from: number, before: number): boolean {
  let reached = from
  for (const [start, end] of stretches.toSorted(([a], [b]) => a - b)) {
    if (reached >= before || start > reached) break
    reached = Math.max(reached, end)
  }
  return reached >= before
}
