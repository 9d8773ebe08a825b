import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellName, columnIndex } from '../../../protocol/identifier/cell-name.ts'

test('[IMP-2] cells are called as spreadsheets call them', () => {
  expect([0, 25, 26, 51, 63, 701, 702].map((index) => cellName(index, 7))).toEqual([
    'A7',
    'Z7',
    'AA7',
    'AZ7',
    'BL7',
    'ZZ7',
    'AAA7',
  ])
  fc.assert(
    fc.property(fc.nat(16_383), fc.integer({ min: 1, max: 1_048_576 }), (column, row) => {
      expect(columnIndex(cellName(column, row))).toBe(column)
    }),
  )
  for (const name of ['', '7', 'ABCD1', 'A-1', 'A1B']) expect(columnIndex(name)).toBe(-1)
})
