import { ProtocolError } from './error.ts'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i += 1) values[alphabet.charCodeAt(i)] = i

/** Keys and signatures are at most 64 bytes; a bound keeps the quadratic conversion harmless. */
const maxLength = 128

/** base58btc without the multibase letter (Multibase, W3C Controlled Identifiers 1.0, section 2.4). */
export function encodeBase58(bytes: Uint8Array): string {
  if (bytes.length > maxLength) throw new TypeError('base58 is for keys and signatures')
  // Limbs of four digits: few, and each sum below 2^53.
  const limbs = new Float64Array(Math.ceil((bytes.length * 1.4) / 4) + 1)
  let used = 0
  for (let start = 0; start < bytes.length; start += 3) {
    const end = Math.min(start + 3, bytes.length)
    let carry = 0
    for (let i = start; i < end; i += 1) carry = carry * 256 + (bytes[i] ?? 0)
    const scale = 256 ** (end - start)
    for (let i = 0; i < used; i += 1) {
      const sum = (limbs[i] ?? 0) * scale + carry
      carry = Math.floor(sum / fourDigits)
      limbs[i] = sum - carry * fourDigits
    }
    for (; carry > 0; carry = Math.floor(carry / fourDigits)) {
      limbs[used] = carry % fourDigits
      used += 1
    }
  }
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1
  return '1'.repeat(zeros) + digitsOf(limbs.subarray(0, used))
}

/** Most significant first, without leading zeros. */
function digitsOf(limbs: Float64Array): string {
  let text = ''
  for (let i = limbs.length - 1; i >= 0; i -= 1) {
    let rest = limbs[i] ?? 0
    let four = ''
    for (let digit = 0; digit < 4; digit += 1) {
      four = alphabet.charAt(rest % 58) + four
      rest = Math.floor(rest / 58)
    }
    text += four
  }
  return text.replace(/^1+/, '')
}

const scales = [1, 58, 58 ** 2, 58 ** 3, 58 ** 4]
const limbSize = 0x1000000
const fourDigits = 58 ** 4

/**
 * Four characters at a time over 24-bit limbs: a signature is decoded once for every record that is verified.
 *
 * @throws {ProtocolError} `JSON_MALFORMED` — another alphabet, or longer than any key or signature
 */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > 2 * maxLength) throw new ProtocolError('JSON_MALFORMED', 'base58 text too long')
  const limbs = new Float64Array(Math.ceil(text.length / 4) + 1)
  let used = 0
  for (let start = 0; start < text.length; start += 4) {
    const end = Math.min(start + 4, text.length)
    let carry = 0
    for (let i = start; i < end; i += 1) {
      const value = values[text.charCodeAt(i)] ?? -1
      if (value < 0) throw new ProtocolError('JSON_MALFORMED', 'not base58btc')
      carry = carry * 58 + value
    }
    const scale = scales[end - start] ?? 1
    for (let i = 0; i < used; i += 1) {
      const sum = (limbs[i] ?? 0) * scale + carry
      carry = Math.floor(sum / limbSize)
      limbs[i] = sum - carry * limbSize
    }
    if (carry > 0) {
      limbs[used] = carry
      used += 1
    }
  }
  let zeros = 0
  while (text[zeros] === '1') zeros += 1
  return withZeros(limbs.subarray(0, used), zeros)
}

/** The bytes of the number, most significant first, after that many zero bytes. */
function withZeros(limbs: Float64Array, zeros: number): Uint8Array {
  const big = new Uint8Array(3 * limbs.length)
  for (let i = 0; i < limbs.length; i += 1) {
    const limb = limbs[limbs.length - 1 - i] ?? 0
    big[3 * i] = limb >> 16
    big[3 * i + 1] = limb >> 8
    big[3 * i + 2] = limb
  }
  let skip = 0
  while (skip < big.length && big[skip] === 0) skip += 1
  const bytes = new Uint8Array(zeros + big.length - skip)
  bytes.set(big.subarray(skip), zeros)
  return bytes
}
