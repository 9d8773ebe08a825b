import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeRow } from '../../../../protocol/mapping/work/merge.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'
import { someRow } from './row-arbitrary.ts'
import { draft, north } from './sample.ts'

const side = fc.option(someRow, { nil: undefined })

describe('merging', () => {
  test('[WORK-4] what both say is said; what one left alone is what the other made of it', () => {
    fc.assert(
      fc.property(side, side, (base, x) => {
        expect(mergeRow(base, x, x)).toEqual({ ...(x ? { mapping: x } : {}), conflicts: [], reopened: false })
        const { mapping, conflicts } = mergeRow(base, x, base)
        // Without a row before, one that is not there says nothing.
        expect(mapping).toEqual(x)
        expect(conflicts).toEqual([])
        expect(mergeRow(base, base, x)).toEqual(mergeRow(base, x, base))
      }),
    )
  })

  test('[WORK-5] neither side goes before the other', () => {
    fc.assert(
      fc.property(side, side, side, (base, ours, theirs) => {
        const one = mergeRow(base, ours, theirs)
        const other = mergeRow(base, theirs, ours)
        expect(other.mapping).toEqual(one.mapping)
        expect(other.reopened).toBe(one.reopened)
        expect(
          other.conflicts.map(({ values, ...rest }) => ({ ...rest, values: values.toReversed() })),
        ).toEqual(one.conflicts)
      }),
    )
  })

  test('[WORK-5] confidence decides nothing', () => {
    const { conflicts } = mergeRow(
      draft,
      { ...draft, relation: 'equal', certainty: '1' },
      { ...draft, relation: 'subset', certainty: '0.1' },
    )
    expect(conflicts.map(({ field }) => field)).toEqual(['relation', 'certainty'])
  })

  test('[WORK-5] a list is one thing', () => {
    const { conflicts } = mergeRow(
      draft,
      { ...draft, differences: ['value', 'scope'] },
      { ...draft, differences: ['value', 'process'] },
    )
    expect(conflicts).toEqual([
      {
        field: 'differences',
        base: ['value'],
        values: [{ value: ['value', 'scope'] }, { value: ['value', 'process'] }],
      },
    ])
  })

  test('[WORK-5] withdrawn on one side and changed on the other is for people; withdrawn and left alone is withdrawn', () => {
    const changed = { ...draft, comment: '合成' }
    expect(mergeRow(draft, undefined, draft)).toEqual({ conflicts: [], reopened: false })
    expect(mergeRow(draft, undefined, changed)).toMatchObject({
      mapping: changed,
      conflicts: [{ field: 'row', base: draft, values: [{}, { value: changed }] }],
    })
  })

  test('[WORK-5] a counterpart found on one side and searched elsewhere on the other is for people', () => {
    const { object: pin, relation: _, ...rest } = draft
    const none: MappingRow = { ...rest, objectSource: { edition: pin!.edition, digest: pin!.digest } }
    const found: MappingRow = { ...rest, object: pin! }
    const { mapping, conflicts } = mergeRow(none, { ...none, relation: 'none' }, found)
    expect(conflicts.map(({ field }) => field)).toEqual(['object', 'objectSource', 'relation'])
    expect(mapping).toEqual(none)
    expect(mergeRow(none, { ...none, comment: '合成' }, found)).toMatchObject({
      conflicts: [],
      mapping: { ...found, comment: '合成' },
    })
  })

  test('[WORK-10] a rejection falls as well with what it was about', () => {
    const rejected: MappingRow = { ...draft, state: 'rejected', reviewer: north, reviewedOn: '2026-01-06' }
    const { mapping, reopened } = mergeRow(draft, rejected, { ...draft, relation: 'equal' })
    expect(reopened).toBe(true)
    expect(mapping).toEqual({ ...draft, relation: 'equal', state: 'in-review' })
  })
})
