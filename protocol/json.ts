import { decodeUtf8 } from './bytes.ts'
import { type CanonicalJson, isCanonicalText, isPlainText } from './canonical.ts'
import { ProtocolError } from './error.ts'
import { readStrictJson } from './json-reader.ts'
import type { JsonValue } from './json-value.ts'

export const maxJsonDepth = 32

/** `canonical`: whether the received bytes were already the canonical form (RFC 8785) of `value`. */
export type JsonText = CanonicalJson | { readonly value: JsonValue; readonly canonical: false }

/**
 * The one reader for every JSON that comes from outside.
 *
 * Proves: UTF-8 without byte order mark, RFC 8259 grammar, no member twice, no lone surrogate, at most 32 levels,
 * every number kept by value, at most `maxBytes`. Says nothing about the meaning.
 *
 * Text that is its own canonical form, as every record on the wire is, costs one native parse, and so does text that says
 * nothing but its value; anything else is read again character by character, which also finds the place of the fault.
 *
 * @throws {ProtocolError} `SIZE_LIMIT` `TEXT_INVALID_UNICODE` `JSON_MALFORMED` `JSON_DUPLICATE_KEY`
 *   `JSON_TOO_DEEP` `NUMBER_UNSAFE`
 * @see spec/bytes.md, BYTES-1 to BYTES-6
 */
export function readJson(bytes: Uint8Array, maxBytes: number): JsonText {
  if (bytes.length > maxBytes) {
    throw new ProtocolError('SIZE_LIMIT', `larger than ${maxBytes} bytes`, {
      evidence: { size: bytes.length },
    })
  }
  const text = decodeUtf8(bytes)
  return readNatively(text, bytes) ?? { value: readStrictJson(text, maxJsonDepth), canonical: false }
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
