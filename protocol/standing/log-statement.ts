import { decodeUtf8 } from '../bytes.ts'
import type { Digest } from '../hash.ts'
import type { ExchangeRecord } from '../record/envelope.ts'
import { isAttestation } from '../record/schema.ts'
import { type Content, type ReadRange, readContents, type WholeRange } from './log-content.ts'
import { createJudge } from './log-judge.ts'
import { comparePlaces } from './log-order.ts'
import type { RangeReader } from './range-reader.ts'
import { visitNames } from './record-name.ts'
import type { Readers } from './unopened.ts'

/** A sound record of a range that names what was looked for. */
export interface Statement {
  readonly origin: string
  readonly index: number
  readonly at: string
  readonly digest: Digest
  readonly record: ExchangeRecord
  /** Its log is not here from the first entry on: an earlier one may have its id, and would be the one that counts. */
  readonly mayRepeat?: true
}

/** What is looked for. What is found adds to it: an event names the revision that an id led to. */
export interface Search {
  /** Ids of the agreements: acts about what takes the place of one of them are looked for as well. */
  readonly agreements: ReadonlySet<string>
  /** Ids of records that they pin. */
  readonly pinned: ReadonlySet<string>
  /** Canonical keys of standard numbers: their records are found as well, and what names them. */
  readonly numbers: ReadonlySet<string>
  /** Of statements that are not public; those for other readers cannot speak here. */
  readonly readers?: Readers
  /** Receipts are looked for, too: they name a record by its digest. */
  readonly receipts?: true
}

/** What is said in the logs at hand, and of each from which index on all of it is here. */
export interface Reading {
  /** The logs of a member by epoch, each in its order. */
  readonly statements: readonly Statement[]
  readonly covered: ReadonlyMap<string, number>
  /** Of each from which index on every entry is here, and every act. */
  readonly acted: ReadonlyMap<string, number>
}

/**
 * Every sound statement of the ranges that names one of the things looked for, or what was found by another name: over all logs and until
 * nothing new is found, so that an event in one log about a revision in another is not overlooked. Each is verified. Faulty entries and
 * records are passed over as everybody passes them over, and so is a second use of an id by a member, over all its epochs. Each record is read once, however many
 * entries name it.
 *
 * Takes for granted that `entries` are all there are. Says nothing of what stands before `from`, and so not whether the first use of an id
 * that it saw is the first.
 *
 * @throws {ProtocolError} `RANGE_MISSING` — a record that may speak is not here, is dated in the future, or is of a type that only a
 *   later version knows; `SIZE_LIMIT`
 * @see spec/agreement.md, AGREE-43 and AGREE-44
 */
export function listStatements(
  ranges: readonly WholeRange[],
  search: Search,
  reader: Omit<RangeReader, 'openings'>,
): Reading {
  const { records, latest, isContradicted } = reader
  const seen = { contents: new Map(), absent: new Set<string>() }
  const task = {
    ...search,
    records,
    latest,
    seen,
    heads: new Map(),
    ...(isContradicted ? { isContradicted } : {}),
  }
  const read = ranges
    .toSorted((a, b) => comparePlaces({ ...a, index: a.from }, { ...b, index: b.from }))
    .map((range) => readContents(range, task))
  const contents = read.flatMap((one) => one.contents)
  const names = new Set([...search.agreements, ...search.pinned])
  const byDigest = byDigestOf(contents)
  const { byName, numbered } = indexNames(byDigest, names, search.numbers)
  const judge = createJudge(reader)
  const found = new Map<Content, ExchangeRecord>()
  const spoken = new Set<Digest>()
  const take = (digest: Digest) => {
    if (spoken.has(digest)) return
    spoken.add(digest)
    for (const content of byDigest.get(digest) ?? []) {
      const record = judge(content)
      if (!record) continue
      found.set(content, record)
      for (const name of namesOf(record, search)) names.add(name)
      if (search.receipts) names.add(digest)
    }
  }
  for (const digest of numbered) take(digest)
  // A set goes on while it is being added to.
  for (const name of names) for (const digest of byName.get(name) ?? []) take(digest)
  return {
    statements: read.flatMap((one) => statementsOf(one, found)),
    covered: new Map(read.map(({ range, covered }) => [range.origin, covered])),
    acted: new Map(ranges.map(({ origin, from }) => [origin, from])),
  }
}

/** By what else others may name it: its id, and that of an agreement which takes the place of one that is looked for. */
function namesOf(record: ExchangeRecord, { agreements }: Search): readonly string[] {
  const agreement = isAttestation(record) ? record.credentialSubject.agreement : undefined
  const older = agreement?.supersedes?.id
  return agreement && older !== undefined && agreements.has(older) ? [record.id, agreement.id] : [record.id]
}

function statementsOf(
  { range, contents }: ReadRange,
  found: ReadonlyMap<Content, ExchangeRecord>,
): readonly Statement[] {
  return contents.flatMap((content): readonly Statement[] => {
    const record = found.get(content)
    if (!record) return []
    const { entry, digest } = content
    const place = { origin: range.origin, index: entry.index, at: entry.at, digest, record }
    return [range.from === 0 ? place : { ...place, mayRepeat: true }]
  })
}

interface NameIndex {
  /** Records by what they name, of what may be looked for: ids and digests of records, and ids of agreements. */
  readonly byName: ReadonlyMap<string, readonly Digest[]>
  /** Records of one of the numbers. */
  readonly numbered: readonly Digest[]
}

/** Of each record the entries that log it. */
function byDigestOf(contents: readonly Content[]): ReadonlyMap<Digest, readonly Content[]> {
  const byDigest = new Map<Digest, Content[]>()
  for (const content of contents) {
    const logged = byDigest.get(content.digest)
    if (logged) logged.push(content)
    else byDigest.set(content.digest, [content])
  }
  return byDigest
}

function indexNames(
  byDigest: ReadonlyMap<Digest, readonly Content[]>,
  wanted: ReadonlySet<string>,
  numbers: ReadonlySet<string>,
): NameIndex {
  const known = new Set(wanted)
  for (const [digest, logged] of byDigest) for (const { id } of logged) known.add(id).add(digest)
  const byName = new Map<string, Digest[]>()
  const numbered = new Set<Digest>()
  for (const [digest, [first]] of byDigest)
    visitNames(first ? decodeUtf8(first.bytes) : '', (name, isNumber) => {
      if (isNumber && numbers.has(name)) numbered.add(digest)
      if (!known.has(name) && !name.startsWith('urn:uuid:')) return
      const namers = byName.get(name)
      if (!namers) byName.set(name, [digest])
      else if (namers.at(-1) !== digest) namers.push(digest)
    })
  return { byName, numbered: [...numbered] }
}
