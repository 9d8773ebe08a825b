import type { NamedRow } from '../../record/mapping-row.ts'
import { neutralSides } from '../limit/words.ts'
import { type Coverage, countCoverage, standingOf } from './coverage.ts'
import { type CompareOptions, compareEditions, type EditionComparison, statementsAbout } from './edition.ts'
import { type ComparedEdition, clausesOf, editionOf, readRows } from './statement.ts'
import { openBudget } from './text-change.ts'

/** What the registry says of an agency on the day asked about. */
export interface AgencyProfile {
  readonly nameZh: string
  readonly nature?: string | undefined
  readonly rank?: string | undefined
  readonly superior?: string | undefined
  readonly functions?: readonly string[] | undefined
}

export interface ComparedAgency {
  readonly id: string
  /** `undefined`: the registry says nothing of that day. */
  readonly profile: AgencyProfile | undefined
  readonly editions: readonly ComparedEdition[]
}

/** The five that the region set out to make alike. */
export const attributes = {
  name: { zh: '名称', en: 'name' },
  nature: { zh: '性质', en: 'nature' },
  rank: { zh: '级别', en: 'rank' },
  superior: { zh: '隶属关系', en: 'superior' },
  functions: { zh: '职能配置', en: 'functions' },
} as const

export type Attribute = keyof typeof attributes

export interface AttributeComparison {
  readonly attribute: Attribute
  readonly a?: string | readonly string[]
  readonly b?: string | readonly string[]
  /** `unknown` where the registry gives one of them no value, which is not a difference. */
  readonly outcome: 'equal' | 'different' | 'unknown'
}

export interface AgencyComparison {
  readonly attributes: readonly AttributeComparison[]
  /** Pairs of editions between which there are rows. */
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly comparison: EditionComparison
  }[]
  /** Editions that no row joins with one of the other agency. */
  readonly aloneA: readonly string[]
  readonly aloneB: readonly string[]
  /** Over all clauses of all editions of A against all of B. */
  readonly coverage: Coverage
}

/**
 * Two agencies: their attributes side by side, and their editions pair by pair. Functions are compared as sets.
 *
 * @see spec/mapping.md, MAP-75 (DOMAIN section 1, row 33, and section 9)
 */
export function compareAgencies(
  a: ComparedAgency,
  b: ComparedAgency,
  rows: readonly NamedRow[],
  options: CompareOptions = { names: neutralSides },
): AgencyComparison {
  const joined = joinedPairs(rows, a.editions, b.editions)
  const shared = { edits: openBudget(), ...options }
  const pairs = a.editions.flatMap((one) => {
    const partners = joined.get(keyOf(one))
    if (!partners) return []
    return b.editions.flatMap((other) => {
      const between = partners.get(keyOf(other))
      if (!between) return []
      return [{ a: one.id, b: other.id, comparison: compareEditions(one, other, [...between], shared) }]
    })
  })
  const readings = readRows(rows, a.editions, b.editions)
  const sides = { near: clausesOf(a.editions), far: clausesOf(b.editions), names: options.names }
  const standings = a.editions.flatMap((edition) =>
    (edition.subject.clauses ?? []).map(({ uid }) =>
      standingOf(statementsAbout(edition, uid, { readings, sides })),
    ),
  )
  const [inA, inB] = [new Set(pairs.map((pair) => pair.a)), new Set(pairs.map((pair) => pair.b))]
  return {
    attributes: compareProfiles(a.profile, b.profile),
    pairs,
    aloneA: a.editions.flatMap(({ id }) => (inA.has(id) ? [] : [id])),
    aloneB: b.editions.flatMap(({ id }) => (inB.has(id) ? [] : [id])),
    coverage: countCoverage(standings),
  }
}

function keyOf({ id, digest }: ComparedEdition): string {
  return editionOf({ edition: id, digest })
}

/** Rows by edition of A and edition of B. */
function joinedPairs(
  rows: readonly NamedRow[],
  a: readonly ComparedEdition[],
  b: readonly ComparedEdition[],
): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<NamedRow>>> {
  const joined = new Map<string, Map<string, Set<NamedRow>>>()
  const keep = (one: string, other: string, row: NamedRow) => {
    const partners = joined.get(one) ?? new Map<string, Set<NamedRow>>()
    joined.set(one, partners)
    const known = partners.get(other) ?? new Set()
    partners.set(other, known.add(row))
  }
  for (const { near, far, named } of [...readRows(rows, a, b).values()].flat()) {
    const target = far ?? named.mapping.objectSource
    if (target) keep(editionOf(near), editionOf(target), named)
  }
  // Rows with an object were read from A; what B says to have no counterpart was not.
  for (const { near, far, named } of [...readRows(rows, b, a).values()].flat()) {
    const source = named.mapping.objectSource
    if (!far && source) keep(editionOf(source), editionOf(near), named)
  }
  return joined
}

function compareProfiles(
  a: AgencyProfile | undefined,
  b: AgencyProfile | undefined,
): readonly AttributeComparison[] {
  const values = (profile: AgencyProfile | undefined) => ({
    name: profile?.nameZh,
    nature: profile?.nature,
    rank: profile?.rank,
    superior: profile?.superior,
    functions: profile?.functions && [...new Set(profile.functions)].sort(),
  })
  const [one, other] = [values(a), values(b)]
  return (['name', 'nature', 'rank', 'superior', 'functions'] as const).map((attribute) => {
    const [x, y] = [one[attribute], other[attribute]]
    const known = x !== undefined && y !== undefined
    return {
      attribute,
      ...(x === undefined ? {} : { a: x }),
      ...(y === undefined ? {} : { b: y }),
      outcome: known ? (JSON.stringify(x) === JSON.stringify(y) ? 'equal' : 'different') : 'unknown',
    }
  })
}
