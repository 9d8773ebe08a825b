import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProtocolError } from '../../../protocol/error.ts'
import {
  canonicalKey,
  divisionDigitsOf,
  formatCover,
  formatDatabase,
  isSyntheticNumber,
  mandateOf,
  parseStandardNumber,
  parseStandardNumbers,
  workKey,
} from '../../../protocol/identifier/standard-number.ts'
import { codeOf } from './code-of.ts'
import { numbers, respelled } from './spelling-arbitrary.ts'

const keyOf = (text: string) => canonicalKey(parseStandardNumber(text))

function placeOf(text: string): number | undefined {
  try {
    parseStandardNumbers(text)
  } catch (error) {
    if (error instanceof ProtocolError) return error.place.index
    throw error
  }
  return undefined
}

test.each([
  ['GB 3095-1996', 'GB', 'GB 3095-1996'],
  ['GB/T 41568—2022', 'GB', 'GB/T 41568-2022'],
  ['GB/Z 1-2020', 'GB', 'GB/Z 1-2020'],
  ['GBn 193-83', 'GB', 'GBn 193-1983'],
  ['GSB 05-1426-2001', 'GB', 'GSB 05-1426-2001'],
  ['GSB 123-2001', 'GB', 'GSB 123-2001'],
  ['GJB 9001C-2017', 'GB', 'GJB 9001C-2017'],
  ['GJB/Z 299C-2006', 'GB', 'GJB/Z 299C-2006'],
  ['GBZ/T 300.60—2017', 'GB', 'GBZ/T 300.60-2017'],
  ['GBJ 16-87', 'GB', 'GBJ 16-1987'],
  ['MZ/T 039-2013', 'HB', 'MZ/T 039-2013'],
  ['SJ/Z 9001-87', 'HB', 'SJ/Z 9001-1987'],
  ['YY 0505-2012', 'HB', 'YY 0505-2012'],
  ['DB/T 74-2018', 'HB', 'DB/T 74-2018'],
  ['JGJ/T 16-2008', 'HB', 'JGJ/T 16-2008'],
  ['DB50/T 1055—2020', 'DB-P', 'DB50/T 1055-2020'],
  ['DB23/T1496.26-2021', 'DB-P', 'DB23/T 1496.26-2021'],
  ['DB53/T 190.07-2006', 'DB-P', 'DB53/T 190.07-2006'],
  ['DB51/ 278.059-1998', 'DB-P', 'DB51/ 278.059-1998'],
  ['DB51 278.059-98', 'DB-P', 'DB51/ 278.059-1998'],
  ['DB12/ 617-2016', 'DB-P', 'DB12/ 617-2016'],
  ['DB50 418-2016', 'DB-P', 'DB50/ 418-2016'],
  ['DB11/Z 610-2008', 'DB-P', 'DB11/Z 610-2008'],
  ['DB4103/T 152-2023', 'DB-M', 'DB4103/T 152-2023'],
  ['DB2103/T 002-2022', 'DB-M', 'DB2103/T 002-2022'],
  ['DBS50/ 012-2014', 'DB-P', 'DBS50/ 012-2014'],
  ['DBS50/012-2014', 'DB-P', 'DBS50/ 012-2014'],
  ['DBJ50/T-047-2024', 'DB-P', 'DBJ50/T 047-2024'],
  ['DBJ51/T 014-2013', 'DB-P', 'DBJ51/T 014-2013'],
  ['DBJ50-071-2016', 'DB-P', 'DBJ50 071-2016'],
  ['T/GZPMA 01-2024', 'T', 'T/GZPMA 01-2024'],
  ['T/GZPMA-01-2024', 'T', 'T/GZPMA 01-2024'],
  ['Q/JGSW 001-2020', 'Q', 'Q/JGSW 001-2020'],
  ['Q/JGSW-HQ 1.2.3-2020', 'Q', 'Q/JGSW-HQ 1.2.3-2020'],
])('[ID-5] %s is %s, key %s', (text, scheme, key) => {
  expect(parseStandardNumber(text).scheme).toBe(scheme)
  expect(keyOf(text)).toBe(key)
})

