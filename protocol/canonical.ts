import canonicalizePackage from 'canonicalize'
import { encodeUtf8, utf8Length } from './bytes.ts'
import { ProtocolError } from './error.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

declare const canonical: unique symbol

/** Text that is known to be the canonical form (RFC 8785) of the value it stands for, without a lone surrogate. */
export type CanonicalText = string & { readonly [canonical]: true }

/**
 * Whether `text`, from which `value` was parsed, is its canonical form: by its length where that decides, else by printing the
 * value again.
 */
export function isCanonicalText(text: string, value: JsonValue, depth: number): text is CanonicalText {
  if (!text.includes('\\')) {
    const length = plainLength(value, depth, true)
    if (length >= 0) return length === text.length
  }
  return isCanonicalShape(value, depth) && JSON.stringify(value) === text
}

/**
 * Whether `text`, from which `value` was parsed, says nothing but the value, in whatever order: no member twice, no blank. `false`
 * also where that cannot be told at sight.
 */
export function isPlainText(text: string, value: JsonValue, depth: number): boolean {
  return !text.includes('\\') && plainLength(value, depth, false) === text.length
}

/**
 * The length of the canonical text of a value without numbers, given a text of it without escapes: then canonical is what is
 * shortest, since white space and a member that stands twice only add to it, and every other token has one spelling.
 *
 * -1: cannot be told so, or not `inOrder`. A name that begins with a digit may stand elsewhere in the text than in the value.
 */
function plainLength(value: JsonValue, depth: number, inOrder: boolean): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'boolean') return value ? 4 : 5
  if (typeof value === 'number') return -1
  if (value === null) return 4
  if (depth === 0) return -1
  return isList(value) ? plainListLength(value, depth, inOrder) : plainObjectLength(value, depth, inOrder)
}

function plainListLength(list: readonly JsonValue[], depth: number, inOrder: boolean): number {
  let length = Math.max(2, list.length + 1)
  for (const item of list) {
    const inner = plainLength(item, depth - 1, inOrder)
    if (inner < 0) return -1
    length += inner
  }
  return length
}

function plainObjectLength(object: JsonObject, depth: number, inOrder: boolean): number {
  let length = 1
  let last = ''
  for (const name in object) {
    const first = name.charCodeAt(0)
    const inner = plainLength(object[name] ?? null, depth - 1, inOrder)
    if (inner < 0) return -1
    if (inOrder && ((first >= 0x30 && first <= 0x39) || (name <= last && length > 1))) return -1
    last = name
    length += name.length + 4 + inner
  }
  return Math.max(2, length)
}

/** A value with the canonical bytes it was read from, and their text. */
export interface CanonicalJson {
  readonly value: JsonValue
  readonly canonical: true
  readonly text: CanonicalText
  readonly bytes: Uint8Array
}

/**
 * The canonical bytes of an object without one of its members: what stands before it and what stands after it.
 *
 * In JSON text, a quotation mark between a comma and a name can only open that name; so where the name is found once, it is that of
 * the object's own member and not of one inside it. `undefined` where that cannot be seen.
 */
export function cutMember(
  { text, bytes }: CanonicalJson,
  name: string,
  member: JsonValue,
): readonly [before: Uint8Array, after: Uint8Array] | undefined {
  const head = `,"${name}":`
  const at = text.indexOf(head)
  if (at < 0 || text.startsWith(`"${name}"`, 1) || text.includes(head, at + 1)) return undefined
  const next = at + head.length + printedLength(text, member)
  const end = bytes.length - utf8Length(text, next, text.length)
  return [bytes.subarray(0, end - utf8Length(text, at, next)), bytes.subarray(end)]
}

function printedLength(text: string, member: JsonValue): number {
  const length = text.includes('\\') ? -1 : plainLength(member, 64, false)
  return length < 0 ? JSON.stringify(member).length : length
}

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
  if (isCanonicalShape(value, 64)) return value
  const keys = Object.keys(value).toSorted((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(keys.map((key) => [key, sortDeep(value[key] ?? null)]))
}

/** By UTF-16 code units, as canonical form sorts: the same everywhere, whatever the language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sortDeep(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(sortDeep)
  return typeof value === 'object' && value !== null ? sortMembers(value) : value
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
