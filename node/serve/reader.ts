import { encodeUtf8 } from '../../protocol/bytes.ts'
import { parseNote } from '../../protocol/log/note.ts'
import { maxSignatures, parseSignatureLines } from '../../protocol/log/signature-line.ts'
import { fullWidth, tileWidth } from '../../protocol/log/tile.ts'
import type { Database } from '../store/database.ts'
import {
  findLog,
  findRecord,
  listLogs,
  readEntryBundle,
  readRecords,
  readTile,
  type StoredLog,
} from '../store/log-store.ts'
import { findWitnessedAfter } from '../store/witness-store.ts'
import type { LogReader, ServedLog } from './port.ts'

interface ReadableLog extends ServedLog {
  readonly id: number
}

/**
 * Reads what is served from the store: never beyond the size that a stored, signed checkpoint covers.
 *
 * @see spec/node.md, NODE-2; spec/witness.md, WIT-50
 */
export function createLogReader(database: Database): LogReader {
  const find = async (origin: string): Promise<ReadableLog | undefined> => {
    const log = await database.run((queries) => findLog(queries, origin))
    return log && asServed(log)
  }
  const idOf = async (log: ServedLog): Promise<number> => {
    if (isReadable(log)) return log.id
    throw new TypeError('a log of another reader')
  }
  return {
    findLog: find,
    listLogs: async () => (await listLogs(database)).flatMap((log) => asServed(log) ?? []),
    findWitnessedAfter: async (log, after) =>
      findWitnessedAfter(database, await idOf(log), { after, end: log.size }),
    readTile: async (log, tile) => {
      if (tile.width > tileWidth(tile.level, tile.index, log.size)) return undefined
      const hashes = await readTile(database, await idOf(log), tile)
      return hashes && hashes.length >= tile.width * 32 ? hashes.subarray(0, tile.width * 32) : undefined
    },
    readEntryBundle: async (log, bundle) =>
      bundle.index * fullWidth + bundle.width > log.size
        ? undefined
        : readEntryBundle(database, await idOf(log), bundle),
    readRecords: async (log, range) => {
      const rows = await readRecords(database, await idOf(log), range)
      const records = rows.map(({ index, record, salt }) => ({
        index,
        bytes: encodeUtf8(record),
        ...(salt === null ? {} : { salt }),
      }))
      return { records, complete: records.at(-1)?.index === range.end - 1 }
    },
    findRecord: async (digest, scope) => {
      const found = await findRecord(database, digest, scope)
      return found && { bytes: encodeUtf8(found.record), tier: found.tier }
    },
  }
}

function asServed(log: StoredLog): ReadableLog | undefined {
  const { id, origin, own, checkpoint, checkpointSize: size, witnessed } = log
  if (checkpoint === null) return undefined
  const covered = witnessed !== null && log.witnessedSize <= size
  const note =
    log.holding !== null && log.holdingSize === size ? withLine(checkpoint, log.holding) : checkpoint
  return {
    id,
    origin,
    own,
    size,
    checkpoint: note,
    ...(note === checkpoint ? {} : { original: checkpoint }),
    ...(covered ? { witnessed } : {}),
  }
}

/** A held note with this node's own line, unless the owner of the log has taken that over, or there is no room. */
function withLine(note: string, line: string): string {
  const { signatures } = parseNote(note)
  const [own] = parseSignatureLines(line)
  const there = signatures.some(({ name, id }) => name === own?.name && id === own.id)
  return there || signatures.length >= maxSignatures ? note : `${note}${line}`
}

function isReadable(log: ServedLog): log is ReadableLog {
  return 'id' in log && typeof log.id === 'number'
}
