import { formatBundle, maxBundleBytes, maxBundleEntries, parseBundle } from '../protocol/bundle.ts'
import { decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf, isDigest, sha256 } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
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
import { maxNoteBytes } from '../protocol/log/note.ts'
import { leftEdge, tilesForLeftEdge, verifyRange } from '../protocol/log/range.ts'
import { fullWidth } from '../protocol/log/tile.ts'
import { formatTlogProof } from '../protocol/log/tlog-proof.ts'
import { proveInclusion, tilesForInclusion } from '../protocol/log/tree.ts'
import { maxRecordBytes } from '../protocol/record/schema.ts'
import { maxChainBytes, parseRegistryChain } from '../protocol/trust/registry-chain.ts'
import { type Client, countOf, parseAnswer, textOf } from './client.ts'
import { createLogReader, type LogReader, type ServedRecord } from './log-reader.ts'
import { chainPath } from './trust-file.ts'

/** Where a record stands, by the word of the node. */
export interface RecordPlace {
  readonly id: string
  readonly digest: Digest
  readonly origin: string
  readonly index: number
  /** Below the base URL. */
  readonly path: string
  readonly tier: string
}

/** An entry that is not public, opened to a record of the file. */
interface OpenedEntry {
  readonly digest: Digest
  readonly index: number
  /** In hexadecimal. */
  readonly salt: string
}

/**
 * Asks a node where a record stands, by its digest or its id.
 *
 * @throws {ProtocolError} `NOT_FOUND` `PAGE_MALFORMED`, and what the client throws
 */
export async function locateRecord(client: Client, name: string): Promise<RecordPlace> {
  const path = isDigest(name) ? `/api/v1/records/${name}` : `/api/v1/records?id=${encodeURIComponent(name)}`
  const answer = parseAnswer(await client.call(path, { maxBytes: 65_536 }))
  const [digest, log] = [textOf(answer, 'digest'), textOf(answer, 'log')]
  const below = log.startsWith(`${client.base}/`) ? log.slice(client.base.length) : log
  if (!isDigest(digest) || !/^(?:\/[a-z0-9-]+)+$/.test(below))
    throw new ProtocolError('PAGE_MALFORMED', 'an answer of the node: not a place below its own address')
  const place = {
    id: textOf(answer, 'id'),
    digest,
    origin: textOf(answer, 'origin'),
    index: countOf(answer, 'index'),
    path: below,
    tier: answer.tier === undefined ? 'public' : textOf(answer, 'tier'),
  }
  if (place.digest !== name && place.id !== name)
    throw new ProtocolError('PAGE_MALFORMED', 'an answer of the node: about another record')
  return place
}

/**
 * The exact bytes of one record.
 *
 * @throws {ProtocolError} `DIGEST_MISMATCH` — the node gave something else; and what the client throws
 */
export async function fetchRecord(client: Client, digest: Digest): Promise<Uint8Array> {
  const bytes = await client.call(`/records/${digest}`, { maxBytes: maxRecordBytes })
  if (digestOf(bytes) !== digest)
    throw new ProtocolError('DIGEST_MISMATCH', 'the node gave other bytes than those asked for', {
      evidence: { asked: digest, given: digestOf(bytes) },
    })
  return bytes
}

/**
 * Gathers a bundle from one node: checkpoint, inclusion, left edge, every later entry, every later public record. The parts are
 * held against the root of the checkpoint, so that what is written hangs together; whether the log's key signed it, and all
 * else, is for `verifyBundle`.
 *
 * @throws {ProtocolError} `INCLUSION_INVALID` `RANGE_INVALID` `INDEX_MISMATCH` — the node contradicts itself;
 *   `RECORD_UNAVAILABLE` — it does not give a record that it must have; `SIZE_LIMIT`; and what the client throws
 * @see protocol/spec/bundle.md, BUNDLE-9
 */
export async function gatherBundle(
  client: Client,
  place: RecordPlace,
  onProgress: (done: number, all: number) => void,
): Promise<GatheredBundle> {
  const { origin, index } = place
  const reader = createLogReader(client, place.path)
  const note = await fetchNote(client, reader, index)
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
  const bundle = formatBundle({
    subject: { digest: place.digest, id: place.id, index, origin },
    records,
    proofs: [{ entry: decodeUtf8(own), proof: formatTlogProof({ index, path, checkpoint: note }) }],
    ranges: [{ origin, checkpoint: note, from: index, left: left.map(encodeBase64), entries: texts }],
    ...(isCommittedTier(place.tier) ? { opened: { tier: place.tier, openings: opened, receipts: [] } } : {}),
    ...(chain ? { registry: parseRegistryChain(chain) } : {}),
  })
  const bytes = encodeUtf8(bundle)
  // What no reader would take is not written.
  parseBundle(bytes)
  return { bytes, opened }
}

export interface GatheredBundle {
  readonly bytes: Uint8Array
  /** What the file opens of what is not public. */
  readonly opened: readonly OpenedEntry[]
}

/** The one with the quorum, where it covers the record: a newer one may still be on its way round the witnesses. */
async function fetchNote(client: Client, reader: LogReader, index: number): Promise<string> {
  const bytes = await client.find(`${reader.path}/witnessed`, { maxBytes: maxNoteBytes })
  const witnessed = bytes && decodeUtf8(bytes)
  return witnessed !== undefined && parseHead(witnessed).size > index ? witnessed : reader.fetchCheckpoint()
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

function asObject(bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes, maxRecordBytes)
  if (!isJsonObject(value)) throw new ProtocolError('PAGE_MALFORMED', 'a record is a JSON object')
  return value
}
