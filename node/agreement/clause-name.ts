import { ProtocolError } from '../../protocol/error.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'

type Clause = NonNullable<StandardSubject['clauses']>[number]

/**
 * The clauses of an edition that people mean: each by its `uid`, or by its number as it is written (`4.2`, `４．２`, `第4.2条`) where one
 * clause alone has that.
 *
 * @throws {ProtocolError} `NOT_FOUND` — a name that the record does not have; `QUERY_INVALID` — a number of several of its clauses; each with
 *   its place among the names
 * @see protocol/spec/agreement.md, AGREE-107
 */
export function findClauses(
  names: readonly string[],
  { clauses = [] }: Pick<StandardSubject, 'clauses'>,
): readonly Clause[] {
  const byUid = new Map(clauses.map((clause) => [clause.uid, clause]))
  const byNumber = new Map<string, Clause[]>()
  for (const clause of clauses) {
    const key = plainNumber(clause.locator)
    const others = byNumber.get(key)
    if (others) others.push(clause)
    else byNumber.set(key, [clause])
  }
  const found = names.map((name, i) => {
    const named = byUid.get(name)
    if (named) return named
    const alike = byNumber.get(plainNumber(name)) ?? []
    const exact = alike.filter(({ locator }) => locator === name)
    const [clause, ...others] = exact.length === 1 ? exact : alike
    const place = { pointer: `/clauses/${i}` }
    if (!clause)
      throw new ProtocolError('NOT_FOUND', `the record of the edition has no clause ${name}`, {
        place,
        evidence: { clause: name },
      })
    if (others.length > 0)
      throw new ProtocolError(
        'QUERY_INVALID',
        `several clauses have the number ${name}: ${alike.map(({ uid }) => uid).join(', ')}`,
        { place, evidence: { clause: name, clauses: alike.map(({ uid }) => uid) } },
      )
    return clause
  })
  return [...new Set(found)]
}

/** Names as people write them into one line, commas of any kind between. */
export function splitClauses(text: string): readonly string[] {
  return text
    .split(/[,，、;；]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** One spelling of a number that is written by hand. */
function plainNumber(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/^第(.+)[条款节章]$/, '$1')
    .replace(/\.$/, '')
    .toUpperCase()
}
