import { clauseTypes } from '../../record/vocabulary.ts'
import type { ComparedEdition } from '../compare/statement.ts'
import { foldQuantity } from '../limit/fold.ts'
import type { Clause } from '../limit/interval.ts'
import type { Words } from '../limit/words.ts'
import { describeScore, formatShare, overlapOf } from './score.ts'
import { indexTexts } from './similarity.ts'
import { mutualWords, Ranking, type Suggestion, type SuggestOptions, suggestDefaults } from './suggestion.ts'

const weights = { heading: 0.7, text: 0.5, quantity: 0.2, type: 0.05 } as const

/** A reason is one line. */
const maxNamed = 5

interface Read {
  readonly clause: Clause
  /** Each once. */
  readonly quantities: readonly string[]
  /** The same as numbers, in order. */
  readonly numbers: Int32Array
  readonly text: string | undefined
}

interface Likeness {
  readonly heading: number
  readonly text: number
}

/**
 * For each clause of A those of B that it may correspond to: by heading, text where both have one, quantities of limits, type, and the
 * digest of the text. Where scores tie, the clause at the more similar place comes first.
 *
 * Proposes and decides nothing.
 *
 * @see spec/mapping.md, MAP-80 to MAP-82
 */
export function suggestClauses(
  a: ComparedEdition,
  b: ComparedEdition,
  options: SuggestOptions = suggestDefaults,
): readonly Suggestion[] {
  const numbers = new Map<string, number>()
  const [ours, theirs] = [readClauses(a, numbers), readClauses(b, numbers)]
  const headings = indexTexts(
    ours.map(({ clause }) => clause.heading),
    theirs.map(({ clause }) => clause.heading),
  )
  const texts = indexTexts(
    ours.map(({ text = '' }) => text),
    theirs.map(({ text = '' }) => text),
  )
  const byDigest = placesByDigest(theirs)
  const ranking = new Ranking<Likeness>(options, theirs.length)
  for (const [n, one] of ours.entries()) {
    const [heading, text] = [headings.compare(n), texts.compare(n)]
    const same = byDigest.get(one.clause.textDigest ?? '') ?? []
    ranking.next()
    const isSimple = text.touched.length === 0 && same.length === 0
    const near = isSimple ? heading.touched : new Set([...heading.touched, ...text.touched, ...same])
    for (const m of near) {
      const other = theirs[m]
      if (!other) continue
      const likeness = { heading: heading.scores[m] ?? 0, text: text.scores[m] ?? 0 }
      if (!ranking.couldMatter(m, mostValue(one, other, likeness))) continue
      const distance = Math.abs(n * theirs.length - m * ours.length)
      ranking.offer(m, clauseValue(one, other, likeness), { distance, likeness })
    }
  }
  return ranking.list().flatMap(({ a: n, b: m, value, isMutual, likeness }) => {
    const [one, other] = [ours[n], theirs[m]]
    if (!one || !other) return []
    const words = [...reasonsOf(one, other, likeness), ...(isMutual ? [mutualWords] : [])]
    return [{ a: n, b: m, ...describeScore(value, words) }]
  })
}

/** Quantities are compared for every pair: each has one number in both editions. */
function readClauses({ subject, texts }: ComparedEdition, numbers: Map<string, number>): readonly Read[] {
  return (subject.clauses ?? []).map((clause) => {
    const quantities = [...new Set((clause.limits ?? []).map(({ quantity }) => foldQuantity(quantity)))]
    for (const name of quantities) if (!numbers.has(name)) numbers.set(name, numbers.size)
    return {
      clause,
      quantities,
      numbers: Int32Array.from(quantities, (name) => numbers.get(name) ?? 0).sort(),
      text: texts?.get(clause.uid),
    }
  })
}

function placesByDigest(clauses: readonly Read[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [n, { clause }] of clauses.entries())
    if (clause.textDigest !== undefined)
      places.set(clause.textDigest, [...(places.get(clause.textDigest) ?? []), n])
  return places
}

function hasSameText(a: Read, b: Read): boolean {
  return a.clause.textDigest !== undefined && a.clause.textDigest === b.clause.textDigest
}

/** As if everything but headings and texts were alike: what is quickly told. */
function mostValue(a: Read, b: Read, likeness: Likeness): number {
  return hasSameText(a, b) ? 1 : meanWith(a, b, { ...likeness, quantities: 1, type: 1 })
}

/** The mean of the traits, computed for every pair; words are made for the few that are shown. */
function clauseValue(a: Read, b: Read, likeness: Likeness): number {
  if (hasSameText(a, b)) return 1
  const isSameType = a.clause.clauseType === b.clause.clauseType
  const quantities = quantityShare(a.numbers, b.numbers)
  return meanWith(a, b, { ...likeness, quantities, type: isSameType ? 1 : 0 })
}

function meanWith(
  a: Read,
  b: Read,
  { heading, text, quantities, type }: Likeness & { readonly quantities: number; readonly type: number },
): number {
  let [sum, whole]: [number, number] = [weights.heading * heading, weights.heading]
  if (a.text !== undefined && b.text !== undefined) {
    sum += weights.text * text
    whole += weights.text
  }
  if (a.quantities.length > 0 && b.quantities.length > 0) {
    sum += weights.quantity * quantities
    whole += weights.quantity
  }
  if (a.clause.clauseType && b.clause.clauseType) {
    sum += weights.type * type
    whole += weights.type
  }
  return Math.min(1, sum / whole)
}

/** How much of two lists in order is in both. */
function quantityShare(a: Int32Array, b: Int32Array): number {
  let [both, i, j] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const [one, other] = [a[i] ?? 0, b[j] ?? 0]
    if (one === other) both += 1
    if (one <= other) i += 1
    if (other <= one) j += 1
  }
  const all = a.length + b.length - both
  return all === 0 ? 0 : both / all
}

/** What two clauses have in common, in words. */
function reasonsOf(a: Read, b: Read, likeness: Likeness): readonly Words[] {
  const reasons = [alike('标题', 'headings', likeness.heading)]
  if (hasSameText(a, b)) reasons.push({ zh: '文本摘要相同', en: 'the same text by its digest' })
  if (a.text !== undefined && b.text !== undefined) reasons.push(alike('文本', 'texts', likeness.text))
  const { both } = overlapOf(a.quantities, b.quantities)
  const named = both.slice(0, maxNamed).join('、')
  if (both.length > 0) reasons.push({ zh: `同一限值：${named}`, en: `limits on the same: ${named}` })
  const [one, other] = [a.clause.clauseType, b.clause.clauseType]
  if (one && one === other)
    reasons.push({ zh: `同为${clauseTypes[one].zh}`, en: `both a ${clauseTypes[one].en}` })
  return reasons
}

function alike(zh: string, en: string, value: number): Words {
  return { zh: `${zh}相似 ${formatShare(value)}`, en: `${en} alike ${formatShare(value)}` }
}
