import { ProtocolError } from './error.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/**
 * Strict UTF-8: no replacement characters, and a byte order mark stays in the text for the caller to refuse.
 *
 * @throws {ProtocolError} `TEXT_INVALID_UNICODE`
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new ProtocolError('TEXT_INVALID_UNICODE', 'not well-formed UTF-8', { cause })
  }
}

/** How many bytes the UTF-16 units [from, end) of a well-formed text have in UTF-8. */
export function utf8Length(text: string, from: number, end: number): number {
  let length = 0
  for (let i = from; i < end; i += 1) {
    const unit = text.charCodeAt(i)
    // Each half of a surrogate pair counts as two of its four.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
  }
  return length
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Not in constant time: for public values alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte]
  return text
}

/**
 * Lower-case digits alone, an even number of them.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` — the caller's format gives it its own code
 */
export function decodeHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text))
    throw new ProtocolError('JSON_MALFORMED', 'not lower-case hexadecimal')
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  )
}

const standardAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const urlAlphabet = `${standardAlphabet.slice(0, 62)}-_`

function encodeSixBits(bytes: Uint8Array, alphabet: string, padding: string): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    const left = bytes.length - i
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4))
    text += left > 1 ? alphabet.charAt(((b & 15) << 2) | (c >> 6)) : padding
    text += left > 2 ? alphabet.charAt(c & 63) : padding
  }
  return text
}

function tableOf(alphabet: string): Int8Array {
  const table = new Int8Array(128).fill(-1)
  for (let i = 0; i < alphabet.length; i += 1) table[alphabet.charCodeAt(i)] = i
  return table
}

const standardTable = tableOf(standardAlphabet)
const urlTable = tableOf(urlAlphabet)

function decodeSixBits(text: string, table: Int8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i += 1) {
    const value = table[text.charCodeAt(i)] ?? -1
    if (value < 0) return undefined
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at] = (bits >> held) & 0xff
      at += 1
    }
  }
  return bytes
}

/** RFC 4648 section 4, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  return encodeSixBits(bytes, standardAlphabet, '=')
}

/**
 * One spelling for each value: padded, no white space, no stray bits.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` — the caller's format gives it its own code
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = decodeSixBits(text.replace(/={1,2}$/, ''), standardTable)
  if (!bytes || encodeBase64(bytes) !== text)
    throw new ProtocolError('JSON_MALFORMED', 'not canonical base64')
  return bytes
}

/** RFC 4648 section 5, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeSixBits(bytes, urlAlphabet, '')
}

/** @throws {ProtocolError} `JSON_MALFORMED` — padded, stray bits, or another alphabet */
export function decodeBase64Url(text: string): Uint8Array {
  const bytes = decodeSixBits(text, urlTable)
  if (!bytes || encodeBase64Url(bytes) !== text)
    throw new ProtocolError('JSON_MALFORMED', 'not canonical base64url')
  return bytes
}

export function startsWithBytes(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix)
}
