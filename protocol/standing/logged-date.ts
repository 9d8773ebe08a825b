import type { ExchangeRecord } from '../record/envelope.ts'
import { isAttestation, isLifecycleEvent, isReceipt } from '../record/schema.ts'

/**
 * Whether it matters to an agreement by which day a record was logged: of an act, a receipt and a revision, and of what says when a review
 * of an edition is due. Of others the date in them counts.
 *
 * @see spec/agreement.md, AGREE-24 to AGREE-27, AGREE-33 and AGREE-103; spec/standing.md, STAND-5
 */
export function isDatedByLogging(record: ExchangeRecord): boolean {
  if (isAttestation(record) || isReceipt(record) || record.revisionOf !== undefined) return true
  return isLifecycleEvent(record) && dueBy.has(record.credentialSubject.eventKind)
}

/** A review is due five years after the last of these. */
const dueBy: ReadonlySet<string> = new Set(['review', 'publication'])
