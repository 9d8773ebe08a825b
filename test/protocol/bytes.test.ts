import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import published from '../../fixtures/published/rfc4648-base64.json' with { type: 'json' }
import {
  concatBytes,
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
  equalBytes,
  startsWithBytes,
} from '../../protocol/bytes.ts'
import { canonicalBytes, canonicalize } from '../../protocol/canonical.ts'
import { digestOf } from '../../protocol/hash.ts'
import { readJson } from '../../protocol/json.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { parseMultikey } from '../../protocol/key.ts'
import { codeOf } from './log/expect-code.ts'

const anyBytes = fc.uint8Array({ maxLength: 100 })

describe('UTF-8', () => {
  test('[BYTES-1] well-formed text survives, and a byte order mark stays for the caller to refuse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (text.isWellFormed()) expect(decodeUtf8(encodeUtf8(text))).toBe(text)
      }),
    )
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })

  test.each(['c0af', 'eda080', 'f4908080', 'ff', 'e6a0', '80'])(
    '[BYTES-1] the bytes %s are no UTF-8',
    (hex) => {
      expect(codeOf(() => decodeUtf8(decodeHex(hex)))).toBe('TEXT_INVALID_UNICODE')
    },
  )
})

describe('canonical form', () => {
  test('[BYTES-7] a value has one canonical form, whatever the order of its members', () => {
    const shuffled = (value: JsonValue): JsonValue => {
      if (Array.isArray(value)) return value.map(shuffled)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, shuffled(member)]),
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const value = JSON.parse(JSON.stringify(json))
        const bytes = canonicalBytes(value)
        expect(encodeHex(canonicalBytes(shuffled(value)))).toBe(encodeHex(bytes))
        expect(encodeHex(canonicalBytes(JSON.parse(decodeUtf8(bytes))))).toBe(encodeHex(bytes))
      }),
    )
  })
})

describe('RFC 4648', () => {
  test.each(published.base64)('[BYTES-10] RFC 4648, section 10: base64 of %j', (text, encoded) => {
    expect(encodeBase64(encodeUtf8(text!))).toBe(encoded)
    expect(decodeUtf8(decodeBase64(encoded!))).toBe(text)
    expect(encodeBase64Url(encodeUtf8(text!))).toBe(encoded!.replaceAll('=', ''))
    expect(decodeUtf8(decodeBase64Url(encoded!.replaceAll('=', '')))).toBe(text)
  })

  test.each(published.base16)(
    '[BYTES-12] RFC 4648, section 10: base16 of %j, in small letters',
    (text, encoded) => {
      expect(encodeHex(encodeUtf8(text!))).toBe(encoded!.toLowerCase())
      expect(decodeUtf8(decodeHex(encoded!.toLowerCase()))).toBe(text)
    },
  )
})

describe('spellings of bytes', () => {
  test('[BYTES-10] what is encoded is decoded, and agrees with the platform', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes)
      }),
    )
  })

  test('[BYTES-10] no text is a second spelling', () => {
    const text = fc.string({ unit: fc.constantFrom(...'AQgw+/-_= \n'), maxLength: 8 })
    fc.assert(
      fc.property(text, (encoded) => {
        if (codeOf(() => decodeBase64(encoded)) === 'passed')
          expect(encodeBase64(decodeBase64(encoded))).toBe(encoded)
        else expect(codeOf(() => decodeBase64(encoded))).toBe('JSON_MALFORMED')
        if (codeOf(() => decodeBase64Url(encoded)) === 'passed')
          expect(encodeBase64Url(decodeBase64Url(encoded))).toBe(encoded)
        else expect(codeOf(() => decodeBase64Url(encoded))).toBe('JSON_MALFORMED')
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['Zg', 'Zg=', 'Zg===', 'Zh==', 'Z', 'Zm9v\n', ' Zm9v', 'Zm9-', 'Zm=v', '====', 'Zm9vé'])(
    '[BYTES-10] %j is not base64',
    (text) => {
      expect(codeOf(() => decodeBase64(text))).toBe('JSON_MALFORMED')
    },
  )

  test.each(['Zg==', 'Zh', 'Zm9+', 'Z', 'Zm9v '])('[BYTES-10] %j is not base64url', (text) => {
    expect(codeOf(() => decodeBase64Url(text))).toBe('JSON_MALFORMED')
  })

  test('[BYTES-12] hexadecimal is in small letters, two a byte', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes)
      }),
    )
    for (const text of ['0', 'AB', '0g', '0x00', ' 00', '00\n', '٠٠']) {
      expect(codeOf(() => decodeHex(text))).toBe('JSON_MALFORMED')
    }
  })
})

test('bytes are joined and compared whole', () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (a, b) => {
      const joined = concatBytes(a, b)
      expect(joined).toEqual(Uint8Array.from([...a, ...b]))
      expect(startsWithBytes(joined, a)).toBe(true)
      expect(startsWithBytes(a, joined)).toBe(b.length === 0)
      expect(equalBytes(a, b)).toBe(encodeHex(a) === encodeHex(b))
      expect(equalBytes(joined, Uint8Array.from(joined))).toBe(true)
    }),
  )
})

test('[BYTES-7] the example of the specification is what the code makes', () => {
  const text = readFileSync(new URL('../../protocol/spec/bytes.md', import.meta.url), 'utf8')
  const after = (label: string) => new RegExp(`^${label} +(\\S.*?)(?: {3,}|$)`, 'm').exec(text)?.[1]
  const received = readJson(encodeUtf8(after('received')!), 1000)
  expect(received.canonical).toBe(false)
  expect(canonicalize(received.value)).toBe(after('canonical'))
  expect(digestOf(after('canonical')!)).toBe(after('digest'))
  expect(parseMultikey(after('key')!).multibase).toBe(after('key'))
  expect(after('base64')).toBe(encodeBase64(encodeUtf8('foob')))
})
