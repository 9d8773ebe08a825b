import canonicalizePackage from 'canonicalize'
import { encodeUtf8 } from './bytes.ts'
import { ProtocolError } from './error.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

/**
 * The JSON Canonicalization Scheme, RFC 8785, as text.
 *
 * A value whose members already stand in order is printed natively, which is several times faster and the same
 * text; all others go through the `canonicalize` package.
 *
 * @throws {ProtocolError} `TEXT_INVALID_UNICODE` — a lone surrogate has no UTF-8 form
 */
export function canonicalize(value: JsonValue): string {
  const text = isCanonicalShape(value, 64) ? JSON.stringify(value) : canonicalizePackage(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  if (text.includes('\\u') && /\\ud[89a-f]/.test(text)) {
    throw new ProtocolError('TEXT_INVALID_UNICODE', 'a lone surrogate cannot be canonicalized')
  }
  return text
}

export function canonicalBytes(value: JsonValue): Uint8Array {
  return encodeUtf8(canonicalize(value))
}

/** Members in UTF-16 order at every level, at most `depth` levels: what `JSON.stringify` prints is then canonical. */
export function isCanonicalShape(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isCanonicalShape(item, depth - 1)) return false
    return true
  }
  let last: string | undefined
  for (const key of Object.keys(value)) {
    if (last !== undefined && key <= last) return false
    last = key
    const member = Reflect.get(value, key)
    if (typeof member === 'object' && member !== null && !isCanonicalShape(member, depth - 1)) return false
  }
  return true
}

/** The same value with the members of every object in UTF-16 order: made once, it prints natively ever after. */
export function sortMembers(value: JsonObject): JsonObject {
  const keys = Object.keys(value).toSorted((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(keys.map((key) => [key, sortDeep(value[key] ?? null)]))
}

function sortDeep(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(sortDeep)
  return typeof value === 'object' && value !== null ? sortMembers(value) : value
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
