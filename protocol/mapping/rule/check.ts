import { compareText } from '../../canonical.ts'
import type { NamedRow } from '../../record/mapping-row.ts'
import { checkAbsence } from './absence.ts'
import { type FindingCode, rules } from './code.ts'
import { Findings, maxFindings } from './collection.ts'
import { numberRows } from './concept.ts'
import { checkDerivation } from './derivation.ts'
import { type EditionLookup, indexEditions } from './edition.ts'
import type { MappingFinding } from './finding.ts'
import { checkItself } from './itself.ts'
import { checkNames } from './name.ts'
import { checkPairs } from './pair.ts'
import { checkPins } from './pin.ts'
import { checkReview } from './review.ts'
import { sortRows } from './row-set.ts'
import { checkSkos } from './skos.ts'
import { checkValues } from './value.ts'

export interface MappingReport {
  /** By rule, code and names; at most 200 of one code. */
  readonly findings: readonly MappingFinding[]
  /** How many more there are of a code than are written out. */
  readonly omitted: readonly { readonly code: FindingCode; readonly count: number }[]
}

/**
 * Holds rows against the rules M1 to M7. Rejected rows are held against those about names alone. The order in which rows come changes
 * nothing.
 *
 * Proves that the rows agree with one another and with what the lookup knows: not that what they state is so, nor that those whom they
 * name said it. Without findings of severity `error` every accepted row may be relied upon as far as these rules go; an edition that the
 * lookup does not know is a finding, since nothing about it could be checked.
 *
 * @see spec/mapping.md, MAP-60 to MAP-68 (DOMAIN section 8.4)
 */
export function checkMapping(rows: readonly NamedRow[], lookup: EditionLookup): MappingReport {
  const found = new Findings()
  const sorted = sortRows(rows)
  const standing = sorted.filter(({ mapping }) => mapping.state !== 'rejected')
  const byName = new Map(sorted.map((row) => [row.row, row]))
  const editionOf = indexEditions(lookup)
  const { parties } = lookup
  checkNames(sorted, found)
  const numbered = numberRows(standing)
  checkSkos(numbered, found)
  checkPairs(numbered, found)
  for (const row of standing) {
    checkItself(row, found)
    checkPins(row, editionOf, found)
    checkValues(row, editionOf, found)
    checkReview(row, editionOf, { found, ...(parties ? { parties } : {}) })
    checkAbsence(row, found)
    checkDerivation(row, byName, found)
  }
  const omitted = [...found.counts()].flatMap(([code, count]) =>
    count > maxFindings ? [{ code, count: count - maxFindings }] : [],
  )
  return {
    findings: found.list().toSorted(compareFindings),
    omitted: omitted.sort((a, b) => compareText(a.code, b.code)),
  }
}

function compareFindings(a: MappingFinding, b: MappingFinding): number {
  return (
    rules.indexOf(a.rule) - rules.indexOf(b.rule) ||
    compareText(a.code, b.code) ||
    compareChains(a.rows, b.rows) ||
    compareText(a.sentence.zh, b.sentence.zh)
  )
}

/** A chain may be as long as there are rows: it is not joined to be compared. */
function compareChains(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, n) => name !== b[n])
  return at < 0 ? a.length - b.length : compareText(a[at] ?? '', b[at] ?? '')
}
