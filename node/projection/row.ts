import { searchKey } from '../../protocol/identifier/number-search.ts'
import { canonicalKey, parseStandardNumber, workKey } from '../../protocol/identifier/standard-number.ts'
import {
  isDisclosure,
  isErasureRequest,
  isLifecycleEvent,
  isStandardRecord,
} from '../../protocol/record/schema.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import type { Verified } from '../../protocol/verified.ts'
import type { LoggedRecord } from '../../protocol/verify.ts'
import type { AttachmentRow } from './attachment-row.ts'
import { type StatementFacts, statementFacts } from './statement-row.ts'

/** Who a row may be told. */
interface RowReaders {
  readonly tier: string
  readonly audience: string | null
}

/** What the read model makes of a standard record. Nothing in it is typed by hand, least of all a state. */
export interface StandardRow extends RowReaders {
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
  /** Files that the record names, each once. */
  readonly attachments: readonly AttachmentRow[]
}

export interface EventRow extends RowReaders {
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

/** The entry that a public disclosure opens, by what the disclosure says. */
export interface DisclosureRow {
  readonly kind: 'disclosure'
  readonly disclosed: number
  readonly commitment: string
  readonly digest: string
  readonly salt: string
}

/** The entry whose record its maker asks to be destroyed. */
export interface ErasureRow {
  readonly kind: 'erasure'
  readonly erased: number
  readonly commitment: string
}

/** Mapping work, an act about an agreement, or what agreements rest on. What it says stands in the record. */
export interface StatementRow extends RowReaders, StatementFacts {
  readonly kind: 'statement'
  readonly recordId: string
  readonly digest: string
  readonly issuer: string
  readonly type: string
}

export type ProjectedRow = StandardRow | EventRow | StatementRow | DisclosureRow | ErasureRow

/**
 * The row of a verified record. Pure: a rebuild from the log gives the same rows.
 *
 * @see spec/node.md, NODE-20
 */
export function projectRecord({ record, digest }: Verified<LoggedRecord>): ProjectedRow | undefined {
  if (isDisclosure(record)) {
    const { index, commitment, salt, digest: opened } = record.credentialSubject
    return { kind: 'disclosure', disclosed: index, commitment, digest: opened, salt }
  }
  if (isErasureRequest(record)) {
    const { index, commitment } = record.credentialSubject
    return { kind: 'erasure', erased: index, commitment }
  }
  const { tier, audience = null } = record
  const shared = { recordId: record.id, digest, issuer: record.issuer, tier, audience }
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
  const facts = statementFacts(record)
  if (facts) return { kind: 'statement', ...shared, type: record.type[1], ...facts }
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
    attachments: attachmentsOf(subject),
  }
}

function attachmentsOf({ media = [], clauses = [] }: StandardSubject): readonly AttachmentRow[] {
  const all = [...media, ...clauses.flatMap((clause) => clause.media ?? [])]
  return [...new Map(all.map((named) => [named.digest, named])).values()]
}
