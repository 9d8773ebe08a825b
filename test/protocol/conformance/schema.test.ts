import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { costOfPattern } from '../../../protocol/conformance/pattern.ts'
import { faultOf, openSchema } from '../../../protocol/conformance/schema.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import type { JsonValue } from '../../../protocol/json-value.ts'

const draft = 'https://json-schema.org/draft/2020-12/schema'

function open(schema: object) {
  return openSchema(encodeUtf8(JSON.stringify({ $schema: draft, ...schema })))
}

/** `valid`, the keyword that says no, or the code and place of the refusal. */
function judge(schema: object, value: JsonValue, part?: string): string {
  try {
    return faultOf(open(schema), value, part)?.keyword ?? 'valid'
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return `${error.code} ${error.place.pointer ?? ''}`.trim()
  }
}

describe('a JSON Schema', () => {
  test('[CONF-20] is of draft 2020-12, and of keywords that are known', () => {
    expect(judge({ type: 'object', required: ['a'] }, { a: 1 })).toBe('valid')
    expect(judge({ type: 'object', required: ['a'] }, {})).toBe('required')
    expect(judge({ type: 'object', required: ['toString'] }, {})).toBe('required')
    expect(judge({ properties: { constructor: { type: 'string' } } }, {})).toBe('valid')
    expect(judge({ format: 'date' }, '2026-02-30')).toBe('format')
    expect(judge({ unevaluatedProperties: false, allOf: [{ properties: { a: true } }] }, { a: 1 })).toBe(
      'valid',
    )
    expect(judge({ $schema: 'http://json-schema.org/draft-07/schema#' }, 1)).toBe(
      'JSON_SCHEMA_REFUSED /$schema',
    )
    for (const [value, outcome] of [
      ['2026-01-01T00:00:00+08:00', 'valid'],
      ['2026-01-01T00:00:00+08', 'format'],
      ['2026-01-01T00:00:00+25:00', 'format'],
      ['2026-13-01T00:00:00Z', 'format'],
    ] as const)
      expect(judge({ properties: { 'a/b': { format: 'date-time' } } }, { 'a/b': value })).toBe(outcome)
    expect(judge({ format: 'uuid' }, 'urn:uuid:00000000-0000-4000-8000-000000000000')).not.toBe('valid')
    for (const [schema, place] of [
      [{ requird: ['a'] }, '/requird'],
      [{ required: 5 }, '/required'],
      [{ properties: [] }, '/properties'],
      [{ allOf: [] }, '/allOf'],
      [{ items: 3 }, '/items'],
      [{ $defs: { a: { $id: 'x' } } }, '/$defs/a/$id'],
      [{ $dynamicRef: '#a' }, '/$dynamicRef'],
      [{ $anchor: 'a' }, '/$anchor'],
      [{ format: 'url' }, '/format'],
      [{ format: 'hostname' }, '/format'],
      [{ unevaluatedItems: false }, '/unevaluatedItems'],
      [{ dependentRequired: { id: 'a' } }, '/dependentRequired'],
    ] as const)
      expect(judge(schema, {})).toBe(`JSON_SCHEMA_REFUSED ${place}`)
  })

  test('[CONF-21] refers to itself alone, and to what is a subschema', () => {
    const list = {
      $defs: { id: { type: 'integer' }, 项: { $ref: '#/$defs/id' } },
      items: { $ref: '#/$defs/id' },
    }
    expect(judge(list, [1, 2])).toBe('valid')
    expect(judge(list, [1, 'x'])).toBe('type')
    expect(judge(list, 'x', '/$defs/项')).toBe('type')
    expect(judge(list, 1, '/$defs/none')).toBe('JSON_SCHEMA_REFUSED /$defs/none')
    for (const $ref of [
      'https://example.com/s',
      'other.json',
      '#a',
      '#/$defs/none',
      '#/$defs',
      '//x',
      '#/%24defs/id',
    ])
      expect(judge({ ...list, items: { $ref } }, [])).toBe('JSON_SCHEMA_REFUSED /items/$ref')
  })

  test('[CONF-22] has patterns whose cost follows from their text', () => {
    for (const pattern of [
      '^[A-Z]{2}\\d+$',
      '^DB50/T \\d{1,7}(?:-\\d{4})?$',
      '[一-龥]+',
      '^(?:a|bc)?x{2,5}$',
      '^(?:ab)*$',
    ])
      expect(costOfPattern(pattern).degree).toBeLessThanOrEqual(3)
    for (const pattern of [
      '(a+)+$',
      '(a|a)*$',
      '(?:a?)*',
      '^(?:a|aa)+$',
      '(x+x+)+y',
      '^(\\w+\\s?)*$',
      '(?=a)b',
      '(a)\\1',
    ])
      expect(judge({ pattern }, 'a')).toBe('JSON_SCHEMA_REFUSED /pattern')
    for (const pattern of [
      'a*b*c*d*e*$',
      '(',
      '(?:a{1,9}){9}',
      'a'.repeat(501),
      '(?:a{1000}){1000}',
      'a{99999}',
      '(?:a{999,}){999}',
    ])
      expect(judge({ patternProperties: { [pattern]: true } }, {})).toBe(
        'JSON_SCHEMA_REFUSED /patternProperties',
      )
  })

  test('[CONF-22] no pattern that is taken takes long', () => {
    const piece = fc.constantFrom('a', '[ab]', '\\d', '(?:ab)', '(a|b)', '.', '(?:a|ab)')
    const many = fc.constantFrom('', '*', '+', '?', '{1,3}', '{2}', '{1,}')
    const pattern = fc
      .array(fc.tuple(piece, many), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.map(([a, b]) => a + b).join(''))
    fc.assert(
      fc.property(pattern, fc.boolean(), (text, anchored) => {
        const whole = anchored ? `^${text}$` : `${text}!`
        let taken = false
        try {
          const { factor, degree } = costOfPattern(whole)
          taken = factor * 200 ** degree <= 20_000_000
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
        if (!taken) return
        const start = performance.now()
        new RegExp(whole, 'u').test('ab'.repeat(100))
        expect(performance.now() - start).toBeLessThan(2_000)
      }),
      { numRuns: 200 },
    )
  })

  test('[CONF-23] is not applied where it would take too long', () => {
    const bomb = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `a${i}`,
        { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] },
      ]),
    )
    expect(judge({ $defs: { ...bomb, a40: true }, $ref: '#/$defs/a0' }, 1)).toBe('SIZE_LIMIT')
    expect(judge({ $ref: '#' }, 1)).toBe('JSON_SCHEMA_REFUSED')
    expect(judge({ anyOf: [{ $ref: '#' }, true] }, 1)).toBe('JSON_SCHEMA_REFUSED')
    const tree = { properties: { a: { $ref: '#' } }, additionalProperties: { $ref: '#' } }
    const deep = Array.from({ length: 31 }).reduce<JsonValue>((value) => ({ a: value }), 1)
    expect(judge(tree, deep)).toBe('SIZE_LIMIT')
    expect(judge({ properties: { a: { $ref: '#' } } }, deep)).toBe('valid')
    expect(judge({ items: { pattern: 'a*b*$' } }, ['a'.repeat(50_000)])).toBe('SIZE_LIMIT')
    expect(
      judge(
        { uniqueItems: true },
        Array.from({ length: 20_000 }, (_, i) => i),
      ),
    ).toBe('valid')
    expect(
      judge(
        { items: { multipleOf: 1e-300 } },
        Array.from({ length: 250_000 }, () => 1e300),
      ),
    ).toBe('SIZE_LIMIT')
    const chain = Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`a${i}`, { $ref: `#/$defs/a${i + 1}` }]),
    )
    expect(judge({ $defs: { ...chain, a600: true }, $ref: '#/$defs/a0' }, 1)).toBe('SIZE_LIMIT')
  })

  test('[CONF-23] anything that is no schema has a code, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 3 }), (text, value) => {
        expect(judge({ $defs: { a: JSON.parse(text) } }, value as JsonValue)).toBeTypeOf('string')
      }),
    )
  })
})
