import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { rootOf, tilesForRoot } from '../../protocol/log/tree.ts'
import type { Database } from '../store/database.ts'
import { readTiles, type StoredLog } from '../store/log-store.ts'

/**
 * What a signed checkpoint out of a copy means that is smaller than what was seen: nobody went back, the copy is old. Our own tiles
 * tell whether it is the beginning of what is held; where it reaches beyond that nobody can tell, and nothing is taken from it.
 *
 * @returns `CURSOR_AHEAD`; or `CONSISTENCY_INVALID`, with both notes: the log signed another history
 * @see spec/sync.md, SYNC-25
 */
export async function judgeOlderCopy(
  database: Database,
  log: StoredLog,
  { target, note }: { readonly target: Checkpoint; readonly note: string },
): Promise<ProtocolError> {
  const evidence = { before: log.pendingSize, offered: target.size }
  if (target.size <= log.size && !equalBytes(await rootAt(database, log, target.size), target.root))
    return new ProtocolError('CONSISTENCY_INVALID', 'a copy shows another history of the log', {
      evidence: { ...evidence, notes: [log.pending, note] },
    })
  return new ProtocolError('CURSOR_AHEAD', 'the copy is older than what was seen', { evidence })
}

async function rootAt(database: Database, log: StoredLog, size: number): Promise<Uint8Array> {
  const read = await database.run((queries) => readTiles(queries, log.id, tilesForRoot(size)))
  return rootOf(size, read)
}
