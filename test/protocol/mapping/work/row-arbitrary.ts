import fc from 'fast-check'
import type { MappingRow } from '../../../../protocol/record/mapping-row.ts'
import { draft, north } from './sample.ts'

/** Rows that often agree. */
export const someRow: fc.Arbitrary<MappingRow> = fc
  .record(
    {
      relation: fc.constantFrom('equal', 'superset', 'subset'),
      predicate: fc.constantFrom('exact-match', 'close-match'),
      state: fc.constantFrom('draft', 'in-review', 'rejected'),
      reviewer: fc.constant(north),
      differences: fc.constantFrom<MappingRow['differences']>(['value'], ['scope'], ['value', 'scope']),
      comment: fc.constantFrom('合成 甲', '合成 乙'),
      strength: fc.integer({ min: 0, max: 2 }),
      object: fc.constantFrom(draft.object, { ...draft.subject, clause: 'c7' }),
    },
    { requiredKeys: ['predicate', 'state', 'object'] },
  )
  .map((some) => ({ subject: draft.subject, justification: draft.justification, ...some }))
