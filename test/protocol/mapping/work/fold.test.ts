import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../../protocol/canonical.ts'
import { digestOf } from '../../../../protocol/hash.ts'
import { maxHeads } from '../../../../protocol/mapping/work/ancestry.ts'
import { foldWorkspace } from '../../../../protocol/mapping/work/fold.ts'
import { type PlacedChange, versionDigest } from '../../../../protocol/mapping/work/version.ts'
import type { MappingChange } from '../../../../protocol/record/mapping-proposal.ts'
import { accepted, change, draft, north, parties, placed, south } from './sample.ts'

const fold = (...changes: readonly PlacedChange[]) => foldWorkspace(changes, parties)
const first = change(draft)
const v1 = placed(first)

describe('versions of a row', () => {
  test('[WORK-1] a version is named by the digest of the canonical form of its change', () => {
    expect(versionDigest(first)).toBe(
      digestOf(canonicalize(JSON.parse(JSON.stringify({ row: 'r1', mapping: draft, bases: [] })))),
    )
    expect(versionDigest({ row: 'r1', bases: [], mapping: { ...draft, comment: undefined } })).toBe(
      versionDigest(first),
    )
    expect(versionDigest(change(undefined, [first]))).not.toBe(versionDigest(first))
  })

  test('[WORK-1] the same change by both is one version, told with where it was logged first', () => {
    const { rows, conflicts } = fold(placed(first, south, 4), placed(first, north, 2))
    expect(conflicts).toEqual([])
    expect(rows[0]).toMatchObject({
      standing: 'recorded',
      authors: [north, south],
      heads: [{ by: north, index: 2 }],
    })
  })

  test('[WORK-3] one version that nothing took the place of is what the row says', () => {
    const second = change({ ...draft, relation: 'equal' }, [first])
    const { rows } = fold(placed(second, south, 1), v1)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ row: 'r1', standing: 'recorded', mapping: { relation: 'equal' } })
    expect(rows[0]?.heads.map(({ version }) => version)).toEqual([versionDigest(second)])
  })

  test('[WORK-3] a change without mapping withdraws its row', () => {
    const { rows } = fold(v1, placed(change(undefined, [first]), south, 1))
    expect(rows[0]).toMatchObject({ row: 'r1', standing: 'recorded' })
    expect(rows[0]).not.toHaveProperty('mapping')
  })

  test('[WORK-2] a version whose base is not here waits, with all that stands on it, and its row says so', () => {
    const unseen = change({ ...draft, relation: 'equal' }, [first])
    const third = change({ ...draft, relation: 'conflict' }, [unseen])
    const fourth = change({ ...draft, relation: 'none' }, [third])
    const { rows, waiting } = fold(v1, placed(third, south, 2), placed(fourth, south, 3))
    expect(rows[0]).toMatchObject({ incomplete: true, mapping: { relation: 'superset' } })
    expect(new Map(waiting.map(({ version, missing }) => [version, missing]))).toEqual(
      new Map([
        [versionDigest(third), [versionDigest(unseen)]],
        [versionDigest(fourth), []],
      ]),
    )
    expect(waiting.every(({ code }) => code === 'PENDING_DEPENDENCY')).toBe(true)
    const whole = fold(v1, placed(unseen, south, 1), placed(third, south, 2), placed(fourth, south, 3))
    expect(whole.waiting).toEqual([])
    expect(whole.rows[0]).toMatchObject({ mapping: { relation: 'none' } })
    expect(whole.rows[0]).not.toHaveProperty('incomplete')
  })

  test('[WORK-8] whoever is no party changes nothing, and what he logged is a fault', () => {
    const stranger = 'did:web:localhost%3A7403'
    const theirs = change({ ...draft, relation: 'equal' }, [first])
    const dangling = change(draft, [change({ ...draft, comment: '合成' })])
    const { rows, faults, waiting } = fold(v1, placed(theirs, stranger, 1), placed(dangling, stranger, 2))
    expect(rows[0]).toMatchObject({ standing: 'recorded', mapping: { relation: 'superset' } })
    expect(rows[0]).not.toHaveProperty('incomplete')
    expect(waiting).toEqual([])
    expect(faults.map(({ code, by }) => [code, by])).toEqual([
      ['AUDIENCE_MISMATCH', stranger],
      ['AUDIENCE_MISMATCH', stranger],
    ])
  })

  test('[WORK-8] a version of another row is no base', () => {
    const stray = change(draft, [first], 'r2')
    const { rows, faults } = fold(v1, placed(stray, south, 1))
    expect(rows.map(({ row, mapping }) => [row, mapping !== undefined])).toEqual([
      ['r1', true],
      ['r2', false],
    ])
    expect(faults).toMatchObject([{ code: 'RULE_VIOLATED', row: 'r2', version: versionDigest(stray) }])
  })

  test('[WORK-3] what stands on a version that does not count stands on the bases of that', () => {
    const forged = change(accepted(draft, north), [first])
    const onward = change({ ...draft, relation: 'equal' }, [forged])
    const { rows, faults } = fold(v1, placed(forged, north, 1), placed(onward, south, 2))
    expect(faults).toHaveLength(1)
    expect(rows[0]).toMatchObject({ standing: 'recorded', mapping: { relation: 'equal' } })
    expect(rows[0]?.heads).toHaveLength(1)
  })
})

