import { ProtocolError } from '../../protocol/error.ts'
import {
  type AgencyProfile,
  type AttributeComparison,
  compareAgencies,
} from '../../protocol/mapping/compare/agency.ts'
import { type Coverage, coverageShare } from '../../protocol/mapping/compare/coverage.ts'
import { compareEditions, type EditionComparison } from '../../protocol/mapping/compare/edition.ts'
import { headOf } from '../../protocol/mapping/compare/statement.ts'
import { neutralSides, type SideNames } from '../../protocol/mapping/limit/words.ts'
import { suggestClauses } from '../../protocol/mapping/suggest/clause.ts'
import { candidateRows } from '../../protocol/mapping/suggest/row.ts'
import { suggestStandards } from '../../protocol/mapping/suggest/standard.ts'
import { type SuggestOptions, suggestDefaults } from '../../protocol/mapping/suggest/suggestion.ts'
import type { NamedRow, Pin } from '../../protocol/record/mapping-row.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findNamed, type Named, type NamedEdition, type NameOptions } from './named.ts'

export interface ComparisonOptions extends NameOptions {
  /** Rows of mapping work, as far as the reader may have them. */
  readonly rows: (found: readonly [Named, Named]) => Promise<readonly NamedRow[]>
  /** What the two sides are called; 甲方 and 乙方 where nobody says. */
  readonly names?: (found: readonly [Named, Named]) => SideNames
}

/** A coverage with the share that has been compared, as the two numbers of its fraction. */
export interface CoverageAnswer extends Coverage {
  readonly share?: { readonly numerator: number; readonly denominator: number }
}

export interface EditionAnswer extends Omit<EditionComparison, 'coverage'> {
  readonly coverage: CoverageAnswer
}

/** What an answer says of an edition beside the comparison. */
export type EditionName = ReturnType<typeof nameOf>

export interface AgencyName {
  readonly id: string
  readonly nameZh: string
  readonly editions: number
}

export interface EditionsCompared extends EditionAnswer {
  readonly kind: 'editions'
  readonly at: string
  readonly a: EditionName
  readonly b: EditionName
}

export interface AgenciesCompared {
  readonly kind: 'agencies'
  readonly at: string
  readonly a: AgencyName
  readonly b: AgencyName
  readonly attributes: readonly AttributeComparison[]
  readonly pairs: readonly (EditionAnswer & {
    readonly a: EditionName | undefined
    readonly b: EditionName | undefined
  })[]
  readonly aloneA: readonly EditionName[]
  readonly aloneB: readonly EditionName[]
  readonly coverage: CoverageAnswer
}

export type ComparisonAnswer = EditionsCompared | AgenciesCompared

/**
 * Two editions clause by clause, or two agencies edition by edition, of what one reader may have.
 *
 * @throws {ProtocolError} `NOT_FOUND` `QUERY_INVALID`
 * @see spec/mapping.md, MAP-76
 */
export async function compareNamed(
  a: string,
  b: string,
  options: ComparisonOptions,
): Promise<ComparisonAnswer> {
  const found = await findBoth(a, b, options)
  const [one, other] = found
  const rows = await options.rows(found)
  const sides = options.names?.(found) ?? neutralSides
  if (one.kind === 'edition' && other.kind === 'edition') {
    const comparison = compareEditions(one.edition, other.edition, rows, { names: sides })
    return {
      kind: 'editions',
      at: options.day,
      a: nameOf(one.edition),
      b: nameOf(other.edition),
      ...answerOf(comparison),
    }
  }
  const [first, second] = [agencyOf(one, options), agencyOf(other, options)]
  const { pairs, aloneA, aloneB, coverage, attributes } = compareAgencies(first, second, rows, {
    names: sides,
  })
  const names = new Map([...first.editions, ...second.editions].map((each) => [each.id, nameOf(each)]))
  const named = (ids: readonly string[]) => ids.flatMap((id) => names.get(id) ?? [])
  return {
    kind: 'agencies',
    at: options.day,
    a: { id: first.id, nameZh: first.profile?.nameZh ?? first.id, editions: first.editions.length },
    b: { id: second.id, nameZh: second.profile?.nameZh ?? second.id, editions: second.editions.length },
    attributes,
    pairs: pairs.map((pair) => ({
      a: names.get(pair.a),
      b: names.get(pair.b),
      ...answerOf(pair.comparison),
    })),
    aloneA: named(aloneA),
    aloneB: named(aloneB),
    coverage: coverageOf(coverage),
  }
}

