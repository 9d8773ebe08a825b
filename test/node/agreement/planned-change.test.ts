import { describe, expect, test } from 'vitest'
import { planChange } from '../../../node/agreement/planned-change.ts'
import { change, draft } from '../../protocol/mapping/work/sample.ts'

describe('what an import would do to a row', () => {
  test('[WORK-35] a change has each value with what it is now', () => {
    const { comment: _, ...was } = draft
    const planned = planChange(change({ ...was, relation: 'equal', comment: '合成' }), {
      ...was,
      relation: 'superset',
    })
    expect(planned).toMatchObject({ kind: 'changed', fields: ['relation', 'comment'] })
    expect(planned?.values).toEqual([
      { field: 'relation', was: 'superset', becomes: 'equal' },
      { field: 'comment', becomes: '合成' },
    ])
  })

  test('[WORK-35] a new row says what it says, one that is withdrawn what it said, and both what they are about', () => {
    const made = planChange(change({ ...draft, relation: 'equal', state: 'in-review' }), undefined)
    expect(made).toMatchObject({ kind: 'new', fields: [], about: { subject: draft.subject } })
    expect(made?.values).toContainEqual({ field: 'relation', becomes: 'equal' })
    const gone = planChange({ row: 'r1', bases: [] }, { ...draft, relation: 'subset' })
    expect(gone).toMatchObject({ kind: 'withdrawn', about: { subject: draft.subject } })
    expect(gone?.values).toContainEqual({ field: 'relation', was: 'subset' })
    expect(planChange({ row: 'r1', bases: [] }, undefined)).toBeUndefined()
  })
})
