import { addDays, type CalendarDate } from '../date.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import type { MappingRow, NamedRow } from '../record/mapping-row.ts'
import type { Change, EditionStanding } from './pinned-edition.ts'

/** What became of one row that an agreement relies on. */
export interface RowStanding {
  readonly row: string
  readonly state: 'effective' | 'grace' | 'fallen'
  /** The day from which it is no longer relied on, where a change does that. */
  readonly until?: CalendarDate
  readonly cause?: Change['cause']
}

/**
 * Each row on a day: a change of a clause that it pins lets it fall on that change's date, or after the days of grace; others stand. A
 * change that nobody says the clauses of touches every row of its edition.
 *
 * @see spec/agreement.md, AGREE-33 (DOMAIN section 8.5)
 */
export function rowsAt(
  agreement: RecognitionAgreement,
  set: ReadonlyMap<string, MappingRow>,
  { editions, day }: { readonly editions: readonly EditionStanding[]; readonly day: CalendarDate },
): readonly RowStanding[] {
  const changes = editions.flatMap((edition) => edition.changes)
  const names = [...new Set(agreement.effects.map(({ row }) => row))]
  return names.map((row) => {
    const mapping = set.get(row)
    const change = mapping && changes.find((one) => touches(one, mapping))
    if (!change) return { row, state: 'effective' }
    const until = addDays(change.on, agreement.graceDays)
    return { row, state: day < until ? 'grace' : 'fallen', until, cause: change.cause }
  })
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
