import { decodeUtf8 } from '../bytes.ts'
import type { Digest } from '../hash.ts'
import {
  audienceOf,
  type CommittedEntryOfAnyTier,
  type Entry,
  isDisclosedBy,
  isPublicEntry,
} from '../log/entry.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { isDisclosure, isLifecycleEvent } from '../record/schema.ts'
import { recordTypes } from '../record/vocabulary.ts'
import type { PlacedEvent } from './lifecycle.ts'
import { maxFaults, rangeMissing, soundEntry, tooMany, unlessFaulty } from './range-entry.ts'
import { type Heads, headOf, type RangeReader } from './range-reader.ts'

export interface RangeSubject {
  readonly id: string
  readonly digest: string
  readonly origin: string
  /** Index of the first entry of the range: the subject's own. */
  readonly index: number
  /** Of its record. */
  readonly type: string
}

interface PlacedRecord {
  readonly index: number
  readonly record: ExchangeRecord
}

export interface LaterRecords {
  /** The first later record of the log that revises the subject. */
  readonly revisedBy?: PlacedRecord
  /** Every sound event about the subject, in log order. */
  readonly events: readonly PlacedEvent[]
  /** The time of the last sound entry, by the log's own clock; absent when there is none. */
  readonly lastAt?: string
}

/**
 * Reads what the log says about a record after it: every public act in the range, verified; faulty entries are ignored, as
 * everybody ignores them. An act is for the readers of what it acts on: entries of other readers cannot act on it, and each of
 * the same readers may. Once the subject is disclosed, public ones may act on it too.
 *
 * Takes for granted that `entries` are all entries from the subject's to the checkpoint's size; that is the range's proof.
 *
 * A revision is of the subject's own type. An id counts at its first use in the range. What names the subject's id with another
 * digest is about another text, and does not act on this one.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a record that may speak about the subject is not here, is dated in the future, or is of
 *   a type that only a later version knows; `SIZE_LIMIT` — thousands of records about one, or of faulty entries
 * @see spec/standing.md, STAND-7 to STAND-9
 */
export function foldRange(
  subject: RangeSubject,
  entries: readonly string[],
  reader: RangeReader,
): LaterRecords {
  const isSubject = ({ id, digest }: Pick<RangeSubject, 'id' | 'digest'>) =>
    id === subject.id && digest === subject.digest
  const events: PlacedEvent[] = []
  const ids = new Set([subject.id])
  /** What does not speak about the subject, by its id: it is verified only when an act comes under the same one. */
  const others = new Map<string, Candidate[]>()
  const heads: Heads = new Map()
  const wordsOf = namingOf(subject)
  let revisedBy: PlacedRecord | undefined
  let lastAt = ''
  let readers: Readers = { committed: undefined, disclosed: false }
  let [acts, bytes, faults] = [0, 0, 0]
  for (const [i, text] of entries.entries()) {
    const entry = soundEntry(text, { origin: subject.origin, index: subject.index + i, lastAt })
    if (!entry) {
      faults += 1
      if (faults > maxFaults) throw tooMany(`more than ${maxFaults} faulty entries`)
      continue
    }
    const ahead = Date.parse(entry.at) > reader.latest
    if (!ahead) lastAt = entry.at
    if (i === 0) {
      readers = { committed: isPublicEntry(entry) ? undefined : entry, disclosed: false }
      continue
    }
    if (!mayAct(entry, readers)) continue
    const candidate = candidateOf(entry, reader, heads)
    const { names, hasDigest } = wordsOf(candidate)
    const opens = !ahead && mayOpen(entry, readers) && hasDigest
    const before = others.get(candidate.id) ?? []
    if (!names && !opens) {
      if (!ahead) {
        before.push(candidate)
        others.set(candidate.id, before)
      }
      continue
    }
    if (ahead) throw rangeMissing('a later entry that names this record is dated in the future', entry)
    if (!Object.hasOwn(recordTypes, candidate.type))
      throw rangeMissing('a later record of a type that this version does not know names this one', entry)
    acts += 1 + before.length
    // One that is sound has the id of its entry.
    const isRepeat = ids.has(candidate.id)
    if (!isRepeat) for (const one of [candidate, ...before]) bytes += one.bytes.length
    if (acts > maxActs || bytes > maxActBytes)
      throw tooMany(`more than ${maxActs} later records name this one, or share an id with such a one`)
    if (isRepeat) continue
    const record = soundRecord(candidate, reader)
    if (!record || before.some((other) => soundRecord(other, reader))) continue
    ids.add(record.id)
    if (opens && opensSubject(record, subject, readers)) readers = { ...readers, disclosed: true }
    if (record.revisionOf && isSubject(record.revisionOf) && record.type[1] === subject.type)
      revisedBy ??= { index: entry.index, record }
    if (isLifecycleEvent(record) && isSubject(record.credentialSubject.edition)) {
      events.push({
        origin: subject.origin,
        index: entry.index,
        recordId: record.id,
        subject: record.credentialSubject,
      })
    }
  }
  const lastMoment = lastAt === '' ? {} : { lastAt }
  return { events, ...lastMoment, ...(revisedBy === undefined ? {} : { revisedBy }) }
}

