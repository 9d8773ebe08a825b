import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillTray } from '../../../node/agreement/conflict-tray.ts'
import { spellRow } from '../../../node/agreement/named-row.ts'
import { coverProject } from '../../../node/agreement/project-coverage.ts'
import { chooseRows, openRow, stateOf } from '../../../node/agreement/project-row.ts'
import { checkMapping } from '../../../protocol/mapping/rule/check.ts'
import { foldWorkspace } from '../../../protocol/mapping/work/fold.ts'
import type { PlacedChange } from '../../../protocol/mapping/work/version.ts'
import type { MappingRow } from '../../../protocol/record/mapping-row.ts'
import { editions, ours, placed, rowBetween, sampleChanges, theirs } from '../console/fake-work.ts'

const [ourEdition, theirEdition] = [...editions.values()]
const caseOf = (changes: readonly PlacedChange[]) => ({
  workspace: foldWorkspace(changes, [ours, theirs]),
  editions,
  self: ours,
  parties: [ours, theirs],
})
const sideOf = (issuer: string) => (issuer === ours ? ('ours' as const) : ('theirs' as const))

const anyRow: fc.Arbitrary<MappingRow> = fc
  .record({
    uid: fc.constantFrom('c4-1', 'c4-2', 'c5-1', 'c9'),
    relation: fc.constantFrom('equal', 'superset', 'subset', 'intersects', 'conflict'),
    state: fc.constantFrom('candidate', 'draft', 'in-review', 'rejected'),
  })
  .map(({ uid, ...rest }) => rowBetween(uid, rest as Partial<MappingRow>))
const anyChanges = fc
  .array(anyRow, { maxLength: 30 })
  .map((rows) => rows.map((mapping, i) => placed({ row: `r${i}`, bases: [], mapping }, theirs, i)))

describe('the rows of a project', () => {
  test('[CONSOLE-12] pages of any size hold each row once, and states make the whole', () => {
    fc.assert(
      fc.property(anyChanges, fc.integer({ min: 1, max: 7 }), (changes, limit) => {
        const given = caseOf(changes)
        const { total } = chooseRows(given, { limit, offset: 0 })
        const seen: string[] = []
        for (let offset = 0; offset < total; offset += limit)
          seen.push(...chooseRows(given, { limit, offset }).rows.map(({ row }) => row))
        expect(seen).toEqual(given.workspace.rows.map(({ row }) => row))
        const states = [
          'candidate',
          'draft',
          'in-review',
          'accepted',
          'rejected',
          'conflict',
          'withdrawn',
        ] as const
        const counts = states.map((state) => chooseRows(given, { state, limit: 1, offset: 0 }).total)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total)
      }),
    )
  })

  test('[CONSOLE-12] limits are told from our side, whichever way the row is written', () => {
    const forth = rowBetween('c4-1')
    const back = { ...forth, subject: forth.object!, object: forth.subject }
    for (const mapping of [forth, back])
      expect(spellRow(mapping, editions, sideOf).limits?.words[0]?.zh).toBe(
        '年度运行费用：我方更严：≤1010 对 ≤1020 元/m²',
      )
  })

  test('[CONSOLE-12] what is not here is named as it stands, and guessed at in nothing', () => {
    const { subject, object, limits, text } = spellRow(rowBetween('c4-1'), new Map(), sideOf)
    expect(subject).toEqual({
      edition: ourEdition!.id,
      digest: ourEdition!.digest,
      side: 'other',
      clause: { uid: 'c4-1', limits: [] },
    })
    expect([object?.number, limits, text]).toEqual([undefined, undefined, 'unknown'])
    expect(spellRow(rowBetween('c99'), editions, sideOf).subject.clause).toEqual({ uid: 'c99', limits: [] })
  })

  test('[CONSOLE-13] a row has its versions in order, those that stand, and those that do not count', () => {
    const given = caseOf([
      ...sampleChanges(),
      placed({ row: 'r1', bases: [], mapping: rowBetween('c5-1') }, 'did:web:stranger', 9),
    ])
    const contested = openRow(given, 'r2')!
    expect(contested.history.map(({ stands }) => stands)).toEqual([false, true, true])
    expect(contested.heads.map(({ by }) => by).toSorted()).toEqual([ours, theirs].toSorted())
    expect([contested.state, contested.contested]).toEqual(['conflict', ['relation']])
    expect(openRow(given, 'r1')!.history.filter(({ counts }) => !counts)).toHaveLength(1)
    expect(openRow(given, 'none')).toBeUndefined()
  })

  test('[CONSOLE-11] the tray begins with what is contested, then errors, M2 and M3 before the others', () => {
    const { workspace } = caseOf(sampleChanges())
    const rows = workspace.rows.flatMap(({ row, mapping, standing }) =>
      mapping && standing !== 'conflict' ? [{ row, mapping }] : [],
    )
    const report = checkMapping(rows, {
      edition: (id, digest) => editions.get(`${id} ${digest}`),
      parties: [ours, theirs],
    })
    const { items } = fillTray(workspace, report)
    expect(items[0]).toMatchObject({ kind: 'contested', row: 'r2', heads: [{}, {}] })
    const found = items.flatMap((item) => (item.kind === 'finding' ? [item.finding] : []))
    expect(found[0]).toMatchObject({ rule: 'M2', code: 'exact-and-broader', severity: 'error' })
    const severities = found.map(({ severity }) => severity)
    expect(severities).toEqual(severities.toSorted())
    expect(workspace.rows.filter((row) => stateOf(row) === 'conflict').map(({ row }) => row)).toEqual(['r2'])
  })

  test('[CONSOLE-10] coverage counts each clause once, in whole and by class', () => {
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const rows = caseOf(changes).workspace.rows.flatMap(({ row, mapping }) =>
          mapping ? [{ row, mapping }] : [],
        )
        const { whole, byClass } = coverProject([ourEdition!], [theirEdition!], rows)
        const { total, ...parts } = whole
        expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(total)
        expect(total).toBe(ourEdition!.subject.clauses!.length)
        expect(byClass.map(({ coverage }) => coverage)).toEqual([whole])
      }),
    )
  })
})
