import { type CalendarDate, legalDateOf } from '../../../protocol/date.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Agreement, editionsOf } from '../../../protocol/record/agreement.ts'
import type { Condition, ConditionName } from '../../../protocol/standing/condition.ts'
import { findEdition } from '../../../protocol/standing/edition-evidence.ts'
import type { KnownLogs } from '../../../protocol/standing/known-log.ts'
import { lifecycleStates } from '../../../protocol/standing/lifecycle.ts'
import { editionAt } from '../../../protocol/standing/pinned-edition.ts'
import { standingIn } from '../../../protocol/verify-agreement-standing.ts'

export interface TenableCase {
  readonly agreement: Agreement
  readonly digest: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Where the agreement stands in what was asked; it is all of it where nothing is named. */
  readonly pointer?: string
}

/** What the files and the ground must say before anybody signs. */
const told: ReadonlySet<ConditionName> = new Set(['C1', 'C2', 'C3', 'G1'])
const lasting: ReadonlySet<ConditionName> = new Set(['E3', 'E4', 'E5', 'E7'])
const ended = new Set<string | undefined>(['SUPERSEDED', 'WITHDRAWN', 'REVOKED', 'EXPIRED'])

/**
 * Nobody signs what could not be in force on its first day: files that are here and fit, a ground that holds and covers it, and all that
 * `requireLasting` asks for. Judged by the fold of its kind; what signing brings about, and what may still come, is left out.
 *
 * @throws {ProtocolError} `PENDING_DEPENDENCY` — a pinned edition is not here; the code of the condition that does not hold
 * @see protocol/spec/agreement.md, AGREE-109 and AGREE-110
 */
export function requireTenable(known: KnownLogs, given: TenableCase): void {
  const { agreement } = given
  const here = new Set(known.statements.map((one) => `${one.record.id} ${one.digest}`))
  if (editionsOf(agreement).some((edition) => !here.has(`${edition.id} ${edition.digest}`)))
    throw new ProtocolError('PENDING_DEPENDENCY', 'a pinned edition has not come here yet')
  const asked = requireLasting(known, given).filter(({ condition }) => told.has(condition))
  refuse(
    asked.find(({ outcome }) => outcome === 'failed') ?? asked.find(({ outcome }) => outcome === 'unknown'),
  )
}

/**
 * Nobody signs what can no longer be accepted.
 *
 * @param pointer where the day stands in what was asked
 * @throws {ProtocolError} `EXPIRED` — the last day for it has passed
 */
export function requireOpen({ acceptBy }: Agreement, now: number, pointer?: string): void {
  if (legalDateOf(now) <= acceptBy) return
  throw new ProtocolError(
    'EXPIRED',
    `须于 ${acceptBy} 前（含当日）同意 / it was to be accepted by ${acceptBy}`,
    pointer === undefined ? {} : { place: { pointer } },
  )
}

/**
 * Nobody signs what is known to be over by its first day: an edition that ends by then, grace or none, the rows, the basis or the term.
 * What is not here is not known to have ended.
 *
 * @returns how each condition comes out on that day
 * @throws {ProtocolError} `SUPERSEDED`, `WITHDRAWN`, `REVOKED` or `EXPIRED`; of an edition with its place
 * @see protocol/spec/agreement.md, AGREE-113
 */
export function requireLasting(
  known: KnownLogs,
  { agreement, digest, now, pointer = '' }: TenableCase,
): readonly Condition[] {
  const day = firstDay(agreement, now)
  for (const [i, reference] of editionsOf(agreement).entries()) {
    const found = findEdition(known, reference)
    if (!found) continue
    const { state, since, cause } = editionAt(found.edition, day).lifecycle
    if (state !== 'superseded' && state !== 'abolished') continue
    const number = found.edition.subject.identifiers[0]?.value ?? reference.id
    const { zh, en } = lifecycleStates[state]
    throw new ProtocolError(
      state === 'superseded' ? 'SUPERSEDED' : 'WITHDRAWN',
      `${number}（${reference.id}）自${since}起${zh}，不晚于起始日${day}：请改引现行版本后重新拟稿 / ${number} is ${en} since ${since}, by ${day}, when this would begin: pin the edition in force and draft it anew`,
      {
        place: { pointer: `${pointer}${placeOf(agreement, i)}` },
        evidence: {
          condition: 'E3',
          edition: reference.id,
          ...(cause ? { origin: cause.origin, index: cause.index } : {}),
        },
      },
    )
  }
  const { conditions } = standingIn(known, { agreement, digest, day }).standing
  refuse(
    conditions.find(
      ({ condition, outcome, code }) => outcome === 'failed' && lasting.has(condition) && ended.has(code),
    ),
  )
  return conditions
}

function firstDay({ effectiveFrom }: Agreement, now: number): CalendarDate {
  const today = legalDateOf(now)
  return today > effectiveFrom ? today : effectiveFrom
}

function refuse(fault: Condition | undefined): void {
  if (!fault) return
  const { condition, code, zh, en } = fault
  throw new ProtocolError(code ?? 'RULE_VIOLATED', `${condition} ${zh} / ${en}`, { evidence: { condition } })
}

function placeOf({ kind }: Agreement, i: number): string {
  return {
    recognition: `/scope/editions/${i}`,
    interconnection: '/scope/interface',
    reuse: '/scope/edition',
  }[kind]
}
