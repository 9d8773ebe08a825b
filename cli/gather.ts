import { formatBundle, parseBundle } from '../protocol/bundle.ts'
import { maxBundleBytes, maxBundleEntries } from '../protocol/bundle-record.ts'
import { decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf, sha256 } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { type Checkpoint, parseHead } from '../protocol/log/checkpoint.ts'
import { isCommittedTier } from '../protocol/log/commitment.ts'
import {
  audienceOf,
  type CommittedEntryOfAnyTier,
  type Entry,
  isOpenedBy,
  isPublicEntry,
  parseEntry,
} from '../protocol/log/entry.ts'
import { leafHash, verifyInclusion } from '../protocol/log/merkle.ts'
import { leftEdge, tilesForLeftEdge, verifyRange } from '../protocol/log/range.ts'
import { fullWidth } from '../protocol/log/tile.ts'
import { formatTlogProof } from '../protocol/log/tlog-proof.ts'
import { proveInclusion, tilesForInclusion } from '../protocol/log/tree.ts'
import { maxChainBytes, parseRegistryChain } from '../protocol/trust/registry-chain.ts'
import type { Client } from './client.ts'
import { gatherReceipt } from './gather-receipt.ts'
import { createLogReader, type LogReader, type ServedRecord } from './log-reader.ts'
import { asObject, fetchNote, type RecordPlace } from './place.ts'
import { chainPath } from './trust-file.ts'

/** An entry that is not public, opened to a record of the file. */
interface OpenedEntry {
  readonly digest: Digest
  readonly index: number
  /** In hexadecimal. */
  readonly salt: string
}

/**
 * Gathers a bundle from one node: checkpoint, inclusion, left edge, every later entry, every later public record. The parts are
 * held against the root of the checkpoint, so that what is written hangs together; whether the log's key signed it, and all
 * else, is for `verifyBundle`.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID` `RANGE_INVALID` `INDEX_MISMATCH` — the node contradicts itself;
 *   `RECORD_UNAVAILABLE` — it does not give a record that it must have; `SIZE_LIMIT`; and what the client throws
 * @see protocol/spec/bundle.md, BUNDLE-9 and BUNDLE-800
 */
export async function gatherBundle(
  client: Client,
  place: RecordPlace,
  onProgress: (done: number, all: number) => void,
): Promise<GatheredBundle> {
  const { origin, index } = place
  const reader = createLogReader(client, place.path)
  const note = await fetchNote(reader, index)
  const checkpoint = parseHead(note)
  checkPlace(place, checkpoint)
  const { size, root } = checkpoint
  const tiles = [...tilesForInclusion(index, size), ...tilesForLeftEdge(index, size)]
  const read = await reader.fetchTiles(tiles)
  const [path, left] = [proveInclusion(index, size, read), leftEdge(index, read, size)]
  const { entries, records, opened } = await gatherRange(reader, { place, size, onProgress })
  const leafHashes = entries.map(leafHash)
  const [own] = entries
  const [leaf] = leafHashes
  if (!own || !leaf) throw new TypeError('a range begins with its subject')
  verifyInclusion({ leaf, index, size, path, root })
  verifyRange({ from: index, left, leafHashes, size, root })
  const texts = entries.map(decodeUtf8)
  const chain = await client.find(chainPath, { maxBytes: maxChainBytes })
  const receipt = place.tier === 'pair' ? await gatherReceipt(client, place) : undefined
  const bundle = formatBundle({
    subject: { digest: place.digest, id: place.id, index, origin },
    records,
    proofs: [{ entry: decodeUtf8(own), proof: formatTlogProof({ index, path, checkpoint: note }) }],
    ranges: [{ origin, checkpoint: note, from: index, left: left.map(encodeBase64), entries: texts }],
    ...(isCommittedTier(place.tier)
      ? { opened: { tier: place.tier, openings: opened, receipts: receipt ? [receipt] : [] } }
      : {}),
    ...(chain ? { registry: parseRegistryChain(chain) } : {}),
  })
  const bytes = encodeUtf8(bundle)
  // What no reader would take is not written.
  parseBundle(bytes)
  const needed = place.tier === 'pair' && place.type === 'LifecycleEvent'
  return { bytes, opened, ...(needed ? { receipted: receipt !== undefined } : {}) }
}

