import { concatBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { audienceOf, type Entry, isPublicEntry, parseEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { isBundleOf, type ProvenBundle } from '../../protocol/log/proven-bundle.ts'
import { quorumFor } from '../../protocol/trust/cosigner.ts'
import { type LogTime, logTimeOf, type Sighting } from '../../protocol/trust/log-time.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { checkEntryPlace, verifyLoggedRecords } from '../../protocol/verify.ts'
import type { RecordOpening } from '../../protocol/verify-entry.ts'
import { checkLogTime } from '../../protocol/verify-witness.ts'
import type { CheckedBatch, CheckedEntry, Fault } from '../projection/checked.ts'
import { projectRecord } from '../projection/row.ts'
import { readPages } from './page.ts'

/** One bundle of entries with the records that came with it, to be checked as a whole. Crosses to a worker as it is. */
export interface Batch {
  readonly origin: string
  /** Index of the first entry. */
  readonly start: number
  readonly entries: readonly Uint8Array[]
  /** Pages of NDJSON `{index, record, salt?}` as the peer sent them. */
  readonly pages: readonly Uint8Array[]
  /** `at` of the last good entry before this batch; empty at the beginning of the log. */
  readonly lastAt: string
  readonly now: number
  /** What is known of the times at which the witnesses of the policy saw this part of the log. */
  readonly sightings?: readonly Sighting[]
}

/**
 * The entries are those of the tree: they hash to what the proven tiles say of this bundle.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED` — the peer sent other bytes than its tree holds
 * @see spec/sync.md, SYNC-5
 */
export function proveBundle(entries: readonly Uint8Array[], expected: ProvenBundle): void {
  if (!isBundleOf(entries.map(leafHash), expected))
    throw new ProtocolError('PAGE_MALFORMED', 'the entries do not hash to their place in the tree')
}

/**
 * Checks every entry of a proven bundle and the record that came with it. A fault is the fault of its entry alone: the rest of the
 * batch is used.
 *
 * @see spec/sync.md, SYNC-6 to SYNC-8; spec/witness.md, WIT-42
 */
export function checkBatch(batch: Batch, trust: Trust): CheckedBatch {
  const records = readPages(batch.pages)
  const read: ReadEntry[] = []
  const quorum = batch.sightings?.length ? quorumFor(trust, batch.origin) : undefined
  const timeOf = (index: number) => (quorum ? logTimeOf(quorum, batch.sightings ?? [], index) : {})
  let lastAt = batch.lastAt
  for (const [i, bytes] of batch.entries.entries()) {
    const index = batch.start + i
    const place = { origin: batch.origin, index, lastAt, now: batch.now, logTime: timeOf(index) }
    const next = readEntry(bytes, place, records.get(place.index))
    if (next.at !== undefined) lastAt = next.at
    read.push(next)
  }
  return {
    origin: batch.origin,
    start: batch.start,
    entries: checkRecords(read, trust),
    leaves: concatBytes(...batch.entries.map(leafHash)),
    lastAt,
  }
}

/** An entry and, where it is sound and came with its record, what has to be verified. */
interface ReadEntry {
  readonly entry: CheckedEntry
  readonly at?: string
  readonly item?: RecordOpening & { readonly entry: Entry }
}

function readEntry(
  bytes: Uint8Array,
  place: {
    readonly origin: string
    readonly index: number
    readonly lastAt: string
    readonly now: number
    readonly logTime: LogTime
  },
  sent: RecordOpening | undefined,
): ReadEntry {
  const raw = {
    index: place.index,
    bytes,
    tier: null,
    audience: null,
    digest: null,
    recordId: null,
    record: sent?.bytes ?? null,
    salt: null,
    row: null,
  }
  let entry: Entry
  try {
    entry = parseEntry(bytes)
    checkLogTime(entry, place.logTime)
    checkEntryPlace(entry, place)
  } catch (error) {
    return { entry: { ...raw, fault: faultOf(error) } }
  }
  const { at } = entry
  if (!isPublicEntry(entry)) {
    const named = { ...raw, tier: entry.tier, audience: audienceOf(entry) ?? null, fault: null }
    // Without what opens the entry a record proves nothing, and counts as not sent: withheld, which is no fault.
    if (!sent?.salt) return { at, entry: { ...named, record: null } }
    return { at, entry: { ...named, salt: sent.salt }, item: { entry, ...sent } }
  }
  const named = { ...raw, tier: entry.tier, digest: entry.digest, recordId: entry.id }
  if (sent) return { at, entry: { ...named, fault: null }, item: { entry, bytes: sent.bytes } }
  const missing = new ProtocolError('RECORD_UNAVAILABLE', 'the peer did not send this public record')
  return { at, entry: { ...named, fault: faultOf(missing) } }
}

function checkRecords(read: readonly ReadEntry[], trust: Trust): readonly CheckedEntry[] {
  const results = verifyLoggedRecords(
    read.flatMap(({ item }) => item ?? []),
    trust,
  )
  let next = 0
  return read.map(({ entry, item }) => {
    if (!item) return entry
    const result = results[next]
    next += 1
    return finish(entry, result)
  })
}

function finish(
  entry: CheckedEntry,
  result: ReturnType<typeof verifyLoggedRecords>[number] | undefined,
): CheckedEntry {
  try {
    if (result === undefined || result instanceof Error) throw result
    const row = projectRecord(result) ?? null
    checkStorable(row)
    return { ...entry, digest: result.digest, recordId: result.record.id, row }
  } catch (error) {
    return { ...entry, fault: faultOf(error) }
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
