import { decodeUtf8 } from './bytes.ts'
import { type CanonicalJson, isCanonicalText, isPlainText } from './canonical.ts'
import { ProtocolError } from './error.ts'
import { readStrictJson } from './json-reader.ts'
import type { JsonValue } from './json-value.ts'

export const maxJsonDepth = 32

/** A thousand long records; to build so many costs a fraction of a second. */
export const maxJsonValues = 400_000

/** `canonical`: whether the received bytes were already the canonical form (RFC 8785) of `value`. */
export type JsonText = CanonicalJson | { readonly value: JsonValue; readonly canonical: false }

/**
 * The one reader for every JSON that comes from outside.
 *
 * Proves: UTF-8 without byte order mark, RFC 8259 grammar, no member twice, no lone surrogate, at most 32 levels,
 * every number kept by value, at most `maxBytes` and `maxValues`, containers and what is in them. Says nothing about the meaning.
 *
 * Text that is its own canonical form, as every record on the wire is, costs one native parse, and so does text that says
 * nothing but its value; anything else is read again character by character, which also finds the place of the fault.
 *
 * @throws {ProtocolError} `SIZE_LIMIT` `TEXT_INVALID_UNICODE` `JSON_MALFORMED` `JSON_DUPLICATE_KEY`
 *   `JSON_TOO_DEEP` `NUMBER_UNSAFE` `CANON_LIMIT`
 * @see spec/bytes.md, BYTES-1 to BYTES-6, BYTES-14
 */
export function readJson(bytes: Uint8Array, maxBytes: number, maxValues = maxJsonValues): JsonText {
  if (bytes.length > maxBytes) {
    throw new ProtocolError('SIZE_LIMIT', `larger than ${maxBytes} bytes`, {
      evidence: { size: bytes.length },
    })
  }
  const text = decodeUtf8(bytes)
  const natively = isModest(bytes, maxValues) ? readNatively(text, bytes) : undefined
  return (
    natively ?? {
      value: readStrictJson(text, { depth: maxJsonDepth, values: maxValues }),
      canonical: false,
    }
  )
}

/** `readJson` for a caller that does not need the canonical form. */
export function parseJson(bytes: Uint8Array, maxBytes: number): JsonValue {
  return readJson(bytes, maxBytes).value
}

function readNatively(text: string, bytes: Uint8Array): JsonText | undefined {
  // An escaped surrogate survives parse and print unchanged, so such a text takes the careful road.
  if (text.includes('\\u') && /\\u[dD]/.test(text)) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (isCanonicalText(text, value, maxJsonDepth)) return { value, canonical: true, text, bytes }
  return isPlainText(text, value, maxJsonDepth) ? { value, canonical: false } : undefined
}

const quote = 0x22
const backslash = 0x5c

/**
 * Whether a text builds a bounded number of values, at a bounded depth, whatever it says. The native parser builds everything
 * before anything can be refused, so what is not modest is left to the careful reader, which stops where the limit is.
 */
function isModest(bytes: Uint8Array, maxValues: number): boolean {
  // A value takes at least two bytes.
  if (bytes.length < 2 * maxValues) return true
  let [values, depth] = [1, 0]
  let quoted = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) quoted = !quoted
    else if (quoted) at += byte === backslash ? 1 : 0
    else if (byte === 0x2c) values += 1
    else if (byte === 0x5b || byte === 0x7b) {
      values += 1
      depth += 1
      if (depth > maxJsonDepth) return false
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
    if (values > maxValues) return false
  }
  return true
}
