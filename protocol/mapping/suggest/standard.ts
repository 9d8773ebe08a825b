import { ProtocolError } from '../../error.ts'
import { parseStandardNumber, workKey } from '../../identifier/standard-number.ts'
import type { StandardSubject } from '../../record/standard-record.ts'
import { classes, kinds, matters } from '../../record/vocabulary.ts'
import type { Words } from '../limit/words.ts'
import { describeScore, formatShare, overlapOf } from './score.ts'
import { indexTexts, subjectText } from './similarity.ts'
import { mutualWords, Ranking, type Suggestion, type SuggestOptions, suggestDefaults } from './suggestion.ts'

const weights = { title: 0.5, headings: 0.25, class: 0.1, matters: 0.1, kind: 0.05 } as const

interface Standard {
  readonly subject: StandardSubject
  readonly keys: readonly string[]
  readonly works: readonly string[]
}

/**
 * For each standard of A those of B that it may correspond to: by title, headings, class, matters, kind and number.
 *
 * Proposes and decides nothing. The score orders; it is no probability.
 *
 * @see spec/mapping.md, MAP-80 to MAP-82
 */
export function suggestStandards(
  a: readonly StandardSubject[],
  b: readonly StandardSubject[],
  options: SuggestOptions = suggestDefaults,
): readonly Suggestion[] {
  const [ours, theirs] = [a.map(readStandard), b.map(readStandard)]
  const titles = indexTexts(
    a.map(({ titleZh }) => subjectText(titleZh)),
    b.map(({ titleZh }) => subjectText(titleZh)),
  )
  const headings = indexTexts(a.map(headingsOf), b.map(headingsOf))
  const byWork = placesByWork(theirs)
  const ranking = new Ranking<Likeness>(options, b.length)
  for (const [n, one] of ours.entries()) {
    const title = titles.compare(n)
    const heading = headings.compare(n)
    const near = new Set([...title.touched, ...one.works.flatMap((work) => byWork.get(work) ?? [])])
    ranking.next()
    for (const m of near) {
      const other = theirs[m]
      if (!other) continue
      const likeness = { title: title.scores[m] ?? 0, headings: heading.scores[m] ?? 0 }
      const value = standardValue(one, other, likeness)
      ranking.offer(m, value, { distance: 1 - numberShare(one, other), likeness })
    }
  }
  return ranking.list().flatMap(({ a: n, b: m, value, isMutual, likeness }) => {
    const [one, other] = [ours[n], theirs[m]]
    if (!one || !other) return []
    const words = [...reasonsOf(one, other, likeness), ...(isMutual ? [mutualWords] : [])]
    return [{ a: n, b: m, ...describeScore(value, words) }]
  })
}

function readStandard(subject: StandardSubject): Standard {
  return {
    subject,
    keys: subject.identifiers.map(({ canonicalKey }) => canonicalKey),
    works: subject.identifiers.flatMap(({ value }) => {
      try {
        return [workKey(parseStandardNumber(value))]
      } catch (error) {
        if (error instanceof ProtocolError) return []
        throw error
      }
    }),
  }
}

function headingsOf({ clauses = [] }: StandardSubject): string {
  return clauses.map(({ heading }) => heading).join(' ')
}

function placesByWork(standards: readonly Standard[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [n, { works }] of standards.entries())
    for (const work of works) places.set(work, [...(places.get(work) ?? []), n])
  return places
}

interface Likeness {
  readonly title: number
  readonly headings: number
}

/** One number is one edition; one work in two editions is nearly that. */
function numberShare(a: Standard, b: Standard): number {
  if (a.keys.some((key) => b.keys.includes(key))) return 1
  return a.works.some((work) => b.works.includes(work)) ? 0.95 : 0
}

/** Computed for every pair that shares two characters; words are made for the few that are shown. */
function standardValue(a: Standard, b: Standard, likeness: Likeness): number {
  const { subject: one } = a
  const { subject: other } = b
  let sum = weights.title * likeness.title + (one.class === other.class ? weights.class : 0)
  let whole = weights.title + weights.class
  if (one.clauses && other.clauses) {
    sum += weights.headings * likeness.headings
    whole += weights.headings
  }
  if (one.matters && other.matters) {
    sum += weights.matters * overlapOf(one.matters, other.matters).share
    whole += weights.matters
  }
  if (one.documentKind && other.documentKind) {
    sum += one.documentKind === other.documentKind ? weights.kind : 0
    whole += weights.kind
  }
  return Math.max(numberShare(a, b), Math.min(1, sum / whole))
}

function reasonsOf(a: Standard, b: Standard, likeness: Likeness): readonly Words[] {
  const [one, other] = [a.subject, b.subject]
  const number = numberShare(a, b)
  const both = overlapOf(one.matters ?? [], other.matters ?? []).both.flatMap((matter) =>
    Object.entries(matters).flatMap(([key, label]) => (key === matter ? [label] : [])),
  )
  const kind =
    one.documentKind && one.documentKind === other.documentKind ? kinds[one.documentKind] : undefined
  const reasons = [
    number === 1 && { zh: '标准号相同', en: 'the same number' },
    number > 0 && number < 1 && { zh: '同一标准的不同版本', en: 'another edition of the same standard' },
    {
      zh: `标题相似 ${formatShare(likeness.title)}`,
      en: `titles alike ${formatShare(likeness.title)}`,
    },
    one.class === other.class && {
      zh: `同类：${classes[one.class].zh}`,
      en: `same class: ${classes[one.class].en}`,
    },
    both.length > 0 && {
      zh: `共同事项：${both.map(({ zh }) => zh).join('、')}`,
      en: `common matters: ${both.map(({ en }) => en).join(', ')}`,
    },
    likeness.headings >= 0.2 && {
      zh: `条款标题相似 ${formatShare(likeness.headings)}`,
      en: `headings alike ${formatShare(likeness.headings)}`,
    },
    kind && { zh: `同为${kind.zh}`, en: `both a ${kind.en}` },
  ]
  return reasons.flatMap((words) => (words ? [words] : []))
}
