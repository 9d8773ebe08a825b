import { concatBytes, equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Hash } from '../../protocol/hash.ts'
import { type Entry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash, rootOfConcatenated } from '../../protocol/log/merkle.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { checkEntryPlace, verifyLoggedRecord } from '../../protocol/verify.ts'
import type { CheckedBatch, CheckedEntry, Fault } from '../projection/checked.ts'
import { projectRecord } from '../projection/row.ts'
import { readPages } from './page.ts'

/** One bundle of entries with the records that came with it, to be checked as a whole. Crosses to a worker as it is. */
export interface Batch {
  readonly origin: string
  /** Index of the first entry. */
  readonly start: number
  readonly entries: readonly Uint8Array[]
  /** Pages of NDJSON `{index, record}` as the peer sent them. */
  readonly pages: readonly Uint8Array[]
  /** `at` of the last good entry before this batch; empty at the beginning of the log. */
  readonly lastAt: string
  readonly now: number
}

/**
 * The entries are those of the tree: they hash to what the proven tiles say of this bundle.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED` — the peer sent other bytes than its tree holds
 * @see spec/sync.md, SYNC-5
 */
export function proveBundle(
  entries: readonly Uint8Array[],
  expected: { readonly root: Hash } | { readonly leaves: Uint8Array },
): void {
  const leaves = concatBytes(...entries.map(leafHash))
  const proven =
    'root' in expected
      ? equalBytes(rootOfConcatenated(leaves), expected.root)
      : equalBytes(leaves, expected.leaves)
  if (!proven) throw new ProtocolError('PAGE_MALFORMED', 'the entries do not hash to their place in the tree')
}

/**
 * Checks every entry of a proven bundle and the record that came with it. A fault is the fault of its entry alone: the rest of the
 * batch is used.
 *
 * @see spec/sync.md, SYNC-6 to SYNC-8
 */
export function checkBatch(batch: Batch, trust: Trust): CheckedBatch {
  const records = readPages(batch.pages)
  const entries: CheckedEntry[] = []
  let lastAt = batch.lastAt
  for (const [i, bytes] of batch.entries.entries()) {
    const index = batch.start + i
    const place = { origin: batch.origin, index, lastAt, now: batch.now }
    const checked = checkEntry(bytes, place, { trust, record: records.get(index) })
    entries.push(checked.entry)
    if (checked.at !== undefined) lastAt = checked.at
  }
  return {
    origin: batch.origin,
    start: batch.start,
    entries,
    leaves: concatBytes(...batch.entries.map(leafHash)),
    lastAt,
  }
}

interface EntryPlace {
  readonly origin: string
  readonly index: number
  readonly lastAt: string
  readonly now: number
}

function checkEntry(
  bytes: Uint8Array,
  place: EntryPlace,
  { trust, record }: { trust: Trust; record: Uint8Array | undefined },
): { readonly entry: CheckedEntry; readonly at?: string } {
  const raw = {
    index: place.index,
    bytes,
    tier: null,
    digest: null,
    recordId: null,
    record: record ?? null,
    row: null,
  }
  let entry: Entry
  try {
    entry = parseEntry(bytes)
    checkEntryPlace(entry, place)
  } catch (error) {
    return { entry: { ...raw, fault: faultOf(error) } }
  }
  if (entry.tier !== 'public')
    return { at: entry.at, entry: { ...raw, tier: entry.tier, record: null, fault: null } }
  const named = { ...raw, tier: entry.tier, digest: entry.digest, recordId: entry.id }
  try {
    if (!record) throw new ProtocolError('RECORD_UNAVAILABLE', 'the peer did not send this public record')
    const row = projectRecord(verifyLoggedRecord(entry, record, trust)) ?? null
    checkStorable(row)
    return { at: entry.at, entry: { ...named, row, fault: null } }
  } catch (error) {
    return { at: entry.at, entry: { ...named, fault: faultOf(error) } }
  }
}

const rawNull = /\u0000/
const escapedNull = /(?<!\\)(?:\\\\)*\\u0000/

/** The database takes no U+0000 in a text, and one record must never keep all others out. */
function checkStorable(row: object | null): void {
  for (const [name, value] of Object.entries(row ?? {}))
    if ((name === 'body' ? escapedNull : rawNull).test(String(value)))
      throw new ProtocolError('TEXT_FORBIDDEN_CHAR', 'a text with U+0000')
}

/** What nobody foresaw is held against this entry alone as well, and looked at again by the next version. */
function faultOf(error: unknown): Fault {
  if (!(error instanceof ProtocolError))
    return { code: 'INTERNAL', detail: error instanceof Error ? error.name : 'unknown' }
  const { pointer } = error.place
  return {
    code: error.code,
    detail: plain(error.message),
    ...(pointer === undefined ? {} : { pointer: plain(pointer) }),
  }
}

/** Names of members are the peer's words: shortened, and without what a database or a terminal would choke on. */
function plain(text: string): string {
  return text
    .slice(0, 500)
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
}
