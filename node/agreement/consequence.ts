import { ProtocolError } from '../../protocol/error.ts'
import type { Agreement } from '../../protocol/record/agreement.ts'
import { citedRecognition, editionsOf } from '../../protocol/record/agreement.ts'
import { isImplementationReport, isStandardRecord } from '../../protocol/record/schema.ts'
import { findInterconnection } from '../../protocol/standing/interconnection-facts.ts'
import type { KnownLogs } from '../../protocol/standing/known-log.ts'
import type { Statement } from '../../protocol/standing/log-statement.ts'
import { findRecognition } from '../../protocol/standing/recognition-evidence.ts'
import { findReuse } from '../../protocol/standing/reuse-facts.ts'
import { type Consequence, type SupposedEvent, whatIf } from '../../protocol/standing/what-if.ts'
import { findClauses } from './clause-name.ts'
import type { Proposal } from './statement-read.ts'

/** What is supposed to happen, to which edition (its id or digest), on which legal date. */
export interface Question {
  readonly edition: string
  readonly on: string
  readonly eventKind?: SupposedEvent['eventKind']
  /** As `findClauses` reads them. */
  readonly clauses?: readonly string[]
}

export interface Consequences {
  readonly edition: {
    readonly id: string
    readonly digest: string
    readonly number: string
    readonly titleZh: string
  }
  readonly on: string
  /** Those that were named. */
  readonly clauses?: readonly { readonly uid: string; readonly locator: string; readonly heading: string }[]
  readonly agreements: readonly Consequence[]
  /** Reports with a line about it: what they say of later periods would not count. */
  readonly reports: readonly { readonly agency: string; readonly period: string; readonly recordId: string }[]
}

export interface KnownFacts {
  readonly agreements: readonly {
    readonly agreement: Agreement
    readonly digest: string
    readonly known: KnownLogs
  }[]
  readonly reports: readonly Statement[]
}

/**
 * What would fall: by the folds that judge agreements, over what this node knows.
 *
 * @throws {ProtocolError} `NOT_FOUND` or `QUERY_INVALID` with its place — a clause that is not in the record, or a number of several
 * @see protocol/spec/agreement.md, AGREE-90 and AGREE-107
 */
export function consequencesOf(
  { on, eventKind, clauses }: Question,
  { record, digest }: Statement,
  { agreements, reports }: KnownFacts,
): Consequences {
  if (!isStandardRecord(record)) throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
  const { identifiers, titleZh } = record.credentialSubject
  const named = clauses && findClauses(clauses, record.credentialSubject)
  const supposed = {
    id: record.id,
    digest,
    ...(eventKind === undefined ? {} : { eventKind }),
    ...(named === undefined ? {} : { clauses: named.map(({ uid }) => uid) }),
  }
  const found = agreements.map(({ agreement, digest: of, known }) => judgedBy(agreement, of, known))
  return {
    edition: { id: record.id, digest, number: identifiers[0]?.value ?? '', titleZh },
    on,
    ...(named === undefined
      ? {}
      : { clauses: named.map(({ uid, locator, heading }) => ({ uid, locator, heading })) }),
    agreements: whatIf(supposed, on, {
      recognitions: found.flatMap((one) => one.recognitions),
      interconnections: found.flatMap((one) => one.interconnections),
      reuses: found.flatMap((one) => one.reuses),
    }),
    reports: reports.flatMap((one) =>
      isImplementationReport(one.record)
        ? [
            {
              agency: one.record.issuer,
              period: one.record.credentialSubject.period,
              recordId: one.record.id,
            },
          ]
        : [],
    ),
  }
}

/** Of what was proposed, that which an event about this edition could touch: it pins it, or rests on a recognition that does. */
export function touching(proposals: readonly Proposal[], { record, digest }: Statement): readonly Proposal[] {
  const unique = [...new Map(proposals.map((one) => [one.digest, one])).values()]
  const pins = ({ agreement }: Proposal) =>
    editionsOf(agreement).some((pin) => pin.id === record.id && pin.digest === digest)
  const pinned = new Set(unique.filter(pins).map((one) => one.digest))
  return unique.filter(({ agreement, digest: of }) => {
    const cited = citedRecognition(agreement)
    return pinned.has(of) || (cited !== undefined && pinned.has(cited.digest))
  })
}

function judgedBy(agreement: Agreement, digest: string, known: KnownLogs) {
  const none = { recognitions: [], interconnections: [], reuses: [] }
  switch (agreement.kind) {
    case 'recognition':
      return { ...none, recognitions: [{ agreement, facts: findRecognition(known, agreement, digest) }] }
    case 'interconnection':
      return {
        ...none,
        interconnections: [{ agreement, facts: findInterconnection(known, agreement, digest) }],
      }
    case 'reuse':
      return { ...none, reuses: [{ agreement, facts: findReuse(known, agreement, digest) }] }
  }
}
