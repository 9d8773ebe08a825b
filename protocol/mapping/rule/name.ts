import type { NamedRow } from '../../record/mapping-row.ts'
import type { Findings } from './collection.ts'
import { findingOf } from './finding.ts'

/**
 * M5: all rows have names or none has, and no two have the same.
 *
 * @see spec/mapping.md, MAP-64
 */
export function checkNames(sorted: readonly NamedRow[], found: Findings): void {
  const nameless = sorted.findLastIndex(({ row }) => row === '') + 1
  const [first] = sorted
  if (nameless > 0 && nameless < sorted.length && first) {
    const words = { zh: `${nameless} 行没有标识`, en: `${nameless} have none` }
    found.add('name-missing', () => findingOf('name-missing', first, { words, severity: 'error' }))
  }
  for (const [n, row] of sorted.entries()) {
    // One finding for each name, at its second row.
    if (row.row === '' || sorted[n - 1]?.row !== row.row || sorted[n - 2]?.row === row.row) continue
    const words = { zh: row.row, en: row.row }
    found.add('name-twice', () => findingOf('name-twice', row, { words, severity: 'error' }))
  }
}
