import { formatAgreementBundle, parseAgreementBundle } from '../protocol/agreement-bundle.ts'
import { maxBundleEntries, maxFrameBytes } from '../protocol/bundle-record.ts'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../protocol/bytes.ts'
import { canonicalize } from '../protocol/canonical.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf } from '../protocol/hash.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { audienceOf, type CommittedEntryOfAnyTier } from '../protocol/log/entry.ts'
import { leafHash } from '../protocol/log/merkle.ts'
import { leftEdge, tilesForLeftEdge, verifyRange } from '../protocol/log/range.ts'
import { type Agreement, citedRecognition, editionsOf } from '../protocol/record/agreement.ts'
import { agreementDigest } from '../protocol/record/agreement-rule.ts'
import { isAttestation, parseRecord } from '../protocol/record/schema.ts'
import { maxChainBytes, parseRegistryChain } from '../protocol/trust/registry-chain.ts'
import type { AgreementPlace, LogPlace } from './agreement-place.ts'
import type { Client } from './client.ts'
import { gatherFirstUses } from './gather-first-use.ts'
import { gatherNotes } from './gather-note.ts'
import { type GatheredRange, gatherRange, type OpenedEntry } from './gather-range.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { fetchNote } from './place.ts'
import { chainPath } from './trust-file.ts'

export interface GatheredAgreement {
  readonly bytes: Uint8Array
  /** As it stands in a record of the file; `undefined`: in none. */
  readonly agreement: Agreement | undefined
  readonly logs: readonly { readonly origin: string; readonly size: number; readonly notes: number }[]
  /** What the file opens of what is not public, by log. */
  readonly opened: readonly (OpenedEntry & { readonly origin: string })[]
  /** Files that the node does not give. */
  readonly absent: readonly Digest[]
}

/**
 * Gathers the evidence about an agreement from one node: of each log that the node names, its checkpoint, all entries from the first that
 * matters with every public record, what the node opens for the readers of the agreement, and the notes that say since when. The parts
 * are held against the root of each checkpoint and against their digests. Whether these are all the logs that are needed, and whose keys
 * signed, is for `verifyAgreementBundle`; so is a note over another tree, for which the file is evidence.
 *
 * @throws {ProtocolError} `RANGE_INVALID` `LOG_ORIGIN_MISMATCH` `DIGEST_MISMATCH` `PAGE_MALFORMED` — the node contradicts itself;
 *   `INCLUSION_MISSING` — its checkpoint does not reach that far; `RECORD_UNAVAILABLE` — it does not give a record that it must have, or
 *   opens nothing to the caller; `SIZE_LIMIT`; and what the client throws
 * @see protocol/spec/agreement.md, AGREE-40 to AGREE-47
 */
export async function gatherAgreement(
  client: Client,
  place: AgreementPlace,
  onProgress: (done: number, all: number) => void,
): Promise<GatheredAgreement> {
  const records = new Map<Digest, JsonObject>()
  const budget = { bytes: 0 }
  const logs: GatheredLog[] = []
  let entries = 0
  for (const log of place.logs) {
    const gathered = await gatherLog(client, log, {
      isForReaders: (entry) => entry.tier === place.contains && audienceOf(entry) === place.audience,
      records,
      budget,
      most: maxBundleEntries - entries,
      onProgress,
    })
    logs.push({ ...gathered, holding: holdingNotes(log, gathered) })
    entries += gathered.range.entries.length
  }
  await gatherFirstUses(logs, { records, budget })
  const opened = logs.flatMap(({ origin, range }) => range.opened.map((entry) => ({ ...entry, origin })))
  if (place.contains !== 'public' && opened.length === 0)
    throw new ProtocolError('RECORD_UNAVAILABLE', 'the node opens nothing of the agreement to whoever asks')
  const texts = new Map([...records].map(([digest, record]) => [digest, canonicalize(record)]))
  const agreements = agreementsIn(records, texts)
  const agreement = agreements.find(
    (one) => one.id === place.agreement && agreementDigest(one) === place.digest,
  )
  const names = namesOf(place.agreement, { agreement, agreements, records, texts })
  const held = await Promise.all(logs.map((log) => withNotes(log, texts, names)))
  const files = await Promise.all(place.files.map((digest) => fetchFile(client, digest)))
  const chain = await client.find(chainPath, { maxBytes: maxChainBytes })
  const bytes = encodeUtf8(
    formatAgreementBundle({
      contains: place.contains,
      subject: { agreement: place.agreement, digest: place.digest },
      records: [...records.values()],
      logs: held,
      texts: files.flatMap((text) => text ?? []),
      mappingSalt: place.mappingSalt,
      registry: chain ? parseRegistryChain(chain) : undefined,
    }),
  )
  // What no reader would take is not written.
  parseAgreementBundle(bytes)
  return {
    bytes,
    agreement,
    logs: held.map(({ origin, notes }, i) => ({ origin, size: logs[i]?.size ?? 0, notes: notes.length })),
    opened,
    absent: place.files.filter((_, i) => files[i] === undefined),
  }
}

interface GatheredLog extends LogPart {
  /** In which the other party says what it holds, over what is in the file. */
  readonly holding: readonly string[]
}

interface LogPart {
  readonly reader: LogReader
  readonly origin: string
  readonly size: number
  readonly from: number
  readonly checkpoint: string
  readonly left: readonly string[]
  readonly range: GatheredRange
}

interface LogTask {
  readonly isForReaders: (entry: CommittedEntryOfAnyTier) => boolean
  readonly records: Map<Digest, JsonObject>
  readonly budget: { bytes: number }
  /** Entries that there is room for. */
  readonly most: number
  readonly onProgress: (done: number, all: number) => void
}

