import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxHeads } from '../../../../protocol/mapping/work/ancestry.ts'
import { foldWorkspace } from '../../../../protocol/mapping/work/fold.ts'
import { replaceRow } from '../../../../protocol/mapping/work/propose.ts'
import { type PlacedChange, versionDigest } from '../../../../protocol/mapping/work/version.ts'
import type { Workspace } from '../../../../protocol/mapping/work/workspace.ts'
import type { MappingChange } from '../../../../protocol/record/mapping-proposal.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'
import { someRow } from './row-arbitrary.ts'
import { accepted, change, draft, north, parties, placed, south } from './sample.ts'

/** What is shown of a workspace. */
function shown({ rows, conflicts, faults, waiting }: Workspace): string {
  return JSON.stringify({ rows, conflicts, faults, waiting })
}

const someParty = fc.constantFrom(north, south, 'did:web:localhost%3A7403')

/** A set of changes of three rows, each standing on any of those before it, honest or not. */
const history = fc
  .array(
    fc.record({
      by: someParty,
      row: fc.constantFrom('r1', 'r1', 'r2', 'r3'),
      mapping: fc.option(someRow, { nil: undefined }),
      accepts: fc.boolean(),
      bases: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
    { maxLength: 14 },
  )
  .map((steps) => {
    const made: PlacedChange[] = []
    for (const [i, { by, row, mapping, accepts, bases }] of steps.entries()) {
      const before = bases.flatMap((n) => (i > 0 ? [made[n % i]!.change] : []))
      const kept = before[0]?.mapping ?? mapping
      const said: MappingRow | undefined = accepts && kept ? accepted(kept, by) : mapping
      const sameRow = before[0]?.row ?? row
      made.push(placed(change(said, before, bases.length > 2 ? row : sameRow), by, i))
    }
    return made
  })

const shuffled = history.chain((changes) =>
  fc.tuple(
    fc.constant(changes),
    fc.shuffledSubarray([...changes, ...changes], { minLength: changes.length * 2 }),
  ),
)

describe('the workspace is a function of a set', () => {
  test('[WORK-11] any order and any repetition of the changes gives the same workspace', () => {
    fc.assert(
      fc.property(shuffled, ([changes, others]) => {
        expect(shown(foldWorkspace(others, parties))).toBe(shown(foldWorkspace(changes, parties)))
        expect(shown(foldWorkspace(others, parties.toReversed()))).toBe(
          shown(foldWorkspace(changes, parties)),
        )
      }),
    )
  })

  test('[WORK-11] what is split over records, logs and times of arrival is joined again: parts leave no trace', () => {
    fc.assert(
      fc.property(history, fc.func(fc.boolean()), (changes, takes) => {
        const one = changes.filter((placedChange) => takes(placedChange))
        const other = changes.filter((placedChange) => !takes(placedChange))
        const early = foldWorkspace(one, parties)
        expect(early.rows.length).toBeLessThanOrEqual(changes.length)
        expect(shown(foldWorkspace([...other, ...one], parties))).toBe(shown(foldWorkspace(changes, parties)))
      }),
    )
  })

  test('[WORK-9] no row is accepted but by a party that did not write it', () => {
    fc.assert(
      fc.property(history, (changes) => {
        for (const { mapping, authors } of foldWorkspace(changes, parties).rows) {
          if (mapping?.state !== 'accepted') continue
          expect(authors.some((author) => author !== mapping.reviewer)).toBe(true)
          expect(
            changes.some(
              ({ by, change: { mapping: said } }) => by === mapping.reviewer && said?.reviewer === by,
            ),
          ).toBe(true)
        }
      }),
    )
  })

  test('[WORK-4] two parties that edit apart and then exchange come to one workspace, and to one row once it is recorded', () => {
    const edits = fc.array(
      fc.record({ row: fc.constantFrom('r1', 'r2'), mapping: fc.option(someRow, { nil: undefined }) }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(edits, edits, (norths, souths) => {
        const begin = [placed(change(draft)), placed(change(draft, [], 'r2'))]
        const work = (by: string, steps: typeof norths) => {
          const own = [...begin]
          for (const [i, { row, mapping }] of steps.entries()) {
            const now = foldWorkspace(own, parties).rows.find((one) => one.row === row)
            own.push(placed(replaceRow(now, row, mapping), by, i + 2))
          }
          return own
        }
        const [ours, theirs] = [work(north, norths), work(south, souths)]
        const atNorth = foldWorkspace([...ours, ...theirs], parties)
        const atSouth = foldWorkspace([...theirs, ...ours], parties)
        expect(shown(atNorth)).toBe(shown(atSouth))
        expect(atNorth.waiting).toEqual([])
        const settled = atNorth.rows.map((row, i) =>
          placed(replaceRow(row, row.row, row.mapping ?? draft), south, 50 + i),
        )
        const after = foldWorkspace([...settled, ...ours, ...theirs], parties)
        expect(after.conflicts).toEqual([])
        expect(after.rows.every(({ standing }) => standing === 'recorded')).toBe(true)
      }),
    )
  })
})

describe('bounds', () => {
  // Many times what it takes: what is not linear takes minutes. How fast it is, the bench says.
  const within = (milliseconds: number, run: () => Workspace) => {
    const start = performance.now()
    const workspace = run()
    expect(performance.now() - start).toBeLessThan(milliseconds)
    return workspace
  }

  test('[WORK-7] thousands of versions that stand at once cost no more than as many rows', () => {
    const first = change(draft)
    const many = Array.from({ length: 20_000 }, (_, i) =>
      placed(change({ ...draft, comment: `合成 ${i}` }, [first]), south, i + 1),
    )
    const { rows, conflicts } = within(20_000, () => foldWorkspace([placed(first), ...many], parties))
    expect(rows[0]?.heads).toHaveLength(maxHeads)
    expect(conflicts).toMatchObject([{ more: 20_000 - maxHeads }])
  })

  test('[WORK-7] a chain of tens of thousands of versions, crossed all the way, is walked without recursion', () => {
    const changes: PlacedChange[] = []
    let standing: readonly MappingChange[] = []
    for (let i = 0; i < 15_000; i++) {
      const next = [0, 1].map((n) => change({ ...draft, comment: `合成 ${i} ${n}` }, standing))
      changes.push(...next.map((one, n) => placed(one, [north, south][n], i)))
      standing = next
    }
    const { rows, waiting } = within(20_000, () => foldWorkspace(changes.toReversed(), parties))
    expect(rows[0]).toMatchObject({ standing: 'conflict' })
    expect(rows[0]?.heads).toHaveLength(2)
    expect(waiting).toEqual([])
    const cut = within(20_000, () => foldWorkspace(changes.slice(2), parties))
    expect(cut.waiting).toHaveLength(changes.length - 2)
    expect(cut.rows).toMatchObject([{ incomplete: true, heads: [] }])
  })

  test('[WORK-7] a hundred thousand rows fold in seconds: none is compared with all others', () => {
    const changes = Array.from({ length: 100_000 }, (_, i) =>
      placed(change(draft, [], `r${i}`), north, Math.floor(i / 2000)),
    )
    expect(within(20_000, () => foldWorkspace(changes, parties)).rows).toHaveLength(100_000)
  })

  test('[WORK-2] a version that names itself could only wait', () => {
    const own: MappingChange = { row: 'r1', bases: [versionDigest(change(draft))], mapping: draft }
    expect(foldWorkspace([placed(own)], parties).waiting).toHaveLength(1)
  })
})
