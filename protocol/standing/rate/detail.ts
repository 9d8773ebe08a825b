import { averageOf, type Figure } from './average.ts'
import type { LineStanding } from './line.ts'
import type { RegionRate } from './rate.ts'

/** One edition over all agencies that reported on it. */
export interface EditionRate {
  readonly edition: string
  readonly digest: string
  readonly titleZh?: string
  readonly number?: string
  readonly important?: boolean
  readonly applicable: number
  readonly notApplicable: number
  /** The mean of m/n over the agencies to which it applies. */
  readonly executed: Figure
  /** Of the agencies that report by clause. */
  readonly clauses: readonly ClauseRate[]
}

export interface ClauseRate {
  readonly uid: string
  readonly executed: number
  readonly of: number
}

/**
 * By edition and by clause, over the agencies that reported: what is carried out where. An edition that was not in force in the period is
 * left out.
 *
 * @see spec/rate.md, RATE-20 (DOMAIN section 1, rows 26 and 30)
 */
export function editionRates({ agencies }: RegionRate): readonly EditionRate[] {
  const groups = new Map<string, LineStanding[]>()
  for (const { lines } of agencies)
    for (const one of lines) {
      if (one.standing === 'not-in-force') continue
      const key = `${one.line.edition.id} ${one.line.edition.digest}`
      const group = groups.get(key) ?? []
      group.push(one)
      groups.set(key, group)
    }
  return [...groups.keys()].toSorted().flatMap((key) => {
    const group = groups.get(key) ?? []
    const [first] = group
    return first ? [rateOfEdition(first, group)] : []
  })
}

function rateOfEdition(first: LineStanding, group: readonly LineStanding[]): EditionRate {
  const applicable = group.filter(({ line }) => line.applicable)
  const facts = first.known?.facts
  const [identifier] = facts?.identifiers ?? []
  return {
    edition: first.line.edition.id,
    digest: first.line.edition.digest,
    ...(facts ? { titleZh: facts.titleZh, important: facts.important === true } : {}),
    ...(identifier ? { number: identifier.value } : {}),
    applicable: applicable.length,
    notApplicable: group.length - applicable.length,
    executed: averageOf(
      applicable.map(({ line }) => ({
        part: line.clausesExecuted ?? 0,
        whole: line.clausesApplicable ?? 1,
        weights: [1],
      })),
    ),
    clauses: clauseRates(applicable),
  }
}

function clauseRates(lines: readonly LineStanding[]): readonly ClauseRate[] {
  const counts = new Map<string, { executed: number; of: number }>()
  for (const { line } of lines)
    for (const { uid, executed } of line.clauses ?? []) {
      const before = counts.get(uid) ?? { executed: 0, of: 0 }
      counts.set(uid, { executed: before.executed + (executed ? 1 : 0), of: before.of + 1 })
    }
  return [...counts]
    .map(([uid, count]) => ({ uid, ...count }))
    .toSorted((a, b) => (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0))
}
