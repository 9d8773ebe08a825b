import { encodeUtf8, equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { digestOf, sha256 } from '../../protocol/hash.ts'
import type { Signer } from '../../protocol/key.ts'
import { type Checkpoint, openCheckpoint, signCheckpoint } from '../../protocol/log/checkpoint.ts'
import { isOpenedBy, isPublicEntry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { VerifierKey } from '../../protocol/log/note.ts'
import { createFrontier, leftEdge, tilesForLeftEdge } from '../../protocol/log/range.ts'
import { rootOf, tilesForRoot } from '../../protocol/log/tree.ts'
import type { Deps } from '../deps.ts'
import type { AppendStore } from '../store/append-store.ts'
import type { Database } from '../store/database.ts'
import {
  findLog,
  openLog,
  readEntries,
  readTiles,
  type StoredEntry,
  type StoredLog,
} from '../store/log-store.ts'

export interface RecoverOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  readonly store: AppendStore
  readonly origin: string
  readonly signerFor: (size: number) => Promise<Signer>
  /** Keys whose checkpoints of this log count, from the registry: after a rotation the stored note may be an older key's. */
  readonly keys: () => readonly VerifierKey[]
  /** Told that all checks passed, before anything is signed. May freeze the log, and gives it as it is then. */
  readonly confirm?: (log: StoredLog) => Promise<StoredLog>
}

/**
 * Brings an own log from whatever a crash left to "everything stored is signed", by the normal path: the stored tree is signed. Never
 * signs over a tree that does not contain the last signed one, or whose edge is not what the entries say.
 *
 * Checks the edge alone; `fsck` recomputes everything.
 *
 * @throws {ProtocolError} `LEAF_MISMATCH` — the stored edge does not fit; `CHECKPOINT_SIGNATURE_INVALID` — the stored note is not ours;
 *   what `signerFor` throws — all checks passed, and nothing is signed yet
 * @see spec/durability.md, DUR-6 and DUR-16
 */
export async function recoverLog({
  deps,
  database,
  store,
  origin,
  signerFor,
  keys,
  confirm = async (log) => log,
}: RecoverOptions): Promise<StoredLog> {
  await openLog(database, origin, true)
  // A writer that was killed may have left a transaction that the server still ends; it is no part of half a look.
  await database.transaction((tx) => findLog(tx, origin, { lock: true }))
  const log = await openLog(database, origin, true)
  const read = await database.run((queries) =>
    readTiles(queries, log.id, [...tilesForRoot(log.size), ...tilesForRoot(log.checkpointSize)]),
  )
  await checkTail(database, log)
  if (log.checkpoint !== null)
    checkSigned(log, read, openCheckpoint(log.checkpoint, { origin, keys: keys() }).checkpoint)
  // A frozen log may have signed something else at these places before.
  if ((await confirm(log)).state === 'active' && (log.checkpoint === null || log.size > log.checkpointSize)) {
    deps.logger.info(
      { size: log.size, signed: log.checkpointSize },
      log.checkpoint === null
        ? 'signing the first checkpoint of this log'
        : 'signing what was stored before the last stop',
    )
    const signer = await signerFor(log.size)
    await store.storeCheckpoint(
      log.size,
      await signCheckpoint({ origin, size: log.size, root: rootOf(log.size, read) }, origin, signer),
    )
  }
  return openLog(database, origin, true)
}

function checkSigned(log: StoredLog, read: Parameters<typeof rootOf>[1], signed: Checkpoint): void {
  if (
    signed.size !== log.checkpointSize ||
    signed.size > log.size ||
    !equalBytes(rootOf(signed.size, read), signed.root)
  ) {
    throw new ProtocolError(
      'LEAF_MISMATCH',
      'the stored tree is not the one that was signed; nothing is signed over it',
      { place: { index: signed.size } },
    )
  }
}

/** What is to be signed is what the entries say: recomputed from the last signed size on, or at least for the last leaf. */
async function checkTail(database: Database, log: StoredLog): Promise<void> {
  if (log.size === 0) return
  const from = Math.min(log.checkpointSize, log.size - 1)
  const tail = await readEntries(database, log.id, { from, end: log.size })
  const read = await database.run((queries) =>
    readTiles(queries, log.id, [...tilesForLeftEdge(from, log.size), ...tilesForRoot(log.size)]),
  )
  const frontier = createFrontier(from, leftEdge(from, read, log.size))
  for (const { bytes } of tail) frontier.append(leafHash(bytes))
  const last = tail.at(-1)
  const fits = frontier.size === log.size && equalBytes(frontier.root(), rootOf(log.size, read))
  if (!last || !fits || parseEntry(last.bytes).at !== log.lastAt) {
    throw new ProtocolError('LEAF_MISMATCH', 'the last stored entries are not the last leaves of the tree', {
      place: { index: from },
    })
  }
  // Of a frozen log nothing is signed, and what was recovered of it may be without its record.
  if (log.state === 'active')
    for (const entry of tail) if (entry.index >= log.checkpointSize) checkRecord(entry)
}

/** Nobody has been shown it yet: signed without its record, or what opens it, it could never be had again. */
function checkRecord({ index, bytes, record, salt }: StoredEntry): void {
  const entry = parseEntry(bytes)
  const fits =
    record !== null &&
    (isPublicEntry(entry)
      ? digestOf(record) === entry.digest
      : salt !== null && isOpenedBy(entry, { salt, recordHash: sha256(encodeUtf8(record)) }))
  if (!fits) {
    throw new ProtocolError('LEAF_MISMATCH', 'a record that is not signed yet is not the one in its entry', {
      place: { index },
    })
  }
}
