import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { isSameJson } from '../../../protocol/conformance/equality.ts'
import { formats } from '../../../protocol/conformance/format.ts'
import { isMultipleOf } from '../../../protocol/conformance/multiple.ts'
import { faultOf, openSchema } from '../../../protocol/conformance/schema.ts'
import type { JsonValue } from '../../../protocol/json-value.ts'

const draft = 'https://json-schema.org/draft/2020-12/schema'

function isValid(schema: object, value: JsonValue): boolean {
  return faultOf(openSchema(encodeUtf8(JSON.stringify({ $schema: draft, ...schema }))), value) === undefined
}

function faultIn(schema: object, value: JsonValue): string {
  const fault = faultOf(openSchema(encodeUtf8(JSON.stringify({ $schema: draft, ...schema }))), value)
  return fault ? `${fault.at} ${fault.keyword}` : 'valid'
}

/** Of each schema what is valid, and what is not. */
function expectVerdicts(list: readonly (readonly [object, readonly JsonValue[], readonly JsonValue[]])[]) {
  for (const [schema, valid, invalid] of list) {
    for (const value of valid) expect([schema, value, isValid(schema, value)]).toEqual([schema, value, true])
    for (const value of invalid)
      expect([schema, value, isValid(schema, value)]).toEqual([schema, value, false])
  }
}

const proto = (text: string): JsonValue => JSON.parse(text)

