import type { Digest } from '../hash.ts'
import { audienceOf, type CommittedEntryOfAnyTier, type Entry, isPublicEntry } from '../log/entry.ts'
import { mayBeAct } from '../record/vocabulary.ts'
import { ownerOf } from './log-order.ts'
import { maxFaults, rangeMissing, soundEntry, tooMany } from './range-entry.ts'
import { type Heads, headOf, type RangeReader } from './range-reader.ts'
import type { Readers } from './unopened.ts'

/** All entries of one log from an index to a checkpoint; that they are all is the range's proof. */
export interface WholeRange {
  readonly origin: string
  readonly from: number
  readonly entries: readonly string[]
  /** Of entries that are not public: what opens them. */
  readonly openings: RangeReader['openings']
}

/** A sound entry with its record, which is not verified yet. */
export interface Content {
  readonly entry: Entry
  readonly id: string
  readonly digest: Digest
  readonly type: string
  readonly bytes: Uint8Array
  readonly salt?: Uint8Array
  /** Dated in the future. */
  readonly ahead: boolean
  /** All of this id in the logs of its member that are not ahead, in the order of epochs and indices. */
  readonly same: readonly Content[]
  /** An entry before it has its id, and that entry's record is not here: nobody can tell whether this is the first use. */
  readonly mayRepeat: boolean
}

/** What is known of the ids of each member, over all its logs. */
export interface SeenIds {
  readonly contents: Map<string, Content[]>
  readonly absent: Set<string>
}

export interface ReadRange {
  readonly range: WholeRange
  readonly contents: readonly Content[]
  /** From here on every record that may speak is at hand. */
  readonly covered: number
}

interface Task {
  /** Ids of records that are pinned: before the first of them the log is read for its ids alone. */
  readonly pinned: ReadonlySet<string>
  readonly readers?: Readers
  readonly records: RangeReader['records']
  readonly latest: number
  readonly isContradicted?: RangeReader['isContradicted']
  readonly heads: Heads
  /** Grows from log to log: those of a member come by epoch. */
  readonly seen: SeenIds
}

/**
 * The sound entries of a range that may speak here, in order, with their records. Of a log that is here from its first entry the records
 * before the first that is pinned may be absent, but for acts: they come before what they could speak about, and `covered` says from where
 * on none is. An act may stand anywhere, and an entry shows whether it is one, or is not public.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a later record that may speak is not here, or not opened; `SIZE_LIMIT`
 */
export function readContents(range: WholeRange, task: Task): ReadRange {
  const contents: Content[] = []
  const owner = ownerOf(range.origin)
  let lastAt = ''
  let [faults, covered] = [0, range.from]
  let begun = range.from > 0
  for (const [i, text] of range.entries.entries()) {
    const index = range.from + i
    const entry = soundEntry(text, { origin: range.origin, index, lastAt })
    if (!entry || task.isContradicted?.(entry)) {
      faults += 1
      if (faults > maxFaults) throw tooMany(`more than ${maxFaults} faulty entries`)
      continue
    }
    const ahead = Date.parse(entry.at) > task.latest
    if (!ahead) lastAt = entry.at
    if (!isPublicEntry(entry) && !isFor(entry, task.readers)) continue
    const found = contentOf(entry, range, task)
    begun ||= task.pinned.has(isPublicEntry(entry) ? entry.id : (found?.id ?? ''))
    if (!found) {
      if (begun || !isPublicEntry(entry) || mayBeAct(entry.type)) throw absent(entry)
      covered = index + 1
      if (!ahead) task.seen.absent.add(`${owner} ${entry.id}`)
      continue
    }
    const name = `${owner} ${found.id}`
    const same = task.seen.contents.get(name) ?? []
    if (same.length === 0) task.seen.contents.set(name, same)
    const content = { ...found, ahead, same, mayRepeat: task.seen.absent.has(name) }
    if (!ahead) same.push(content)
    contents.push(content)
  }
  return { range, contents, covered }
}

function isFor(entry: CommittedEntryOfAnyTier, readers: Readers | undefined): boolean {
  return entry.tier === readers?.tier && audienceOf(entry) === readers.audience
}

function absent(entry: Entry) {
  return isPublicEntry(entry)
    ? rangeMissing('a later record that may speak here is not in the file', entry)
    : rangeMissing('a later record for the same readers is not opened', entry)
}

function contentOf(
  entry: Entry,
  { openings }: WholeRange,
  { records, heads }: Task,
): Omit<Content, 'ahead' | 'same' | 'mayRepeat'> | undefined {
  if (isPublicEntry(entry)) {
    const { digest, id, type } = entry
    const bytes = records.get(digest)
    return bytes && { entry, id, digest, type, bytes }
  }
  const opening = openings.get(entry.index)
  const bytes = opening && records.get(opening.digest)
  if (!opening || !bytes) return undefined
  const { digest, salt } = opening
  return { entry, ...headOf(digest, bytes, heads), digest, bytes, salt }
}
