import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import type { ProblemCode } from '../error.ts'
import type { ActSubject, Agreement } from '../record/agreement.ts'

/** An act that was verified, at its place. */
export interface PlacedAct {
  readonly origin: string
  readonly index: number
  /** The log's own time. */
  readonly at: string
  readonly recordId: string
  /** Of the record, as the other party's `seen` names it. */
  readonly digest: string
  readonly issuer: string
  readonly subject: ActSubject
  /** The legal date by which it was logged, as its witnesses say; absent where nobody at hand says so. */
  readonly loggedOn?: CalendarDate
  /** The legal date before which it was not, as the log itself says; with fewer witnesses at hand `loggedOn` is later, this is not. */
  readonly loggedFrom?: CalendarDate
}

export const consentStates = {
  none: { zh: '无提议', en: 'never proposed' },
  proposed: { zh: '提议', en: 'proposed by one party' },
  rejected: { zh: '拒绝', en: 'rejected' },
  recalled: { zh: '提议已撤回', en: 'the proposal was withdrawn' },
  late: { zh: '逾期未同意', en: 'accepted too late' },
  consented: { zh: '双方同意', en: 'consented to by both' },
} as const

export type ConsentState = keyof typeof consentStates

export interface Consent {
  readonly state: ConsentState
  readonly agreement?: Agreement
  readonly proposal?: PlacedAct
  readonly acceptance?: PlacedAct
  /** What ended it before it began. */
  readonly ending?: PlacedAct
  /** Withdrawals of what both had consented to, in the order in which they count. */
  readonly withdrawals: readonly PlacedAct[]
  /** What stands against the consent: acts that look like one and are none. */
  readonly code?: ProblemCode
}

/**
 * What two parties' acts make of one agreement: a proposal and an acceptance by the other, over one digest, the second naming the first
 * by its place and digest. A withdrawal of the proposal comes before the acceptance iff the acceptor's own picture of that log had it.
 *
 * Takes for granted that the acts are verified, each in a log of its issuer, and are all there are up to the place asked about; one left
 * out changes the answer, which is why a verdict needs the ranges.
 *
 * @see spec/agreement.md, AGREE-20 to AGREE-23 (PROTOCOL section 10)
 */
export function foldConsent(agreementDigest: string, acts: readonly PlacedAct[]): Consent {
  const ours = inOrder(acts.filter(({ subject }) => subject.agreementDigest === agreementDigest))
  const told = ours.flatMap((proposal) => {
    const { act, agreement } = proposal.subject
    return act === 'propose' && agreement
      ? [foldProposal({ agreement, agreementDigest, proposal, ours, acts })]
      : []
  })
  const [best] = told.toSorted((a, b) => weightOf(a) - weightOf(b))
  if (best) return best
  const other = acts.some(({ subject }) => subject.agreementDigest !== agreementDigest)
  return { state: 'none', withdrawals: [], code: other ? 'ATTESTATION_MISMATCH' : 'ATTESTATION_INCOMPLETE' }
}

const weights = ['consented', 'proposed', 'late', 'rejected', 'recalled', 'none'] as const

/** Of several consents the least counts: what both want, before what one still wants, before what has ended. */
export function weightOf({ state }: Pick<Consent, 'state'>): number {
  return weights.indexOf(state)
}

interface Proposed {
  readonly agreement: Agreement
  readonly agreementDigest: string
  readonly proposal: PlacedAct
  readonly ours: readonly PlacedAct[]
  readonly acts: readonly PlacedAct[]
}

