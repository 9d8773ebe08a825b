import { formatBundle, parseBundle } from '../protocol/bundle.ts'
import { maxBundleEntries } from '../protocol/bundle-record.ts'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Digest } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { type Checkpoint, parseHead } from '../protocol/log/checkpoint.ts'
import { isCommittedTier } from '../protocol/log/commitment.ts'
import { audienceOf, type CommittedEntryOfAnyTier } from '../protocol/log/entry.ts'
import { leafHash, verifyInclusion } from '../protocol/log/merkle.ts'
import { leftEdge, tilesForLeftEdge, verifyRange } from '../protocol/log/range.ts'
import { formatTlogProof } from '../protocol/log/tlog-proof.ts'
import { proveInclusion, tilesForInclusion } from '../protocol/log/tree.ts'
import { maxChainBytes, parseRegistryChain } from '../protocol/trust/registry-chain.ts'
import type { Client } from './client.ts'
import { gatherRange, type OpenedEntry } from './gather-range.ts'
import { gatherReceipt } from './gather-receipt.ts'
import { createLogReader } from './log-reader.ts'
import { fetchNote, type RecordPlace } from './place.ts'
import { chainPath } from './trust-file.ts'

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
  const records = new Map<Digest, JsonObject>()
  const { entries, opened } = await gatherRange(reader, {
    from: index,
    size,
    isForReaders: readersOf(place),
    records,
    budget: { bytes: 0 },
    onProgress,
  })
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
    records: [...records.values()],
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

/** What is for the very readers of the subject may speak about it, and so is opened with it. The subject itself comes first. */
function readersOf({ index }: RecordPlace): (entry: CommittedEntryOfAnyTier) => boolean {
  let subject: CommittedEntryOfAnyTier | undefined
  return (entry) => {
    if (entry.index === index) subject = entry
    return subject !== undefined && entry.tier === subject.tier && audienceOf(entry) === audienceOf(subject)
  }
}
