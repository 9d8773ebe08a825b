import { type MappingRow, mappingRow } from '../../record/mapping-row.ts'

/** Who judged a row, and how: one thing, that belongs to the content which was judged. */
export const reviewFields = ['state', 'reviewer', 'reviewerLabel', 'reviewedOn'] as const

/** Said beside a row; nobody reviews it. */
const remarkFields = ['comment'] as const

const outside: ReadonlySet<string> = new Set([...reviewFields, ...remarkFields])

/** What a review is about: all else. A list is one field. */
export const contentFields: readonly string[] = Object.keys(mappingRow.shape).filter(
  (name) => !outside.has(name),
)

/** Every field that is merged for itself. */
export const mergedFields: readonly string[] = [...contentFields, ...remarkFields]

/** The value of one field; nothing of a row that is not there. */
export function fieldOf(mapping: MappingRow | undefined, name: string): unknown {
  return mapping === undefined ? undefined : Reflect.get(mapping, name)
}

/** Whether two rows say the same about their clauses, whoever reviewed them. */
export function isSameContent(a: MappingRow, b: MappingRow): boolean {
  return a === b || contentFields.every((name) => isSameValue(fieldOf(a, name), fieldOf(b, name)))
}

export function isSameReview(a: MappingRow, b: MappingRow): boolean {
  return reviewFields.every((name) => isSameValue(fieldOf(a, name), fieldOf(b, name)))
}

/** Whether two values of a row are the same JSON. A row is two levels deep. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  if (Array.isArray(a) !== Array.isArray(b)) return false
  for (const name of names) if (!isSameValue(Reflect.get(a, name), Reflect.get(b, name))) return false
  return true
}

/** The fields in which two rows differ. */
export function changedFields(a: MappingRow | undefined, b: MappingRow | undefined): readonly string[] {
  return [...mergedFields, ...reviewFields].filter((name) => !isSameValue(fieldOf(a, name), fieldOf(b, name)))
}
