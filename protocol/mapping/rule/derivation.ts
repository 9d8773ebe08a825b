import type { MappingRow, NamedRow, Pin } from '../../record/mapping-row.ts'
import type { Relation } from '../../record/mapping-word.ts'
import type { FindingCode } from './code.ts'
import type { Findings } from './collection.ts'
import { type FindingDetail, findingOf } from './finding.ts'
import { inversePredicate, inverseRelation } from './relation.ts'
import { conceptOf, isDerived, isRelied, isSamePin } from './row-set.ts'

/**
 * M7: a derived row names the rows that it follows from; these are there, were accepted, and give it; and it counts as reviewed nowhere.
 *
 * @see spec/mapping.md, MAP-66
 */
export function checkDerivation(row: NamedRow, byName: ReadonlyMap<string, NamedRow>, found: Findings): void {
  if (!isDerived(row)) return
  const { mapping } = row
  const add = (code: FindingCode, detail?: FindingDetail) =>
    found.add(code, () => findingOf(code, row, detail))
  if (mapping.state === 'accepted' || mapping.reviewer !== undefined || mapping.reviewedOn !== undefined)
    add('derived-as-reviewed')
  const names = mapping.derivedFrom ?? []
  if (names.length === 0) add('inputs-missing')
  const inputs = names.flatMap((name) => byName.get(name) ?? [])
  if (names.length === 0) return
  if (inputs.length < names.length) {
    const missing = names.filter((name) => !byName.has(name)).join('、')
    add('input-unknown', { words: { zh: missing, en: missing } })
    return
  }
  if (!inputs.every(isRelied)) add('input-not-accepted', { chain: names, severity: 'warning' })
  const mappings = inputs.map((input) => input.mapping)
  const gives = mapping.justification === 'mapping-inversion' ? givesInverse : givesChain
  if (!gives(mapping, mappings)) add('inputs-give-other', { chain: names })
}

/** One row turned round: predicate and relation with it. */
export function givesInverse(mapping: MappingRow, inputs: readonly MappingRow[]): boolean {
  const [input] = inputs
  if (!input?.object || !mapping.object || inputs.length !== 1) return false
  return (
    isSamePin(mapping.subject, input.object) &&
    isSamePin(mapping.object, input.subject) &&
    mapping.predicate === inversePredicate[input.predicate] &&
    mapping.relation === (input.relation && inverseRelation[input.relation])
  )
}

/** Exact matches, each in whichever direction, that lead from the subject to the object, in order or not, none of them idle. */
export function givesChain(mapping: MappingRow, inputs: readonly MappingRow[]): boolean {
  if (mapping.predicate !== 'exact-match' || !mapping.object || inputs.length < 2) return false
  if (!inputs.every(({ predicate, object }) => predicate === 'exact-match' && object)) return false
  if (mapping.relation !== undefined && mapping.relation !== chainedRelation(inputs)) return false
  return isWay(mapping.subject, mapping.object, inputs)
}

function isWay(from: Pin, to: Pin, inputs: readonly MappingRow[]): boolean {
  const left = new Set(inputs)
  const visited = new Set([conceptOf(from)])
  let at = conceptOf(from)
  while (left.size > 0) {
    const [next, ...others] = [...left].filter(({ subject, object }) =>
      [subject, object].some((pin) => pin && conceptOf(pin) === at),
    )
    if (!next?.object || others.length > 0) return false
    left.delete(next)
    at = conceptOf(conceptOf(next.subject) === at ? next.object : next.subject)
    if (visited.has(at)) return false
    visited.add(at)
  }
  return at === conceptOf(to)
}

/** The same words all along are the same words; the same effect somewhere is the same effect; else nothing is known. */
export function chainedRelation(inputs: readonly MappingRow[]): Relation | undefined {
  const stated = inputs.map(({ relation = 'equal' }) => relation)
  if (stated.every((relation) => relation === 'equal')) return 'equal'
  return stated.every((relation) => relation === 'equal' || relation === 'equivalent')
    ? 'equivalent'
    : undefined
}