/** Each costs a signature check; more than these about one record are an attack on the reader. */
const maxActs = 2_000
/** As many as a file may have: one large record that is logged again and again is not verified as often. */
const maxActBytes = 64 << 20

/** A later record that may speak about the subject. */
interface Candidate {
  readonly entry: Entry
  readonly id: string
  readonly digest: Digest
  readonly type: string
  readonly bytes: Uint8Array
  readonly salt?: Uint8Array
}

interface Naming {
  readonly names: boolean
  readonly hasDigest: boolean
}

/**
 * Canonical JSON has one spelling for an id or a digest, so a record without that text cannot speak about the subject. Each record is read
 * once, however many entries name it.
 */
function namingOf({ id, digest: ofSubject }: RangeSubject): (candidate: Candidate) => Naming {
  const known = new Map<Digest, Naming>()
  return ({ digest, bytes }) => {
    const before = known.get(digest)
    if (before) return before
    const words = decodeUtf8(bytes)
    const naming = { names: words.includes(id), hasDigest: words.includes(ofSubject) }
    known.set(digest, naming)
    return naming
  }
}

/** For whom the subject is. */
interface Readers {
  /** The subject's own entry, where it is not public. */
  readonly committed: CommittedEntryOfAnyTier | undefined
  readonly disclosed: boolean
}

/** An entry for the same readers; of one that is not public, also a public one: that may be its disclosure, or an act after it. */
function mayAct(entry: Entry, { committed, disclosed }: Readers): boolean {
  if (isPublicEntry(entry)) return committed === undefined || disclosed || entry.type === 'Disclosure'
  return entry.tier === committed?.tier && audienceOf(entry) === audienceOf(committed)
}

function mayOpen(entry: Entry, { committed, disclosed }: Readers): boolean {
  return committed !== undefined && !disclosed && isPublicEntry(entry) && entry.type === 'Disclosure'
}

/** One by another commitment, or whose salt and digest do not open it, does nothing: TIER-40. */
function opensSubject(record: ExchangeRecord, { index }: RangeSubject, { committed }: Readers): boolean {
  if (!committed || !isDisclosure(record)) return false
  const { credentialSubject: act } = record
  return act.index === index && isDisclosedBy(committed, act)
}

function candidateOf(entry: Entry, reader: RangeReader, heads: Heads): Candidate {
  if (isPublicEntry(entry)) {
    const bytes = reader.records.get(entry.digest)
    if (!bytes) throw rangeMissing('a later record that may speak about this one is not in the file', entry)
    return { entry, id: entry.id, digest: entry.digest, type: entry.type, bytes }
  }
  const opening = reader.openings.get(entry.index)
  const bytes = opening && reader.records.get(opening.digest)
  if (!opening || !bytes)
    throw rangeMissing(
      'a later record for the same readers, which may speak about this one, is not opened',
      entry,
    )
  const { digest, salt } = opening
  return { entry, ...headOf(digest, bytes, heads), digest, bytes, salt }
}

function soundRecord({ entry, bytes, salt }: Candidate, reader: RangeReader): ExchangeRecord | undefined {
  return unlessFaulty(() => reader.verify(entry, salt === undefined ? { bytes } : { bytes, salt }).record)
}
