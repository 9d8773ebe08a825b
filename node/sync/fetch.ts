import { ProtocolError } from '../../protocol/error.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { type BundleCoordinate, fullWidth } from '../../protocol/log/tile.ts'
import { maxRecordBytes } from '../../protocol/record/schema.ts'
import { type Batch, proveBundle } from './batch.ts'
import { lastIndexOf, readPages } from './page.ts'
import type { LogSource } from './source.ts'
import type { ProvenTree } from './tree-proof.ts'

export type FetchedBatch = Pick<Batch, 'start' | 'entries' | 'pages'>

/** A record, its salt, and what stands around them in a line. */
export const maxLine = maxRecordBytes + 256

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
  { from, target }: { readonly from: number; readonly target: Checkpoint },
): AsyncGenerator<FetchedBatch, void, void> {
  for (let next = from; next < target.size; ) {
    const index = Math.floor(next / fullWidth)
    const start = index * fullWidth
    const bundle = { index, width: Math.min(fullWidth, target.size - start) }
    const end = start + bundle.width
    const [entries, first] = await Promise.all([
      source.fetchEntryBundle(bundle),
      source.fetchRecords(bundle, next),
    ])
    proveBundle(
      entries,
      bundle.width === fullWidth
        ? { root: await tree.bundleRoot(index) }
        : { leaves: tree.lastLeaves ?? new Uint8Array(0) },
    )
    for (let page = first; ; page = await source.fetchRecords(bundle, next)) {
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

/** What is offered as the records of some entries of a bundle: a page for the first, and further ones only for what lies beyond it. */
export async function fetchRecordsOf(
  source: LogSource,
  { bundle, indices }: { readonly bundle: BundleCoordinate; readonly indices: readonly number[] },
  take: (index: number, record: Uint8Array) => void,
): Promise<void> {
  const wanted = new Set(indices)
  for (let next = indices[0]; next !== undefined; ) {
    const page = await source.fetchRecords(bundle, next)
    const last = page && lastIndexOf(page)
    if (page === undefined || last === undefined || last < next) break
    // Copied, so that the page itself can be forgotten.
    for (const [index, record] of readPages([page])) if (wanted.has(index)) take(index, record.slice())
    next = indices.find((index) => index > last)
  }
}
