import { type Agreement, editionsOf } from '../../protocol/record/agreement.ts'
import { isAttestation, isStandardRecord } from '../../protocol/record/schema.ts'
import { findConsent } from '../../protocol/standing/agreement-acts.ts'
import type { AgreementState, Answer, Condition } from '../../protocol/standing/condition.ts'
import { conditions as conditionNames } from '../../protocol/standing/condition.ts'
import type { Holding } from '../../protocol/standing/holding.ts'
import type { KnownLogs } from '../../protocol/standing/known-log.ts'
import type { KnownMapping } from '../../protocol/standing/recognition-facts.ts'
import { describeAgreement, type StatementNames } from '../../protocol/standing/statement-text.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import { standingIn } from '../../protocol/verify-agreement-standing.ts'
import type { KnownAgreement, LogExtent } from './known-agreement.ts'

export interface ActView {
  readonly act: string
  readonly by: string
  readonly origin: string
  readonly index: number
  readonly at: string
  readonly recordId: string
  readonly digest: string
  readonly reason?: string
  /** Whether the consent rests on it, or it ends it: others decide nothing. */
  readonly counts: boolean
}

export interface AgreementSummary {
  readonly id: string
  readonly digest: string
  readonly kind: Agreement['kind']
  readonly project: string
  readonly parties: readonly { readonly id: string; readonly name: string }[]
  readonly on: string
  readonly answer: Answer
  readonly state: AgreementState
  readonly start?: string
  readonly end?: string
  /** Why it never comes into force, by what is known: it would end no later than it begins. */
  readonly never?: Pick<Condition, 'condition' | 'code' | 'zh' | 'en'>
  /** Of a reuse whose ground fell: the day by which something is to be done about it. */
  readonly disposeBy?: string
}

export interface AgreementView extends AgreementSummary {
  readonly agreement: Agreement
  /** What is signed, in plain Chinese, line by line. */
  readonly statement: readonly string[]
  /** `detail` says the name of the condition, too. */
  readonly conditions: readonly (Condition & { readonly detail: string })[]
  readonly rows: readonly { readonly row: string; readonly state: string; readonly until?: string }[]
  readonly repin: readonly string[]
  readonly reviewOverdue: boolean
  /** Beside an interconnection: what each party said of holding the other's logs. It decides nothing. */
  readonly holdings?: readonly Holding[]
  readonly acts: readonly ActView[]
  /** Of what it pins, as far as that is here. */
  readonly names: {
    readonly editions: readonly { readonly id: string; readonly digest: string; readonly name: string }[]
    readonly rows: readonly { readonly row: string; readonly name: string }[]
  }
  readonly asOf: readonly { readonly origin: string; readonly size: number }[]
}

/** An agreement on a date, as known to this node. */
export function viewAgreement(
  { known, extents }: KnownAgreement,
  { agreement, digest, on }: { readonly agreement: Agreement; readonly digest: string; readonly on: string },
): AgreementView {
  const { standing, mapping } = standingIn(known, { agreement, digest, day: on })
  const names = namesFor(known, mapping, on)
  return {
    ...summaryOf(known, { agreement, digest, on }, standing),
    agreement,
    statement: describeAgreement(agreement, digest, names),
    conditions: standing.conditions.map(viewCondition),
    rows: (standing.rows ?? []).map(({ row, state, until }) => ({
      row,
      state,
      ...(until === undefined ? {} : { until }),
    })),
    repin: standing.repin ?? [],
    ...(standing.holdings === undefined ? {} : { holdings: standing.holdings }),
    reviewOverdue: standing.reviewOverdue,
    acts: actsIn(known, agreement, digest),
    names: namesIn(agreement, names),
    asOf: placesOf(known, agreement, extents),
  }
}

function namesIn(agreement: Agreement, names: StatementNames): AgreementView['names'] {
  const rows = agreement.kind === 'recognition' ? agreement.effects : []
  return {
    editions: editionsOf(agreement).map(({ id, digest }) => ({ id, digest, name: names.edition(id) })),
    rows: rows.flatMap(({ row }) => {
      const name = names.row(row)
      return name === undefined ? [] : [{ row, name }]
    }),
  }
}

/** How an agreement stands on a date, without the argument for it. */
export function summarise(
  known: KnownLogs,
  { agreement, digest, on }: { readonly agreement: Agreement; readonly digest: string; readonly on: string },
): AgreementSummary {
  const { standing } = standingIn(known, { agreement, digest, day: on })
  return summaryOf(known, { agreement, digest, on }, standing)
}

