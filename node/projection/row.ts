import { searchKey } from '../../protocol/identifier/number-search.ts'
import { canonicalKey, parseStandardNumber, workKey } from '../../protocol/identifier/standard-number.ts'
import { isLifecycleEvent, isStandardRecord } from '../../protocol/record/schema.ts'
import type { Verified } from '../../protocol/verified.ts'
import type { LoggedRecord } from '../../protocol/verify.ts'

/** What the read model makes of a standard record. Nothing in it is typed by hand, least of all a state. */
export interface StandardRow {
  readonly kind: 'standard'
  readonly recordId: string
  readonly digest: string
  readonly issuer: string
  readonly titleZh: string
  readonly keys: readonly string[]
  readonly workKeys: readonly string[]
  readonly level: string
  readonly class: string
  readonly publishedOn: string | null
  readonly effectiveOn: string | null
  readonly abolishedOn: string | null
  readonly revisionOf: string | null
  readonly revisionDigest: string | null
  readonly synthetic: boolean
  /** Folded text that search runs over: numbers without their punctuation, titles, clause headings. */
  readonly search: string
}

export interface EventRow {
  readonly kind: 'event'
  readonly recordId: string
  readonly digest: string
  readonly issuer: string
  readonly editionId: string
  readonly editionDigest: string
  readonly eventKind: string
  readonly onDate: string
  /** The credential subject, as JSON text. */
  readonly body: string
}

export type ProjectedRow = StandardRow | EventRow

/**
 * The row of a verified record. Pure: a rebuild from the log gives the same rows.
 *
 * @see spec/node.md, NODE-20
 */
export function projectRecord({ record, digest }: Verified<LoggedRecord>): ProjectedRow | undefined {
  const shared = { recordId: record.id, digest, issuer: record.issuer }
  if (isLifecycleEvent(record)) {
    const { edition, eventKind, date } = record.credentialSubject
    return {
      kind: 'event',
      ...shared,
      editionId: edition.id,
      editionDigest: edition.digest,
      eventKind,
      onDate: date,
      body: JSON.stringify(record.credentialSubject),
    }
  }
  if (!isStandardRecord(record)) return undefined
  const subject = record.credentialSubject
  const numbers = subject.identifiers.map(({ value }) => parseStandardNumber(value))
  return {
    kind: 'standard',
    ...shared,
    titleZh: subject.titleZh,
    keys: numbers.map(canonicalKey),
    workKeys: numbers.map(workKey),
    level: subject.level,
    class: subject.class,
    publishedOn: subject.publishedOn ?? null,
    effectiveOn: subject.effectiveOn ?? null,
    abolishedOn: subject.abolishedOn ?? null,
    revisionOf: record.revisionOf?.id ?? null,
    revisionDigest: record.revisionOf?.digest ?? null,
    synthetic: record.synthetic === true,
    search: [
      ...numbers.map(searchKey),
      subject.titleZh,
      subject.titleEn ?? '',
      ...(subject.clauses ?? []).slice(0, 200).map(({ heading }) => heading),
    ]
      .join('\n')
      .toLowerCase()
      .slice(0, 8000)
      // A character cut in two at the end is no text.
      .toWellFormed(),
  }
}
