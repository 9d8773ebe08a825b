import { ProtocolError } from './error.ts'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i += 1) values[alphabet.charCodeAt(i)] = i

/** Keys and signatures are at most 64 bytes; a bound keeps the quadratic conversion harmless. */
const maxLength = 128

/** base58btc without the multibase letter (Multibase, W3C Controlled Identifiers 1.0, section 2.4). */
export function encodeBase58(bytes: Uint8Array): string {
  if (bytes.length > maxLength) throw new TypeError('base58 is for keys and signatures')
  const digits: number[] = []
  for (const byte of bytes) {
    let carry = byte
    for (let i = 0; i < digits.length; i += 1) {
      carry += (digits[i] ?? 0) * 256
      digits[i] = carry % 58
      carry = Math.floor(carry / 58)
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58)
  }
  let text = ''
  for (const byte of bytes) {
    if (byte !== 0) break
    text += '1'
  }
  for (let i = digits.length - 1; i >= 0; i -= 1) text += alphabet.charAt(digits[i] ?? 0)
  return text
}

/**
 * Four characters at a time over 24-bit limbs: a signature is decoded once for every record that is verified.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` — another alphabet, or longer than any key or signature
 */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > 2 * maxLength) throw new ProtocolError('JSON_MALFORMED', 'base58 text too long')
  const limbs: number[] = []
  for (let start = 0; start < text.length; start += 4) {
    const end = Math.min(start + 4, text.length)
    let chunk = 0
    let scale = 1
    for (let i = start; i < end; i += 1) {
      const value = values[text.charCodeAt(i)] ?? -1
      if (value < 0) throw new ProtocolError('JSON_MALFORMED', 'not base58btc')
      chunk = chunk * 58 + value
      scale *= 58
    }
    for (let i = 0; i < limbs.length; i += 1) {
      chunk += (limbs[i] ?? 0) * scale
      limbs[i] = chunk % 0x1000000
      chunk = Math.floor(chunk / 0x1000000)
    }
    if (chunk > 0) limbs.push(chunk)
  }
  let zeros = 0
  while (text[zeros] === '1') zeros += 1
  const big: number[] = []
  for (let i = limbs.length - 1; i >= 0; i -= 1) {
    const limb = limbs[i] ?? 0
    big.push((limb >> 16) & 0xff, (limb >> 8) & 0xff, limb & 0xff)
  }
  let skip = 0
  while (skip < big.length && big[skip] === 0) skip += 1
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...big.slice(skip)])
}
