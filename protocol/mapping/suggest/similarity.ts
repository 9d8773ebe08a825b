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

interface Posting {
  readonly document: number
  readonly weight: number
}

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
 * hold. Chinese has no blanks between words, and pairs of characters need no dictionary.
 *
 * Proves nothing about meaning: `应` and `不应` are alike.
 *
 * @see spec/mapping.md, MAP-80
 */
export function indexTexts(a: readonly string[], b: readonly string[]): SimilarityIndex {
  const [ours, theirs] = [a.map(gramsOf), b.map(gramsOf)]
  const frequency = new Map<number, number>()
  for (const grams of [...ours, ...theirs])
    for (const gram of grams.keys()) frequency.set(gram, (frequency.get(gram) ?? 0) + 1)
  const total = ours.length + theirs.length
  const rarity = (gram: number) => Math.log(1 + total / (frequency.get(gram) ?? 1))
  const weigh = (grams: ReadonlyMap<number, number>) => {
    const weights = [...grams].map(([gram, count]) => [gram, (1 + Math.log(count)) * rarity(gram)] as const)
    const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0))
    return weights.map(([gram, weight]) => [gram, length === 0 ? 0 : weight / length] as const)
  }
  const postings = new Map<number, Posting[]>()
  for (const [document, grams] of theirs.entries())
    for (const [gram, weight] of weigh(grams)) {
      const list = postings.get(gram)
      if (list) list.push({ document, weight })
      else postings.set(gram, [{ document, weight }])
    }
  const queries = ours.map(weigh)
  const scores = new Float64Array(b.length)
  return {
    compare: (document) => {
      scores.fill(0)
      const touched: number[] = []
      for (const [gram, weight] of queries[document] ?? [])
        for (const posting of postings.get(gram) ?? []) {
          const before = scores[posting.document] ?? 0
          if (before === 0) touched.push(posting.document)
          scores[posting.document] = before + weight * posting.weight
        }
      return { touched, scores }
    },
  }
}