export interface GatheredBundle {
  readonly bytes: Uint8Array
  /** What the file opens of what is not public. */
  readonly opened: readonly OpenedEntry[]
  /** Of an act of a pair: whether the receipt of the other party is in it. */
  readonly receipted?: boolean
}

function checkPlace({ origin, index }: RecordPlace, checkpoint: Checkpoint): void {
  const { size } = checkpoint
  if (checkpoint.origin !== origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'the node serves another log there', {
      evidence: { origin, served: checkpoint.origin },
    })
  if (index >= size)
    throw new ProtocolError('INCLUSION_MISSING', 'the checkpoint does not cover the record yet', {
      evidence: { index, size },
    })
  if (size - index > maxBundleEntries)
    throw new ProtocolError('SIZE_LIMIT', `more than ${maxBundleEntries} entries came after the record`)
}

interface RangeTask {
  readonly place: RecordPlace
  readonly size: number
  readonly onProgress: (done: number, all: number) => void
}

async function gatherRange(
  reader: LogReader,
  { place, size, onProgress }: RangeTask,
): Promise<{
  readonly entries: readonly Uint8Array[]
  readonly records: readonly JsonObject[]
  readonly opened: readonly OpenedEntry[]
}> {
  const entries: Uint8Array[] = []
  const opened: OpenedEntry[] = []
  let readers: CommittedEntryOfAnyTier | undefined
  const records = new Map<Digest, JsonObject>()
  let bytes = 0
  for (let bundle = Math.floor(place.index / fullWidth); bundle * fullWidth < size; bundle += 1) {
    const first = bundle * fullWidth
    const found = (await reader.fetchEntries(bundle, size)).slice(Math.max(0, place.index - first))
    const wanted = new Set(found.flatMap(publicDigest))
    const committed = new Map(found.flatMap(committedEntry).map((entry) => [entry.index, entry]))
    readers ??= committed.get(place.index)
    if (wanted.size > 0 || readers) {
      for await (const record of reader.fetchRecords(bundle, size)) {
        const digest = digestOf(record.bytes)
        const entry = committed.get(record.index)
        const opens = entry !== undefined && readers !== undefined && opensFor(readers, entry, record)
        if (!(wanted.has(digest) || opens) || records.has(digest)) continue
        if (opens)
          opened.push({ digest, index: record.index, salt: encodeHex(record.salt ?? new Uint8Array()) })
        bytes += record.bytes.length
        if (bytes > maxBundleBytes)
          throw new ProtocolError('SIZE_LIMIT', `the bundle would be larger than ${maxBundleBytes} bytes`)
        records.set(digest, asObject(record.bytes))
      }
    }
    for (const digest of wanted)
      if (!records.has(digest))
        throw new ProtocolError('RECORD_UNAVAILABLE', 'the node does not give a public record of the range', {
          evidence: { digest },
        })
    entries.push(...found)
    onProgress(entries.length, size - place.index)
  }
  return { entries, records: [...records.values()], opened }
}

function committedEntry(bytes: Uint8Array): readonly CommittedEntryOfAnyTier[] {
  const entry = parseQuietly(bytes)
  return entry && !isPublicEntry(entry) ? [entry] : []
}

/** What is for the very readers of the subject may speak about it, and so is opened with it. */
function opensFor(
  readers: CommittedEntryOfAnyTier,
  entry: CommittedEntryOfAnyTier,
  { bytes, salt }: ServedRecord,
): boolean {
  const same = entry.tier === readers.tier && audienceOf(entry) === audienceOf(readers)
  return same && salt !== undefined && isOpenedBy(entry, { salt, recordHash: sha256(bytes) })
}

function publicDigest(bytes: Uint8Array): readonly Digest[] {
  const entry = parseQuietly(bytes)
  return entry?.tier === 'public' ? [entry.digest] : []
}

/** A faulty entry names no record; its place in the range is kept. */
export function parseQuietly(bytes: Uint8Array): Entry | undefined {
  try {
    return parseEntry(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
