import { addDays, type CalendarDate } from '../date.ts'
import type { Digest } from '../hash.ts'
import type {
  Agreement,
  InterconnectionAgreement,
  RecognitionAgreement,
  ReuseAgreement,
} from '../record/agreement.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import type { AgreementStanding } from './agreement-standing.ts'
import type { AgreementState } from './condition.ts'
import { interconnectionAt } from './interconnection.ts'
import type { InterconnectionFacts } from './interconnection-facts.ts'
import type { PlacedEvent } from './lifecycle.ts'
import type { PinnedEdition } from './pinned-edition.ts'
import { type RecognitionStanding, recognitionAt } from './recognition.ts'
import type { RecognitionFacts } from './recognition-facts.ts'
import { type ReuseStanding, reuseAt } from './reuse.ts'
import type { ReuseFacts } from './reuse-facts.ts'

/** What is supposed to happen to an edition: it is replaced, unless another event is named. */
export interface SupposedEvent {
  readonly id: string
  readonly digest: Digest
  readonly eventKind?: 'superseded' | 'abolished' | 'amendment' | 'partly-superseded'
  /** `uid` of each clause that an amendment or a partial replacement touches; without them it touches all. */
  readonly clauses?: readonly string[]
}

export interface KnownAgreement<A extends Agreement, F extends AgreementFacts> {
  readonly agreement: A
  readonly facts: F
}

export interface KnownAgreements {
  readonly recognitions: readonly KnownAgreement<RecognitionAgreement, RecognitionFacts>[]
  readonly interconnections: readonly KnownAgreement<InterconnectionAgreement, InterconnectionFacts>[]
  readonly reuses: readonly KnownAgreement<ReuseAgreement, ReuseFacts>[]
}

/** What would become of one agreement. */
export interface Consequence {
  readonly kind: Agreement['kind']
  readonly id: string
  /** The day from which it would not hold. */
  readonly fallsOn?: CalendarDate
  readonly state: AgreementState
  /** The day on which the days of grace would begin. */
  readonly graceFrom?: CalendarDate
  /** Rows that would fall, while others stand or all together. */
  readonly rows: readonly { readonly row: string; readonly on: CalendarDate }[]
  readonly disposeBy?: CalendarDate
}

/**
 * Which agreements would fall, and when, if something happened to an edition on a date: by the same folds as the standing itself, over the
 * same facts and one supposed event. Agreements that would go on as they are are not named, nor those that do not hold anyway.
 *
 * Says nothing of what else may be logged until then.
 *
 * @see spec/agreement.md, AGREE-90 and AGREE-91 (DOMAIN section 8.5)
 */
export function whatIf(
  edition: SupposedEvent,
  on: CalendarDate,
  { recognitions, interconnections, reuses }: KnownAgreements,
): readonly Consequence[] {
  const suppose = <F extends AgreementFacts>(facts: F): F => ({
    ...facts,
    editions: facts.editions.map((one) => withEvent(one, edition, on)),
  })
  return [
    ...recognitions.flatMap(({ agreement, facts }) =>
      consequenceOf(agreement, daysOf(on, [agreement]), (day, real) =>
        recognitionAt(real ? facts : suppose(facts), agreement, day),
      ),
    ),
    ...interconnections.flatMap(({ agreement, facts }) =>
      consequenceOf(agreement, daysOf(on, [agreement]), (day, real) =>
        interconnectionAt(real ? facts : suppose(facts), agreement, day),
      ),
    ),
    ...reuses.flatMap(({ agreement, facts }) => {
      const { recognition } = facts
      const behind = recognition ? { ...recognition, facts: suppose(recognition.facts) } : undefined
      const changed = { ...suppose(facts), ...(behind ? { recognition: behind } : {}) }
      const days = daysOf(on, [agreement, ...(recognition ? [recognition.agreement] : [])])
      return consequenceOf(agreement, days, (day, real) => reuseAt(real ? facts : changed, agreement, day))
    }),
  ]
}

/** The event stands last in the log that speaks for the edition. */
function withEvent(
  edition: PinnedEdition,
  { id, digest, eventKind = 'superseded', clauses }: SupposedEvent,
  date: CalendarDate,
): PinnedEdition {
  if (edition.id !== id || edition.digest !== digest) return edition
  const event: PlacedEvent = {
    origin: edition.authority ?? edition.issuer,
    index: Number.MAX_SAFE_INTEGER,
    recordId: '',
    subject: {
      eventKind,
      edition: { id, digest },
      date,
      ...(clauses === undefined ? {} : { affectedClauses: [...clauses] }),
    },
  }
  return { ...edition, events: [...edition.events, event] }
}

/** The days on which anything can change by it: the event's own, and the end of each grace. */
function daysOf(on: CalendarDate, agreements: readonly Agreement[]): readonly CalendarDate[] {
  return [...new Set([on, ...agreements.map(({ graceDays }) => addDays(on, graceDays))])].toSorted()
}

type AnyStanding = AgreementStanding &
  Partial<Pick<RecognitionStanding, 'rows'>> &
  Pick<ReuseStanding, 'disposeBy'>

function consequenceOf(
  { kind, id }: Agreement,
  days: readonly CalendarDate[],
  standingAt: (day: CalendarDate, real: boolean) => AnyStanding,
): readonly Consequence[] {
  const pairs = days.map((day) => ({ day, real: standingAt(day, true), supposed: standingAt(day, false) }))
  const last = pairs.findLast(({ real }) => real.answer !== 'not-effective')
  if (!last) return []
  const fall = pairs.find(
    ({ real, supposed }) => real.answer !== 'not-effective' && supposed.answer === 'not-effective',
  )
  const grace = pairs.find(({ real, supposed }) => supposed.state === 'grace' && real.state !== 'grace')
  const rows = new Map<string, CalendarDate>()
  for (const { day, real, supposed } of pairs) {
    const before = new Set(real.rows?.flatMap(({ row, state }) => (state === 'fallen' ? [row] : [])))
    for (const { row, state } of supposed.rows ?? [])
      if (state === 'fallen' && !before.has(row) && !rows.has(row)) rows.set(row, day)
  }
  if (!fall && !grace && rows.size === 0) return []
  const { supposed } = fall ?? last
  return [
    {
      kind,
      id,
      ...(fall ? { fallsOn: fall.day } : {}),
      state: supposed.state,
      ...(grace ? { graceFrom: grace.day } : {}),
      rows: [...rows].map(([row, on]) => ({ row, on })),
      ...(supposed.disposeBy === undefined ? {} : { disposeBy: supposed.disposeBy }),
    },
  ]
}
