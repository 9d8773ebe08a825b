import { isBeginning } from '../../protocol/log/divergence.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import type { StoredLog } from '../store/log-store.ts'
import { findEvidence, servedTree, storedTree } from './evidence.ts'
import { freezeLog } from './halt.ts'
import type { LogSource } from './source.ts'

export interface OwnJudgement {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  readonly trust: () => Trust
}

export interface SeenOwn {
  /** Read after the note was had. */
  readonly log: StoredLog
  /** Signed by the log's own key for its origin and size. */
  readonly note: string
  /** Where the tiles under it may be had. */
  readonly source: LogSource
  readonly member: Member
}

/**
 * Holds a note of the own log that another shows against what is signed here; more, or another history, freezes the log.
 *
 * @returns whether it was frozen now
 * @see spec/sync.md, SYNC-33
 */
export async function judgeOwn(
  { deps, database, trust }: OwnJudgement,
  { log, note, source, member }: SeenOwn,
): Promise<boolean> {
  const { origin, checkpoint } = log
  if (checkpoint === null || checkpoint === note) return false
  const [ours, theirs] = [storedTree(database, log, checkpoint), servedTree(source, note)]
  const beyond = theirs.checkpoint.size > ours.checkpoint.size
  if (!beyond && (await isBeginning(theirs.checkpoint, ours))) return false
  const evidence = await findEvidence(trust(), ours, theirs).catch(() => undefined)
  const fault = {
    code: 'LOG_FROZEN',
    detail: beyond
      ? 'another member holds a note of this log over more entries than are signed here'
      : 'another member holds a note of this log over another history',
    notes: [checkpoint, note],
    ...(evidence === undefined ? {} : { evidence }),
  }
  const frozen = await freezeLog(database, origin, fault)
  if (frozen)
    deps.logger.error(
      { origin, code: fault.code, heldBy: member.id, size: theirs.checkpoint.size },
      'own log frozen: this node cannot prove that its state is the newest it ever signed',
    )
  return frozen
}
