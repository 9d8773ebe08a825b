import { clauseTypes } from '../../record/vocabulary.ts'
import type { ComparedEdition } from '../compare/statement.ts'
import { foldQuantity } from '../limit/fold.ts'
import type { Clause } from '../limit/interval.ts'
import type { Words } from '../limit/words.ts'
import { describeScore, formatShare, meanOf, overlapOf, type Trait } from './score.ts'
import { indexTexts } from './similarity.ts'
import { mutualWords, Ranking, type Suggestion, type SuggestOptions, suggestDefaults } from './suggestion.ts'

const weights = { heading: 0.7, text: 0.5, quantity: 0.2, type: 0.05 } as const

/** A reason is one line. */
const maxNamed = 5

interface Read {
  readonly clause: Clause
  readonly quantities: readonly string[]
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
  const [ours, theirs] = [readClauses(a), readClauses(b)]
  const headings = indexTexts(
    ours.map(({ clause }) => clause.heading),
    theirs.map(({ clause }) => clause.heading),
  )
  const texts = indexTexts(
    ours.map(({ text = '' }) => text),
    theirs.map(({ text = '' }) => text),
  )
  const byDigest = placesByDigest(theirs)
  const ranking = new Ranking<Likeness>(options)
  for (const [n, one] of ours.entries()) {
    const [heading, text] = [headings.compare(n), texts.compare(n)]
    const same = byDigest.get(one.clause.textDigest ?? '') ?? []
    ranking.add(
      [...new Set([...heading.touched, ...text.touched, ...same])].flatMap((m) => {
        const other = theirs[m]
        if (!other) return []
        const likeness = { heading: heading.scores[m] ?? 0, text: text.scores[m] ?? 0 }
        const distance = Math.abs(n * theirs.length - m * ours.length)
        return [{ b: m, value: clauseValue(one, other, likeness), distance, likeness }]
      }),
    )
  }
  return ranking.list().flatMap(({ a: n, b: m, value, isMutual, likeness }) => {
    const [one, other] = [ours[n], theirs[m]]
    if (!one || !other) return []
    const words = traitsOf(one, other, likeness).flatMap((trait) => trait.words?.() ?? [])
    return [{ a: n, b: m, ...describeScore(value, [...words, ...(isMutual ? [mutualWords] : [])]) }]
  })
}

function readClauses({ subject, texts }: ComparedEdition): readonly Read[] {
  return (subject.clauses ?? []).map((clause) => ({
    clause,
    quantities: (clause.limits ?? []).map(({ quantity }) => foldQuantity(quantity)),
    text: texts?.get(clause.uid),
  }))
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

function clauseValue(a: Read, b: Read, likeness: Likeness): number {
  return hasSameText(a, b) ? 1 : meanOf(traitsOf(a, b, likeness))
}

function traitsOf(a: Read, b: Read, likeness: Likeness): readonly Trait[] {
  const traits: Trait[] = [
    { value: likeness.heading, weight: weights.heading, words: alike('标题', 'headings', likeness.heading) },
  ]
  if (hasSameText(a, b))
    traits.push({
      value: 1,
      weight: 1,
      words: () => ({ zh: '文本摘要相同', en: 'the same text by its digest' }),
    })
  if (a.text !== undefined && b.text !== undefined)
    traits.push({ value: likeness.text, weight: weights.text, words: alike('文本', 'texts', likeness.text) })
  if (a.quantities.length > 0 && b.quantities.length > 0) {
    const { share, both } = overlapOf(a.quantities, b.quantities)
    const named = both.slice(0, maxNamed).join('、')
    const words = () => ({ zh: `同一限值：${named}`, en: `limits on the same: ${named}` })
    traits.push({ value: share, weight: weights.quantity, ...(both.length > 0 ? { words } : {}) })
  }
  const [one, other] = [a.clause.clauseType, b.clause.clauseType]
  if (one && other) {
    const words = () => ({ zh: `同为${clauseTypes[one].zh}`, en: `both a ${clauseTypes[one].en}` })
    traits.push({ value: one === other ? 1 : 0, weight: weights.type, ...(one === other ? { words } : {}) })
  }
  return traits
}

function alike(zh: string, en: string, value: number): () => Words {
  return () => ({ zh: `${zh}相似 ${formatShare(value)}`, en: `${en} alike ${formatShare(value)}` })
}
