import { describe, expect, test } from 'vitest'
import published from '../../fixtures/published/rfc8032-ed25519.json' with { type: 'json' }
import wycheproof from '../../fixtures/published/wycheproof-ed25519.json' with { type: 'json' }
import { encodeBase58 } from '../../protocol/base58.ts'
import { concatBytes, decodeHex, encodeHex, encodeUtf8 } from '../../protocol/bytes.ts'
import { importPublicKey, parseMultikey, signerFromSeed } from '../../protocol/key.ts'
import { codeOf } from './log/expect-code.ts'

/** The order of the base point, little-endian: RFC 8032, section 5.1. */
const order = decodeHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
const signer = signerFromSeed(new Uint8Array(32).fill(7))

describe('RFC 8032', () => {
  test.each(published.vectors)('[BYTES-13] RFC 8032, section 7.1, $clause', async (vector) => {
    const made = signerFromSeed(decodeHex(vector.secret))
    const [message, signature] = [decodeHex(vector.message), decodeHex(vector.signature)]
    expect(encodeHex(made.publicKey.raw)).toBe(vector.public)
    expect(encodeHex(await made.sign(message))).toBe(vector.signature)
    const key = importPublicKey(decodeHex(vector.public))
    expect(key.verify(message, signature)).toBe(true)
    expect(key.verify(concatBytes(message, Uint8Array.of(0)), signature)).toBe(false)
    for (const at of [0, 31, 32, 63]) {
      expect(
        key.verify(
          message,
          signature.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        ),
      ).toBe(false)
    }
  })
})

describe('Wycheproof', () => {
  test.each(wycheproof.vectors)('[BYTES-13] Wycheproof, ed25519_test.json, $clause', (vector) => {
    const key = importPublicKey(decodeHex(vector.public))
    expect(key.verify(decodeHex(vector.message), decodeHex(vector.signature))).toBe(vector.valid)
  })
})

describe('signatures', () => {
  test('[BYTES-13] a signature has 64 bytes', async () => {
    const signature = await signer.sign(encodeUtf8('x'))
    for (const wrong of [
      signature.subarray(1),
      concatBytes(signature, Uint8Array.of(0)),
      new Uint8Array(0),
    ]) {
      expect(signer.publicKey.verify(encodeUtf8('x'), wrong)).toBe(false)
    }
  })

  test('[BYTES-13] RFC 8032, section 5.1.7: a signature has no second form with a larger S', async () => {
    const signature = await signer.sign(encodeUtf8('x'))
    const larger = Uint8Array.from(signature)
    let carry = 0
    for (let i = 0; i < 32; i += 1) {
      const sum = signature[32 + i]! + order[i]! + carry
      larger[32 + i] = sum & 0xff
      carry = sum >> 8
    }
    expect(signer.publicKey.verify(encodeUtf8('x'), signature)).toBe(true)
    expect(signer.publicKey.verify(encodeUtf8('x'), larger)).toBe(false)
  })
})

describe('keys', () => {
  const smallOrder = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]

  test.each(smallOrder)('[BYTES-9] the small-order point %s is refused, with either sign', (hex) => {
    const raw = decodeHex(hex)
    const negative = raw.map((byte, i) => (i === 31 ? byte | 0x80 : byte))
    for (const point of [raw, negative]) {
      expect(codeOf(() => importPublicKey(point))).toBe('KEY_MALFORMED')
      const multikey = `z${encodeBase58(concatBytes(Uint8Array.of(0xed, 1), point))}`
      expect(codeOf(() => parseMultikey(multikey))).toBe('KEY_MALFORMED')
    }
  })

  test('[BYTES-9] a coordinate that is not reduced modulo 2^255 − 19 is refused, so that a key has one spelling', () => {
    for (let low = 0xed; low <= 0xff; low += 1) {
      for (const sign of [0x7f, 0xff]) {
        const point = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? low : i === 31 ? sign : 0xff))
        expect(codeOf(() => importPublicKey(point))).toBe('KEY_MALFORMED')
      }
    }
    const reduced = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xeb : i === 31 ? 0x7f : 0xff))
    expect(codeOf(() => importPublicKey(reduced))).not.toBe('KEY_MALFORMED')
  })

  test('[BYTES-9] a key has 32 bytes', () => {
    for (const length of [0, 31, 33, 64]) {
      expect(codeOf(() => importPublicKey(new Uint8Array(length).fill(5)))).toBe('KEY_MALFORMED')
    }
    expect(codeOf(() => signerFromSeed(new Uint8Array(31)))).toBe('TypeError')
  })

  test('[BYTES-9] W3C VC-DI-EdDSA, appendix B.1: the Multikey of the examples has one spelling', () => {
    const text = 'z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ4XJPt4swbTQ2'
    const key = parseMultikey(text)
    expect(key.multibase).toBe(text)
    expect(importPublicKey(key.raw).multibase).toBe(text)
    const others = [
      text.slice(1),
      `f${text.slice(1)}`,
      `${text}1`,
      text.slice(0, -1),
      `z1${text.slice(1)}`,
      `${text}\n`,
      'z',
      '',
    ]
    for (const wrong of others) expect(codeOf(() => parseMultikey(wrong))).toBe('KEY_MALFORMED')
  })

  test('[BYTES-9] a Multikey of another kind is refused', () => {
    const raw = signer.publicKey.raw
    for (const prefix of [
      [0x80, 0x26],
      [0xec, 0x01],
      [0xed, 0x02],
      [0x13, 0x00],
    ]) {
      const text = `z${encodeBase58(concatBytes(Uint8Array.from(prefix), raw))}`
      expect(codeOf(() => parseMultikey(text))).toBe('KEY_MALFORMED')
    }
  })

  test('a key keeps its own copy of the bytes it was made from', () => {
    const raw = Uint8Array.from(signer.publicKey.raw)
    const key = importPublicKey(raw)
    raw.fill(0)
    expect(encodeHex(key.raw)).toBe(encodeHex(signer.publicKey.raw))
  })
})
