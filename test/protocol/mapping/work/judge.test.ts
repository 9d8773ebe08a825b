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

describe('an acceptance that a remark crossed', () => {
  const acceptance = change(accepted(written, south), [first])
  const remark = change({ ...written, comment: '合成' }, [first])
  const crossed = [v1, placed(acceptance, south, 1), placed(remark, north, 1)]
  const merged = { ...accepted(written, south), comment: '合成' }

  test('[WORK-4] [WORK-9] [WORK-10] what both see as accepted is recorded by either', () => {
    expect(fold(...crossed).rows[0]).toMatchObject({ standing: 'merged', mapping: merged })
    for (const by of [north, south]) {
      const record = change({ ...merged, comment: '合成 又' }, [acceptance, remark])
      const { rows, faults } = fold(...crossed, placed(record, by, 2))
      expect(faults).toEqual([])
      expect(rows[0]).toMatchObject({
        standing: 'recorded',
        mapping: { state: 'accepted', reviewer: south, comment: '合成 又' },
        authors: [north],
      })
    }
  })

  test('[WORK-9] [WORK-10] so is one over a remark on what the row said before', () => {
    const edited = change({ ...written, basis: '合成' }, [first])
    const reviewed = change(accepted({ ...written, basis: '合成' }, south), [edited])
    const before = [v1, placed(edited), placed(reviewed, south, 1), placed(remark, north, 1)]
    const record = change({ ...merged, basis: '合成' }, [reviewed, remark])
    const { rows, faults } = fold(...before, placed(record, north, 2))
    expect(faults).toEqual([])
    expect(rows[0]).toMatchObject({ standing: 'recorded', mapping: { state: 'accepted', basis: '合成' } })
  })

  test('[WORK-9] the reviewer accepts several versions of one content, not of its own alone', () => {
    const other = change({ ...written, comment: '合成 乙' }, [first])
    const both = [v1, placed(remark), placed(other, south, 1)]
    const record = change(accepted({ ...written, comment: '合成 丙' }, south), [remark, other])
    expect(fold(...both, placed(record, south, 2))).toMatchObject({
      faults: [],
      rows: [{ standing: 'recorded', mapping: { state: 'accepted' } }],
    })
    const forged = change(accepted({ ...written, author: south }, north), [remark, other])
    expect(fold(...both, placed(forged, north, 2)).faults).toHaveLength(1)
    const own = change(accepted({ ...written, author: south, comment: '合成 丙' }, north), [remark, other])
    expect(fold(...both, placed(own, north, 2)).faults).toHaveLength(1)
  })

  test('[WORK-9] nothing becomes accepted that the other party did not accept, or took back', () => {
    const down = change({ ...written, comment: '合成 收回' }, [acceptance])
    const rejected = change({ ...accepted(written, south), state: 'rejected' }, [first])
    const alteration = change({ ...written, relation: 'equal', comment: '合成' }, [first])
    const cases = [
      // Taken back by the reviewer, who had accepted it.
      [[placed(down, south, 2)], change(merged, [acceptance, remark, down])],
      [[placed(down, south, 2)], change(merged, [remark, down])],
      // Accepted and rejected at once.
      [[placed(rejected, south, 2)], change(merged, [acceptance, rejected])],
      [[placed(rejected, south, 2)], change(merged, [acceptance, remark, rejected])],
      // Altered at the same time.
      [[placed(alteration, north, 2)], change({ ...merged, relation: 'equal' }, [acceptance, alteration])],
      [[placed(alteration, north, 2)], change(merged, [acceptance, alteration])],
    ] as const
    for (const [more, record] of cases) {
      const { rows, faults } = fold(...crossed, ...more, placed(record, north, 3))
      expect(faults.map(({ by }) => by)).toEqual([north])
      expect(rows[0]?.heads.some(({ index }) => index === 3)).toBe(false)
    }
  })
})
