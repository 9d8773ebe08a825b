import { canonicalize } from '../canonical.ts'
import { type CalendarDate, legalDateOf } from '../date.ts'
import type { JsonObject } from '../json-value.ts'
import type { ExchangeRecord, StandardRecord } from '../record/envelope.ts'
import { isLifecycleEvent, isStandardRecord } from '../record/schema.ts'
import type { StandardSubject } from '../record/standard-record.ts'
import type { Trust } from '../trust/trust.ts'
import { earlierLogs, isWithin, type KnownLogs, type LogRange, laterLogs } from './known-log.ts'
import type { PlacedEvent } from './lifecycle.ts'
import { comparePlaces } from './log-order.ts'
import type { Statement } from './log-statement.ts'
import type { PinnedEdition, PlacedRevision } from './pinned-edition.ts'

export interface EditionReference {
  readonly id: string
  readonly digest: string
}

/** A pinned edition, and the ranges without which nobody can say what became of it. */
export interface EditionEvidence {
  readonly edition: PinnedEdition
  readonly needed: readonly LogRange[]
}

/**
 * Whose logs speak for one of the numbers, each from which index on: the log that the registry names, and the later ones of its member,
 * which take its place. The number's own issuer may be one of them.
 *
 * @see spec/agreement.md, AGREE-32 and AGREE-44
 */
export function authoritiesFor(
  { registry, logs }: Pick<Trust, 'registry' | 'logs'>,
  { identifiers }: Pick<StandardSubject, 'identifiers'>,
): readonly LogRange[] {
  const named = registry.authority.filter(({ scheme, prefix }) =>
    identifiers.some(
      (identifier) => identifier.scheme === scheme && isPrefixOf(prefix, identifier.canonicalKey),
    ),
  )
  const from = new Map<string, number>()
  for (const { origin, from: index } of named)
    for (const range of laterLogs(logs.get(origin)?.member, { origin, index }))
      from.set(range.origin, Math.min(range.from, from.get(range.origin) ?? range.from))
  return [...from].map(([origin, index]) => ({ origin, from: index }))
}

/** `DB50` of `DB50/T 1056-2020`, and of no `DB5001/T 3-2020`. */
function isPrefixOf(prefix: string, key: string): boolean {
  return key.startsWith(prefix) && !/^[0-9A-Za-z]/.test(key.slice(prefix.length))
}

/**
 * What the logs at hand say of an edition: events by its own issuer, and by the authority for its number about it, about what revises it,
 * or about the authority's own record of that number; revisions by its issuer. Statements for other readers than the edition's do not
 * count. Where there is an authority each event says whether it is the authority's.
 *
 * Takes for granted that the statements of each log are all that name one of these records, the revisions included, and each sound.
 *
 * @returns `undefined` where the edition itself is not at hand
 * @see spec/agreement.md, AGREE-32 and AGREE-43
 */
export function findEdition(known: KnownLogs, reference: EditionReference): EditionEvidence | undefined {
  const placed = known.statements.find(
    ({ record, digest }) => record.id === reference.id && digest === reference.digest,
  )
  if (!placed || !isStandardRecord(placed.record)) return undefined
  const { record } = placed
  const subject = record.credentialSubject
  const own = laterLogs(known.trust.members.get(record.issuer), placed)
  const authorities = authoritiesFor(known.trust, subject)
  const texts = textsOf(known, { placed, record, own })
  const named = new Set(texts.map(({ record: text, digest }) => `${text.id} ${digest}`))
  const numbers = new Set(subject.identifiers.map(({ canonicalKey }) => canonicalKey))
  const speaking = new Set(authorities.map(({ origin }) => origin))
  const theirs = new Set(
    known.statements.flatMap((one) =>
      speaking.has(one.origin) && hasNumber(one.record, numbers) ? [`${one.record.id} ${one.digest}`] : [],
    ),
  )
  const events = known.statements.flatMap((one): readonly PlacedEvent[] => {
    if (!isLifecycleEvent(one.record) || !isFor(record, one.record)) return []
    const { edition } = one.record.credentialSubject
    const about = `${edition.id} ${edition.digest}`
    const byIssuer = named.has(about) && isWithin(own, one)
    const byAuthority = (named.has(about) || theirs.has(about)) && isWithin(authorities, one)
    if (!byIssuer && !byAuthority) return []
    const { origin, index } = one
    return [
      {
        origin,
        index,
        recordId: one.record.id,
        subject: one.record.credentialSubject,
        ...(authorities.length === 0 ? {} : { authoritative: byAuthority }),
        ...loggingOf(known, one),
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
    needed: [...own, ...authorities, ...earlierLogs(known.trust, [...own, ...authorities])],
  }
}

/** When it was logged: by the word of the witnesses at hand, and of the log. */
function loggingOf(
  known: KnownLogs,
  { origin, index, at }: Statement,
): { readonly loggedOn?: CalendarDate; readonly loggedFrom: CalendarDate } {
  const stated = legalDateOf(Date.parse(at))
  const loggedOn = known.loggedOn({ origin, index, at })
  if (loggedOn === undefined) return { loggedFrom: stated }
  return { loggedOn, loggedFrom: loggedOn < stated ? loggedOn : stated }
}

interface Text extends Statement {
  readonly record: StandardRecord
}

interface Pinned {
  readonly placed: Statement
  readonly record: StandardRecord
  /** Where its issuer may speak about it. */
  readonly own: readonly LogRange[]
}

/** The pinned record, and what later revises it or one that does, in the order of the issuer's logs. */
function textsOf({ statements }: KnownLogs, { placed, record, own }: Pinned): readonly Text[] {
  const byRevised = new Map<string, Text[]>()
  for (const one of statements) {
    const { revisionOf: revised, issuer } = one.record
    if (!isStandardRecord(one.record) || !revised || issuer !== record.issuer) continue
    if (!isFor(record, one.record) || !isWithin(own, one)) continue
    const name = `${revised.id} ${revised.digest}`
    const revisions = byRevised.get(name)
    if (revisions) revisions.push({ ...one, record: one.record })
    else byRevised.set(name, [{ ...one, record: one.record }])
  }
  const seen = new Set([`${record.id} ${placed.digest}`])
  const revisions: Text[] = []
  // A set goes on while it is being added to: revisions of revisions are looked up as well.
  for (const name of seen)
    for (const text of byRevised.get(name) ?? []) {
      const its = `${text.record.id} ${text.digest}`
      if (seen.has(its)) continue
      seen.add(its)
      revisions.push(text)
    }
  return [{ ...placed, record }, ...revisions.toSorted(comparePlaces)]
}

function revisionOf(text: Text, pinned: StandardSubject, known: KnownLogs): PlacedRevision {
  const { origin, index, record } = text
  const clauses = new Map(
    (record.credentialSubject.clauses ?? []).map((clause) => [clause.uid, textOf(clause)]),
  )
  const changed = (pinned.clauses ?? []).flatMap((clause) =>
    clauses.get(clause.uid) === textOf(clause) ? [] : [clause.uid],
  )
  const { loggedOn, loggedFrom } = loggingOf(known, text)
  return {
    origin,
    index,
    recordId: record.id,
    ...(loggedOn === undefined ? {} : { on: loggedOn }),
    from: loggedFrom,
    changed,
  }
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
