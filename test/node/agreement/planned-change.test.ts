import { describe, expect, test } from 'vitest'
import { findNew, planChange } from '../../../node/agreement/planned-change.ts'
import type { MappingRow } from '../../../protocol/record/mapping-row.ts'
import { change, draft, parties } from '../../protocol/mapping/work/sample.ts'

const row = (name: string, mapping: MappingRow) => ({
  row: name,
  mapping,
  standing: 'recorded' as const,
  heads: [],
  authors: [],
})
const lookup = { edition: () => undefined, parties: parties as [string, string] }

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

describe('what the rules would find once it is written', () => {
  const close: MappingRow = { ...draft, predicate: 'close-match', relation: 'superset', state: 'in-review' }

  test('[WORK-35] a finding that is there already is not told again; one that the file makes is', () => {
    const rows = [row('r1', close)]
    expect(findNew({ rows }, [change({ ...close, comment: '合成' }, [], 'r1')], lookup)).toEqual({
      findings: [],
      omitted: 0,
    })
    const { findings } = findNew({ rows }, [change({ ...close, relation: 'conflict' }, [], 'r2')], lookup)
    expect(findings.length).toBeGreaterThan(0)
    expect(findings.every(({ rows: names }) => names.includes('r2'))).toBe(true)
    expect(findings.map(({ rule }) => rule)).toContain('M1')
  })

  test('[WORK-35] a row that is withdrawn leaves what rests on it without its ground', () => {
    const given: MappingRow = { ...close, predicate: 'exact-match', relation: 'equal', state: 'accepted' }
    const turned: MappingRow = {
      ...given,
      subject: given.object ?? given.subject,
      object: given.subject,
      justification: 'mapping-inversion',
      derivedFrom: ['r1'],
    }
    const rows = [row('r1', given), row('r2', turned)]
    const { findings } = findNew({ rows }, [{ row: 'r1', bases: [] }], lookup)
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'M7', rows: expect.arrayContaining(['r2']) }),
    )
  })

  test('[WORK-35] what is found more often than it is listed is counted', () => {
    const many = Array.from({ length: 230 }, (_, i) => change(close, [], `n${i}`))
    const { findings, omitted } = findNew({ rows: [] }, many, lookup)
    expect(omitted).toBeGreaterThan(0)
    expect(findings.length).toBeGreaterThanOrEqual(200)
  })
})
