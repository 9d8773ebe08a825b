import { ProtocolError } from '../../protocol/error.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { type CommittedEntryOfAnyTier, isPublicEntry, parseEntry } from '../../protocol/log/entry.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import { maxRecordBytes } from '../../protocol/record/schema.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'
import { type Batch, proveBundle } from './batch.ts'
import { lastIndexOf, readPages } from './page.ts'
import type { LogSource } from './source.ts'
import type { ProvenTree } from './tree-proof.ts'

export type FetchedBatch = Pick<Batch, 'start' | 'entries' | 'pages'>

/** A record, its salt, and what stands around them in a line. */
export const maxLine = maxRecordBytes + 256

export interface FetchOptions {
  readonly from: number
  readonly target: Checkpoint
  /** Whether this node may have the record of an entry that is not public. */
  readonly mayRead: (entry: CommittedEntryOfAnyTier) => boolean
}

/**
 * The entries from `from` to the target, each proven to be what the tree holds, with the records that came for them. One batch for
 * each page of records, so that no more than a page is in memory however large the records of a bundle are.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED`, and what the source throws
 * @see spec/sync.md, SYNC-5 and SYNC-9
 */
export async function* fetchBatches(
  source: LogSource,
  tree: ProvenTree,
  { from, target, mayRead }: FetchOptions,
): AsyncGenerator<FetchedBatch, void, void> {
  for (let next = from; next < target.size; ) {
    const index = Math.floor(next / fullWidth)
    const start = index * fullWidth
    const bundle = { index, width: Math.min(fullWidth, target.size - start) }
    const end = start + bundle.width
    const [entries, first] = await Promise.all([
      source.fetchEntryBundle(bundle),
      source.fetchRecords(bundle, next, false),
    ])
    proveBundle(
      entries,
      bundle.width === fullWidth
        ? { root: await tree.bundleRoot(index) }
        : { leaves: tree.lastLeaves ?? new Uint8Array(0) },
    )
    const proven = entries.slice(next - start).some((bytes) => isReadable(bytes, mayRead))
    let page = proven ? await source.fetchRecords(bundle, next, true) : first
    for (; ; page = await source.fetchRecords(bundle, next, proven)) {
      const covered = coveredBy(page, next, end)
      yield {
        start: next,
        entries: entries.slice(next - start, covered - start),
        pages: page ? [page] : [],
      }
      next = covered
      if (next === end) break
    }
  }
}

const commitmentMember = '"commitment":"c1:'

/** Most entries are public, and are told by a look at their bytes. */
function isReadable(bytes: Uint8Array, mayRead: FetchOptions['mayRead']): boolean {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(commitmentMember)) return false
  try {
    const entry = parseEntry(bytes)
    return !isPublicEntry(entry) && mayRead(entry)
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/**
 * Where the next page begins. One that is empty or brings nothing new is the last: the peer has no more to give for this bundle, and
 * cannot make us ask for ever.
 */
function coveredBy(page: Uint8Array | undefined, from: number, end: number): number {
  const last = page && lastIndexOf(page)
  if (page === undefined || last === undefined || last < from) return end
  const covered = Math.min(last + 1, end)
  if (page.length > (covered - from) * maxLine)
    throw new ProtocolError('PAGE_MALFORMED', 'a page is larger than its records can be', {
      evidence: { from, covered, bytes: page.length },
    })
  return covered
}

export interface WantedRecords {
  readonly bundle: BundleCoordinate
  readonly indices: readonly number[]
  /** Whether to ask with a proof of who asks. */
  readonly proven?: boolean
}

/**
 * What is offered as the records of some entries of a bundle, page by page: a page for the first, and further ones only for what lies
 * beyond it. However large the records are, whoever is done with one page before the next has no more than that in memory.
 */
export async function* fetchRecordPages(
  source: LogSource,
  { bundle, indices, proven }: WantedRecords,
): AsyncGenerator<ReadonlyMap<number, RecordOpening>, void, void> {
  const wanted = new Set(indices)
  for (let next = indices[0]; next !== undefined; ) {
    const page = await source.fetchRecords(bundle, next, proven)
    const last = page && lastIndexOf(page)
    if (page === undefined || last === undefined || last < next) break
    yield new Map([...readPages([page])].filter(([index]) => wanted.has(index)))
    next = indices.find((index) => index > last)
  }
}

/** As `fetchRecordPages`, record by record. */
export async function fetchRecordsOf(
  source: LogSource,
  wanted: WantedRecords,
  take: (index: number, record: RecordOpening) => void,
): Promise<void> {
  // Copied, so that the page itself can be forgotten.
  for await (const records of fetchRecordPages(source, wanted))
    for (const [index, record] of records) take(index, { ...record, bytes: record.bytes.slice() })
}
