import { digestOf } from '../../../../protocol/hash.ts'
import { type PlacedChange, versionDigest } from '../../../../protocol/mapping/work/version.ts'
import type { MappingChange } from '../../../../protocol/record/mapping-proposal.ts'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'

/** Two agencies that are not there; all of it is synthetic. */
export const north = 'did:web:localhost%3A7401'
export const south = 'did:web:localhost%3A7402'
export const parties = [north, south]

const edition = (n: number) => `https://localhost:740${n}/id/00000000-0000-4000-8000-000000000000`

export const draft: MappingRow = {
  subject: { edition: edition(1), digest: digestOf('north'), clause: 'c5' },
  object: { edition: edition(2), digest: digestOf('south'), clause: 'c6' },
  predicate: 'close-match',
  relation: 'superset',
  justification: 'manual-curation',
  state: 'draft',
  author: north,
  authorLabel: '合成 比对岗',
  subjectValue: '≤1200 元/m²',
  objectValue: '≤1500 元/m²',
  differences: ['value'],
}

export function change(
  mapping: MappingRow | undefined,
  bases: readonly MappingChange[] = [],
  row = 'r1',
): MappingChange {
  const digests = bases.map(versionDigest)
  return mapping === undefined ? { row, bases: digests } : { row, bases: digests, mapping }
}

/** A change where it was logged. */
export function placed(one: MappingChange, by = north, index = 0): PlacedChange {
  const origin = `${by === south ? 'localhost:7402' : 'localhost:7401'}/log/1`
  return {
    change: one,
    by,
    origin,
    index,
    at: `2026-01-05T01:10:00.${String(index % 1000).padStart(3, '0')}Z`,
  }
}

export function accepted(mapping: MappingRow, by: string): MappingRow {
  return { ...mapping, state: 'accepted', reviewer: by, reviewedOn: '2026-01-06' }
}
