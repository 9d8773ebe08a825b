import fc from 'fast-check'
import type { StandardNumber } from '../../../protocol/identifier/standard-number.ts'

const digits = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...'0123456789'), { minLength: min, maxLength: max })
    .map((units) => units.join(''))
const letters = (min: number, max: number) =>
  fc
    .array(fc.constantFrom(...'ABCDEGHJKLMNPQRSTUVWXYZ'), { minLength: min, maxLength: max })
    .map((units) => units.join(''))

const province = fc.integer({ min: 10, max: 89 }).map(String)
const city = fc
  .tuple(province, fc.integer({ min: 1, max: 99 }))
  .map(([a, b]) => a + String(b).padStart(2, '0'))
const joinedCode = fc.tuple(digits(0, 4), letters(1, 6)).map(([head, tail]) => head + tail)
/** A code that ends in a digit keeps its space: see ID-8. */
const spacedCode = fc.tuple(joinedCode, digits(1, 2)).map(([head, tail]) => head + tail)

const codes = {
  GB: fc.constantFrom('GB', 'GB/T', 'GB/Z', 'GBn', 'GBJ', 'GBZ', 'GBZ/T', 'GSB', 'GJB', 'GJB/Z'),
  HB: fc.constantFrom('JB', 'JB/T', 'SJ/Z', 'DB/T', 'YY', 'HJ', 'MZ/T', 'JGJ', 'JGJ/T', 'CJJ', 'HB', 'TB/T'),
  'DB-P': fc.oneof(
    fc.tuple(province, fc.constantFrom('', 'T', 'Z')).map(([division, kind]) => `DB${division}/${kind}`),
    province.map((division) => `DBS${division}/`),
    fc.tuple(province, fc.constantFrom('', '/T')).map(([division, kind]) => `DBJ${division}${kind}`),
  ),
  'DB-M': fc.tuple(city, fc.constantFrom('', 'T')).map(([division, kind]) => `DB${division}/${kind}`),
  T: fc.oneof(joinedCode, spacedCode).map((code) => `T/${code}`),
  Q: fc
    .tuple(joinedCode, fc.option(fc.oneof(joinedCode, spacedCode, digits(1, 3))))
    .map(([code, part]) => `Q/${code}${part === null ? '' : `-${part}`}`),
} as const

const years = fc.integer({ min: 1950, max: 2099 })

/** Every number of the grammar, as parsing gives it. */
export const numbers: fc.Arbitrary<StandardNumber> = fc
  .constantFrom('GB', 'HB', 'DB-P', 'DB-M', 'T', 'Q')
  .chain((scheme) =>
    fc.record({
      scheme: fc.constant(scheme),
      code: codes[scheme],
      ordinal: digits(1, 8),
      sample: digits(2, 2),
      parts: fc.array(digits(1, 4), { maxLength: 4 }),
      letter: fc.option(fc.constantFrom(...'ABCDEFGH')),
      year: fc.option(years),
      tail: fc.constantFrom('none', 'all-parts', 'amendment', 'dated-amendment'),
      amendment: fc.integer({ min: 1, max: 99 }),
      amendmentYear: years,
    }),
  )
  .map(({ scheme, code, ordinal, sample, parts, letter, year, tail, amendment, amendmentYear }) => ({
    scheme,
    code,
    ordinal: code === 'GSB' && year !== null && ordinal.length < 7 ? `${sample}-${ordinal}` : ordinal,
    // the class of a reference sample needs the year right after the ordinal
    parts: code === 'GSB' ? [] : parts,
    ...(letter !== null && (scheme === 'HB' || code.startsWith('GJB')) ? { revision: letter } : {}),
    ...(year === null ? {} : { year }),
    ...(tail === 'all-parts' ? { allParts: true as const } : {}),
    ...(year !== null && tail.endsWith('amendment')
      ? { amendment: { number: amendment, ...(tail === 'amendment' ? {} : { year: amendmentYear }) } }
      : {}),
  }))

const variants: Readonly<Record<string, readonly string[]>> = {
  '-': [...'-—–－‐‑−―⁃', '——', ' - ', ' —', '— '],
  '/': [...'/∕／⁄_', ' / ', '／ '],
  ' ': [' ', '  ', '　', '\u00a0', '\u2009', '\u202f'],
  '.': ['.', '．', ' . '],
  '(': ['(', '（', ' ('],
  ')': [')', '）', ') '],
}

/**
 * Other spellings of a printed number: width, case, dashes, slashes, spaces. The space before the first digit
 * may go, unless the code would swallow the digits.
 */
export function respelled(printed: string): fc.Arbitrary<string> {
  const units = [...printed]
  return fc
    .tuple(
      ...units.map((unit, i) => {
        const options = [...(variants[unit] ?? [unit])]
        if (/[0-9A-Za-z]/.test(unit)) options.push(String.fromCharCode(unit.charCodeAt(0) + 0xfee0))
        if (/[A-Za-z]/.test(unit)) options.push(unit.toLowerCase(), unit.toUpperCase())
        if (unit === ' ' && /[A-Za-z/)]/.test(units[i - 1] ?? '') && !/^DB\d+\/ /.test(printed))
          options.push('')
        if (unit === ' ' && /^DBS?\d+\/ /.test(printed)) options.push('')
        return fc.constantFrom(...options)
      }),
      fc.constantFrom('', ' ', '　'),
    )
    .map((parts) => parts.join(''))
}
