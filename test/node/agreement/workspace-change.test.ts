import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draftProposals, fillBases, requireCounting } from '../../../node/agreement/workspace-change.ts'
import type { ReadWorkspace } from '../../../node/agreement/workspace-read.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { foldWorkspace } from '../../../protocol/mapping/work/fold.ts'
import type { PlacedChange } from '../../../protocol/mapping/work/version.ts'
import { versionDigest } from '../../../protocol/mapping/work/version.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'
import { maxChanges } from '../../../protocol/record/mapping-proposal.ts'
import { maxRecordBytes } from '../../../protocol/record/schema.ts'
import { accepted, change, draft, north, parties, placed, south } from '../../protocol/mapping/work/sample.ts'

const project = {
  id: 'bishan-meishan',
  nameZh: '璧山—眉山（合成）',
  parties: [north, south] as [string, string],
}

function read(...changes: readonly PlacedChange[]): ReadWorkspace {
  return { changes, workspace: foldWorkspace(changes, parties), asOf: [] }
}

const first = change(draft)
const second = change({ ...draft, relation: 'equal' }, [first])

describe('changes that are asked for', () => {
  test('[WORK-31] what the caller saw becomes the base if it stands still', () => {
    const expected = [versionDigest(first)]
    expect(
      fillBases(read(placed(first)), [{ row: 'r1', mapping: second.mapping, expect: expected }]),
    ).toEqual([second])
    expect(fillBases(read(), [{ row: 'r1', mapping: draft }])).toEqual([first])
    for (const seen of [undefined, [], expected])
      expect(() =>
        fillBases(read(placed(first), placed(second, south, 1)), [
          { row: 'r1', mapping: { ...draft, strength: 1 }, ...(seen ? { expect: seen } : {}) },
        ]),
      ).toThrow(
        expect.objectContaining({ code: 'VERSION_CONFLICT', place: { pointer: '/changes/0/expect' } }),
      )
  })

  test('[WORK-31] a row stands once in what is asked for, in however many records it would go', () => {
    expect(() =>
      fillBases(read(), [
        { row: 'r1', mapping: draft },
        { row: 'r1', mapping: draft },
      ]),
    ).toThrow(expect.objectContaining({ code: 'RULE_VIOLATED', place: { pointer: '/changes/1/row' } }))
  })

  test('[WORK-31] a change that stands already is not made again', () => {
    const request = [{ row: 'r1', mapping: second.mapping, expect: [versionDigest(first)] }]
    expect(fillBases(read(placed(first), placed(second, south, 1)), request)).toEqual([])
  })

  test('[WORK-32] a change that would count for nothing, or wait, is refused; all that would are named', () => {
    const known = read(placed(first), placed(change(draft, [], 'r2')))
    const own = { project, self: north, origin: 'localhost:7401/log/1' }
    const refused = [
      change(accepted(draft, north), [first]),
      change(draft, [second], 'r2'),
      change({ ...draft, strength: 1 }, [], 'r3'),
    ]
    try {
      requireCounting(known, refused, own)
      expect.unreachable()
    } catch (error: any) {
      expect(error.code).toBe('ATTESTATION_SAME_PARTY')
      expect(error.faults.map(({ row, code, pointer }: any) => [row, code, pointer])).toEqual([
        ['r1', 'ATTESTATION_SAME_PARTY', '/changes/0'],
        ['r2', 'PENDING_DEPENDENCY', '/changes/1'],
      ])
    }
    expect(() => requireCounting(known, [change(draft, [first], 'r2')], own)).toThrow(
      expect.objectContaining({ code: 'RULE_VIOLATED' }),
    )
    expect(() => requireCounting(known, [second], own)).not.toThrow()
    const { object: _, ...torn } = draft
    expect(() => requireCounting(known, [change(torn, [first])], own)).toThrow(
      expect.objectContaining({ code: 'RULE_VIOLATED' }),
    )
  })
})

describe('records of changes', () => {
  const wide = {
    ...draft,
    comment: '合'.repeat(2000),
    conditions: Array.from({ length: 20 }, () => '附'.repeat(500)),
  }

  test('[WORK-31] changes go into as few records as fit, in their order, each a record that can be published', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(draft, draft, wide, { ...draft, derivedFrom: Array(50).fill('r1') }), {
          maxLength: 120,
        }),
        (mappings) => {
          const changes = mappings.map((mapping, i) => change(mapping, [], `r${i}`))
          const drafts = draftProposals(project, changes, { synthetic: true })
          for (const one of drafts) {
            expect(canonicalBytes(one).length).toBeLessThan(maxRecordBytes - 4096)
            expect(parseDraft(one).type).toBe('MappingProposal')
          }
          const logged = drafts.flatMap(({ credentialSubject }: any) => credentialSubject.changes)
          expect(logged).toEqual(changes)
          const size = changes.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0)
          expect(drafts.length).toBeLessThanOrEqual(Math.ceil(size / 800_000))
        },
      ),
      { numRuns: 20 },
    )
    const many = Array.from({ length: 2 * maxChanges + 1 }, (_, i) => change(undefined, [first], `r${i}`))
    expect(draftProposals(project, many, { synthetic: false, note: '合成' })).toHaveLength(3)
    expect(draftProposals(project, [], { synthetic: false })).toEqual([])
  })
})
