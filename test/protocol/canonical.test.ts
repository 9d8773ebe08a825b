import canonicalizePackage from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../protocol/bytes.ts'
import { canonicalize, cutMember, isCanonicalText, isPlainText } from '../../protocol/canonical.ts'
import { readJson } from '../../protocol/json.ts'
import { readStrictJson } from '../../protocol/json-reader.ts'
import type { JsonValue } from '../../protocol/json-value.ts'

const names = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', 'é', '会', '__proto__', 'proof', '1', '10', '2a', '😀', '@context'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const texts = fc.string({ unit: fc.constantFrom(...'a1"\\/é会😀\u0000\n\u2028 '), maxLength: 6 })

const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.boolean(),
    fc.constant(null),
    fc.integer({ min: 0, max: 120 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map((members) => Object.fromEntries(members)),
  ),
}))

/** The same value in spellings that a hostile or careless writer may choose. */
const spellings = fc
  .tuple(values, fc.constantFrom('as is', 'canonical', 'pretty', 'twice', 'escaped', 'slash'))
  .map(([value, how]) => {
    const canonical = canonicalize(value)
    if (how === 'canonical') return canonical
    if (how === 'pretty') return JSON.stringify(value, null, 1)
    if (how === 'twice') return canonical.replace(/^\{("[^"\\]*":)/, '{$1"",$1')
    if (how === 'escaped') return canonical.replace('"a', '"\\u0061')
    return how === 'slash' ? canonical.replace('/', '\\/') : JSON.stringify(value)
  })

describe('whether a text is canonical', () => {
  test('[BYTES-7] agrees with a second implementation on every spelling', () => {
    fc.assert(
      fc.property(spellings, (text) => {
        const value: JsonValue = JSON.parse(text)
        const [ours, theirs] = [isCanonicalText(text, value, 32), canonicalizePackage(value) === text]
        // JSON.parse puts names that are numbers first; such a text may be refused, never taken.
        if (ours !== theirs) expect([ours, /"\d+":/.test(text)]).toEqual([false, true])
        else expect(ours).toBe(theirs)
      }),
      { numRuns: 3000 },
    )
  })

  test('what is read natively is what the careful reader reads, and nothing it refuses', () => {
    let natively = 0
    fc.assert(
      fc.property(spellings, (text) => {
        const value: JsonValue = JSON.parse(text)
        if (!isPlainText(text, value, 32)) return
        natively += 1
        expect(readStrictJson(text, { depth: 32, values: 1000 })).toEqual(value)
      }),
      { numRuns: 3000 },
    )
    expect(natively).toBeGreaterThan(300)
    expect(isPlainText('{"b":"","a":""}', JSON.parse('{"b":"","a":""}'), 32)).toBe(true)
    for (const text of ['{"b":"","b":""}', '{"b":"", "a":""}', '[1]', '["\\u0061"]', '{"1":"","1":""}'])
      expect(isPlainText(text, JSON.parse(text), 32)).toBe(false)
  })

  test('a member whose name is a number does not hide that it stood elsewhere', () => {
    for (const text of ['{"b":"","1":""}', '{"9":"","10":""}', '{"2":"","10":"","a":""}'])
      expect(readJson(encodeUtf8(text), 99).canonical).toBe(false)
    expect(readJson(encodeUtf8('{"1":"","b":""}'), 99).canonical).toBe(true)
  })

  test('what stands twice, and blanks, are longer than the canonical form', () => {
    for (const text of ['{"a":"x","a":""}', '{"a":"","a":"x"}', '["a" ]', ' true', '{"a":{},"a":{}}'])
      expect(isCanonicalText(text, JSON.parse(text), 32)).toBe(false)
  })
})

describe('a member cut out of the bytes', () => {
  test('leaves the canonical bytes of the object without it, or is not cut', () => {
    let cuts = 0
    fc.assert(
      fc.property(
        fc.dictionary(names, values, { maxKeys: 6 }),
        fc.constantFrom('proof', 'a', '会'),
        fc.oneof(
          values.map((value) => [value]),
          values.map((value) => ({ proof: value, a: 'x' })),
        ),
        (others, name, member) => {
          const whole: Record<string, JsonValue> = { ...others, [name]: member }
          const read = readJson(encodeUtf8(canonicalize(whole)), 1 << 20)
          if (!read.canonical) return
          const cut = cutMember(read, name, member)
          if (!cut) return
          cuts += 1
          const { [name]: _gone, ...rest } = whole
          expect(cut.map(decodeUtf8).join('')).toBe(canonicalize(rest))
        },
      ),
      { numRuns: 3000 },
    )
    expect(cuts).toBeGreaterThan(500)
  })

  test('a member of the same name further inside, or in first place, is not taken for it', () => {
    for (const whole of [
      { a: { b: '', proof: ['x'] }, proof: ['x'] },
      { proof: ['x'] },
      { proof: ['x'], q: { a: '', proof: ['x'] } },
    ]) {
      const read = readJson(encodeUtf8(canonicalize(whole)), 999)
      expect(read.canonical && cutMember(read, 'proof', ['x'])).toBe(undefined)
    }
    const quoted = readJson(encodeUtf8(canonicalize({ a: ',"proof":["x"]', proof: ['x'] })), 999)
    expect(quoted.canonical && cutMember(quoted, 'proof', ['x'])?.map(decodeUtf8).join('')).toBe(
      canonicalize({ a: ',"proof":["x"]' }),
    )
  })
})
