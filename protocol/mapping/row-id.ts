import { canonicalize } from '../canonical.ts'
import { sha256Hex } from '../hash.ts'
import type { JsonValue } from '../json-value.ts'
import type { MappingRow, Pin } from '../record/mapping-row.ts'

export type RowKey = Pick<MappingRow, 'subject' | 'predicate' | 'object' | 'objectSource'>

/**
 * The name of a row that came without one: by what it relates and how, so that two who import one file name its rows alike.
 *
 * Proves nothing about the rest of the row; two rows with one subject, predicate and object have one name. A row without counterpart
 * never shares its name with one whose object is that whole edition.
 *
 * @see spec/mapping.md, MAP-3
 */
export function rowIdOf({ subject, predicate, object, objectSource }: RowKey): string {
  const key = [pinKey(subject), predicate, pinKey(object)]
  const named = canonicalize(object ? key : [...key, pinKey(objectSource)])
  return `r${sha256Hex(named).slice(0, 20)}`
}

function pinKey(pin: Pin | undefined): JsonValue {
  if (!pin) return null
  const { clause, digest, edition } = pin
  return clause === undefined ? { digest, edition } : { clause, digest, edition }
}
