import { plantedClauses, plantedRegion } from '../../fixtures/synthetic/counterpart.ts'
import type { ComparedEdition } from '../../protocol/mapping/compare/statement.ts'
import { checkMapping } from '../../protocol/mapping/rule/check.ts'
import type { PinnedEdition } from '../../protocol/mapping/rule/edition.ts'
import { suggestClauses } from '../../protocol/mapping/suggest/clause.ts'
import { suggestStandards } from '../../protocol/mapping/suggest/standard.ts'
import type { Suggestion } from '../../protocol/mapping/suggest/suggestion.ts'
import type { MappingRow, NamedRow, Pin } from '../../protocol/record/mapping-row.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import { percentile } from './measure.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** Rules over a whole region’s rows, and proposals of counterparts. Protocol alone: no node, no database. */
export function measureCompare({ quick, say }: BenchOptions): readonly Row[] {
  const rows = [measureRules(quick ? 10_000 : 100_000), ...measureSuggest(quick ? 300 : 1407)]
  for (const { what, measured } of rows) say(`${what}: ${measured}`)
  return rows
}

const editions = 200
const clausesEach = 500
const [one, other] = ['did:web:one.example', 'did:web:other.example'] as const

function pinOf(n: number, clause: number): Pin {
  const digits = String(n).padStart(12, '0')
  return {
    edition: `https://host.example/id/00000000-0000-4000-8000-${digits}`,
    digest: `sha256:${digits.padStart(64, '0')}`,
    clause: `c${clause}`,
  }
}

function editionOf(n: number, base: StandardSubject): PinnedEdition {
  const clauses = Array.from({ length: clausesEach }, (_, i) => ({
    uid: `c${i}`,
    locator: `${4 + Math.floor(i / 20)}.${(i % 20) + 1}`,
    heading: '合成样例',
    limits: [
      { quantity: '维修费', op: 'le' as const, value: String(1000 + 10 * (i % 50)), unit: '元', per: 'm²' },
    ],
  }))
  return { subject: { ...base, clauses }, issuer: n % 2 === 0 ? one : other }
}

/** All accepted, of every predicate, each between two editions of the two parties; with a clash at the end that must be found. */
function acceptedRows(count: number): readonly NamedRow[] {
  const kinds = [
    { predicate: 'exact-match', relation: 'equal' },
    { predicate: 'close-match', relation: 'superset' },
    { predicate: 'broad-match', relation: 'broader' },
    { predicate: 'related-match', relation: 'related' },
  ] as const satisfies readonly Partial<MappingRow>[]
  const base = {
    justification: 'manual-curation',
    state: 'accepted',
    author: one,
    reviewer: other,
    mappedOn: '2026-01-10',
    reviewedOn: '2026-02-10',
  } as const
  return Array.from({ length: count }, (_, i) => {
    const clause = Math.floor(i / (editions / 2)) % clausesEach
    const pair = 2 * (i % (editions / 2))
    const kind = kinds[clause % kinds.length] ?? kinds[0]
    // Broader and related ones lead on to the next pair of editions, so that there are long ways to follow.
    const far = kind.predicate === 'broad-match' ? (pair + 2) % editions : pair + 1
    const isLast = kind.predicate === 'broad-match' && far === 0
    return {
      row: `r${String(i).padStart(6, '0')}`,
      mapping: {
        ...base,
        ...kind,
        ...(isLast ? { predicate: 'related-match', relation: 'related' } : {}),
        subject: pinOf(pair, clause),
        object: pinOf(far, clause),
      },
    }
  })
}

function measureRules(count: number): Row {
  const [base] = plantedRegion(10).a
  if (!base) throw new Error('a standard was expected')
  const known = new Map(Array.from({ length: editions }, (_, n) => [pinOf(n, 0).edition, editionOf(n, base)]))
  const rows = acceptedRows(count)
  const lookup = { edition: (id: string) => known.get(id), parties: [one, other] as const }
  const times: number[] = []
  let clashes = 0
  for (let n = 0; n < 5; n += 1) {
    const begun = performance.now()
    const { findings, omitted } = checkMapping(rows, lookup)
    times.push(performance.now() - begun)
    const hard = findings.filter(({ severity }) => severity === 'error')
    clashes = hard.filter(({ code }) => code === 'related-and-broader').length
    if (clashes === 0 || hard.length > clashes || omitted.some(({ code }) => code === 'edition-unknown'))
      throw new Error(`the rules found something else: ${hard[0]?.code}`)
  }
  return goalRow(
    `rules M1–M7 over ${count.toLocaleString('en-US')} accepted rows between ${editions} editions, ${clashes} chains of 100 rows found`,
    `p50 ${percentile(times, 0.5).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`,
    '≤ 2 s',
    Math.max(...times) <= 2000,
  )
}

function measureSuggest(size: number): readonly Row[] {
  const region = plantedRegion(size)
  const standards = timed(() => suggestStandards(region.a, region.b))
  const many = size < 500 ? 100 : 500
  const planted = plantedClauses(many)
  const asEdition = (subject: StandardSubject | undefined): ComparedEdition => {
    if (!subject) throw new Error('an edition was expected')
    return { id: subject.titleZh, digest: '', subject }
  }
  const [a, b] = [asEdition(planted.a[0]), asEdition(planted.b[0])]
  const clauses = timed(() => suggestClauses(a, b))
  return [
    goalRow(
      `counterparts proposed for ${size} × ${size} standards`,
      `worst of 5 ${standards.worst.toFixed(0)} ms`,
      '≤ 3 s',
      standards.worst <= 3000,
    ),
    goalRow(
      `counterparts proposed for ${many} × ${many} clauses`,
      `worst of 5 ${clauses.worst.toFixed(0)} ms`,
      '≤ 300 ms',
      clauses.worst <= 300,
    ),
    goalRow(
      'quality of proposals, standards: on invented standards whose counterparts we planted ourselves, so no promise for real ones',
      describeQuality(region.planted, standards.result),
      'none',
    ),
    goalRow(
      'quality of proposals, clauses: planted as well, by headings and limits alone',
      describeQuality(planted.planted, clauses.result),
      'none',
    ),
  ]
}

function timed<T>(run: () => T): { readonly result: T; readonly worst: number } {
  const times: number[] = []
  let result = run()
  for (let n = 0; n < 5; n += 1) {
    const begun = performance.now()
    result = run()
    times.push(performance.now() - begun)
  }
  return { result, worst: Math.max(...times) }
}

function describeQuality(
  planted: readonly (number | undefined)[],
  suggestions: readonly Suggestion[],
): string {
  const lists = new Map<number, Suggestion[]>()
  for (const each of suggestions) lists.set(each.a, [...(lists.get(each.a) ?? []), each])
  const wanted = planted.flatMap((b, a) => (b === undefined ? [] : [{ b, list: lists.get(a) ?? [] }]))
  const lone = planted.flatMap((b, a) => (b === undefined ? [lists.get(a) ?? []] : []))
  const first = wanted.filter(({ b, list }) => list[0]?.b === b).length
  const five = wanted.filter(({ b, list }) => list.slice(0, 5).some((each) => each.b === b)).length
  const misled = lone.filter(([best]) => best !== undefined && Number(best.score) >= 0.8).length
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`
  return `precision@1 ${percent(first, wanted.length)}, recall@5 ${percent(five, wanted.length)} of ${wanted.length} planted; ${percent(misled, lone.length)} of ${lone.length} without counterpart were offered one of 0.80 or more`
}
