import { legalDateOf } from '../../../protocol/date.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { type Agreement, editionsOf } from '../../../protocol/record/agreement.ts'
import type { Condition, ConditionName } from '../../../protocol/standing/condition.ts'
import type { KnownLogs } from '../../../protocol/standing/known-log.ts'
import { standingIn } from '../../../protocol/verify-agreement-standing.ts'

export interface TenableCase {
  readonly agreement: Agreement
  readonly digest: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What the files and the ground must say before anybody signs. */
const told: ReadonlySet<ConditionName> = new Set(['C1', 'C2', 'C3', 'G1'])
const ended = new Set<string | undefined>(['SUPERSEDED', 'WITHDRAWN', 'REVOKED', 'EXPIRED'])

/**
 * Nobody signs what could not be in force on its first day: files that are here and fit, a ground that holds and covers it, an edition,
 * a basis and a term that have not ended. Judged by the fold of its kind; what signing brings about, and what may still come, is left out.
 *
 * @throws {ProtocolError} `PENDING_DEPENDENCY` — a pinned edition is not here; the code of the condition that does not hold
 * @see protocol/spec/agreement.md, AGREE-109 and AGREE-110
 */
export function requireTenable(known: KnownLogs, { agreement, digest, now }: TenableCase): void {
  const here = new Set(known.statements.map((one) => `${one.record.id} ${one.digest}`))
  if (editionsOf(agreement).some((edition) => !here.has(`${edition.id} ${edition.digest}`)))
    throw new ProtocolError('PENDING_DEPENDENCY', 'a pinned edition has not come here yet')
  const today = legalDateOf(now)
  const day = today > agreement.effectiveFrom ? today : agreement.effectiveFrom
  const { conditions } = standingIn(known, { agreement, digest, day }).standing
  const fault = conditions.find(hasFailed) ?? conditions.find(isOpen)
  if (fault)
    throw new ProtocolError(fault.code ?? 'RULE_VIOLATED', `${fault.condition} ${fault.zh} / ${fault.en}`, {
      evidence: { condition: fault.condition },
    })
}

function hasFailed({ condition, outcome, code }: Condition): boolean {
  return outcome === 'failed' && (told.has(condition) || (condition !== 'E6' && ended.has(code)))
}

function isOpen({ condition, outcome }: Condition): boolean {
  return outcome === 'unknown' && told.has(condition)
}