describe('a document held against a schema', () => {
  test('[CONF-24] equality is by value', () => {
    expectVerdicts([
      [{ const: [] }, [[]], [{}, null, '']],
      [{ const: {} }, [{}], [[], proto('{"__proto__":1}')]],
      [{ const: ['a'] }, [['a']], [{ 0: 'a' }, ['a', 'a'], []]],
      [{ const: { a: [] } }, [{ a: [] }], [{ a: {} }]],
      [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, { a: 1, b: 2, c: 3 }]],
      [{ const: 0 }, [0, -0], [false, null, '', []]],
      [{ enum: [{}, [false]] }, [{}, [false]], [[], [0]]],
      [{ not: { const: [] } }, [{}], [[]]],
      [
        { uniqueItems: true },
        [
          [[], {}],
          [{ a: [] }, { a: {} }],
          [1, true, '1'],
          [0, false, null, ''],
        ],
        [
          [
            { a: 1, b: 2 },
            { b: 2, a: 1 },
          ],
          [[1], [1]],
          [0, -0],
        ],
      ],
    ])
  })

  test('[CONF-24] equal are those of one canonical form', () => {
    const value = fc
      .jsonValue({ maxDepth: 2, noUnicodeString: true } as object)
      .map((one) => one as JsonValue)
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(isSameJson(a, b)).toBe(canonicalize(a) === canonicalize(b))
        expect(isSameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true)
      }),
    )
  })

  test('[CONF-24] a number is the decimal that it is written as', () => {
    expectVerdicts([
      [{ multipleOf: 3 }, [3, -9, 0, 'x'], [3.00000001, 2.99999999, 1e-9, 4]],
      [{ multipleOf: 0.01 }, [19.99, 4.02, 0.07, 1.13, 1e300], [0.0075]],
      [{ multipleOf: 0.0001 }, [0.0075], [0.00751]],
      [{ multipleOf: 1e-8 }, [12391239123], [1.5e-8]],
      [{ multipleOf: 0.123456789 }, [], [1e308]],
      [{ type: 'integer' }, [1, 1.0, 1e300], [1.5, '1', true, null]],
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 0, max: 8 }),
        (digits, divisor, places) => {
          const decimal = (n: number) => Number(`${n}e-${places}`)
          expect(isMultipleOf(decimal(digits), decimal(divisor))).toBe(digits % divisor === 0)
        },
      ),
    )
  })

  test('[CONF-20] a format fits as a whole or not at all', () => {
    const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      [
        'date-time',
        [
          '1990-12-31T15:59:60-08:00',
          '1998-12-31T23:59:60Z',
          '1963-06-19t08:30:06.283185z',
          '2026-01-01T07:59:60+08:00',
        ],
        [
          '1963-06-19 08:30:06Z',
          '1998-12-31T23:58:60Z',
          '1998-12-31T22:59:60Z',
          '1998-12-31T23:59:61Z',
          '2026-02-30T00:00:00Z',
          '1963-06-19T08:30:06.Z',
          '1963-06-19T24:00:00Z',
          '1985-04-12T23:20:50',
          '1990-12-31T15:59:59-24:00',
          '1963-06-19T08:30:06Z\n',
        ],
      ],
      ['date', ['2024-02-29'], ['2026-02-29', '2026-2-1', '2026-13-01', '2026-01-01\n']],
      [
        'ipv4',
        ['87.10.0.1', '0.0.0.0', '255.255.255.255'],
        ['087.10.0.1', '1.1.1', '1.1.1.1.', '1.1.1.1.1', '256.1.1.1', ' 1.1.1.1', '1..1.1', ''],
      ],
      [
        'ipv6',
        ['::', '::1', '1::', '1:2:3:4:5:6:7:8', '1::d6:192.168.0.1', '1:2:3:4:5:6:1.2.3.4', '::ffff:1.2.3.4'],
        [
          '',
          ':',
          ':::',
          '1:2:3:4:5:6:7',
          '1:2:3:4:5:6:7:8:9',
          '1::2::3',
          '12345::',
          '::1.2.3.4:5',
          '1.2.3.4::',
          'fe80::a%eth1',
          '::/64',
          ':1:2:3:4:5:6:7:8',
          '1:2:3:4:5:6:7:8::',
          '1.2.3.4',
        ],
      ],
      [
        'uuid',
        ['2EB8AA08-AA98-11EA-B4AA-73B441D16380'],
        ['2eb8aa08aa9811eab4aa73b441d16380', 'urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380', ''],
      ],
      ['json-pointer', ['', '/a~0b/~1', '/'], ['a', '/~', '/~2', '#/a']],
    ]
    for (const [name, valid, invalid] of table) {
      for (const text of valid) expect([name, text, formats.get(name)?.(text)]).toEqual([name, text, true])
      for (const text of invalid) expect([name, text, formats.get(name)?.(text)]).toEqual([name, text, false])
      expect(isValid({ format: name }, 5)).toBe(true)
    }
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), fc.uuid(), fc.date({ noInvalidDate: true }), (v4, v6, uuid, date) => {
        expect(formats.get('ipv4')?.(v4)).toBe(true)
        expect(formats.get('ipv6')?.(v6)).toBe(true)
        expect(formats.get('uuid')?.(uuid)).toBe(true)
        const text = date.toISOString()
        expect(formats.get('date-time')?.(text)).toBe(/^\d{4}-/.test(text))
      }),
    )
  })

  test('[CONF-24] a branch that does not hold speaks of no member', () => {
    const failing = { properties: { foo: { const: 'x' }, bar: true }, required: ['foo'] }
    expectVerdicts([
      [{ if: failing, unevaluatedProperties: false }, [{ foo: 'x', bar: 1 }, {}], [{ foo: 1 }, { bar: 1 }]],
      [{ anyOf: [failing, true], unevaluatedProperties: false }, [{ foo: 'x' }], [{ foo: 1 }, { bar: 1 }]],
      [{ oneOf: [failing, { not: failing }], unevaluatedProperties: false }, [{ foo: 'x' }], [{ bar: 1 }]],
      [{ not: { not: failing }, unevaluatedProperties: false }, [], [{ foo: 'x' }]],
      [
        { allOf: [{ properties: { a: true } }], properties: { b: true }, unevaluatedProperties: false },
        [{ a: 1, b: 2 }],
        [{ c: 1 }],
      ],
      [
        {
          dependentSchemas: { a: { properties: { b: true } } },
          properties: { a: true },
          unevaluatedProperties: false,
        },
        [{ a: 1, b: 1 }],
        [{ b: 1 }],
      ],
      [
        {
          $ref: '#/$defs/a',
          unevaluatedProperties: false,
          $defs: { a: { patternProperties: { '^a': true } } },
        },
        [{ ab: 1 }],
        [{ b: 1 }],
      ],
      [{ allOf: [{ unevaluatedProperties: true }], unevaluatedProperties: false }, [{ a: 1 }], []],
    ])
  })

  test('[CONF-24] arrays and objects by each keyword', () => {
    expectVerdicts([
      [{ contains: { const: 1 }, maxContains: 1 }, [[1], [2, 1]], [[], [2], [1, 1]]],
      [{ contains: { const: 1 }, minContains: 0, maxContains: 1 }, [[], [2], [1]], [[1, 1]]],
      [{ prefixItems: [{ type: 'integer' }], items: false }, [[1], [], {}], [[1, 2], ['a']]],
      [{ required: ['__proto__', 'toString'] }, [[], proto('{"__proto__":1,"toString":1}')], [{}]],
      [{ dependentRequired: { id: ['toString'] } }, [{}, { id: 1, toString: 1 }], [{ id: 1 }]],
      [{ additionalProperties: { type: 'boolean' } }, [{ a: true }], [proto('{"__proto__":1}')]],
      [{ propertyNames: { maxLength: 1 } }, [{ a: 1 }, {}], [{ ab: 1 }]],
      [{ minLength: 2, maxLength: 2 }, ['一二', '💩💩', 3], ['💩', '一']],
      [JSON.parse('{"then":false}'), [1], []],
      [{ properties: { properties: { const: 1 }, $id: { const: 1 } } }, [{ properties: 1 }], [{ $id: 2 }]],
    ])
  })

  test('[CONF-24] the fault is told where it lies', () => {
    expect(faultIn({ items: { required: ['a'] } }, [{ a: 1 }, {}])).toBe('/1 required')
    expect(faultIn({ properties: { 'a/b': { type: 'string' } } }, { 'a/b': 1 })).toBe('/a~1b type')
    expect(faultIn({ additionalProperties: false }, { 项: 1 })).toBe('/项 additionalProperties')
    expect(faultIn({ anyOf: [{ type: 'string' }, { items: { const: 1 } }] }, [1, 2])).toBe('/1 const')
    expect(faultIn({ oneOf: [true, true] }, 1)).toBe(' oneOf')
  })
})

describe('what is made to be slow', () => {
  const empties = Array.from({ length: 300 }, () => ({}))
  const long = Array.from({ length: 300_000 }, () => 1)
  const named = (prefix: string, count: number, value: (i: number) => object | boolean | readonly string[]) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, value(i)]))

  test('[CONF-23] is refused, or judged at once, and never runs out of depth', () => {
    const chain = named('d', 4_900, (i) => (i === 0 ? {} : { $ref: `#/$defs/d${i - 1}` }))
    const allOf = Array.from({ length: 16 }, (_, i) => ({ $ref: `#/$defs/d${290 * (i + 1)}` }))
    const refused = expect.objectContaining({ code: 'SIZE_LIMIT' })
    const begun = performance.now()
    expect(() => isValid({ $defs: chain, allOf }, 1)).toThrow(refused)
    const dependentRequired = named('p', 80_000, () => [])
    expect(() => isValid({ items: { dependentRequired } }, empties)).toThrow(refused)
    expect(isValid({ items: { properties: named('p', 4_900, () => true) } }, empties)).toBe(true)
    const constants = Array.from({ length: 500 }, (_, i) => ({ const: i }))
    expect(isValid({ anyOf: [true, ...constants] }, long)).toBe(true)
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})
