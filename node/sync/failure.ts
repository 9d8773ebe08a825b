import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'

/**
 * What a failure means for a peer (R18), decided here and nowhere else:
 * `record` — this entry is ignored and kept in quarantine, everything else goes on;
 * `log` — the peer is halted at its last good checkpoint, both notes are kept;
 * `transport` — nothing changes, it is tried again later.
 */
export type FailureClass = 'record' | 'log' | 'transport'

const logFaults: ReadonlySet<ProblemCode> = new Set([
  'CHECKPOINT_SIGNATURE_INVALID',
  'CONSISTENCY_INVALID',
  'LOG_EQUIVOCATION',
  'LOG_ROLLBACK',
  'LOG_ORIGIN_MISMATCH',
  'BEYOND_CLOSE',
  'KEY_NOT_VALID_AT_TIME',
])

/**
 * Classes a failure of pulling a log: signature, root, consistency and rollback condemn the log; all else that goes wrong on the
 * way is the network's or the peer's for now. Faults of single records never come here: they are caught where they are found.
 *
 * @see spec/sync.md, SYNC-10
 */
export function classOf(error: unknown): Exclude<FailureClass, 'record'> {
  return error instanceof ProtocolError && logFaults.has(error.code) ? 'log' : 'transport'
}

/** Two signed notes that cannot both be honest never become harmless by waiting. */
export function isPermanent(code: string): boolean {
  return code === 'LOG_EQUIVOCATION'
}
