import { ProtocolError } from '../protocol/error.ts'
import { isPublicEntry, parseEntry } from '../protocol/log/entry.ts'
import type { PublishOptions, PublishReceipt } from './api/app.ts'
import type { Database } from './store/database.ts'
import { digestText, findLog, openLog, readEntries } from './store/log-store.ts'

/** The n-th record of an append is the n-th of the request. */
export function placed(error: unknown, { pointerOf }: PublishOptions): unknown {
  if (!(error instanceof ProtocolError) || error.place.index === undefined) return error
  return new ProtocolError(error.code, error.message, {
    place: { pointer: `${pointerOf(error.place.index)}${error.place.pointer ?? ''}` },
    evidence: error.evidence,
    cause: error,
  })
}

/** The receipt of a replayed request, out of the log itself. */
export async function readReceipts(
  database: Database,
  { origin, first, amount }: { origin: string; first: number; amount: number },
): Promise<readonly PublishReceipt[]> {
  const log = await openLog(database, origin, true)
  const entries = await readEntries(database, log.id, { from: first, end: first + amount })
  return entries.map(({ bytes, digest, recordId }) => {
    const entry = parseEntry(bytes)
    const { index } = entry
    if (isPublicEntry(entry)) return { id: entry.id, digest: entry.digest, origin, index, entry }
    if (digest === null || recordId === null)
      throw new ProtocolError('OPENING_LOST', 'this record was erased since', { place: { index } })
    return { id: recordId, digest: digestText(digest), origin, index, entry }
  })
}

export async function readCheckpoint(database: Database, origin: string): Promise<string> {
  const log = await database.run((queries) => findLog(queries, origin))
  return log?.checkpoint ?? ''
}