describe('several versions that stand', () => {
  const ours = change({ ...draft, relation: 'equal' }, [first])
  const theirs = change({ ...draft, differences: ['value', 'scope'] }, [first])

  test('[WORK-4] what one side changed is taken from it: merged, and not yet recorded', () => {
    const { rows, conflicts } = fold(v1, placed(ours, north, 1), placed(theirs, south, 1))
    expect(conflicts).toEqual([])
    expect(rows[0]).toMatchObject({
      standing: 'merged',
      mapping: { relation: 'equal', differences: ['value', 'scope'] },
    })
    expect(rows[0]?.heads).toHaveLength(2)
  })

  test('[WORK-4] the next change names all versions that stand, and then one stands', () => {
    const both = change({ ...draft, relation: 'equal', differences: ['value', 'scope'] }, [ours, theirs])
    const { rows } = fold(v1, placed(ours, north, 1), placed(theirs, south, 1), placed(both, south, 2))
    expect(rows[0]).toMatchObject({ standing: 'recorded', authors: [south] })
  })

  test('[WORK-5] what both changed otherwise is for people: field, what it was, and each version with who and when', () => {
    const other = change({ ...draft, relation: 'intersects', certainty: '1' }, [first])
    const { rows, conflicts } = fold(v1, placed(ours, north, 1), placed(other, south, 7))
    expect(rows[0]).toMatchObject({ standing: 'conflict', mapping: { relation: 'superset', certainty: '1' } })
    expect(conflicts).toHaveLength(1)
    expect(conflicts[0]).toMatchObject({ row: 'r1', field: 'relation', base: 'superset' })
    expect(new Map(conflicts[0]?.sides.map(({ by, value, index }) => [by, [value, index]]))).toEqual(
      new Map([
        [north, ['equal', 1]],
        [south, ['intersects', 7]],
      ]),
    )
  })

  test('[WORK-5] a row begun twice under one name agrees where both say the same', () => {
    const twin = change({ ...draft, relation: 'equal' })
    const { rows, conflicts } = fold(v1, placed(twin, south))
    expect(rows[0]?.standing).toBe('conflict')
    expect(conflicts.map(({ field, base }) => [field, base])).toEqual([['relation', undefined]])
  })

  test('[WORK-6] edits that crossed: what differs in all that they come from is nobody’s before', () => {
    const x = change({ ...draft, relation: 'equal' }, [ours, theirs])
    const y = change({ ...draft, relation: 'intersects', differences: ['value', 'scope'] }, [ours, theirs])
    const crossed = [v1, placed(ours, north, 1), placed(theirs, south, 1)]
    const { conflicts } = fold(...crossed, placed(x, north, 2), placed(y, south, 2))
    expect(conflicts.map(({ field }) => field)).toEqual(['relation', 'differences'])
    expect(conflicts.every((conflict) => !('base' in conflict))).toBe(true)
  })

  test('[WORK-7] more versions than one change can replace are for people, and can be settled step by step', () => {
    const edits = Array.from({ length: maxHeads + 3 }, (_, i) =>
      change({ ...draft, comment: `合成 ${i}` }, [first]),
    )
    const many = [v1, ...edits.map((edit, i) => placed(edit, south, i + 1))]
    const { rows, conflicts } = fold(...many)
    expect(rows[0]).toMatchObject({ standing: 'conflict' })
    expect(conflicts).toMatchObject([{ field: 'row', more: 3 }])
    const listed = rows[0]?.heads.map(({ version }) => version) ?? []
    const settled: MappingChange = { row: 'r1', bases: listed as MappingChange['bases'], mapping: draft }
    const after = fold(...many, placed(settled, south, 99))
    expect(after.rows[0]?.heads).toHaveLength(4)
    expect(after.conflicts).toMatchObject([{ field: 'comment' }])
  })
})
