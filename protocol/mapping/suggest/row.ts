import { sha256Hex } from '../../hash.ts'
import type { MappingRow, NamedRow, Pin } from '../../record/mapping-row.ts'
import { conceptOf } from '../rule/row-set.ts'
import type { Suggestion } from './suggestion.ts'

/** With what the names of these rows begin, and no name that people give. */
export const suggestedName = 'suggested-'

/**
 * Suggestions as rows of mapping work: candidates that say why, name nobody as their author, state no relation, and that nothing rests on
 * before people took them up. Their names follow from what they join, so that suggesting again adds nothing to what stands.
 *
 * @see spec/mapping.md, MAP-83
 */
export function candidateRows(
  suggestions: readonly Suggestion[],
  { a, b }: { readonly a: readonly Pin[]; readonly b: readonly Pin[] },
): readonly NamedRow[] {
  return suggestions.flatMap(({ a: n, b: m, score, reason }) => {
    const [subject, object] = [a[n], b[m]]
    return subject && object ? [candidateRow(subject, object, { score, reason: reason.zh })] : []
  })
}

function candidateRow(
  subject: Pin,
  object: Pin,
  { score, reason }: { readonly score: string; readonly reason: string },
): NamedRow {
  const name = sha256Hex(`${conceptOf(subject)} ${conceptOf(object)}`).slice(0, 32)
  const mapping: MappingRow = {
    subject,
    object,
    predicate: 'close-match',
    justification: 'composite-matching',
    state: 'candidate',
    certainty: score.replace(/\.?0+$/, ''),
    comment: reason,
  }
  return { row: suggestedName + name, mapping }
}