async function gatherLog(client: Client, place: LogPlace, task: LogTask): Promise<LogPart> {
  const { origin, from, recordsFrom, path } = place
  const reader = createLogReader(client, path)
  const checkpoint = await fetchNote(reader, recordsFrom)
  const { size, root, origin: served } = parseHead(checkpoint)
  if (served !== origin)
    throw new ProtocolError('LOG_ORIGIN_MISMATCH', 'the node serves another log there', {
      evidence: { origin, served },
    })
  if (recordsFrom > size)
    throw new ProtocolError('INCLUSION_MISSING', 'the checkpoint does not reach what matters yet', {
      evidence: { origin, from: recordsFrom, size },
    })
  if (size - from > task.most)
    throw new ProtocolError('SIZE_LIMIT', `more than ${maxBundleEntries} entries have a say`)
  const left = from === 0 ? [] : leftEdge(from, await reader.fetchTiles(tilesForLeftEdge(from, size)), size)
  const range = await gatherRange(reader, { ...task, from, recordsFrom, size })
  verifyRange({ from, left, leafHashes: range.entries.map(leafHash), size, root })
  return { reader, origin, size, from, checkpoint, left: left.map(encodeBase64), range }
}

/** Whatever names the agreement, an edition, what revises it or an act, may begin or end something on the day it was logged. */
async function withNotes(
  { reader, origin, size, from, checkpoint, left, range, holding }: GatheredLog,
  texts: ReadonlyMap<Digest, string>,
  names: readonly string[],
) {
  const indices = range.places.flatMap(({ index, digest }) =>
    isAbout(texts.get(digest) ?? '', names) ? [index] : [],
  )
  const gathered = await gatherNotes(reader, { origin, size, indices })
  const notes = [...new Set([...gathered, ...holding])].toSorted(
    (a, b) => parseHead(a).size - parseHead(b).size,
  )
  const { entries, opened } = range
  return {
    origin,
    checkpoint,
    from,
    left,
    entries: entries.map(decodeUtf8),
    notes,
    ...(opened.length === 0 ? {} : { openings: opened }),
  }
}

/** A note over more than is in the file, or over less than its beginning, proves nothing in it. */
function holdingNotes(
  { origin, from, notes }: LogPlace,
  { size: end, checkpoint }: LogPart,
): readonly string[] {
  return notes.filter((note) => {
    const head = parseHead(note)
    if (head.origin !== origin)
      throw new ProtocolError('PAGE_MALFORMED', 'a note of another log', { evidence: { origin } })
    return head.size >= from && head.size <= end && note !== checkpoint
  })
}

/**
 * What to look for: the agreement, what it rests on and what takes its place, their editions and what revises them, and the acts about
 * them by digest, as receipts name them.
 */
function namesOf(
  id: string,
  {
    agreement,
    agreements,
    records,
    texts,
  }: {
    readonly agreement: Agreement | undefined
    readonly agreements: readonly Agreement[]
    readonly records: ReadonlyMap<Digest, JsonObject>
    readonly texts: ReadonlyMap<Digest, string>
  },
): readonly string[] {
  const cited = agreement && citedRecognition(agreement)
  const behind = agreements.filter((one) => one.id === id || one.id === cited?.id)
  const ids = new Set([id, ...behind.map((one) => one.id)])
  for (const one of agreements) if (one.supersedes && ids.has(one.supersedes.id)) ids.add(one.id)
  const acts = [...texts].flatMap(([name, text]) => (isAbout(text, [...ids]) ? [name] : []))
  const editions = new Set(behind.flatMap(editionsOf).map((edition) => edition.id))
  const revisions = revisionsIn(records)
  // A set goes on while it is being added to: what revises a revision is looked for as well.
  for (const edition of editions) for (const revision of revisions.get(edition) ?? []) editions.add(revision)
  return [...ids, ...editions, ...acts]
}

/** Ids of records by that of what they revise. */
function revisionsIn(records: ReadonlyMap<Digest, JsonObject>): ReadonlyMap<string, readonly string[]> {
  const revisions = new Map<string, string[]>()
  for (const { id, revisionOf } of records.values()) {
    const revised = isJsonObject(revisionOf) ? revisionOf.id : undefined
    if (typeof id !== 'string' || typeof revised !== 'string') continue
    const known = revisions.get(revised)
    if (known) known.push(id)
    else revisions.set(revised, [id])
  }
  return revisions
}

/** Canonical JSON has one spelling for an id. */
function isAbout(text: string, names: readonly string[]): boolean {
  return names.some((name) => text.includes(name))
}

/** The text of each agreement once for each act that carries it. */
function agreementsIn(
  records: ReadonlyMap<Digest, JsonObject>,
  texts: ReadonlyMap<Digest, string>,
): readonly Agreement[] {
  return [...records].flatMap(([name, record]) =>
    isAbout(texts.get(name) ?? '', ['"agreementDigest"']) ? (readQuietly(record) ?? []) : [],
  )
}

function readQuietly(document: JsonObject): Agreement | undefined {
  try {
    const record = parseRecord(document)
    return isAttestation(record) ? record.credentialSubject.agreement : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

async function fetchFile(client: Client, digest: Digest): Promise<string | undefined> {
  const bytes = await client.find(`/blobs/${digest}`, { maxBytes: maxFrameBytes })
  if (!bytes) return undefined
  if (digestOf(bytes) !== digest)
    throw new ProtocolError('DIGEST_MISMATCH', 'the node gave other bytes than those asked for', {
      evidence: { asked: digest, given: digestOf(bytes) },
    })
  return decodeUtf8(bytes)
}
