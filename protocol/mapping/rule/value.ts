import type { NamedRow, Pin } from '../../record/mapping-row.ts'
import { type Relation, relations } from '../../record/mapping-word.ts'
import {
  combine,
  compareLimits,
  compareRestrictions,
  type LimitRelation,
  type QuantityComparison,
} from '../limit/compare.ts'
import type { Limit } from '../limit/interval.ts'
import { formatLimit, readLimitText } from '../limit/text.ts'
import { describeQuantity, type Words } from '../limit/words.ts'
import type { Findings } from './collection.ts'
import type { IndexedEdition } from './edition.ts'
import { findingOf } from './finding.ts'
import { predicateOf, statedRelation } from './relation.ts'

type Judgement = 'agrees' | 'elsewhere' | 'contradicts'

/**
 * What a comparison of values says about a stated relation. `elsewhere`: values alone do not give it, and something else in the clauses
 * may. Relations of topics say nothing about values.
 */
const judgements: Readonly<
  Record<Exclude<LimitRelation, 'incomparable'>, Readonly<Partial<Record<Relation, Judgement>>>>
> = {
  equal: { superset: 'elsewhere', subset: 'elsewhere', intersects: 'elsewhere', conflict: 'elsewhere' },
  stricter: {
    equal: 'contradicts',
    equivalent: 'contradicts',
    subset: 'contradicts',
    intersects: 'elsewhere',
    conflict: 'elsewhere',
  },
  looser: {
    equal: 'contradicts',
    equivalent: 'contradicts',
    superset: 'contradicts',
    intersects: 'elsewhere',
    conflict: 'elsewhere',
  },
  overlapping: {
    equal: 'contradicts',
    equivalent: 'contradicts',
    superset: 'contradicts',
    subset: 'contradicts',
    conflict: 'elsewhere',
  },
  conflicting: {
    equal: 'contradicts',
    equivalent: 'contradicts',
    superset: 'contradicts',
    subset: 'contradicts',
    intersects: 'contradicts',
  },
}

/**
 * M3: the predicate is that of the relation, and the relation is not contradicted by the limits of the clauses or by the values in
 * the row. Limits that one clause alone has do not count here: a record need not hold every limit of its text.
 *
 * @see spec/mapping.md, MAP-62
 */
export function checkValues(
  row: NamedRow,
  editionOf: (pin: Pin) => IndexedEdition | undefined,
  found: Findings,
): void {
  const { subject, object, subjectValue, objectValue } = row.mapping
  checkPredicate(row, found)
  if (!object) return
  const [ours, theirs] = [limitsOf(subject, editionOf), limitsOf(object, editionOf)]
  const both = ours && theirs ? compareRestrictions(ours, theirs).quantities : []
  judge(row, both, { found, contradiction: 'limits-contradict' })
  if (subjectValue === undefined && objectValue === undefined) return
  const [ownLimits, theirLimits] = [limitList(ours), limitList(theirs)]
  const names = namesOf([...ownLimits, ...theirLimits])
  const [a, b] = [readValue(subjectValue, names), readValue(objectValue, names)]
  if (a && b && (a.quantity === b.quantity || a.quantity === '' || b.quantity === ''))
    judge(row, [{ quantity: a.quantity || b.quantity, relation: compareLimits(a, b), a: [a], b: [b] }], {
      found,
      contradiction: 'values-contradict',
      isPart: both.length > 0,
    })
  checkStated(row, a, { found, limits: ownLimits })
  checkStated(row, b, { found, limits: theirLimits })
}

function checkPredicate(row: NamedRow, found: Findings): void {
  const { relation, predicate, object, rationale, state } = row.mapping
  if (!object) return
  if (relation === undefined) {
    if (predicate === 'close-match' && state === 'accepted')
      found.add('relation-missing', () => findingOf('relation-missing', row, { severity: 'warning' }))
    return
  }
  const wanted = predicateOf[relation]
  const lacksGround = relation === 'equivalent' && rationale !== 'functional'
  if (wanted === undefined || (wanted === predicate && !lacksGround)) return
  const words = {
    zh: `${relations[relation].zh} 应为 ${wanted}${lacksGround ? '，且理由为功能' : ''}`,
    en: `${relation} asks for ${wanted}${lacksGround ? ' with a functional rationale' : ''}`,
  }
  found.add('predicate-relation', () => findingOf('predicate-relation', row, { words }))
}

