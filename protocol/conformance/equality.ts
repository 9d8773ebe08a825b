import { isJsonObject, type JsonValue } from '../json-value.ts'

/** Equality of JSON Schema: by value, whatever the order of members; `{}` is not `[]`, `1` not `true`. */
export function isSameJson(a: JsonValue, b: JsonValue): boolean {
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    const other: readonly JsonValue[] = b
    return a.every((one: JsonValue, i) => isSameJson(one, other[i] ?? null))
  }
  if (!isJsonObject(a)) return a === b
  if (!isJsonObject(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && isSameJson(a[name] ?? null, b[name] ?? null))
}
