import { expect, test } from 'vitest'
import { draftRecognition } from '../../../../node/agreement/draft/recognition.ts'
import { digestOf } from '../../../../protocol/hash.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'

const [north, south] = ['did:web:north.example', 'did:web:south.example']

function accepted(ours: string, theirs: string, change: Partial<MappingRow>): any {
  const pin = (name: string, clause: string) => ({
    edition: `https://${name}.example/id/00000000-0000-4000-8000-000000000000`,
    digest: digestOf(name),
    clause,
  })
  return {
    subject: pin('north', ours),
    object: pin('south', theirs),
    predicate: 'exact-match',
    relation: 'equal',
    justification: 'manual-curation',
    state: 'accepted',
    author: north,
    reviewer: south,
    reviewedOn: '2026-02-01',
    ...change,
  }
}

const draft = (mappings: Readonly<Record<string, MappingRow>>, rows?: readonly string[]) => {
  const workspace = Object.entries(mappings).map(([row, mapping]) => ({ row, mapping, standing: 'recorded' }))
  const terms = {
    basis: { number: '合成发〔2026〕1号', digest: digestOf('basis') },
    acceptBy: '2026-03-01',
    effectiveFrom: '2026-02-01',
    validUntil: '2027-02-01',
    onRevision: 'lapse' as const,
    graceDays: 0,
    noticeDays: 30,
    rows,
  }
  return draftRecognition(terms, {
    project: { id: 'north-south', parties: [north, south] },
    random: (length: number) => new Uint8Array(length),
    formatUuid: () => '00000000-0000-4000-8000-000000000000',
    workspace: { rows: workspace },
    issuerOf: (edition: string) => `did:web:${new URL(edition).host}`,
    labelOf: () => undefined,
  } as any).agreement.effects.map(({ row }) => row)
}

test('[AGREE-101] what contradicts another accepted row is not relied on, also where that gives nothing', () => {
  const chain = {
    x1: accepted('c4', 'c4', {}),
    x2: accepted('c6', 'c4', {}),
    x3: accepted('c6', 'c6', {}),
    y1: accepted('c8', 'c8', { predicate: 'close-match', relation: 'superset' }),
  }
  expect(draft(chain)).toEqual(['x1', 'x2', 'x3', 'y1'])
  const torn = { ...chain, x4: accepted('c4', 'c6', { predicate: 'related-match', relation: 'related' }) }
  expect(() => draft(torn)).toThrow(
    expect.objectContaining({
      code: 'MAPPING_INVALID',
      message: expect.stringContaining('x4 → x1 → x2 → x3'),
    }),
  )
  // What has no part in it may be relied on, and so may all once one of them was put right.
  expect(draft(torn, ['y1'])).toEqual(['y1'])
  const rejected = { ...torn, x4: { ...torn.x4, state: 'rejected' as const } }
  expect(draft(rejected)).toEqual(['x1', 'x2', 'x3', 'y1'])
})
