import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase58, encodeBase58 } from '../../protocol/base58.ts'
import { decodeHex, encodeHex, encodeUtf8 } from '../../protocol/bytes.ts'
import { codeOf } from './log/expect-code.ts'

describe('base58btc', () => {
  test.each([
    ['Hello World!', '2NEpo7TZRRrLZSi2U'],
    [
      'The quick brown fox jumps over the lazy dog.',
      'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
    ],
  ])('[BYTES-11] draft-msporny-base58, section 5: %j', (text, encoded) => {
    expect(encodeBase58(encodeUtf8(text))).toBe(encoded)
    expect(decodeBase58(encoded)).toEqual(encodeUtf8(text))
  })

  test('[BYTES-11] draft-msporny-base58, section 5: each leading zero byte is one digit', () => {
    expect(encodeBase58(decodeHex('0000287fb4cd'))).toBe('11233QC4')
    expect(encodeHex(decodeBase58('11233QC4'))).toBe('0000287fb4cd')
    expect(decodeBase58('')).toEqual(new Uint8Array(0))
    expect(decodeBase58('1')).toEqual(new Uint8Array(1))
  })

  test('[BYTES-11] what is encoded is decoded, to 128 bytes', () => {
    const zeros = fc.nat(8).map((count) => new Array<number>(count).fill(0))
    fc.assert(
      fc.property(zeros, fc.uint8Array({ maxLength: 120 }), (head, tail) => {
        const bytes = Uint8Array.from([...head, ...tail])
        expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes)
      }),
      { numRuns: 500 },
    )
  })

  test('[BYTES-11] every text of the alphabet is the one spelling of its bytes', () => {
    const digit = fc.constantFrom(...'123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz')
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 90 }), (text) => {
        expect(encodeBase58(decodeBase58(text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test.each(['0', 'O', 'I', 'l', ' ', 'a\n', 'é', '标'])('[BYTES-11] %j is not base58btc', (text) => {
    expect(codeOf(() => decodeBase58(text))).toBe('JSON_MALFORMED')
  })

  test('[BYTES-11] a text longer than any key or signature is refused before it is read', () => {
    const start = performance.now()
    expect(codeOf(() => decodeBase58('z'.repeat(1_000_000)))).toBe('JSON_MALFORMED')
    expect(performance.now() - start).toBeLessThan(50)
    expect(codeOf(() => encodeBase58(new Uint8Array(129)))).toBe('TypeError')
  })
})
