import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { formatScalar } from '../../../../protocol/mapping/sssom/yaml-scalar.ts'

const awkward = fc.constantFrom(
  ': ',
  ' #',
  '#',
  '- ',
  '? ',
  '"',
  "'",
  '\\',
  '\t',
  '\n',
  '\r',
  '\0',
  '\x7f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '😀',
  '~',
  '1',
  '.',
  'e',
  '0x',
  'null',
  'true',
  '[',
  '{',
  '*',
  '&',
  '!',
  '%',
  '@',
  '`',
  '|',
  '>',
  '---',
  ' ',
  ':',
)
const texts = fc.oneof(
  fc.array(fc.oneof(awkward, fc.string({ maxLength: 3 })), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.constantFrom(
    '1.10',
    '-0',
    '+1',
    '1e3',
    '0o7',
    '0xF',
    '.inf',
    '-.INF',
    '.nan',
    'TRUE',
    'Null',
    '~',
    '',
    '2026-01-05',
    'yes',
    '1_000',
    '<<',
    '=',
  ),
)

test('[MAP-19] a reader of the core schema of YAML 1.2 reads the same text back, whatever it is', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(parse(`key: ${formatScalar(text)}`)).toEqual({ key: text })
      expect(parse(`key:\n  - ${formatScalar(text)}`)).toEqual({ key: [text] })
      expect(formatScalar(text)).not.toMatch(/[\r\n]/)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['a plain text, with - and # and : inside', 'a-b c#d https://a.example/#x'],
  ['a date', '2026-01-05'],
  ['quotation marks and backslashes inside', 'a "b" \\c'],
  ['an indicator before a letter', ':a'],
  ['Chinese', '合成：标准（一）'],
])('[MAP-19] plain: %s', (_, text) => {
  expect(formatScalar(text)).toBe(text)
})

test.each([
  ['1.10', '"1.10"'],
  ['', '""'],
  ['a: b', '"a: b"'],
  ['a #b', '"a #b"'],
  ['"a" b\\', '"\\"a\\" b\\\\"'],
  ['a\tb\nc', '"a\\tb\\nc"'],
  ['null', '"null"'],
])('[MAP-19] quoted: %j', (text, written) => {
  expect(formatScalar(text)).toBe(written)
})
