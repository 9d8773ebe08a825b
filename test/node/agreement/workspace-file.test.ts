import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportTsv, planDigest, planImport, readTsvRows } from '../../../node/agreement/workspace-file.ts'
import type { ReadWorkspace } from '../../../node/agreement/workspace-read.ts'
import { foldWorkspace } from '../../../protocol/mapping/work/fold.ts'
import type { PlacedChange } from '../../../protocol/mapping/work/version.ts'
import { someRow } from '../../protocol/mapping/work/row-arbitrary.ts'
import { change, draft, north, parties, placed, south } from '../../protocol/mapping/work/sample.ts'

const project = {
  id: 'bishan-meishan',
  nameZh: '璧山—眉山（合成）',
  parties: [north, south] as [string, string],
}
const naming = { address: 'http://localhost:7401/api/v1/projects/bishan-meishan/mapping', title: '合成' }

function read(...changes: readonly PlacedChange[]): ReadWorkspace {
  const sizeOf = (origin: string) =>
    Math.max(0, ...changes.filter((one) => one.origin === origin).map(({ index }) => index + 1))
  const asOf = ['localhost:7401/log/1', 'localhost:7402/log/1'].map((origin) => ({
    origin,
    size: sizeOf(origin),
  }))
  return { changes, workspace: foldWorkspace(changes, parties), asOf }
}

const plan = (state: ReadWorkspace, bytes: Uint8Array, withdraw = false) =>
  planImport(state, readTsvRows(state, bytes, { project, withdraw }))
const first = change(draft)

describe('a workspace as a file', () => {
  test('[WORK-34] what goes out and comes back unedited says what it said, whatever the rows are', () => {
    fc.assert(
      fc.property(fc.array(someRow, { maxLength: 8 }), (rows) => {
        const said = rows.map((mapping) => {
          const { reviewer: _, object, relation, ...rest } = mapping
          return object && relation !== undefined
            ? { ...rest, object, relation }
            : { ...rest, ...(object ? { object } : {}) }
        })
        const state = read(...said.map((mapping, i) => placed(change(mapping, [], `r${i}`), north, i)))
        const { changes, conflicts, faults, unchanged } = plan(state, exportTsv(state, naming), true)
        expect({ changes, conflicts, faults, unchanged }).toEqual({
          changes: [],
          conflicts: [],
          faults: [],
          unchanged: said.length,
        })
      }),
    )
  })

  test('[WORK-34] a row in conflict is not in the file, and its absence means nothing', () => {
    const torn = [
      placed(change({ ...draft, relation: 'equal' }, [first]), north, 1),
      placed(change({ ...draft, relation: 'subset' }, [first]), south, 1),
    ]
    const state = read(placed(first), ...torn)
    const bytes = exportTsv(state, naming)
    expect(new TextDecoder().decode(bytes)).not.toContain('r1')
    expect(plan(state, bytes, true)).toMatchObject({ changes: [], conflicts: [], unchanged: 0 })
  })

  test('[WORK-35] the base of a file is the workspace as it was: what came since is kept', () => {
    const before = read(placed(first), placed(change(draft, [], 'r2')))
    const bytes = exportTsv(before, naming)
    const late = placed(change({ ...draft, relation: 'equal' }, [first]), south, 3)
    const now = read(...before.changes, late)
    expect(plan(now, bytes)).toMatchObject({ changes: [], conflicts: [], unchanged: 2 })
    const text = new TextDecoder().decode(bytes)
    const only = text
      .split('\n')
      .filter((line) => !/\br1\b/.test(line))
      .join('\n')
    const withdrawn = plan(before, new TextEncoder().encode(only), true)
    expect(withdrawn.changes).toEqual([change(undefined, [first])])
    expect(withdrawn.summary).toMatchObject([{ row: 'r1', kind: 'withdrawn', fields: [] }])
    expect(plan(now, new TextEncoder().encode(only), true)).toMatchObject({
      changes: [],
      conflicts: [{ row: 'r1', why: 'fields' }],
    })
    expect(planDigest(withdrawn)).toMatch(/^sha256:/)
    expect(planDigest(plan(before, bytes))).not.toBe(planDigest(withdrawn))
  })

  test('[WORK-35] a file made from more than is here waits; one that names nothing knows no row', () => {
    const state = read(placed(first), placed(change(draft, [], 'r2'), north, 1))
    const bytes = exportTsv(state, naming)
    expect(() => plan(read(placed(first)), bytes)).toThrow(
      expect.objectContaining({ code: 'PENDING_DEPENDENCY' }),
    )
    const foreign = new TextEncoder().encode(
      new TextDecoder().decode(bytes).replace(/\?as-of=\S*?(?="?\n)/, ''),
    )
    expect(plan(state, foreign)).toMatchObject({ changes: [], unchanged: 2 })
    expect(() => plan(state, foreign, true)).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID', place: { pointer: '/withdraw' } }),
    )
    const now = read(...state.changes, placed(change({ ...draft, relation: 'equal' }, [first]), south, 1))
    expect(plan(now, foreign).conflicts).toMatchObject([{ row: 'r1', why: 'fields' }])
    const odd = new TextEncoder().encode(new TextDecoder().decode(bytes).replace('%40', '%400'))
    expect(() => plan(state, odd)).toThrow(expect.objectContaining({ code: 'SSSOM_VALUE_INVALID' }))
  })
})
