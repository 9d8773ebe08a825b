import { type EventSubject, eventSubject } from '../../protocol/record/lifecycle-event.ts'
import { warningsOf } from '../../protocol/record/rule.ts'
import { standardSubject } from '../../protocol/record/standard-record.ts'
import { lifecycleAt, type PlacedEvent } from '../../protocol/standing/lifecycle.ts'
import { digestText } from '../store/log-store.ts'
import type { StandardSummary } from './port.ts'

/** A row of the read model with the record it was made of and the events about it. */
export type StandardRead = {
  readonly logId: number
  readonly index: number
  readonly tier: string
  readonly audience: string | null
  readonly recordId: string
  readonly digest: Uint8Array
  readonly issuer: string
  readonly origin: string
  readonly own: boolean
  readonly record: string
  readonly revisedBy: string | null
  readonly events: readonly {
    readonly index: number
    readonly origin: string
    readonly recordId: string
    readonly digest: string
    readonly subject: EventSubject
  }[]
}

/** One standard as lists show it; its state is the protocol's fold for that day. */
export function summarize(
  row: StandardRead,
  day: string,
  issuerName: (issuer: string, day: string) => string,
): StandardSummary {
  const stored: { readonly credentialSubject?: unknown; readonly synthetic?: unknown } = JSON.parse(
    row.record,
  )
  const facts = standardSubject.parse(stored.credentialSubject)
  const events = row.events.map(
    ({ index, origin, recordId, subject }): PlacedEvent => ({
      index,
      origin,
      recordId,
      subject: eventSubject.parse(subject),
    }),
  )
  const { state, since, reviewDue } = lifecycleAt(facts, events, day)
  return {
    ...(row.tier === 'public' ? {} : { tier: row.tier }),
    ...(row.audience === null ? {} : { audience: row.audience }),
    id: row.recordId,
    digest: digestText(row.digest),
    issuer: row.issuer,
    issuerName: issuerName(row.issuer, day),
    origin: row.origin,
    own: row.own,
    index: row.index,
    titleZh: facts.titleZh,
    ...(facts.titleEn === undefined ? {} : { titleEn: facts.titleEn }),
    numbers: facts.identifiers.map(({ value }) => value),
    keys: facts.identifiers.map(({ canonicalKey }) => canonicalKey),
    level: facts.level,
    mandate: facts.mandate,
    class: facts.class,
    ...(facts.documentKind === undefined ? {} : { documentKind: facts.documentKind }),
    owners: (facts.custodians ?? facts.publishers ?? []).map(({ nameZh }) => nameZh),
    ...(facts.publishedOn === undefined ? {} : { publishedOn: facts.publishedOn }),
    ...(facts.effectiveOn === undefined ? {} : { effectiveOn: facts.effectiveOn }),
    state,
    ...(since === undefined ? {} : { since }),
    ...(reviewDue === undefined ? {} : { reviewDue }),
    ...(row.revisedBy === null ? {} : { revisedBy: row.revisedBy }),
    synthetic: stored.synthetic === true,
    warnings: warningsOf(facts),
  }
}
