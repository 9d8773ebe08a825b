import { compareText } from '../canonical.ts'
import type { CalendarDate } from '../date.ts'
import type { Condition } from './condition.ts'
import type { PlacedEvent } from './lifecycle.ts'
import { comparePlaces } from './log-order.ts'

/** The document that an agreement names as its basis, with what its own log says of it since. */
export interface KnownBasis {
  readonly documentNo: string
  readonly issuedOn: CalendarDate
  readonly events: readonly PlacedEvent[]
}

/**
 * E7: the basis document had been issued by the day asked, and nothing in the logs of its issuer had ended it.
 *
 * @see spec/agreement.md, AGREE-37
 */
export function basisCondition(basis: KnownBasis | undefined, day: CalendarDate): Condition {
  const shared = { condition: 'E7' } as const
  if (!basis)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'BASIS_MISSING',
      zh: '缺少依据文件的记录',
      en: 'the basis document has no record here',
    }
  if (basis.issuedOn > day)
    return {
      ...shared,
      outcome: 'failed',
      code: 'NOT_YET_VALID',
      zh: `依据${basis.documentNo}于${basis.issuedOn}印发，其时尚未印发`,
      en: `${basis.documentNo} was issued on ${basis.issuedOn}, and not yet on that day`,
    }
  const past = basis.events
    .filter(({ subject }) => subject.date <= day)
    .toSorted((a, b) => compareText(a.subject.date, b.subject.date) || comparePlaces(a, b))
  const back = past.findLastIndex(({ subject }) => subject.eventKind === 'reinstated')
  const end = past
    .slice(back + 1)
    .find(({ subject }) => subject.eventKind === 'abolished' || subject.eventKind === 'superseded')
  if (!end)
    return {
      ...shared,
      outcome: 'passed',
      zh: `依据${basis.documentNo}有效`,
      en: `${basis.documentNo} stands`,
    }
  const { origin, index, recordId, subject } = end
  return {
    ...shared,
    outcome: 'failed',
    code: 'REVOKED',
    since: subject.date,
    cause: { origin, index, recordId, kind: subject.eventKind },
    zh: `依据${basis.documentNo}自${subject.date}起废止`,
    en: `${basis.documentNo} was revoked as of ${subject.date}`,
  }
}