test('[ID-6] an industry code is two letters, or JGJ and CJJ; foreign bodies have none', () => {
  expect(parseStandardNumber('CJJ/T 8-2011').scheme).toBe('HB')
  for (const text of ['EN 54-2', 'BS 7799-1999', 'ISO 9001-2015', 'JIS 1-2000', 'XG 1-2023', 'GX/A 1-2000'])
    expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-7] a local code has two or four digits of a division, and a slash or space after them', () => {
  expect(keyOf('DB 50 / T 1055 — 2020')).toBe('DB50/T 1055-2020')
  for (const text of [
    'DB501055-2020',
    'DB5/T 1-2020',
    'DB500/T 1-2020',
    'DB5000/T 1-2020',
    'DB00/T 1-2020',
    'DB500101/T 1-2020',
    'DB 1055-2020',
    'DB50T 1055-2020',
    'DBS5001/ 1-2020',
  ])
    expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-8] the space after a code that ends in a digit counts, every other one may be left out', () => {
  expect(keyOf('Q/JGSW-03 001-2020')).toBe('Q/JGSW-03 001-2020')
  expect(keyOf('Q/JGSW-HQ001-2020')).toBe('Q/JGSW-HQ 001-2020')
  expect(keyOf('Q/JGSW-03001-2020')).toBe('Q/JGSW 03001-2020')
  expect(keyOf('T/31ABC01-2024')).toBe('T/31ABC 01-2024')
  expect(keyOf('T/A1B 01-2024')).toBe('T/A1B 01-2024')
  for (const text of [
    'T/12 01-2024',
    'T/ 01-2024',
    'T/A1B01-2024',
    'T/CAS 12A-2020',
    'Q/JGSW001-2020 002-2020',
    'Q/ 1-2020',
    'T/A B 1-2020',
  ])
    expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-9] a revision letter belongs to military and industry numbers alone', () => {
  expect(parseStandardNumber('GJB 150.1A-2009')).toMatchObject({ parts: ['1'], revision: 'A' })
  expect(codeOf(() => parseStandardNumber('DB50/T 105O-2020'))).toBe('IDENTIFIER_INVALID')
  expect(codeOf(() => parseStandardNumber('GB/T 1A-2020'))).toBe('IDENTIFIER_INVALID')
  expect(codeOf(() => parseStandardNumber('JB/T 1O-2020'))).toBe('IDENTIFIER_INVALID')
})

test('[ID-10] zeros at the front of a number and of a part are kept', () => {
  expect(parseStandardNumber('DB53/T 0190.07-2006')).toMatchObject({ ordinal: '0190', parts: ['07'] })
  expect(keyOf('DB53/T 190.07-2006')).not.toBe(keyOf('DB53/T 190.7-2006'))
  expect(codeOf(() => parseStandardNumber('GB/T 123456789-2020'))).toBe('IDENTIFIER_INVALID')
  expect(codeOf(() => parseStandardNumber('GB/T 1.-2020'))).toBe('IDENTIFIER_INVALID')
})

test('[ID-11] two digits from 50 to 99 are a year of the twentieth century, others are none', () => {
  expect(parseStandardNumber('JGJ 26-95').year).toBe(1995)
  expect(keyOf('GB 1-58')).toBe(keyOf('GB 1-1958'))
  for (const year of ['49', '00', '20', '5', '123', '1949', '2100', '20200', '0020'])
    expect(codeOf(() => parseStandardNumber(`GB 1-${year}`))).toBe('IDENTIFIER_INVALID')
})

test('[ID-12] a number without a year is an undated reference with a key of its own', () => {
  expect(parseStandardNumber('GB/T 29149').year).toBeUndefined()
  expect(keyOf('GB/T 29149')).toBe('GB/T 29149')
})

