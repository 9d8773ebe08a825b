import { equalBytes } from '../../protocol/bytes.ts'
import { rootOf, tilesForRoot } from '../../protocol/log/tree.ts'
import type { Database } from '../store/database.ts'
import { readTiles, type StoredLog } from '../store/log-store.ts'
import type { SignedHead } from '../store/signed-head.ts'

/**
 * `kept` — the database has all that this node remembers to have signed, and signed nothing beyond it;
 * `unknown` — nothing but the empty tree is remembered, or less than the database has signed: it was written from elsewhere;
 * `broken` — it lacks what was signed, or has another tree in its place.
 */
export type Continuity = 'kept' | 'unknown' | 'broken'

/**
 * Holds the stored tree against what this node remembers to have signed. A crash between the two leaves the memory one note ahead,
 * over entries that are stored: that is `kept`, and the next step of the normal path signs them.
 *
 * Says nothing of a disk that was put back as a whole: then both are old.
 *
 * @see spec/durability.md, DUR-600
 */
export async function checkContinuity(
  database: Database,
  log: StoredLog,
  head: SignedHead | undefined,
): Promise<Continuity> {
  // The empty tree is signed at a first start: it is the beginning of every history, and remembers none.
  if (!head || head.size === 0) return 'unknown'
  if (head.size > log.size) return 'broken'
  const read = await database.run((queries) => readTiles(queries, log.id, tilesForRoot(head.size)))
  if (!equalBytes(rootOf(head.size, read), head.root)) return 'broken'
  return head.size < log.checkpointSize ? 'unknown' : 'kept'
}
