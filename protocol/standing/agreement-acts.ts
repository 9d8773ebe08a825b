import { compareText } from '../canonical.ts'
import { type CalendarDate, legalDateOf } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import type { Attestation } from '../record/envelope.ts'
import { isAttestation, isReceipt } from '../record/schema.ts'
import { findProject, isUnderWay, type Project } from '../trust/audience.ts'
import { type Consent, foldConsent, type PlacedAct, weightOf } from './consent.ts'
import type { KnownLogs } from './known-log.ts'
import type { Statement } from './log-statement.ts'
import { earlier, earliestStartOf, startOf, withdrawalsOf } from './term.ts'

interface Act extends Omit<Statement, 'record'> {
  readonly record: Attestation
}

/** What the acts at hand make of an agreement. */
export interface KnownConsent {
  readonly consent: Consent
  /** The day on which a later agreement that takes its place begins. */
  readonly renewedOn?: CalendarDate
  /** The first day on which that may be, by the word of the logs alone. */
  readonly renewedFrom?: CalendarDate
}

/**
 * Acts about the agreement, or about one of the same two parties that takes its place. An agreement that merely rests on this one is
 * another matter, and so is what others sign about it. Acts for other readers are a matter of their own; of several the one with consent
 * counts.
 *
 * @see spec/agreement.md, AGREE-20, AGREE-36 and AGREE-52
 */
export function findConsent(known: KnownLogs, agreement: Agreement, digest: string): KnownConsent {
  const groups = groupsOf(actsAbout(known, agreement)).map((acts) => {
    const placed = acts.flatMap((act) => placeAct(known, act, agreement) ?? [])
    return { placed, consent: foldConsent(digest, placed) }
  })
  const [best] = groups.toSorted(
    ({ consent: a }, { consent: b }) => weightOf(a) - weightOf(b) || compareProposals(a, b),
  )
  if (!best) return { consent: foldConsent(digest, []) }
  return { consent: best.consent, ...renewalOf(best.placed, { ...agreement, digest }) }
}

function compareProposals({ proposal: a }: Consent, { proposal: b }: Consent): number {
  return a && b ? compareText(a.at, b.at) || compareText(a.origin, b.origin) || a.index - b.index : 0
}

function actsAbout({ statements }: KnownLogs, older: Agreement): readonly Act[] {
  const parties = new Set(older.parties.map(({ id }) => id))
  const all = statements.flatMap((one) =>
    isAttestation(one.record) && parties.has(one.record.issuer) ? [{ ...one, record: one.record }] : [],
  )
  const ids = new Set([older.id])
  for (const { record } of all) {
    const { agreement } = record.credentialSubject
    if (agreement?.supersedes?.id === older.id && isOfSamePair(agreement, older)) ids.add(agreement.id)
  }
  return all.filter(({ record }) => ids.has(record.credentialSubject.id))
}

/** Two others, or these two in another matter, end nothing here. */
function isOfSamePair(a: Agreement, b: Pick<Agreement, 'project' | 'parties'>): boolean {
  return a.project === b.project && a.parties.every(({ id }) => b.parties.some((other) => other.id === id))
}

/** By their readers, in the order of the readers' names. */
function groupsOf(acts: readonly Act[]): readonly (readonly Act[])[] {
  const groups = new Map<string, Act[]>()
  for (const act of acts) {
    const { tier, audience = '' } = act.record
    const key = `${tier} ${audience}`
    const group = groups.get(key) ?? []
    group.push(act)
    groups.set(key, group)
  }
  return [...groups.keys()].toSorted().map((key) => groups.get(key) ?? [])
}

/**
 * Nobody consents in a project that does not stand; whoever did may leave whenever he will. By its own date an act may be too late for
 * certain, and in time only by the witnesses': a log can date back what it says.
 *
 * @see spec/agreement.md, AGREE-27
 */
function placeAct(
  known: KnownLogs,
  { record, origin, index, at, digest }: Act,
  { project, parties }: Agreement,
): PlacedAct | undefined {
  const stands = findProject(known.trust, project)
  const subject = record.credentialSubject
  const binds = subject.act === 'propose' || subject.act === 'accept'
  if (binds && stands && !isUnderWay(stands, legalDateOf(Date.parse(at)))) return undefined
  const place = { origin, index, at, digest }
  const other = parties.find(({ id }) => id !== record.issuer)?.id
  const shown = record.tier === 'pair' ? shownBy(known, { ...place, record }, other) : place
  const isInTime = !binds || !stands || [place, shown].some((one) => isLoggedWithin(known, one, stands))
  const loggedOn = shown && isInTime ? known.loggedOn(shown) : undefined
  const dated = legalDateOf(Date.parse((shown ?? place).at))
  return {
    ...place,
    recordId: record.id,
    issuer: record.issuer,
    subject,
    ...(loggedOn === undefined ? {} : { loggedOn }),
    loggedFrom: loggedOn === undefined ? dated : earlier(loggedOn, dated),
  }
}

function isLoggedWithin(
  known: KnownLogs,
  place: Omit<Statement, 'record'> | undefined,
  { to }: Project,
): boolean {
  const on = place && known.loggedOn(place)
  return on !== undefined && (to === undefined || on < to)
}

/** Of an act for the two alone, where the other party itself shows that it had it: opening late never dates back (TIER-71). */
function shownBy(
  known: KnownLogs,
  { record, origin, index, digest }: Act,
  other: string | undefined,
): Omit<Statement, 'record'> | undefined {
  return known.statements.find(({ record: later }) => {
    if (later.issuer !== other || later.tier !== record.tier || later.audience !== record.audience)
      return false
    const named = isReceipt(later)
      ? later.credentialSubject
      : isAttestation(later)
        ? later.credentialSubject.seen
        : undefined
    return named?.origin === origin && named.index === index && named.digest === digest
  })
}

/** The first day of what both consented to in place of the older agreement. */
function renewalOf(
  acts: readonly PlacedAct[],
  older: { readonly id: string; readonly digest: string },
): Omit<KnownConsent, 'consent'> {
  const digests = new Set(
    acts.flatMap(({ subject: { agreement, agreementDigest } }) =>
      agreement?.supersedes?.id === older.id && agreement.supersedes.digest === older.digest
        ? [agreementDigest]
        : [],
    ),
  )
  const starts = [...digests].flatMap((digest) => renewingStart(foldConsent(digest, acts)))
  const [on] = starts.flatMap((one) => one.on ?? []).toSorted()
  const [from] = starts.flatMap((one) => one.from ?? []).toSorted()
  return {
    ...(on === undefined ? {} : { renewedOn: on }),
    ...(from === undefined ? {} : { renewedFrom: from }),
  }
}

/** When it begins; nothing of one that is withdrawn or over before it can begin, and no certain day where that cannot be told. */
function renewingStart(
  consent: Consent,
): readonly { readonly on?: CalendarDate | undefined; readonly from?: CalendarDate | undefined }[] {
  const { state, agreement } = consent
  const from = earliestStartOf(consent)
  if (state !== 'consented' || !agreement || from === undefined) return []
  const on = startOf(consent)
  const [first] = withdrawalsOf(consent, agreement.noticeDays)
  const ends = [agreement.validUntil, ...(first?.on === undefined ? [] : [first.on])].reduce(earlier)
  if (ends <= from) return []
  const isCertain =
    on !== undefined && on < agreement.validUntil && (first === undefined || (first.from ?? on) > on)
  return [isCertain ? { on, from } : { from }]
}
