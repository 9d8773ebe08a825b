import { describe, expect, test } from 'vitest'
import { findInProject, findNew } from '../../../node/agreement/project-finding.ts'
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

describe('what the rules have against a project', () => {
  const exact: MappingRow = {
    ...draft,
    predicate: 'exact-match',
    relation: 'equal',
    state: 'in-review',
    author: parties[0] ?? '',
  }
  const broad: MappingRow = { ...exact, predicate: 'broad-match', relation: 'broader' }
  const by = (name: string, mapping: MappingRow, standing: 'recorded' | 'conflict' = 'recorded') => ({
    ...row(name, mapping),
    standing,
    authors: [parties[0] ?? ''],
  })
  const rulesOf = (found: { readonly findings: readonly { readonly code: string }[] }) =>
    found.findings.map(({ code }) => code)

  test('[WORK-36] what contradicts each other is told before both are accepted', () => {
    const found = findInProject({ rows: [by('r1', exact), by('r2', broad)] }, lookup, '2026-06-01')
    expect(rulesOf(found)).not.toContain('exact-and-broader')
    expect(rulesOf(found.ifAccepted)).toContain('exact-and-broader')
    // Reviewed by the other party, on that day: nothing of M4 is made up.
    expect(found.ifAccepted.findings.filter(({ rule }) => rule === 'M4')).toEqual([])
  })

  test('[WORK-36] once they are accepted it is an error; rows in conflict and rejected ones make none', () => {
    const review = { state: 'accepted', reviewer: parties[1] ?? '', reviewedOn: '2026-06-01' } as const
    const rows = [by('r1', { ...exact, ...review }), by('r2', { ...broad, ...review })]
    const found = findInProject({ rows }, lookup, '2026-06-01')
    expect(found.findings).toContainEqual(
      expect.objectContaining({ code: 'exact-and-broader', severity: 'error' }),
    )
    expect(found.ifAccepted).toEqual({ findings: [], omitted: 0 })
    const torn = [by('r1', { ...exact, ...review }), by('r2', broad, 'conflict')]
    expect(rulesOf(findInProject({ rows: torn }, lookup, '2026-06-01').ifAccepted)).toEqual([])
    const rejected = [by('r1', { ...exact, ...review }), by('r2', { ...broad, ...review, state: 'rejected' })]
    expect(rulesOf(findInProject({ rows: rejected }, lookup, '2026-06-01'))).not.toContain(
      'exact-and-broader',
    )
  })
})
