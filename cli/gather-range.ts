import { maxBundleBytes } from '../protocol/bundle-record.ts'
import { encodeHex } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf, sha256 } from '../protocol/hash.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import {
  type CommittedEntryOfAnyTier,
  type Entry,
  isOpenedBy,
  isPublicEntry,
  parseEntry,
} from '../protocol/log/entry.ts'
import { fullWidth } from '../protocol/log/tile.ts'
import { mayBeAct } from '../protocol/record/vocabulary.ts'
import type { LogReader, ServedRecord } from './log-reader.ts'
import { asObject } from './place.ts'

/** An entry that is not public, opened to a record of the file. */
export interface OpenedEntry {
  readonly digest: Digest
  readonly index: number
  /** In hexadecimal. */
  readonly salt: string
}

export interface RangeTask {
  readonly from: number
  /** Public records of entries before this one are left out, but for acts; `from` where it is absent. */
  readonly recordsFrom?: number
  readonly size: number
  /** Whether an entry that is not public is for the readers of the file; asked of each once, in order. */
  readonly isForReaders: (entry: CommittedEntryOfAnyTier) => boolean
  /** The records of the file, to which those of this range are added; each stands there once. */
  readonly records: Map<Digest, JsonObject>
  /** How many bytes of records the file has by now. */
  readonly budget: { bytes: number }
  readonly onProgress: (done: number, all: number) => void
}

export interface GatheredRange {
  readonly entries: readonly Uint8Array[]
  readonly opened: readonly OpenedEntry[]
  /** Of each record of the range that is in the file: where it stands in the log. */
  readonly places: readonly { readonly index: number; readonly digest: Digest }[]
}

/**
 * All entries of a log from an index on, every act, every public record from another index on, and what the node opens for the readers
 * of the file.
 *
 * @throws {ProtocolError} `RECORD_UNAVAILABLE` — a public record that the node must have; `SIZE_LIMIT`; and what the reader throws
 * @see protocol/spec/bundle.md, BUNDLE-9
 */
export async function gatherRange(reader: LogReader, task: RangeTask): Promise<GatheredRange> {
  const { from, recordsFrom = from, size, onProgress } = task
  const entries: Uint8Array[] = []
  const opened: OpenedEntry[] = []
  const places: { index: number; digest: Digest }[] = []
  for (let bundle = Math.floor(from / fullWidth); bundle * fullWidth < size; bundle += 1) {
    const first = bundle * fullWidth
    const skipped = Math.max(0, from - first)
    const found = (await reader.fetchEntries(bundle, size)).slice(skipped)
    const read = found.map(parseQuietly)
    const wanted = new Set(
      read.flatMap((entry) =>
        entry && isPublicEntry(entry) && (entry.index >= recordsFrom || mayBeAct(entry.type))
          ? [entry.digest]
          : [],
      ),
    )
    const committed = new Map(
      read.flatMap((entry) =>
        entry && !isPublicEntry(entry) && task.isForReaders(entry) ? [[entry.index, entry] as const] : [],
      ),
    )
    if (wanted.size > 0 || committed.size > 0)
      for await (const record of reader.fetchRecords(bundle, size)) {
        const digest = digestOf(record.bytes)
        const entry = committed.get(record.index)
        const opens = entry !== undefined && isOpened(entry, record)
        if (!wanted.has(digest) && !opens) continue
        if (opens)
          opened.push({ digest, index: record.index, salt: encodeHex(record.salt ?? new Uint8Array()) })
        places.push({ index: record.index, digest })
        takeRecord(task, digest, record)
      }
    for (const digest of wanted)
      if (!task.records.has(digest))
        throw new ProtocolError('RECORD_UNAVAILABLE', 'the node does not give a public record of the range', {
          evidence: { digest },
        })
    entries.push(...found)
    onProgress(entries.length, size - from)
  }
  return { entries, opened, places }
}

/** Adds a record to those of the file. @throws {ProtocolError} `SIZE_LIMIT` */
export function takeRecord(
  { records, budget }: Pick<RangeTask, 'records' | 'budget'>,
  digest: Digest,
  { bytes }: ServedRecord,
): void {
  if (records.has(digest)) return
  budget.bytes += bytes.length
  if (budget.bytes > maxBundleBytes)
    throw new ProtocolError('SIZE_LIMIT', `the bundle would be larger than ${maxBundleBytes} bytes`)
  records.set(digest, asObject(bytes))
}

function isOpened(entry: CommittedEntryOfAnyTier, { bytes, salt }: ServedRecord): boolean {
  return salt !== undefined && isOpenedBy(entry, { salt, recordHash: sha256(bytes) })
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