function summaryOf(
  known: KnownLogs,
  { agreement, digest, on }: { readonly agreement: Agreement; readonly digest: string; readonly on: string },
  { answer, state, start, end, never, disposeBy }: ReturnType<typeof standingIn>['standing'],
): AgreementSummary {
  return {
    ...headOf(known, agreement, { digest, on }),
    answer,
    state,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(never === undefined ? {} : { never: reasonOf(never) }),
    ...(disposeBy === undefined ? {} : { disposeBy }),
  }
}

function headOf(
  { trust }: KnownLogs,
  { id, kind, project, parties }: Agreement,
  { digest, on }: { readonly digest: string; readonly on: string },
) {
  const named = parties.map((party) => {
    const member = trust.members.get(party.id)
    return { id: party.id, name: member ? nameAt(member.profile, on) : party.id }
  })
  return { id, digest, kind, project, parties: named, on }
}

function reasonOf({ condition, code, zh, en }: Condition): NonNullable<AgreementSummary['never']> {
  return { condition, ...(code === undefined ? {} : { code }), zh, en }
}

function viewCondition({
  condition,
  outcome,
  code,
  since,
  cause,
  zh,
  en,
}: Condition): AgreementView['conditions'][number] {
  return {
    condition,
    outcome,
    ...(code === undefined ? {} : { code }),
    ...(since === undefined ? {} : { since }),
    ...(cause === undefined ? {} : { cause }),
    detail: `${conditionNames[condition].zh}：${zh} / ${en}`,
    zh,
    en,
  }
}

/** Acts about an agreement, by whomever, each with whether it decides anything. @see protocol/spec/agreement.md, AGREE-105 */
export function actsIn(known: KnownLogs, agreement: Agreement, of: string): readonly ActView[] {
  const { proposal, acceptance, ending, withdrawals } = findConsent(known, agreement, of).consent
  const deciding = [proposal, acceptance, ending, ...withdrawals].flatMap((one) => (one ? [nameOf(one)] : []))
  const counting = new Set(deciding)
  return known.statements.flatMap(({ record, origin, index, at, digest }) => {
    if (!isAttestation(record) || record.credentialSubject.id !== agreement.id) return []
    const { act, reason } = record.credentialSubject
    const place = { origin, index, at, recordId: record.id, digest }
    const counts = counting.has(nameOf(place))
    return [{ act, by: record.issuer, ...place, ...(reason === undefined ? {} : { reason }), counts }]
  })
}

function nameOf({ origin, index }: { readonly origin: string; readonly index: number }): string {
  return `${origin} ${index}`
}

/** The logs that the answer rests on, as far as they are here. */
function placesOf({ trust, statements }: KnownLogs, { parties }: Agreement, extents: readonly LogExtent[]) {
  const origins = new Set([
    ...parties.flatMap(({ id }) => trust.members.get(id)?.origins.map(({ origin }) => origin) ?? []),
    ...statements.map(({ origin }) => origin),
  ])
  return extents
    .filter(({ origin }) => origins.has(origin))
    .map(({ origin, size }) => ({ origin, size }))
    .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
}

/** Names out of what is known here. */
export function namesFor(known: KnownLogs, mapping: KnownMapping | undefined, on: string): StatementNames {
  const editions = new Map(
    known.statements.flatMap(({ record }) =>
      isStandardRecord(record) ? [[record.id, record.credentialSubject] as const] : [],
    ),
  )
  const clause = (edition: string, uid: string | undefined) => {
    const found = editions.get(edition)?.clauses?.find((one) => one.uid === uid)
    return found ? `${found.locator} ${found.heading}` : (uid ?? '全文')
  }
  return {
    party: (did) => {
      const member = known.trust.members.get(did)
      return member ? nameAt(member.profile, on) : did
    },
    edition: (id) => {
      const subject = editions.get(id)
      return subject ? `${subject.identifiers[0]?.value ?? ''} ${subject.titleZh}` : id
    },
    row: (row) => {
      const mapped = mapping?.rows.get(row)
      if (!mapped) return undefined
      const { subject, object } = mapped
      return `${clause(subject.edition, subject.clause)} —— ${object ? clause(object.edition, object.clause) : '无对应'}`
    },
  }
}
