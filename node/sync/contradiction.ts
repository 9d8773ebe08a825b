import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { proveEvidence } from '../../protocol/evidence.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { findLog } from '../../protocol/trust/validity.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../store/database.ts'
import type { StoredLog } from '../store/log-store.ts'
import { accusing, findEvidence, servedTree, storedTree } from './evidence.ts'
import { haltLog } from './halt.ts'
import type { LogSource } from './source.ts'

export interface Suspicion {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  readonly source: LogSource
  readonly log: StoredLog
  /** What this node cosigned last, if that is known apart. */
  readonly cosigned?: string
  /** The verified note that does not go with what is held. */
  readonly note: string
}

/** What may come of a log that signed two histories. */
const suspicious: ReadonlySet<ProblemCode> = new Set([
  'LOG_ROLLBACK',
  'LOG_EQUIVOCATION',
  'CONSISTENCY_INVALID',
])

/**
 * Runs a check of a verified note against what was seen before. Where it fails, and the stored tree and the served one show two
 * histories, it fails with `LOG_EQUIVOCATION` and the evidence; where that cannot be completed, as it failed.
 *
 * @see spec/sync.md, SYNC-30
 */
export async function orProven<T>(suspicion: Suspicion, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof ProtocolError) || !suspicious.has(error.code)) throw error
    throw (await contradictionOf(suspicion)) ?? error
  }
}

async function contradictionOf(suspicion: Suspicion): Promise<ProtocolError | undefined> {
  const { deps, database, trust, source, log, cosigned = null, note } = suspicion
  const offered = parseHead(note)
  for (const mine of new Set([log.pending, log.checkpoint, cosigned])) {
    // Two roots of one size need no tiles; of any other size only the tree that is here can be shown.
    if (mine === null || (parseHead(mine).size > log.size && parseHead(mine).size !== offered.size)) continue
    try {
      const proof = await findEvidence(trust(), storedTree(database, log, mine), servedTree(source, note))
      if (proof === undefined) continue
      const evidence = { before: parseHead(mine).size, offered: offered.size, notes: [mine, note], proof }
      return new ProtocolError('LOG_EQUIVOCATION', 'the key of this log signed two histories', { evidence })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      deps.logger.warn({ origin: log.origin, code: error.code }, 'no evidence could be completed')
    }
  }
  return undefined
}

/**
 * Halts a followed log for good by two verified notes over one size and two roots, which are the whole proof.
 *
 * @see spec/witness.md, WIT-25
 */
export async function condemnLog(
  { deps, database, trust }: Pick<Suspicion, 'deps' | 'database' | 'trust'>,
  origin: string,
  notes: readonly [string, string],
): Promise<void> {
  const keys = findLog(trust(), origin).keys.map(({ key }) => key)
  const fault = {
    code: 'LOG_EQUIVOCATION',
    detail: 'two roots are signed for one size',
    notes,
    evidence: proveEvidence({ origin, notes: [accusing(notes[0], keys), accusing(notes[1], keys)] }, keys),
  }
  if (await haltLog(database, origin, fault))
    deps.logger.error({ origin, code: fault.code }, 'log halted: it offered a second history to be witnessed')
}
