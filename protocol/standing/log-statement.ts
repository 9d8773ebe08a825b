import { decodeUtf8 } from '../bytes.ts'
import type { Digest } from '../hash.ts'
import { audienceOf, type Entry, isPublicEntry } from '../log/entry.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { recordTypes } from '../record/vocabulary.ts'
import type { RangeReader } from './range.ts'
import { maxFaults, rangeMissing, soundEntry, tooMany, unlessFaulty } from './range-entry.ts'

/** A sound record of a range that names what was looked for. */
export interface Statement {
  readonly origin: string
  readonly index: number
  readonly at: string
  readonly digest: Digest
  readonly record: ExchangeRecord
}

/** All entries of one log from an index to a checkpoint; that they are all is the range's proof. */
export interface WholeRange {
  readonly origin: string
  readonly from: number
  readonly entries: readonly string[]
}

/** What is looked for. What is found adds to `names`: an event names the record that a number led to. */
export interface Search {
  /** Ids of records and agreements, and digests of records. */
  readonly names: ReadonlySet<string>
  /** Canonical keys of standard numbers: their records are found as well, and what names them. */
  readonly numbers: ReadonlySet<string>
  /** The readers of statements that are not public; those for other readers cannot speak here. */
  readonly readers?: { readonly tier: string; readonly audience: string | undefined }
}

const named =
  /https:\/\/[^"\\\s]{1,470}\/id\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|urn:uuid:[0-9a-f-]{36}|sha256:[0-9a-f]{64}/g
const numbered = /"canonicalKey":"([^"\\]*)"/g

/** Each costs a signature check. */
const maxStatements = 4_000

/**
 * Every sound statement of a range that names one of the things looked for, in log order, each verified. Faulty entries and records are
 * passed over as everybody passes them over, and so is a second use of an id in the range.
 *
 * Takes for granted that `entries` are all there are. Says nothing of what stands before `from`.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a record that may speak is not here, is dated in the future, or is of a type that only a
 *   later version knows; `SIZE_LIMIT`
 * @see spec/agreement.md, AGREE-43
 */
export function listStatements(range: WholeRange, search: Search, reader: RangeReader): readonly Statement[] {
  const names = new Set(search.names)
  const found: Statement[] = []
  const ids = new Set<string>()
  /** What does not speak here, by its id: verified only when what speaks comes under the same one. */
  const others = new Map<string, Content[]>()
  let lastAt = ''
  let [faults, acts] = [0, 0]
  for (const [i, text] of range.entries.entries()) {
    const index = range.from + i
    const entry = soundEntry(text, { origin: range.origin, index, lastAt })
    if (!entry) {
      faults += 1
      if (faults > maxFaults) throw tooMany(`more than ${maxFaults} faulty entries`)
      continue
    }
    const ahead = Date.parse(entry.at) > reader.latest
    if (!ahead) lastAt = entry.at
    const content = contentOf(entry, search, reader)
    if (!content) continue
    const before = others.get(content.id) ?? []
    if (!speaks(content, names, search.numbers)) {
      if (!ahead) others.set(content.id, [...before, content])
      continue
    }
    if (ahead) throw rangeMissing('a later entry that may speak here is dated in the future', entry)
    if (!Object.hasOwn(recordTypes, content.type))
      throw rangeMissing('a later record of a type that this version does not know may speak here', entry)
    acts += 1 + before.length
    if (acts > maxStatements) throw tooMany(`more than ${maxStatements} records name what was looked for`)
    const record = soundRecord(content, reader)
    if (!record || ids.has(record.id) || before.some((other) => soundRecord(other, reader))) continue
    ids.add(record.id)
    names.add(record.id)
    found.push({ origin: range.origin, index, at: entry.at, digest: content.digest, record })
  }
  return found
}

interface Content {
  readonly entry: Entry
  readonly id: string
  readonly digest: Digest
  readonly type: string
  readonly bytes: Uint8Array
  readonly salt?: Uint8Array
}

/** Canonical JSON has one spelling for an id, so a record without that text does not name it. */
function speaks({ bytes }: Content, names: ReadonlySet<string>, numbers: ReadonlySet<string>): boolean {
  const words = decodeUtf8(bytes)
  for (const [name] of words.matchAll(named)) if (names.has(name)) return true
  if (numbers.size > 0) for (const [, key = ''] of words.matchAll(numbered)) if (numbers.has(key)) return true
  return false
}

function contentOf(entry: Entry, { readers }: Search, reader: RangeReader): Content | undefined {
  if (isPublicEntry(entry)) {
    const { digest, id, type } = entry
    const bytes = reader.records.get(digest)
    if (!bytes) throw rangeMissing('a later record that may speak here is not in the file', entry)
    return { entry, id, digest, type, bytes }
  }
  if (!readers || entry.tier !== readers.tier || audienceOf(entry) !== readers.audience) return undefined
  const opening = reader.openings.get(entry.index)
  const bytes = opening && reader.records.get(opening.digest)
  if (!opening || !bytes) throw rangeMissing('a later record for the same readers is not opened', entry)
  const { id, type }: { readonly id?: unknown; readonly type?: unknown } = JSON.parse(decodeUtf8(bytes))
  const word = Array.isArray(type) ? String(type[1]) : ''
  return { entry, id: String(id), digest: opening.digest, type: word, bytes, salt: opening.salt }
}

function soundRecord({ entry, bytes, salt }: Content, reader: RangeReader): ExchangeRecord | undefined {
  return unlessFaulty(() => reader.verify(entry, salt === undefined ? { bytes } : { bytes, salt }).record)
}
