import { canonicalize } from '../canonical.ts'
import { type CalendarDate, legalDateOf } from '../date.ts'
import type { JsonObject } from '../json-value.ts'
import type { ExchangeRecord, StandardRecord } from '../record/envelope.ts'
import { isLifecycleEvent, isStandardRecord } from '../record/schema.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import type { Registry } from '../trust/registry.ts'
import { type KnownLogs, laterLogs } from './known-log.ts'
import type { PlacedEvent } from './lifecycle.ts'
import type { Statement } from './log-statement.ts'
import type { PinnedEdition, PlacedRevision } from './pinned-edition.ts'

export interface EditionReference {
  readonly id: string
  readonly digest: string
}

/** A pinned edition, and the ranges without which nobody can say what became of it. */
export interface EditionEvidence {
  readonly edition: PinnedEdition
  readonly needed: readonly { readonly origin: string; readonly from: number }[]
}

/** Whose log speaks for one of the numbers, from which index on. The number's own issuer may be one of them. */
export function authoritiesFor(
  registry: Registry,
  { identifiers }: Pick<StandardSubject, 'identifiers'>,
): readonly { readonly origin: string; readonly from: number }[] {
  return registry.authority.filter(({ scheme, prefix }) =>
    identifiers.some(
      (identifier) => identifier.scheme === scheme && isPrefixOf(prefix, identifier.canonicalKey),
    ),
  )
}

/** `DB50` of `DB50/T 1056-2020`, and of no `DB5001/T 3-2020`. */
function isPrefixOf(prefix: string, key: string): boolean {
  return key.startsWith(prefix) && !/^[0-9A-Za-z]/.test(key.slice(prefix.length))
}

/**
 * What the logs at hand say of an edition: events by its own issuer, and by the authority for its number about it or about its own
 * record of that number; revisions by its issuer. Statements for other readers than the edition's do not count.
 *
 * @returns `undefined` where the edition itself is not at hand
 * @see spec/agreement.md, AGREE-32
 */
export function findEdition(known: KnownLogs, reference: EditionReference): EditionEvidence | undefined {
  const placed = known.statements.find(
    ({ record, digest }) => record.id === reference.id && digest === reference.digest,
  )
  if (!placed || !isStandardRecord(placed.record)) return undefined
  const { record, origin, index } = placed
  const { registry } = known.trust
  const subject = record.credentialSubject
  const own = laterLogs(known.trust.members.get(record.issuer), { origin, index })
  const authorities = authoritiesFor(registry, subject)
  const texts = textsOf(known, placed, record)
  const named = new Set(texts.map(({ record: text, digest }) => `${text.id} ${digest}`))
  const numbers = new Set(subject.identifiers.map(({ canonicalKey }) => canonicalKey))
  const theirs = new Set(
    known.statements.flatMap((one) =>
      authorities.some((authority) => authority.origin === one.origin) && hasNumber(one.record, numbers)
        ? [`${one.record.id} ${one.digest}`]
        : [],
    ),
  )
  const events = known.statements.flatMap((one): readonly PlacedEvent[] => {
    if (!isLifecycleEvent(one.record) || !isFor(record, one.record)) return []
    const { edition } = one.record.credentialSubject
    const about = `${edition.id} ${edition.digest}`
    const byIssuer = named.has(about) && isWithin(own, one)
    const byAuthority = (named.has(about) || theirs.has(about)) && isWithin(authorities, one)
    if (!byIssuer && !byAuthority) return []
    return [
      {
        origin: one.origin,
        index: one.index,
        recordId: one.record.id,
        subject: one.record.credentialSubject,
      },
    ]
  })
  return {
    edition: {
      ...reference,
      issuer: record.issuer,
      subject,
      events,
      revisions: texts.slice(1).map((text) => revisionOf(text, subject, known)),
      authority: authorities[0]?.origin,
    },
    needed: [...own, ...authorities.map(({ origin: log, from }) => ({ origin: log, from }))],
  }
}

interface Text extends Statement {
  readonly record: StandardRecord
}

/** The pinned record, and what revises it or one that does. */
function textsOf({ statements }: KnownLogs, placed: Statement, record: StandardRecord): readonly Text[] {
  const texts: Text[] = [{ ...placed, record }]
  const heads = new Set([`${record.id} ${placed.digest}`])
  for (const one of statements) {
    const { revisionOf: revised, issuer } = one.record
    if (!isStandardRecord(one.record) || !revised || issuer !== record.issuer) continue
    if (!heads.has(`${revised.id} ${revised.digest}`) || !isFor(record, one.record)) continue
    heads.add(`${one.record.id} ${one.digest}`)
    texts.push({ ...one, record: one.record })
  }
  return texts
}

function revisionOf(
  { origin, index, at, record }: Text,
  pinned: StandardSubject,
  known: KnownLogs,
): PlacedRevision {
  const clauses = new Map(
    (record.credentialSubject.clauses ?? []).map((clause) => [clause.uid, textOf(clause)]),
  )
  const changed = (pinned.clauses ?? []).flatMap((clause) =>
    clauses.get(clause.uid) === textOf(clause) ? [] : [clause.uid],
  )
  const on: CalendarDate = known.loggedOn({ origin, index, at }) ?? legalDateOf(Date.parse(at))
  return { origin, index, recordId: record.id, on, changed }
}

function textOf(clause: object): string {
  const plain: JsonObject = JSON.parse(JSON.stringify(clause))
  return canonicalize(plain)
}

function hasNumber(record: ExchangeRecord, numbers: ReadonlySet<string>): boolean {
  return (
    isStandardRecord(record) &&
    record.credentialSubject.identifiers.some(({ canonicalKey }) => numbers.has(canonicalKey))
  )
}

function isFor(edition: ExchangeRecord, act: ExchangeRecord): boolean {
  return act.tier === edition.tier && act.audience === edition.audience
}

function isWithin(
  ranges: readonly { readonly origin: string; readonly from: number }[],
  { origin, index }: { readonly origin: string; readonly index: number },
): boolean {
  return ranges.some((range) => range.origin === origin && index >= range.from)
}
