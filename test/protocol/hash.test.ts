import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeHex, encodeUtf8 } from '../../protocol/bytes.ts'
import {
  digestOf,
  formatDigest,
  isDigest,
  parseDigest,
  sha256,
  sha256Hex,
  sha256Tagged,
} from '../../protocol/hash.ts'
import { codeOf } from './log/expect-code.ts'

describe('digests', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('[BYTES-8] FIPS 180-4, example: SHA-256 of %j', (text, hex) => {
    expect(encodeHex(sha256(encodeUtf8(text)))).toBe(hex)
    expect(sha256Hex(text)).toBe(hex)
    expect(digestOf(text)).toBe(`sha256:${hex}`)
    expect(digestOf(encodeUtf8(text))).toBe(`sha256:${hex}`)
    expect(formatDigest(sha256(encodeUtf8(text)))).toBe(`sha256:${hex}`)
  })

  test('[BYTES-8] a digest is sha256, a colon and 64 digits in small letters', () => {
    const good = digestOf('标准')
    expect(parseDigest(good)).toBe(good)
    for (const wrong of [
      good.toUpperCase(),
      good.slice(7),
      good.slice(0, -1),
      `${good}0`,
      `${good}\n`,
      ` ${good}`,
      good.replace('256', '512'),
    ]) {
      expect(isDigest(wrong)).toBe(false)
      expect(codeOf(() => parseDigest(wrong))).toBe('SCHEMA_INVALID')
    }
  })

  test('[BYTES-8] a tag stands before the bytes, and nothing between them', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.uint8Array(), { maxLength: 4 }), (tag, parts) => {
        const whole = createHash('sha256').update(tag, 'utf8')
        for (const part of parts) whole.update(part)
        expect(encodeHex(sha256Tagged(tag, ...parts))).toBe(whole.digest('hex'))
      }),
    )
  })
})