interface Judging {
  readonly found: Findings
  readonly contradiction: 'limits-contradict' | 'values-contradict'
  /** Of quantities that were judged together already. */
  readonly isPart?: boolean
}

/** One quantity can contradict a relation; whether values give it is said by all together. */
function judge(
  row: NamedRow,
  quantities: readonly QuantityComparison[],
  { found, contradiction, isPart = false }: Judging,
): void {
  const relation = statedRelation(row.mapping)
  if (relation === undefined) return
  const opposed = quantities.filter((one) => judgementOf(one.relation, relation) === 'contradicts')
  for (const quantity of opposed)
    found.add(contradiction, () => findingOf(contradiction, row, { words: wordsOf(relation, [quantity]) }))
  if (isPart || opposed.length > 0 || judgementOf(combine(quantities), relation) !== 'elsewhere') return
  found.add('limits-elsewhere', () =>
    findingOf('limits-elsewhere', row, { words: wordsOf(relation, quantities), severity: 'warning' }),
  )
}

function judgementOf(found: LimitRelation, stated: Relation): Judgement {
  return (found === 'incomparable' ? undefined : judgements[found][stated]) ?? 'agrees'
}

function wordsOf(relation: Relation, quantities: readonly QuantityComparison[]): Words {
  const said = quantities.map((quantity) => {
    const { zh, en } = describeQuantity(quantity)
    const name = quantity.quantity === '' ? '' : `${quantity.quantity} `
    return { zh: name + zh, en: name + en }
  })
  return {
    zh: `写明${relations[relation].zh}，${said.map(({ zh }) => zh).join('；')}`,
    en: `stated ${relation}; ${said.map(({ en }) => en).join('; ')}`,
  }
}

function limitsOf({ clause, ...pin }: Pin, editionOf: (pin: Pin) => IndexedEdition | undefined) {
  return clause === undefined ? undefined : editionOf(pin)?.restrictions(clause)
}

function limitList(restrictions: ReturnType<typeof limitsOf>): readonly Limit[] {
  return restrictions ? [...restrictions.values()].flatMap(({ limits }) => limits) : []
}

/** The longest first: a name may begin with another. */
function namesOf(limits: readonly Limit[]): readonly string[] {
  const names = new Set(limits.map(({ quantity }) => quantity).filter((name) => name !== ''))
  return [...names].sort((a, b) => b.length - a.length)
}

/** `≤1200 元/m²`, or with the name of a quantity of either clause in front: `保洁费≤1200 元/m²`. */
function readValue(text: string | undefined, names: readonly string[]): Limit | undefined {
  if (text === undefined) return undefined
  const trimmed = text.trim()
  const quantity = names.find((name) => trimmed.startsWith(name)) ?? ''
  const bound = readLimitText(
    quantity === '' ? text : trimmed.slice(quantity.length).replace(/^[\s:：]+/, ''),
  )
  return bound && { quantity, ...bound }
}

function checkStated(
  row: NamedRow,
  value: Limit | undefined,
  { found, limits }: { readonly found: Findings; readonly limits: readonly Limit[] },
): void {
  if (!value || limits.length === 0) return
  const meant = limits.filter(({ quantity }) => value.quantity === '' || quantity === value.quantity)
  if (meant.some((limit) => compareLimits(limit, value) === 'equal')) return
  const words = {
    zh: `${formatLimit(value)}，条款为 ${limits.map(formatLimit).join('、')}`,
    en: `${formatLimit(value)}; the clause has ${limits.map(formatLimit).join(', ')}`,
  }
  found.add('value-not-in-clause', () => findingOf('value-not-in-clause', row, { words }))
}