test('[ID-13] all parts are written in Chinese or English', () => {
  for (const text of ['GB/T 24421（所有部分）', 'GB/T 24421 (all parts)', 'gb/t24421(ALL  PARTS)'])
    expect(keyOf(text)).toBe('GB/T 24421(all parts)')
  expect(keyOf('GB/T 24421—2023（所有部分）')).toBe('GB/T 24421-2023(all parts)')
})

test('[ID-14] an amendment belongs to a dated number, and its own year is not in the key', () => {
  for (const text of [
    'GB/T 15629.11-2003/XG1-2006',
    'GB/T 15629.11-2003 XG1',
    'GB/T 15629.11—2003第1号修改单',
    'GB/T 15629.11—2003《第 1 号修改单》',
    'GB/T 15629.11-2003 （第１号修改单）',
  ])
    expect(keyOf(text)).toBe('GB/T 15629.11-2003/XG1')
  expect(parseStandardNumber('GB/T 15629.11-2003/XG1-2006').amendment).toEqual({ number: 1, year: 2006 })
  expect(keyOf('GB/T 1-2003/XG12')).toBe('GB/T 1-2003/XG12')
  for (const text of ['GB/T 1/XG1', 'GB/T 1-2003/XG0', 'GB/T 1-2003/XG01', 'GB/T 1-2003《第1号修改单）'])
    expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

test.each([
  'DB50/T 10004—2023 / DB51/T 10004—2023',
  'DB50/T 10004—2023/DB51/T 10004—2023',
  'DB50/T 10004-2023 = DB51/T 10004-2023',
  'DB50/T 10004—2023＝DB51/T 10004—2023',
  'DB50/T 10004—2023、DB51/T 10004—2023',
  'DB50_T 10004-2023_DB51_T 10004-2023',
])('[ID-15] a joint number is read as its numbers, in order: %s', (text) => {
  expect(parseStandardNumbers(text).map(canonicalKey)).toEqual(['DB50/T 10004-2023', 'DB51/T 10004-2023'])
  expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-15] one number twice, an empty place or a missing separator is no joint number', () => {
  for (const text of [
    'DB50/T 1—2020 / DB50∕T1－2020',
    'DB50/T 1-2020 /',
    '/ DB50/T 1-2020',
    'DB50/T 1-2020 DB51/T 1-2020',
    'DB50/T 1-2020, DB51/T 1-2020',
  ])
    expect(codeOf(() => parseStandardNumbers(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-15] printed numbers with a slash between them are read back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(numbers, { minLength: 1, maxLength: 4, selector: canonicalKey }), (list) => {
      expect(parseStandardNumbers(list.map(formatCover).join(' / '))).toEqual(list)
      expect(parseStandardNumbers(list.map(formatDatabase).join(' = '))).toEqual(list)
    }),
  )
})

test('[ID-16] the key is the same in every spelling', () => {
  const spelled = numbers.chain((number) =>
    fc.tuple(
      fc.constant(number),
      fc.oneof(respelled(formatCover(number)), respelled(formatDatabase(number))),
    ),
  )
  fc.assert(
    fc.property(spelled, ([number, text]) => {
      expect(parseStandardNumber(text)).toEqual(number)
      expect(keyOf(text)).toBe(canonicalKey(number))
    }),
    { numRuns: 1000 },
  )
})

test('[ID-16] the key is ASCII and is itself a spelling of the number', () => {
  fc.assert(
    fc.property(numbers, (number) => {
      const key = canonicalKey(number)
      expect(key).toMatch(/^[\x20-\x7e]+$/)
      expect(keyOf(key)).toBe(key)
    }),
  )
})

test('[ID-16] the table of the specification holds', () => {
  const spec = readFileSync(new URL('../../../protocol/spec/identifier.md', import.meta.url), 'utf8')
  const rows = [
    ...(spec.split(/\| work key +\|/)[1] ?? '').matchAll(/^\| (`.*?) +\| (`.*?) +\| (`.*?) +\|$/gm),
  ]
  const quoted = (cell: string | undefined) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  for (const [, written, keys, works] of rows) {
    for (const text of quoted(written)) {
      const numbers = parseStandardNumbers(text)
      expect(numbers.map(canonicalKey)).toEqual(quoted(keys))
      expect(numbers.map(workKey)).toEqual(quoted(works))
    }
  }
  expect(rows).toHaveLength(15)
})

test('[ID-17] two numbers have one key only when they differ in the year of an amendment at most', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const bare = ({ amendment, ...rest }: typeof a) => ({ ...rest, amendment: amendment?.number })
      expect(canonicalKey(a) === canonicalKey(b)).toBe(JSON.stringify(bare(a)) === JSON.stringify(bare(b)))
    }),
  )
  expect(keyOf('GB 5296.4-2012')).not.toBe(keyOf('GB/T 5296.4-2012'))
  expect(keyOf('DBJ50/T-123-2020')).not.toBe(keyOf('DB50/T 123-2020'))
})

test('[ID-18] editions of a work share its key, without year, letter and amendment', () => {
  const workOf = (text: string) => workKey(parseStandardNumber(text))
  expect(workOf('GB/T 1.1-2009')).toBe('GB/T 1.1')
  expect(workOf('GB/T 1.1-2020/XG1')).toBe(keyOf('GB/T 1.1'))
  expect(workOf('GJB 9001C-2017')).toBe(workOf('GJB 9001B-2009'))
  expect(workOf('GB/T 24421（所有部分）')).not.toBe(workOf('GB/T 24421'))
})

test('[ID-19] covers print an em dash, databases a hyphen', () => {
  const print = (text: string) => [
    formatCover(parseStandardNumber(text)),
    formatDatabase(parseStandardNumber(text)),
  ]
  expect(print('db50∕t1055－2020')).toEqual(['DB50/T 1055—2020', 'DB50/T 1055-2020'])
  expect(print('DB51 278.059-98')).toEqual(['DB51/ 278.059—1998', 'DB51/ 278.059-1998'])
  expect(print('DBJ50/T 047-2024')).toEqual(['DBJ50/T-047—2024', 'DBJ50/T-047-2024'])
  expect(print('GB/T 24421(all parts)')).toEqual(['GB/T 24421（所有部分）', 'GB/T 24421 (all parts)'])
  expect(print('GB/T 1-2003 XG1-2006')).toEqual(['GB/T 1—2003/XG1—2006', 'GB/T 1-2003/XG1-2006'])
})

test('[ID-19] what either form prints is read back', () => {
  fc.assert(
    fc.property(numbers, (number) => {
      expect(parseStandardNumber(formatCover(number))).toEqual(number)
      expect(parseStandardNumber(formatDatabase(number))).toEqual(number)
    }),
    { numRuns: 1000 },
  )
})

test('[ID-20] six digits from 990000 in DB50/T and DB51/T are synthetic', () => {
  const isSynthetic = (text: string) => isSyntheticNumber(parseStandardNumber(text))
  expect(isSynthetic('DB50/T 990001—2024')).toBe(true)
  expect(isSynthetic('DB51/T 999999.1—2024')).toBe(true)
  for (const text of ['DB50/T 1055—2020', 'DB50/T 99001-2024', 'DB50/T 9900001-2024', 'DB31/T 990001-2024'])
    expect(isSynthetic(text)).toBe(false)
})

test('[ID-21] the code says mandate and division as written', () => {
  const saidBy = (text: string) => {
    const number = parseStandardNumber(text)
    return [mandateOf(number), divisionDigitsOf(number)]
  }
  expect(saidBy('DB50/T 1-2020')).toEqual(['recommended', '50'])
  expect(saidBy('DB4103/ 1-2010')).toEqual(['mandatory', '4103'])
  expect(saidBy('DBS50/ 1-2020')).toEqual(['mandatory', '50'])
  expect(saidBy('DBJ50/T-1-2020')).toEqual(['recommended', '50'])
  expect(saidBy('DB11/Z 610-2008')).toEqual(['guidance', '11'])
  expect(saidBy('GB 1-2020')).toEqual(['mandatory', undefined])
  expect(saidBy('DB/T 74-2018')).toEqual(['recommended', undefined])
  for (const text of ['T/T 1-2020', 'Q/Z 1-2020', 'GJB/Z 1-2020', 'GBn 1-80', 'GSB 1-2020'])
    expect(saidBy(text)[0]).toBeUndefined()
})

test('[ID-4] a fault points at the character where reading stopped', () => {
  expect(placeOf('  ISO 9001')).toBe(2)
  expect(placeOf('DB50/T 1055—20')).toBe(11)
  expect(placeOf('DB50/T  1 055')).toBe(10)
  expect(placeOf('ＧＢ／Ｔ　１ x')).toBe(7)
  expect(placeOf('')).toBe(0)
  expect(placeOf('DB50/T 1-2020 /')).toBe(15)
  expect(placeOf('GB 1-2020、GB 1-2020 ')).toBe(20)
})

test('[ID-2] characters that only resemble a spelling are refused', () => {
  for (const text of [
    'GB/T 1²-2020',
    'ſJ/T 1-2020',
    'ＧB/T ①-2020',
    'GB/T １\u0301-2020',
    'ԌB/T 1-2020',
    'GB\\T 1',
  ])
    expect(codeOf(() => parseStandardNumber(text))).toBe('IDENTIFIER_INVALID')
})

const hostile = [
  ...[
    '1',
    '-',
    '—',
    ' ',
    '　',
    '/',
    '_',
    '１',
    '.',
    'T',
    'Q/',
    'T/A',
    'GB 1-2020/',
    'DB',
    '第1号修改单',
    '\ud800',
  ],
].map((unit) => unit.repeat(65_536 / unit.length))

/** The best of three: other work on the machine is not what is measured. */
function leastTime(run: () => void): number {
  const times = [0, 1, 2].map(() => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}

test('[ID-3] 64 KiB of any text are refused within 50 ms', () => {
  for (const text of [...hostile, ...hostile.map((run) => `GB/T 1${run}`)]) {
    expect(codeOf(() => parseStandardNumbers(text))).toBe('IDENTIFIER_INVALID')
    expect(leastTime(() => codeOf(() => parseStandardNumbers(text)))).toBeLessThan(50)
  }
})

test('[ID-3] the longest text that is read at all takes less than 50 ms', () => {
  for (const text of [...hostile, ...hostile.map((run) => `Q/A-${run}`)]) {
    expect(leastTime(() => codeOf(() => parseStandardNumbers(text.slice(0, 512))))).toBeLessThan(50)
  }
})

test('[ID-3] any text of any length up to 64 KiB is read or refused within 50 ms', () => {
  const units = fc.constantFrom(...'GBTQX019./-— 　（）=、第\u200b')
  const long = fc
    .tuple(fc.array(units, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 65_536 }))
    .map(([list, length]) => list.join('').repeat(length).slice(0, length))
  fc.assert(
    fc.property(long, (text) => {
      expect(leastTime(() => codeOf(() => parseStandardNumbers(text)))).toBeLessThan(50)
    }),
  )
})

test('[ID-4] reading any text gives numbers, or one of two codes with a place inside the text', () => {
  const units = fc.constantFrom(...'GBDTQZSJXn0159./-— _（）=、第号修改单　\u200b')
  const nearly = fc.array(units, { maxLength: 40 }).map((list) => list.join(''))
  const damaged = fc
    .tuple(numbers.map(formatCover), fc.nat(40), fc.string({ maxLength: 2 }))
    .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), nearly, damaged), (text) => {
      try {
        for (const number of parseStandardNumbers(text)) {
          expect(keyOf(formatCover(number))).toBe(canonicalKey(number))
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        expect(['IDENTIFIER_INVALID', 'TEXT_FORBIDDEN_CHAR']).toContain(error.code)
        expect(error.place.index).toBeGreaterThanOrEqual(0)
        expect(error.place.index).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 2000 },
  )
})
