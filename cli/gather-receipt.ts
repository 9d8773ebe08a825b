import { decodeUtf8, encodeHex } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { sha256 } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { isOpenedBy, isPublicEntry, parseEntry } from '../protocol/log/entry.ts'
import { leafHash, verifyInclusion } from '../protocol/log/merkle.ts'
import { fullWidth } from '../protocol/log/tile.ts'
import { formatTlogProof } from '../protocol/log/tlog-proof.ts'
import { proveInclusion, tilesForInclusion } from '../protocol/log/tree.ts'
import type { Client } from './client.ts'
import { createLogReader, type LogReader, type ServedRecord } from './log-reader.ts'
import { asObject, fetchNote, locateReceipt, type RecordPlace } from './place.ts'

/** A receipt as a bundle has it. */
export interface GatheredReceipt {
  readonly entry: string
  readonly proof: string
  readonly record: JsonObject
  readonly salt: string
}

/**
 * The receipt of the other party for an act of a pair, out of that party's own log as the node serves it: the log itself, or its mirror.
 * It is held against the root of that log's checkpoint and against its commitment; whose it is and what for, `verifyBundle` says.
 *
 * @returns `undefined` where the node knows of none that the caller may read
 * @throws {ProtocolError} `INCLUSION_INVALID` `PAGE_MALFORMED` — the node contradicts itself; and what the client throws
 * @see protocol/spec/bundle.md, BUNDLE-800
 */
export async function gatherReceipt(client: Client, act: RecordPlace): Promise<GatheredReceipt | undefined> {
  const place = await locateReceipt(client, act.digest)
  if (!place) return undefined
  const { index } = place
  const reader = createLogReader(client, place.path)
  const note = await fetchNote(reader, index)
  const { origin, size, root } = parseHead(note)
  // The newest checkpoint that is served may not have it yet.
  if (index >= size) return undefined
  const path = proveInclusion(index, size, await reader.fetchTiles(tilesForInclusion(index, size)))
  const bundle = Math.floor(index / fullWidth)
  const leaf = (await reader.fetchEntries(bundle, size))[index % fullWidth]
  if (!leaf) throw new ProtocolError('PAGE_MALFORMED', 'the log is shorter than its checkpoint')
  verifyInclusion({ leaf: leafHash(leaf), index, size, path, root })
  const entry = parseEntry(leaf)
  const record = await findRecord(reader, { bundle, index, size })
  if (!record) return undefined
  if (isPublicEntry(entry) || !isOpenedBy(entry, { salt: record.salt, recordHash: sha256(record.bytes) }))
    throw new ProtocolError('PAGE_MALFORMED', 'the node opens a receipt to something else', {
      evidence: { origin, index },
    })
  return {
    entry: decodeUtf8(leaf),
    proof: formatTlogProof({ index, path, checkpoint: note }),
    record: asObject(record.bytes),
    salt: encodeHex(record.salt),
  }
}

async function findRecord(
  reader: LogReader,
  { bundle, index, size }: { readonly bundle: number; readonly index: number; readonly size: number },
): Promise<Required<ServedRecord> | undefined> {
  for await (const { salt, ...record } of reader.fetchRecords(bundle, size, index))
    return record.index === index && salt ? { ...record, salt } : undefined
  return undefined
}
