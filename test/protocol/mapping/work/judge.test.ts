import { describe, expect, test } from 'vitest'
import { foldWorkspace } from '../../../../protocol/mapping/work/fold.ts'
import type { PlacedChange } from '../../../../protocol/mapping/work/version.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'
import { accepted, change, draft, north, parties, placed, south } from './sample.ts'

const fold = (...changes: readonly PlacedChange[]) => foldWorkspace(changes, parties)
const written: MappingRow = { ...draft, state: 'in-review' }
const first = change(written)
const v1 = placed(first)

describe('acceptance', () => {
  const acceptance = change(accepted(written, south), [first])

  test('[WORK-9] a row is accepted by the other party, in its own record', () => {
    const { rows, faults } = fold(v1, placed(acceptance, south, 1))
    expect(faults).toEqual([])
    expect(rows[0]).toMatchObject({ mapping: { state: 'accepted', reviewer: south }, authors: [north] })
  })

  test('[WORK-9] whoever wrote a row does not accept it, under no name', () => {
    const cases = [
      // Says so himself.
      [change(accepted(written, north), [first]), 'ATTESTATION_SAME_PARTY'],
      // In the name of the other.
      [acceptance, 'ISSUER_MISMATCH'],
      // Written and accepted in one.
      [change(accepted({ ...written, author: south }, north)), 'RULE_VIOLATED'],
      // Altered and accepted in one.
      [change(accepted({ ...written, author: south }, north), [first]), 'RULE_VIOLATED'],
      [change({ ...written, state: 'accepted', reviewer: north, author: south }, [first]), 'RULE_VIOLATED'],
    ] as const
    for (const [forged, code] of cases) {
      const { rows, faults } = fold(v1, placed(forged, north, 1))
      expect(rows[0]?.mapping?.state).toBe('in-review')
      expect(faults.map((fault) => fault.code)).toEqual([code])
    }
  })

  test('[WORK-9] an author of another name does not help: what counts is who logged the content', () => {
    const alias = { ...written, author: 'did:web:localhost%3A7409' }
    const begun = change(alias)
    const forged = change(accepted(alias, north), [begun])
    const passed = change({ ...alias, comment: '合成 已阅' }, [begun])
    const after = change(accepted({ ...alias, comment: '合成 已阅' }, north), [passed])
    for (const changes of [
      [placed(begun), placed(forged, north, 1)],
      // The other only remarked on it.
      [placed(begun), placed(passed, south, 1), placed(after, north, 2)],
    ])
      expect(fold(...changes).faults.map(({ code }) => code)).toEqual(['ATTESTATION_SAME_PARTY'])
  })

  test('[WORK-9] an acceptance of several versions at once counts for none', () => {
    const ours = change({ ...written, relation: 'equal' }, [first])
    const theirs = change({ ...written, basis: '合成' }, [first])
    const hasty = change(accepted({ ...written, relation: 'equal' }, south), [ours, theirs])
    const { rows, faults } = fold(
      v1,
      placed(ours, north, 1),
      placed(theirs, south, 1),
      placed(hasty, south, 2),
    )
    expect(faults.map(({ code }) => code)).toEqual(['RULE_VIOLATED'])
    expect(rows[0]).toMatchObject({ standing: 'merged', mapping: { state: 'in-review' } })
  })

  test('[WORK-9] a remark leaves an acceptance as it is, whoever makes it; a change of content does not', () => {
    const remark = change({ ...accepted(written, south), comment: '合成' }, [acceptance])
    const altered = change({ ...accepted(written, south), relation: 'equal' }, [acceptance])
    const before = [v1, placed(acceptance, south, 1)]
    expect(fold(...before, placed(remark, north, 2))).toMatchObject({
      faults: [],
      rows: [{ mapping: { state: 'accepted', comment: '合成' } }],
    })
    expect(fold(...before, placed(altered, north, 2))).toMatchObject({
      faults: [{ code: 'ISSUER_MISMATCH' }],
      rows: [{ mapping: { state: 'accepted', relation: 'superset' } }],
    })
  })

  test('[WORK-9] an old acceptance is not brought back over a rejection', () => {
    const rejected = change({ ...accepted(written, south), state: 'rejected' }, [acceptance])
    const again = change(accepted(written, south), [acceptance, rejected])
    const { rows, faults } = fold(
      v1,
      placed(acceptance, south, 1),
      placed(rejected, south, 2),
      placed(again, north, 3),
    )
    expect(rows[0]?.mapping?.state).toBe('rejected')
    expect(faults).toMatchObject([{ code: 'ISSUER_MISMATCH', by: north }])
  })

  test('[WORK-9] the acceptance of another, logged again, is a fault of that record and harms nobody', () => {
    const { rows, faults } = fold(v1, placed(acceptance, north, 1), placed(acceptance, south, 2))
    expect(rows[0]).toMatchObject({ mapping: { state: 'accepted' }, heads: [{ by: south, index: 2 }] })
    expect(faults).toMatchObject([{ code: 'ISSUER_MISMATCH', by: north, index: 1 }])
  })

  test('[WORK-10] accepted on one side and altered on the other: to be reviewed again', () => {
    const altered = change({ ...written, relation: 'equal' }, [first])
    const { rows, conflicts } = fold(v1, placed(acceptance, south, 1), placed(altered, north, 1))
    expect(conflicts).toEqual([])
    expect(rows[0]).toMatchObject({
      standing: 'merged',
      reopened: true,
      mapping: { state: 'in-review', relation: 'equal' },
    })
    expect(rows[0]?.mapping).not.toHaveProperty('reviewer')
    expect(rows[0]?.mapping).not.toHaveProperty('reviewedOn')
  })

  test('[WORK-10] accepted on one side and remarked on by the other stays accepted', () => {
    const remark = change({ ...written, comment: '合成' }, [first])
    const { rows } = fold(v1, placed(acceptance, south, 1), placed(remark, north, 1))
    expect(rows[0]).toMatchObject({ standing: 'merged', mapping: { state: 'accepted', comment: '合成' } })
    expect(rows[0]).not.toHaveProperty('reopened')
  })

  test('[WORK-10] nothing in conflict is accepted', () => {
    const ours = change({ ...written, comment: '合成 甲' }, [first])
    const theirs = change({ ...accepted(written, south), comment: '合成 乙' }, [first])
    const { rows, conflicts } = fold(v1, placed(ours, north, 1), placed(theirs, south, 1))
    expect(conflicts.map(({ field }) => field)).toEqual(['comment'])
    expect(rows[0]).toMatchObject({ standing: 'conflict', mapping: { state: 'in-review' } })
  })
})
