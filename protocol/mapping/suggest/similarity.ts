/** What titles and headings are compared by: letters, digits and ideographs, in one width and case. */
export function foldTitle(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9\u3400-\u9fff]+/g, '')
}

/** What a title ends with says what kind of document it is, which is compared by itself. */
const documentWords = /(?:工作)?(?:技术)?(?:规范|规程|规则|指南|导则|通则|要求|细则|标准|办法|制度)$/

/** What a title is about: without remarks in brackets that mark samples, and without the word for its kind of document. */
export function subjectText(title: string): string {
  const bare = title
    .normalize('NFKC')
    .replace(/\(合成样例\)/g, '')
    .trim()
  const about = bare.replace(/\([^()]*\)$/, '').replace(documentWords, '')
  return about === '' ? bare : `${about}${/\([^()]*\)$/.exec(bare)?.[0] ?? ''}`
}

/** Pairs of neighbouring characters with how often each stands; of a single character, that. */
function gramsOf(text: string): ReadonlyMap<number, number> {
  const folded = foldTitle(text)
  const grams = new Map<number, number>()
  for (let at = 0; at < Math.max(1, folded.length - 1); at += 1) {
    if (folded === '') break
    const second = at + 1 < folded.length ? folded.charCodeAt(at + 1) : 0
    const gram = folded.charCodeAt(at) * 65_536 + second
    grams.set(gram, (grams.get(gram) ?? 0) + 1)
  }
  return grams
}

/** Which texts of B hold a pair of characters, and how much it weighs in each. */
interface Postings {
  readonly documents: Int32Array
  readonly weights: Float64Array
  length: number
}

/** Of two collections at the limits of a record: some tenths of a second. */
const mostWork = 100_000_000

/** Texts of B, to be asked which of them a text of A is like. */
export interface SimilarityIndex {
  /** Cosine by document of B, for those that share a pair of characters with the text. The array is used again by the next call. */
  readonly compare: (document: number) => {
    readonly touched: readonly number[]
    readonly scores: Float64Array
  }
}

/**
 * Texts as bags of character pairs, weighted by how rare each pair is in both collections (tf-idf), with the texts of B by what they
 * hold. Chinese has no blanks between words, and pairs of characters need no dictionary. Where so many texts hold so many of the same
 * pairs that comparing all would take long, the most common ones are left out, which tell least apart.
 *
 * Proves nothing about meaning: `应` and `不应` are alike.
 *
 * @see spec/mapping.md, MAP-80
 */
export function indexTexts(a: readonly string[], b: readonly string[]): SimilarityIndex {
  const [ours, theirs] = [a.map(gramsOf), b.map(gramsOf)]
  const [inA, inB] = [frequencies(ours), frequencies(theirs)]
  const frequency = new Map(inA)
  for (const [gram, count] of inB) frequency.set(gram, (frequency.get(gram) ?? 0) + count)
  const common = mostCommon(inA, inB)
  const total = ours.length + theirs.length
  const rarity = (gram: number) => Math.log(1 + total / (frequency.get(gram) ?? 1))
  const weigh = (grams: ReadonlyMap<number, number>) => {
    const weights = [...grams].map(([gram, count]) => [gram, (1 + Math.log(count)) * rarity(gram)] as const)
    const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0))
    return weights.map(([gram, weight]) => [gram, length === 0 ? 0 : weight / length] as const)
  }
  const postings = new Map<number, Postings>()
  for (const [document, grams] of theirs.entries())
    for (const [gram, weight] of weigh(grams)) {
      if (common.has(gram) || !inA.has(gram)) continue
      const known = postings.get(gram) ?? emptyPostings(inB.get(gram) ?? 0)
      known.documents[known.length] = document
      known.weights[known.length] = weight
      known.length += 1
      postings.set(gram, known)
    }
  const scores = new Float64Array(b.length)
  return {
    compare: (document) => {
      scores.fill(0)
      const touched: number[] = []
      for (const [gram, weight] of weigh(ours[document] ?? new Map<number, number>())) {
        const { documents, weights, length } = postings.get(gram) ?? emptyPostings(0)
        for (let n = 0; n < length; n += 1) {
          const other = documents[n] ?? 0
          const before = scores[other] ?? 0
          if (before === 0) touched.push(other)
          scores[other] = before + weight * (weights[n] ?? 0)
        }
      }
      return { touched, scores }
    },
  }
}

function emptyPostings(size: number): Postings {
  return { documents: new Int32Array(size), weights: new Float64Array(size), length: 0 }
}

function frequencies(texts: readonly ReadonlyMap<number, number>[]): ReadonlyMap<number, number> {
  const frequency = new Map<number, number>()
  for (const grams of texts)
    for (const gram of grams.keys()) frequency.set(gram, (frequency.get(gram) ?? 0) + 1)
  return frequency
}

/** Those without which comparing all with all is little work: the fewest, and of equals always the same. */
function mostCommon(inA: ReadonlyMap<number, number>, inB: ReadonlyMap<number, number>): ReadonlySet<number> {
  const works = [...inA].flatMap(([gram, count]) => {
    const work = count * (inB.get(gram) ?? 0)
    return work === 0 ? [] : [{ gram, work }]
  })
  let left = works.reduce((sum, { work }) => sum + work, 0)
  const common = new Set<number>()
  for (const { gram, work } of works.toSorted((x, y) => y.work - x.work || x.gram - y.gram)) {
    if (left <= mostWork) break
    common.add(gram)
    left -= work
  }
  return common
}
