import { expect, test } from 'vitest'
import { matchesDivision, parseDivision } from '../../../protocol/identifier/division.ts'
import { parseStandardNumber } from '../../../protocol/identifier/standard-number.ts'
import { codeOf } from './code-of.ts'

test('[ID-26] a division code is a province, a prefecture or a county', () => {
  expect(parseDivision('500000')).toEqual({ code: '500000', level: 'province', province: '500000' })
  expect(parseDivision('511400')).toEqual({ code: '511400', level: 'prefecture', province: '510000' })
  expect(parseDivision('500120')).toEqual({ code: '500120', level: 'county', province: '500000' })
  for (const text of [
    '',
    '50',
    '50012',
    '5001200',
    '000000',
    '900000',
    '500012',
    '５00120',
    ' 500120',
    '50012A',
  ])
    expect(codeOf(() => parseDivision(text))).toBe('IDENTIFIER_INVALID')
})

test('[ID-27] a local code has the first digits of its division', () => {
  const matches = (number: string, code: string) =>
    matchesDivision(parseStandardNumber(number), parseDivision(code))
  expect(matches('DB50/T 1055-2020', '500000')).toBe(true)
  expect(matches('DB50/T 1055-2020', '500120')).toBe(true)
  expect(matches('DB50/T 1055-2020', '510000')).toBe(false)
  expect(matches('DB5114/T 1-2020', '511400')).toBe(true)
  expect(matches('DB5114/T 1-2020', '510000')).toBe(false)
  expect(matches('DB5114/T 1-2020', '511500')).toBe(false)
  expect(matches('GB/T 41568-2022', '500000')).toBeUndefined()
})