/**
 * Counterparts that a program proposes between two editions or two agencies, each as a row that people may take up.
 *
 * @throws {ProtocolError} `NOT_FOUND` `QUERY_INVALID`
 * @see spec/mapping.md, MAP-84
 */
export async function suggestNamed(
  a: string,
  b: string,
  { most, ...options }: NameOptions & { readonly most: number | undefined },
): Promise<object> {
  const [one, other] = await findBoth(a, b, options)
  const limits: SuggestOptions = most === undefined ? suggestDefaults : { ...suggestDefaults, most }
  if (one.kind === 'edition' && other.kind === 'edition') {
    const suggestions = suggestClauses(one.edition, other.edition, limits)
    const [ours, theirs] = [clausesOf(one.edition), clausesOf(other.edition)]
    const rows = candidateRows(suggestions, { a: pinsOf(one.edition), b: pinsOf(other.edition) })
    return {
      kind: 'editions',
      a: nameOf(one.edition),
      b: nameOf(other.edition),
      suggestions: suggestions.map(({ a: n, b: m, score, reason }, at) => ({
        a: ours[n],
        b: theirs[m],
        score,
        reason,
        row: rows[at],
      })),
    }
  }
  const [first, second] = [agencyOf(one, options), agencyOf(other, options)]
  const suggestions = suggestStandards(
    first.editions.map(({ subject }) => subject),
    second.editions.map(({ subject }) => subject),
    limits,
  )
  const pins = (editions: readonly NamedEdition[]) =>
    editions.map(({ id, digest }): Pin => ({ edition: id, digest }))
  const rows = candidateRows(suggestions, { a: pins(first.editions), b: pins(second.editions) })
  const [ours, theirs] = [first.editions.map(nameOf), second.editions.map(nameOf)]
  return {
    kind: 'agencies',
    a: { id: first.id, nameZh: first.profile?.nameZh ?? first.id, editions: ours.length },
    b: { id: second.id, nameZh: second.profile?.nameZh ?? second.id, editions: theirs.length },
    suggestions: suggestions.map(({ a: n, b: m, score, reason }, at) => ({
      a: ours[n],
      b: theirs[m],
      score,
      reason,
      row: rows[at],
    })),
  }
}

async function findBoth(a: string, b: string, options: NameOptions): Promise<readonly [Named, Named]> {
  const found = [await findNamed(a, 'a', options), await findNamed(b, 'b', options)] as const
  if (found[0].kind !== found[1].kind)
    throw new ProtocolError(
      'QUERY_INVALID',
      'an edition is compared with an edition, an agency with an agency',
      {
        place: { pointer: '/b' },
      },
    )
  return found
}

function agencyOf(named: Named, { trust, day }: NameOptions) {
  if (named.kind !== 'agency') throw new TypeError('an agency was expected')
  return { id: named.id, editions: named.editions, profile: profileAt(trust(), named.id, day) }
}

export function profileAt({ members }: Trust, id: string, day: string): AgencyProfile | undefined {
  return members.get(id)?.profile.find(({ from, to }) => from <= day && (to === undefined || day < to))
}

function nameOf({ summary }: NamedEdition) {
  const { id, digest, titleZh, numbers, issuer, issuerName, state, synthetic } = summary
  return { id, digest, titleZh, numbers, issuer, issuerName, state, synthetic }
}

function clausesOf({ subject }: NamedEdition) {
  return (subject.clauses ?? []).map(headOf)
}

function pinsOf({ id, digest, subject }: NamedEdition): readonly Pin[] {
  return (subject.clauses ?? []).map(({ uid }) => ({ edition: id, digest, clause: uid }))
}

function answerOf({ clauses, unmatched, whole, coverage }: EditionComparison): EditionAnswer {
  return { clauses, unmatched, whole, coverage: coverageOf(coverage) }
}

function coverageOf(coverage: Coverage): CoverageAnswer {
  const share = coverageShare(coverage)
  if (!share) return coverage
  return {
    ...coverage,
    share: { numerator: Number(share.numerator), denominator: Number(share.denominator) },
  }
}
