import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatSyntheticUsc,
  isSyntheticUsc,
  organizationCheckCharacter,
  parseUsc,
  uscCheckCharacter,
} from '../../../protocol/identifier/usc.ts'
import { codeOf } from './code-of.ts'

interface Vectors {
  readonly cases: readonly { readonly text: string; readonly outer: string; readonly inner: string }[]
  readonly refused: readonly string[]
}
const file = new URL('../../../fixtures/published/identifier-usc.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))

const codes = fc
  .tuple(fc.integer({ min: 100_000, max: 899_999 }), fc.integer({ min: 0, max: 99_999_999 }))
  .map(([division, serial]) => formatSyntheticUsc(String(division), serial))

test('[ID-23] a code is eighteen characters, with digits where the division stands', () => {
  expect(parseUsc('115000000092782446')).toEqual({
    text: '115000000092782446',
    division: '500000',
    organization: '009278244',
  })
  for (const text of [
    '',
    '11500000009278244',
    '1150000000927824466',
    ' 115000000092782446',
    '１15000000092782446',
    '11A000000092782446',
    '1150000000927824A6',
    '11500000I092782446',
    '91350100m000100Y43',
  ])
    expect(codeOf(() => parseUsc(text))).toBe('IDENTIFIER_INVALID')
  expect(codeOf(() => parseUsc('115000000092782446\u200b'))).toBe('TEXT_FORBIDDEN_CHAR')
})

test('[ID-24] published codes have their outer check character, misprinted ones are refused', () => {
  for (const { text, outer } of vectors.cases) {
    expect(uscCheckCharacter(text.slice(0, 17))).toBe(outer)
    expect(parseUsc(text).text).toBe(text)
  }
  for (const text of vectors.refused) expect(codeOf(() => parseUsc(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-24] one wrong character anywhere is noticed', () => {
  fc.assert(
    fc.property(
      codes,
      fc.nat(17),
      fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY'),
      (code, at, other) => {
        fc.pre(code.charAt(at) !== other)
        expect(codeOf(() => parseUsc(code.slice(0, at) + other + code.slice(at + 1)))).toBe(
          'IDENTIFIER_INVALID',
        )
      },
    ),
  )
})

test('[ID-25] published codes have their inner check character and are not synthetic', () => {
  for (const { text, inner } of vectors.cases) {
    expect(organizationCheckCharacter(text.slice(8, 16))).toBe(inner)
    expect(isSyntheticUsc(parseUsc(text))).toBe(false)
  }
  expect(organizationCheckCharacter('D2143569')).toBe('X')
})

test('[ID-25] a made-up code is right outside and wrong inside', () => {
  fc.assert(
    fc.property(codes, (code) => {
      expect(isSyntheticUsc(parseUsc(code))).toBe(true)
    }),
  )
  expect(() => formatSyntheticUsc('50012', 1)).toThrow(TypeError)
  expect(() => formatSyntheticUsc('500120', 100_000_000)).toThrow(TypeError)
  expect(() => formatSyntheticUsc('500120', -1)).toThrow(TypeError)
})

test('[ID-25] misuse of the check functions is a TypeError, never a wrong character', () => {
  expect(() => uscCheckCharacter('I')).toThrow(TypeError)
  expect(() => organizationCheckCharacter('1234567')).toThrow(TypeError)
})
