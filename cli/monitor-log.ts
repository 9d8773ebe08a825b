import { equalBytes } from '../protocol/bytes.ts'
import { type ProblemCode, ProtocolError } from '../protocol/error.ts'
import { digestOf } from '../protocol/hash.ts'
import type { Checkpoint } from '../protocol/log/checkpoint.ts'
import { type PublicEntry, parseEntry } from '../protocol/log/entry.ts'
import { leafHash, verifyConsistency } from '../protocol/log/merkle.ts'
import { createFrontier } from '../protocol/log/range.ts'
import { fullWidth, tileWidth } from '../protocol/log/tile.ts'
import { proveConsistency, rootOf, tilesForConsistency, tilesForRoot } from '../protocol/log/tree.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { checkEntryPlace, verifyLoggedRecord } from '../protocol/verify.ts'
import type { LogReader } from './log-reader.ts'
import type { CheckedPart } from './monitor-state.ts'

/**
 * The newer checkpoint holds the tree of the kept one unchanged.
 *
 * @throws {ProtocolError} `LOG_ROLLBACK` — a smaller tree; `LOG_EQUIVOCATION` — two signed trees that contradict each other,
 *   proven by the two notes and the tiles served; `CONSISTENCY_INVALID` — the tiles served fit neither
 * @see protocol/spec/verify.md, VERIFY-25
 */
export async function compareCheckpoints(
  reader: LogReader,
  kept: Checkpoint,
  seen: Checkpoint,
): Promise<void> {
  const evidence = { kept: kept.size, seen: seen.size }
  if (seen.size < kept.size)
    throw new ProtocolError('LOG_ROLLBACK', 'a smaller tree than the one remembered', { evidence })
  if (seen.size === kept.size) {
    if (equalBytes(seen.root, kept.root)) return
    throw new ProtocolError('LOG_EQUIVOCATION', 'two roots of one size, both signed', { evidence })
  }
  const read = await reader.fetchTiles(tilesForConsistency(kept.size, seen.size))
  const claim = {
    oldSize: kept.size,
    newSize: seen.size,
    newRoot: seen.root,
    path: proveConsistency(kept.size, seen.size, read),
  }
  try {
    verifyConsistency({ ...claim, oldRoot: kept.root })
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const oldRoot = await rootAt(reader, kept.size, seen.size)
    if (!proves(() => verifyConsistency({ ...claim, oldRoot }))) throw error
    throw new ProtocolError(
      'LOG_EQUIVOCATION',
      'the signed tree does not begin with the one that was signed before',
      { evidence },
    )
  }
}

/** The root that the tree of `size` leaves had at `before`. */
async function rootAt(reader: LogReader, before: number, size: number): Promise<Uint8Array> {
  const tiles = tilesForRoot(before).map(({ level, index }) => ({
    level,
    index,
    width: tileWidth(level, index, size),
  }))
  return rootOf(before, await reader.fetchTiles(tiles))
}

function proves(check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

export interface RecordFault {
  readonly index: number
  readonly code: ProblemCode
  readonly error: ProtocolError
}

export interface Derivation {
  /** How far everything was looked at, with nothing missing before it. */
  readonly part: CheckedPart
  readonly entries: number
  readonly verified: number
  /** Entries of other tiers: their place is proven, their records are not for us. */
  readonly withheld: number
  readonly faulty: number
  readonly missing: number
  /** The first of the faults, and of the missing ones. */
  readonly faults: readonly RecordFault[]
}

export interface DerivationOptions {
  readonly trust: Trust
  readonly now: number
  readonly onProgress: (done: number, all: number) => void
}

const maxFaultsShown = 50

/**
 * Re-derives a log from what a node serves, in memory that does not grow with the log: every entry is hashed up to the root of
 * the checkpoint, every public record verified as any follower would.
 *
 * Does not prove that an id is used once, which needs all ids, nor what entries of other tiers say.
 *
 * @throws {ProtocolError} `LEAF_MISMATCH` — the entries are not those of the checkpoint; and what the reader throws
 * @see protocol/spec/verify.md, VERIFY-24
 */
export async function deriveLog(
  reader: LogReader,
  { origin, size, root }: Checkpoint,
  from: CheckedPart,
  { trust, now, onProgress }: DerivationOptions,
): Promise<Derivation> {
  const frontier = createFrontier(from.size, from.hashes)
  const start = frontier.size
  const faults: RecordFault[] = []
  const counts = { verified: 0, withheld: 0, faulty: 0, missing: 0 }
  const note = (kind: 'faulty' | 'missing', index: number, error: ProtocolError) => {
    counts[kind] += 1
    if (faults.length < maxFaultsShown) faults.push({ index, code: error.code, error })
  }
  let lastAt = from.lastAt
  let sound: CheckedPart = from
  for (let bundle = Math.floor(start / fullWidth); frontier.size < size; bundle += 1) {
    const first = frontier.size
    if (counts.missing === 0) sound = { size: first, hashes: frontier.hashes, lastAt }
    const waiting = new Map<number, PublicEntry>()
    for (const bytes of (await reader.fetchEntries(bundle, size)).slice(first - bundle * fullWidth)) {
      const index = frontier.size
      frontier.append(leafHash(bytes))
      try {
        const entry = parseEntry(bytes)
        checkEntryPlace(entry, { origin, index, lastAt, now })
        lastAt = entry.at
        if (entry.tier === 'public') waiting.set(index, entry)
        else counts.withheld += 1
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        note('faulty', index, error)
      }
    }
    if (waiting.size > 0) {
      for await (const { index, bytes } of reader.fetchRecords(bundle, size, first)) {
        const entry = waiting.get(index)
        // Other bytes than those logged are no record of this log: as good as none.
        if (!entry || digestOf(bytes) !== entry.digest) continue
        waiting.delete(index)
        try {
          verifyLoggedRecord(entry, bytes, trust)
          counts.verified += 1
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          note('faulty', index, error)
        }
      }
    }
    for (const index of waiting.keys())
      note(
        'missing',
        index,
        new ProtocolError('RECORD_UNAVAILABLE', 'the node does not give the record that it logged', {
          place: { index },
        }),
      )
    onProgress(frontier.size, size)
  }
  if (!equalBytes(frontier.root(), root))
    throw new ProtocolError('LEAF_MISMATCH', 'the entries served do not give the root that was signed', {
      evidence: { size },
    })
  const part = counts.missing === 0 ? { size: frontier.size, hashes: frontier.hashes, lastAt } : sound
  return { part, entries: size - start, ...counts, faults }
}
