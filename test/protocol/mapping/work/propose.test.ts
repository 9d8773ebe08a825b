import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidateRows } from '../../../../protocol/mapping/suggest/row.ts'
import { foldWorkspace } from '../../../../protocol/mapping/work/fold.ts'
import { type EditedRow, mergeFile } from '../../../../protocol/mapping/work/propose.ts'
import type { Workspace } from '../../../../protocol/mapping/work/workspace.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'
import { someRow } from './row-arbitrary.ts'
import { accepted, change, draft, parties, placed, south } from './sample.ts'

const first = change(draft)
const theirs = change({ ...draft, relation: 'equal' }, [first])
const before = foldWorkspace([placed(first)], parties)
const now = foldWorkspace([placed(first), placed(theirs, south, 1)], parties)

/** What a file made of a workspace brings back, when nobody edited it. */
function fileOf({ rows }: Workspace): readonly EditedRow[] {
  return rows.flatMap(({ row, heads, mapping }) =>
    mapping ? [{ row, bases: heads.map(({ version }) => version), mapping }] : [],
  )
}

function edit(mapping: MappingRow | undefined, from: Workspace = before): EditedRow {
  const [{ row, bases } = { row: '', bases: [] }] = fileOf(from)
  return mapping ? { row, bases, mapping } : { row, bases }
}

