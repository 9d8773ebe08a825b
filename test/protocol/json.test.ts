import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { canonicalize } from '../../protocol/canonical.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { readJson } from '../../protocol/json.ts'

function codeOf(text: string | Uint8Array, maxBytes = 1 << 20): string {
  try {
    readJson(typeof text === 'string' ? encodeUtf8(text) : text, maxBytes)
    return 'read'
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
}

describe('strict reader', () => {
  test('[BYTES-1] only UTF-8 without byte order mark is read', () => {
    expect(codeOf(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toBe('TEXT_INVALID_UNICODE')
    expect(codeOf(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toBe('TEXT_INVALID_UNICODE')
    expect(codeOf('\ufeff{}')).toBe('JSON_MALFORMED')
    expect(codeOf('"\\ud800"')).toBe('TEXT_INVALID_UNICODE')
    expect(codeOf('"\\ud83d\\ude00"')).toBe('read')
  })

  test('[BYTES-2] a member that stands twice is refused wherever it stands', () => {
    expect(codeOf('{"a":1,"a":1}')).toBe('JSON_DUPLICATE_KEY')
    expect(codeOf('[{"b":{"a":1,"\\u0061":2}}]')).toBe('JSON_DUPLICATE_KEY')
    expect(codeOf('{"__proto__":1,"__proto__":2}')).toBe('JSON_DUPLICATE_KEY')
  })

  test('[BYTES-3] thirty-two levels are read, thirty-three are not, nor are a hundred thousand', () => {
    expect(codeOf('['.repeat(32) + ']'.repeat(32))).toBe('read')
    expect(codeOf('['.repeat(33) + ']'.repeat(33))).toBe('JSON_TOO_DEEP')
    expect(codeOf(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBe('JSON_TOO_DEEP')
    expect(codeOf('['.repeat(100_000))).toBe('JSON_TOO_DEEP')
  })

  test.each([
    ['9007199254740993', 'NUMBER_UNSAFE'],
    ['1e400', 'NUMBER_UNSAFE'],
    ['-1e400', 'NUMBER_UNSAFE'],
    ['1e-400', 'NUMBER_UNSAFE'],
    ['0.1000000000000000000001', 'NUMBER_UNSAFE'],
    ['9007199254740992', 'read'],
    ['1.0', 'read'],
    ['-0', 'read'],
    ['0e5', 'read'],
    ['1E30', 'read'],
    ['333333333.33333329', 'read'],
    ['01', 'JSON_MALFORMED'],
    ['+1', 'JSON_MALFORMED'],
    ['.5', 'JSON_MALFORMED'],
    ['NaN', 'JSON_MALFORMED'],
  ])('[BYTES-4] number %s: %s', (text, code) => {
    expect(codeOf(`[${text}]`)).toBe(code)
  })

  test('[BYTES-5] the size is bounded before anything is read', () => {
    expect(codeOf('"aaaaaaaa"', 9)).toBe('SIZE_LIMIT')
    expect(codeOf('"aaaaaaa"', 9)).toBe('read')
  })

  test('[BYTES-14] values are counted as they are built, in containers too', () => {
    const limited = (text: string, values: number) => () => readJson(encodeUtf8(text), 1 << 20, values)
    for (const text of ['[1,[2],{"a":3}]', ' [1, [2], {"a": 3}]']) {
      expect(limited(text, 6)().value).toEqual([1, [2], { a: 3 }])
      expect(limited(text, 5)).toThrow(
        expect.objectContaining({ code: 'CANON_LIMIT', place: expect.objectContaining({ pointer: '/2/a' }) }),
      )
    }
  })

  test('[BYTES-14] a member of many values and a string of many commas are told apart', () => {
    const commas = `["${','.repeat(900_000)}"]`
    expect(codeOf(commas)).toBe('read')
    expect(codeOf(`[${'0,'.repeat(399_998)}0]`)).toBe('read')
    expect(codeOf(`[${'0,'.repeat(400_000)}0]`)).toBe('CANON_LIMIT')
    expect(codeOf(`["\\\\"${',0'.repeat(400_000)}]`)).toBe('CANON_LIMIT')
  })

  test.each([
    ['zeros before a one', (n: number) => `[1.${'0'.repeat(n)}1]`, 'NUMBER_UNSAFE'],
    ['zeros', (n: number) => `[1${'0'.repeat(n)}]`, 'NUMBER_UNSAFE'],
    ['digits of an exponent', (n: number) => `[1e${'9'.repeat(n)}]`, 'NUMBER_UNSAFE'],
    ['blanks', (n: number) => `[${' '.repeat(n)}1 2]`, 'JSON_MALFORMED'],
    ['escapes', (n: number) => `["${'\\n'.repeat(n / 2)}\\x"]`, 'JSON_MALFORMED'],
    ['brackets', (n: number) => '['.repeat(n), 'JSON_TOO_DEEP'],
  ])('[BYTES-14] a million %s take a moment', (_, text, code) => {
    const before = process.cpuUsage()
    expect(codeOf(text(1_000_000), 1 << 21)).toBe(code)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1_000)
  })

  test('a fault names its place as a JSON pointer', () => {
    const read = () => readJson(encodeUtf8('{"a/b":[{},{"c":01}]}'), 100)
    expect(read).toThrow(
      expect.objectContaining({
        code: 'JSON_MALFORMED',
        place: expect.objectContaining({ pointer: '/a~1b/1' }),
      }),
    )
  })

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '{"a" 1}',
    '"\u0001"',
    '"\\x"',
    'tru',
    '1 2',
    '[1 2]',
    '\u00a01',
  ])('[BYTES-6] malformed text %j is refused', (text) => {
    expect(codeOf(text)).toBe('JSON_MALFORMED')
  })

  test('reads what JSON.parse reads, and nothing else, on random text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]",:\\ue1 0-.tfn') })),
        (text) => {
          let expected: unknown
          try {
            expected = JSON.parse(text)
          } catch {
            expect(codeOf(text)).not.toBe('read')
            return
          }
          const code = codeOf(text)
          if (code === 'read') expect(readJson(encodeUtf8(text), 1 << 20).value).toEqual(expected)
          else
            expect([
              'NUMBER_UNSAFE',
              'JSON_DUPLICATE_KEY',
              'TEXT_INVALID_UNICODE',
              'JSON_TOO_DEEP',
            ]).toContain(code)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('says canonical exactly when the bytes equal the canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, pretty) => {
        const text = pretty ? JSON.stringify(value, null, 1) : JSON.stringify(value)
        if (codeOf(text) !== 'read') return
        const read = readJson(encodeUtf8(text), 1 << 20)
        if (read.canonical) expect(canonicalize(read.value)).toBe(text)
        const canonical = canonicalize(read.value)
        expect(readJson(encodeUtf8(canonical), 1 << 20).value).toEqual(read.value)
      }),
    )
    expect(readJson(encodeUtf8('{"a":1,"b":[true,"é"]}'), 99).canonical).toBe(true)
    expect(readJson(encodeUtf8('{"b":1,"a":1}'), 99).canonical).toBe(false)
    expect(readJson(encodeUtf8('{"a":1.0}'), 99).canonical).toBe(false)
  })

  test('a member named __proto__ stays a member', () => {
    const { value } = readJson(encodeUtf8('{ "__proto__": {"x": 1} }'), 99)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect((value as any).x).toBeUndefined()
  })
})

describe('canonical form', () => {
  test('RFC 8785, section 3.2.3: members are ordered by UTF-16 code units', () => {
    const value = JSON.parse(
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    )
    expect(canonicalize(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  test('RFC 8785, section 3.2.2: literals, strings and numbers have one spelling', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    )
    expect(canonicalize(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('a lone surrogate has no canonical form', () => {
    expect(() => canonicalize({ a: '\ud800' })).toThrow(
      expect.objectContaining({ code: 'TEXT_INVALID_UNICODE' }),
    )
  })
})
