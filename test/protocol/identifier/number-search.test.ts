import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchKey, searchNeedle } from '../../../protocol/identifier/number-search.ts'
import {
  formatCover,
  formatDatabase,
  parseStandardNumber,
} from '../../../protocol/identifier/standard-number.ts'
import { numbers, respelled } from './spelling-arbitrary.ts'

const held = [
  'DB50/T 1055—2020',
  'DB50/T 1056—2020',
  'DB51/ 278.059-1998',
  'GB/T 41568-2022',
  'T/GZPMA 01-2024',
]

function find(query: string): readonly string[] {
  const needle = searchNeedle(query)
  if (needle === undefined) return []
  return held.filter((number) => searchKey(parseStandardNumber(number)).includes(needle))
}

test.each([
  'DB50∕T1055－2020',
  'db50/t 1055—2020',
  '1055 2020',
  '1055',
  'DB50 1055',
  'DB50T1055',
  'db 50t 1055-20',
])('[ID-22] "%s" finds DB50/T 1055—2020 alone', (query) => {
  expect(find(query)).toEqual(['DB50/T 1055—2020'])
})

test('[ID-22] other loose queries find theirs', () => {
  expect(find('gbt41568')).toEqual(['GB/T 41568-2022'])
  expect(find('GB 41568')).toEqual(['GB/T 41568-2022'])
  expect(find('DB51 278.059-98')).toEqual(['DB51/ 278.059-1998'])
  expect(find('gzpma 01')).toEqual(['T/GZPMA 01-2024'])
  expect(find('2020')).toEqual(held.slice(0, 2))
  expect(find('055')).toEqual([])
})

test('[ID-22] a query without a digit, or with words, is no search for a number', () => {
  for (const query of ['', 'DB', '公务用车', '2020年公务用车', '()', '\u200b1', '1'.repeat(513)])
    expect(searchNeedle(query)).toBeUndefined()
})

test('[ID-22] every spelling of a number, and every beginning of it up to a digit, finds it', () => {
  const cases = numbers.chain((number) =>
    fc.tuple(
      fc.constant(number),
      fc.oneof(respelled(formatCover(number)), respelled(formatDatabase(number))),
    ),
  )
  fc.assert(
    fc.property(cases, fc.nat(40), ([number, spelled], end) => {
      expect(searchKey(number)).toContain(searchNeedle(spelled))
      // GSB 05-98 is a number of 1998 and the beginning of GSB 05-9812-2001
      if (number.code === 'GSB' || number.allParts) return
      expect(searchKey(number)).toContain(searchNeedle(formatDatabase(number).slice(0, end)) ?? ' ')
    }),
  )
})