describe('a file that comes back', () => {
  test('[WORK-20] what nobody edited changes nothing, whatever was done meanwhile', () => {
    expect(mergeFile(now, fileOf(before))).toEqual({ changes: [], conflicts: [], unchanged: 1 })
  })

  test('[WORK-20] what was edited in the file is merged with what was done meanwhile, and stands on all that stands', () => {
    const { changes, conflicts } = mergeFile(now, [edit({ ...draft, comment: '合成' })])
    expect(conflicts).toEqual([])
    expect(changes).toEqual([change({ ...draft, relation: 'equal', comment: '合成' }, [theirs])])
  })

  test('[WORK-21] what both edited otherwise is for people', () => {
    expect(mergeFile(now, [edit({ ...draft, relation: 'subset' })])).toEqual({
      changes: [],
      unchanged: 0,
      conflicts: [
        {
          row: 'r1',
          why: 'fields',
          fields: [
            { field: 'relation', base: 'superset', values: [{ value: 'equal' }, { value: 'subset' }] },
          ],
        },
      ],
    })
  })

  test('[WORK-21] a row of unknown base, or that stands twice, is not taken over', () => {
    const unknown = mergeFile(before, [
      { ...edit({ ...draft, relation: 'subset' }, now), bases: [`sha256:${'0'.repeat(64)}`] },
    ])
    expect(unknown.conflicts).toMatchObject([{ row: 'r1', why: 'base' }])
    const twice = mergeFile(before, [edit({ ...draft, relation: 'subset' }), edit(undefined), edit(draft)])
    expect(twice).toMatchObject({ changes: [], conflicts: [{ row: 'r1', why: 'twice' }] })
  })

  test('[WORK-21] a row in conflict is settled first', () => {
    const other = change({ ...draft, relation: 'conflict' }, [first])
    const torn = foldWorkspace(
      [placed(first), placed(theirs, south, 1), placed(other, undefined, 1)],
      parties,
    )
    expect(mergeFile(torn, [edit({ ...draft, comment: '合成' })]).conflicts).toMatchObject([
      { why: 'standing' },
    ])
    expect(mergeFile(torn, fileOf(before))).toEqual({ changes: [], conflicts: [], unchanged: 1 })
  })

  test('[WORK-21] the base of a row that was merged is what it had come to by then', () => {
    const other = change({ ...draft, basis: '合成' }, [first])
    const set = [placed(first), placed(theirs, south, 1), placed(other, undefined, 1)]
    const merged = foldWorkspace(set, parties)
    const [row] = fileOf(merged)
    const late = change({ ...draft, relation: 'equal', basis: '合成', strength: 3 }, [theirs, other])
    const after = foldWorkspace([...set, placed(late, south, 2)], parties)
    const mapping = { ...draft, relation: 'equal', basis: '合成', comment: '合成' } as const
    expect(mergeFile(after, [{ ...row!, mapping }]).changes).toEqual([
      change({ ...mapping, strength: 3 }, [late]),
    ])
  })

  test('[WORK-22] a row is withdrawn only where the caller says so, and only as it was in the file', () => {
    expect(mergeFile(before, [])).toEqual({ changes: [], conflicts: [], unchanged: 0 })
    expect(mergeFile(before, [edit(undefined)]).changes).toEqual([change(undefined, [first])])
    expect(mergeFile(now, [edit(undefined)]).conflicts).toMatchObject([{ row: 'r1', why: 'fields' }])
  })

  test('[WORK-20] whoever edits an accepted row in a table leaves the old review in it: it is to be reviewed again', () => {
    const acceptance = change(accepted(draft, south), [first])
    const reviewed = foldWorkspace([placed(first), placed(acceptance, south, 1)], parties)
    const edited = edit({ ...accepted(draft, south), relation: 'equal' }, reviewed)
    expect(mergeFile(reviewed, [edited]).changes).toEqual([
      change({ ...draft, relation: 'equal', state: 'in-review' }, [acceptance]),
    ])
    const remarked = edit({ ...accepted(draft, south), comment: '合成' }, reviewed)
    expect(mergeFile(reviewed, [remarked]).changes).toEqual([
      change({ ...accepted(draft, south), comment: '合成' }, [acceptance]),
    ])
  })

  test('[WORK-20] a new row is new', () => {
    expect(mergeFile(now, [{ row: 'r9', bases: [], mapping: draft }]).changes).toEqual([
      change(draft, [], 'r9'),
    ])
    const clash = mergeFile(now, [{ row: 'r1', bases: [], mapping: draft }])
    expect(clash.conflicts).toMatchObject([{ why: 'fields' }])
  })

  test('[WORK-20] [WORK-31] a file that was taken in and comes again changes nothing', () => {
    const file = [edit({ ...draft, comment: '合成' })]
    const [made] = mergeFile(now, file).changes
    const after = foldWorkspace(
      [placed(first), placed(theirs, south, 1), placed(made!, undefined, 2)],
      parties,
    )
    expect(mergeFile(after, file)).toEqual({ changes: [], conflicts: [], unchanged: 1 })
  })

  test('[MAP-83] [WORK-20] what a program proposes again says nothing beside the row that stands', () => {
    const suggested = (score: string) => {
      const [named] = candidateRows([{ a: 0, b: 0, score, reason: { zh: `标题相似 ${score}`, en: '' } }], {
        a: [draft.subject],
        b: [draft.object!],
      })
      return named!
    }
    const { row, mapping } = suggested('0.81')
    const again = [{ row, bases: [], mapping: suggested('0.82').mapping }]
    expect(mergeFile(now, again).changes).toHaveLength(1)
    const begun = change(mapping, [], row)
    const taken = change({ ...draft, state: 'in-review' }, [begun], row)
    const gone = change(undefined, [begun], row)
    const other = change({ ...draft, relation: 'equal' }, [begun], row)
    for (const changes of [[begun], [begun, taken], [begun, gone], [begun, taken, other]]) {
      const workspace = foldWorkspace(
        changes.map((one, n) => placed(one, undefined, n)),
        parties,
      )
      expect(mergeFile(workspace, again)).toEqual({ changes: [], conflicts: [], unchanged: 1 })
    }
  })

  test('[WORK-20] the order of rows means nothing, and what was logged of a file is unchanged the next time', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('r1', 'r2', 'r3')),
        fc.array(someRow, { minLength: 3 }),
        (names, made) => {
          const rows = names.map((row, i) => ({
            row,
            bases: row === 'r1' ? edit(draft).bases : [],
            mapping: made[i]!,
          }))
          const merged = mergeFile(before, rows)
          expect(mergeFile(before, rows.toReversed())).toEqual(merged)
          expect(merged.conflicts).toEqual([])
          const after = foldWorkspace(
            [placed(first), ...merged.changes.map((one) => placed(one, south, 1))],
            parties,
          )
          expect(mergeFile(after, rows).changes).toEqual([])
        },
      ),
    )
  })
})
