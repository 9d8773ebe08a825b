import { canonicalize, compareText } from '../../canonical.ts'
import type { JsonObject } from '../../json-value.ts'
import type { NamedRow, Pin } from '../../record/mapping-row.ts'

const derivedBy: ReadonlySet<string> = new Set(['mapping-chaining', 'mapping-inversion'])

export function isDerived({ mapping }: NamedRow): boolean {
  return derivedBy.has(mapping.justification)
}

/** Accepted by people: what the closure, and whoever recognises, may rest on. A derived row never is. */
export function isRelied(row: NamedRow): boolean {
  return row.mapping.state === 'accepted' && !isDerived(row)
}

/** A pin, or names of which one could be made. */
interface Named {
  readonly edition: string
  readonly digest: string
  readonly clause?: string | undefined
}

/** What a pin means: other editions, and other texts of one, are other concepts. */
export function conceptOf({ edition, digest, clause = '' }: Named): string {
  return `${edition}#${clause} ${digest}`
}

export function isSamePin(a: Pin, b: Pin): boolean {
  return a.edition === b.edition && a.digest === b.digest && a.clause === b.clause
}

/** Rows in the order of their names, and of their contents where a name stands twice: the same for any order they come in. */
export function sortRows(rows: readonly NamedRow[]): readonly NamedRow[] {
  const sorted = rows.toSorted((a, b) => compareText(a.row, b.row))
  if (sorted.every(({ row }, i) => row !== sorted[i + 1]?.row)) return sorted
  return sorted
    .map((named) => ({ named, text: textOf(named) }))
    .sort((a, b) => compareText(a.named.row, b.named.row) || compareText(a.text, b.text))
    .map(({ named }) => named)
}

function textOf({ mapping }: NamedRow): string {
  const members: JsonObject = JSON.parse(JSON.stringify(mapping))
  return canonicalize(members)
}
