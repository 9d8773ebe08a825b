import type { MappingRow, NamedRow, Pin } from '../../record/mapping-row.ts'
import type { FindingCode } from './code.ts'
import type { Findings } from './collection.ts'
import type { EditionLookup, IndexedEdition } from './edition.ts'
import { type FindingDetail, findingOf } from './finding.ts'

/**
 * M4: an accepted row was reviewed by the other party, on a day that is named. The parties are those of the project where they are
 * given, else the issuers of the two editions where the author is one of them.
 *
 * Proves what the row says. That the reviewer said so is proven by who logged the row, which stands elsewhere.
 *
 * @see spec/mapping.md, MAP-63
 */
export function checkReview(
  row: NamedRow,
  editionOf: (pin: Pin) => IndexedEdition | undefined,
  { parties, found }: Pick<EditionLookup, 'parties'> & { readonly found: Findings },
): void {
  const { mapping } = row
  if (mapping.state !== 'accepted') return
  const add = (code: FindingCode, detail?: FindingDetail) =>
    found.add(code, () => findingOf(code, row, detail))
  const { author, reviewer, reviewedOn, mappedOn } = mapping
  if (author === undefined) add('author-missing')
  if (reviewer === undefined) add('reviewer-missing')
  if (reviewedOn === undefined) add('review-date-missing')
  if (reviewedOn !== undefined && mappedOn !== undefined && reviewedOn < mappedOn)
    add('reviewed-before-mapped', { severity: 'warning' })
  if (author === undefined || reviewer === undefined) return
  const sides = parties ?? issuersOf(mapping, editionOf)
  if (author === reviewer) add('reviewer-is-author')
  else if (sides && !isOther(sides, author, reviewer)) add('reviewer-not-other-party')
}

/** Nothing to hold the reviewer against where both editions are of one issuer, or the author issued neither. */
function issuersOf(
  { subject, object, objectSource, author }: MappingRow,
  editionOf: (pin: Pin) => IndexedEdition | undefined,
): readonly [string, string] | undefined {
  const far = object ?? objectSource
  const [one, other] = [editionOf(subject)?.issuer, far && editionOf(far)?.issuer]
  if (one === undefined || other === undefined || one === other) return undefined
  return author === one || author === other ? [one, other] : undefined
}

function isOther([one, other]: readonly [string, string], author: string, reviewer: string): boolean {
  return (author === one && reviewer === other) || (author === other && reviewer === one)
}
