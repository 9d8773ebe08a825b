import { compareText } from '../canonical.ts'
import { addDays, type CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import type { MappingRow, NamedRow } from '../record/mapping-row.ts'
import type { Change, EditionStanding } from './pinned-edition.ts'

/** What became of one row that an agreement relies on. */
export interface RowStanding {
  readonly row: string
  /** `open`: it may have fallen, and nobody at hand says whether by that day. */
  readonly state: 'effective' | 'grace' | 'fallen' | 'open'
  /** The day from which it is no longer relied on, where a change does that. */
  readonly until?: CalendarDate
  readonly cause?: Change['cause']
}

/**
 * Each row on a day: a change of a clause that it pins lets it fall on that change's date, or after the days of grace; others stand. A
 * change that nobody says the clauses of touches every row of its edition. Between the first day on which a revision may have been logged
 * and the one that witnesses at hand give, it is open.
 *
 * @see spec/agreement.md, AGREE-33 (DOMAIN section 8.5)
 */
export function rowsAt(
  agreement: RecognitionAgreement,
  set: ReadonlyMap<string, MappingRow>,
  { editions, day }: { readonly editions: readonly EditionStanding[]; readonly day: CalendarDate },
): readonly RowStanding[] {
  const changes = firstOf(editions.flatMap((edition) => edition.changes))
  const open = firstOf(editions.flatMap((edition) => edition.open))
  const names = [...new Set(agreement.effects.map(({ row }) => row))]
  return names.map((row) => {
    const mapping = set.get(row)
    const change = mapping && changes.find((one) => touches(one, mapping))
    const sooner = mapping && open.find((one) => touches(one, mapping))
    const until = change && addDays(change.on, agreement.graceDays)
    if (change && until !== undefined && until <= day)
      return { row, state: 'fallen', until, cause: change.cause }
    if (sooner && addDays(sooner.on, agreement.graceDays) <= day)
      return { row, state: 'open', cause: sooner.cause }
    if (!change || until === undefined) return { row, state: 'effective' }
    return { row, state: 'grace', until, cause: change.cause }
  })
}

/** Of several editions, too, the first in date lets a row fall. */
function firstOf(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => compareText(a.on, b.on))
}

function touches({ edition, clauses }: Change, { subject, object }: MappingRow): boolean {
  return [subject, object].some(
    (pin) =>
      pin?.edition === edition &&
      (clauses === undefined || pin.clause === undefined || clauses.includes(pin.clause)),
  )
}

/**
 * Changes that touch no row that is relied on: the agreement holds, and its pins are to be renewed.
 *
 * @see spec/agreement.md, AGREE-34
 */
export function repinsOf(
  { effects }: RecognitionAgreement,
  set: ReadonlyMap<string, MappingRow>,
  editions: readonly EditionStanding[],
): readonly Change[] {
  const relied = effects.flatMap(({ row }) => set.get(row) ?? [])
  return editions
    .flatMap(({ changes }) => changes)
    .filter((change) => !relied.some((mapping) => touches(change, mapping)))
}

export function rowsByName(rows: readonly NamedRow[]): ReadonlyMap<string, MappingRow> {
  return new Map(rows.map(({ row, mapping }) => [row, mapping]))
}