/** What became of one proposal. */
function foldProposal({ agreement, agreementDigest, proposal, ours, acts }: Proposed): Consent {
  const basis = { agreement, proposal }
  const parties = new Set(agreement.parties.map(({ id }) => id))
  const replies = ours.filter(({ issuer, subject }) => parties.has(issuer) && sees(subject, proposal))
  const acceptance = replies.find(
    ({ issuer, subject }) => issuer !== proposal.issuer && subject.act === 'accept',
  )
  const withdrawals = replies.filter(
    (one) =>
      one.subject.act === 'withdraw' &&
      (one.issuer === proposal.issuer || (acceptance !== undefined && isLater(one, acceptance))),
  )
  if (!acceptance)
    return { ...basis, ...withoutAcceptance(acts, { agreementDigest, proposal, replies }), withdrawals: [] }
  const recalled = withdrawals.find(({ issuer, origin, index }) => {
    const seen = acceptance.subject.seen
    return issuer === proposal.issuer && origin === seen?.origin && index < seen.size
  })
  if (recalled)
    return { ...basis, acceptance, state: 'recalled', ending: recalled, withdrawals: [], code: 'WITHDRAWN' }
  const { loggedOn, loggedFrom = loggedOn, ...undated } = acceptance
  if (loggedFrom !== undefined && loggedFrom > agreement.acceptBy)
    return { ...basis, acceptance, state: 'late', withdrawals: [], code: 'EXPIRED' }
  // Somebody who knows more of the witnesses may say that it was in time.
  if (loggedOn !== undefined && loggedOn > agreement.acceptBy)
    return { ...basis, acceptance: undated, state: 'consented', withdrawals }
  return { ...basis, acceptance, state: 'consented', withdrawals }
}

interface Unanswered {
  readonly agreementDigest: string
  readonly proposal: PlacedAct
  readonly replies: readonly PlacedAct[]
}

function withoutAcceptance(
  acts: readonly PlacedAct[],
  { agreementDigest, proposal, replies }: Unanswered,
): Pick<Consent, 'state' | 'code' | 'ending'> {
  const ending = replies.find(
    ({ issuer, subject }) =>
      (subject.act === 'reject' && issuer !== proposal.issuer) ||
      (subject.act === 'withdraw' && issuer === proposal.issuer),
  )
  if (ending?.subject.act === 'reject') return { state: 'rejected', ending, code: 'ATTESTATION_INCOMPLETE' }
  if (ending) return { state: 'recalled', ending, code: 'WITHDRAWN' }
  const { id } = proposal.subject
  const accepts = acts.filter(({ subject }) => subject.id === id && subject.act === 'accept')
  return { state: 'proposed', code: faultOf(accepts, { agreementDigest, proposal }) }
}

/** Why none of them is the acceptance of this proposal. */
function faultOf(
  accepts: readonly PlacedAct[],
  { agreementDigest, proposal }: Pick<Unanswered, 'agreementDigest' | 'proposal'>,
): ProblemCode {
  if (accepts.length === 0) return 'ATTESTATION_INCOMPLETE'
  const same = accepts.filter(({ subject }) => subject.agreementDigest === agreementDigest)
  if (same.some(({ issuer }) => issuer === proposal.issuer)) return 'ATTESTATION_SAME_PARTY'
  return 'ATTESTATION_MISMATCH'
}

/** Of two acts of one party: a log goes on in the next epoch. */
function isLater(a: PlacedAct, b: PlacedAct): boolean {
  return a.origin === b.origin ? a.index > b.index : epochOf(a.origin) > epochOf(b.origin)
}

function epochOf(origin: string): number {
  return Number(origin.slice(origin.lastIndexOf('/') + 1))
}

function sees({ seen }: ActSubject, proposal: PlacedAct): boolean {
  return (
    seen !== undefined &&
    seen.origin === proposal.origin &&
    seen.index === proposal.index &&
    seen.digest === proposal.digest
  )
}

/** By the logs' own times, then by name and index: the same for everybody, in whatever order they came. */
function inOrder(acts: readonly PlacedAct[]): readonly PlacedAct[] {
  return acts.toSorted(
    (a, b) => compareText(a.at, b.at) || compareText(a.origin, b.origin) || a.index - b.index,
  )
}
