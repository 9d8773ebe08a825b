import { expect, test } from 'vitest'
import { readWorkbookRows } from '../../../node/agreement/workspace-sheet.ts'
import { foldWorkspace } from '../../../protocol/mapping/work/fold.ts'
import type { MappingChange } from '../../../protocol/record/mapping-proposal.ts'
import { cells, context, edit, row, sheetOf } from './sheet/sample.ts'

const [ours, theirs] = ['did:web:a.example', 'did:web:b.example'] as const
const { namePin, findPin } = context
const editions = { namePin, findPin, listStandards: () => [] }
const added = edit({ 行标识: '', 行版本: '', 对方条款: '6.1', 关系: '等同', 起草人: '比对岗（合成）' })
const readAt = (changes: readonly MappingChange[], day: string, author: string = ours) => {
  const placed = changes.map((change, index) => ({ change, by: ours, origin: 'a', index, at: '2026-01-01' }))
  return readWorkbookRows(foldWorkspace(placed, [ours, theirs]), sheetOf([added]), { editions, author, day })
}

test('[MAP-92] an added line is written by the agency that brings it in, on that day', () => {
  const { rows, faults } = readAt([], '2026-06-01')
  expect(faults).toEqual([])
  expect(rows).toMatchObject([
    { bases: [], mapping: { author: ours, authorLabel: '比对岗（合成）', mappedOn: '2026-06-01' } },
  ])
})

test('[MAP-92] a copied line is nobody else’s word', () => {
  const copy = edit({ 行标识: '', 行版本: '', 对方条款: '6.1' }, cells())
  const { rows } = readWorkbookRows(foldWorkspace([], [ours, theirs]), sheetOf([copy]), {
    editions,
    author: theirs,
    day: '2026-06-02',
  })
  expect(rows[0]?.mapping).toMatchObject({ author: theirs, mappedOn: '2026-06-02' })
  expect(row.mapping.author).not.toBe(theirs)
})

test('[MAP-92] the same file again, on another day or at the other agency, says what it said', () => {
  const [first] = readAt([], '2026-06-01').rows
  if (!first?.mapping) throw new Error('no row')
  const change = { row: first.row, bases: [], mapping: first.mapping }
  for (const again of [readAt([change], '2026-06-09'), readAt([change], '2026-06-09', theirs)])
    expect(again.rows).toEqual([first])
})
