import { encodeUtf8, equalBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf } from '../protocol/hash.ts'
import { maxEntryBytes } from '../protocol/log/entry.ts'
import { leafHash } from '../protocol/log/merkle.ts'
import {
  formatBundlePath,
  formatEntryBundle,
  formatTilePath,
  fullWidth,
  parseEntryBundle,
  tileWidth,
} from '../protocol/log/tile.ts'
import { type GrownTile, growTree } from '../protocol/log/tree.ts'
import type { BundleHashes } from './bundle-hash.ts'
import type { CopyFolder } from './copy-folder.ts'
import { parseQuietly } from './gather-range.ts'
import type { LogReader, ServedRecord } from './log-reader.ts'

/** Reads a log once, and leaves a copy of all that it reads. */
export interface CopyReader extends LogReader {
  /** Files that were fetched, and files that lay in the directory and were good for another time. */
  counts(): { readonly fetched: number; readonly reused: number }
  /** The tiles of the right edge, which only now have their width. To be called once every entry was read. */
  writeEdge(): Promise<void>
}

const maxBundleBytes = fullWidth * (maxEntryBytes + 2)
/** A larger file of records is fetched again rather than held in memory. */
const maxKeptRecords = 64 << 20

/**
 * A reader for `deriveLog`, that keeps what it gives in the layout of `/log/<epoch>/`. What lies in the directory and hashes to its
 * place is not fetched again; what does not is, and nothing is written that does not either, so that the old copy stays whole
 * whatever is served. Tiles follow from the entries.
 *
 * @throws {ProtocolError} from its methods: `LEAF_MISMATCH` — the node serves other entries than it signed; and as `LogReader` and
 *   `CopyFolder`
 * @see protocol/spec/verify.md, VERIFY-27 and VERIFY-28
 */
export function createCopyReader(reader: LogReader, folder: CopyFolder, tree: BundleHashes): CopyReader {
  const counts = { fetched: 0, reused: 0 }
  /** The last tile of each level. */
  const edge = new Map<number, GrownTile>()
  /** Of the bundle at hand: which record each public entry names. */
  let named: ReadonlyMap<number, Digest> = new Map()

  async function readEntries(index: number, size: number): Promise<readonly Uint8Array[]> {
    const width = tileWidth(0, index, size)
    const path = formatBundlePath({ index, width })
    const kept = openQuietly(await folder.read(path, maxBundleBytes), width)
    const good = kept !== undefined && tree.holds(index, kept.map(leafHash))
    counts[good ? 'reused' : 'fetched'] += 1
    if (good) return kept
    const entries = await reader.fetchEntries(index, size)
    if (!tree.holds(index, entries.map(leafHash)))
      throw new ProtocolError('LEAF_MISMATCH', 'the entries served are not those that were signed', {
        place: { index: index * fullWidth },
      })
    await folder.write(path, formatEntryBundle(entries))
    return entries
  }

  async function growTiles(index: number, entries: readonly Uint8Array[]): Promise<void> {
    const read = ({ level }: { readonly level: number }) => edge.get(level)?.hashes ?? new Uint8Array(0)
    for (const tile of growTree(index * fullWidth, read, entries.map(leafHash)).tiles) {
      edge.set(tile.coord.level, tile)
      if (tile.coord.width === fullWidth) await folder.write(formatTilePath(tile.coord), tile.hashes)
    }
  }

  async function* fetchRecords(index: number, size: number): AsyncIterable<ServedRecord> {
    const path = formatRecordsPath(index, size)
    const kept = completeRecords(await folder.read(path, maxKeptRecords), named)
    counts[kept ? 'reused' : 'fetched'] += 1
    if (kept) {
      yield* kept
      return
    }
    const file = await folder.begin(path)
    try {
      for await (const record of reader.fetchRecords(index, size)) {
        if (digestOf(record.bytes) === named.get(record.index)) {
          await file.append(encodeUtf8(`{"index":${record.index},"record":`))
          await file.append(record.bytes)
          await file.append(encodeUtf8('}\n'))
        }
        yield record
      }
      await file.commit()
    } finally {
      await file.discard()
    }
  }

  return {
    path: reader.path,
    fetchCheckpoint: () => reader.fetchCheckpoint(),
    fetchWitnessed: () => reader.fetchWitnessed(),
    fetchWitnessedAfter: (index) => reader.fetchWitnessedAfter(index),
    fetchTiles: (tiles) => reader.fetchTiles(tiles),
    async fetchEntries(index, size) {
      const entries = await readEntries(index, size)
      await growTiles(index, entries)
      named = new Map(entries.flatMap((bytes, i) => digestIn(bytes, index * fullWidth + i)))
      return entries
    },
    fetchRecords,
    counts: () => counts,
    async writeEdge() {
      for (const { coord, hashes } of edge.values())
        if (coord.width < fullWidth) await folder.write(formatTilePath(coord), hashes)
    },
  }
}

function formatRecordsPath(index: number, size: number): string {
  return formatBundlePath({ index, width: tileWidth(0, index, size) }).replace(/^tile\/entries\//, 'records/')
}

/** The files of a tree of `size` leaves that a larger tree has no use for. */
export function listPartial(size: number): readonly string[] {
  const paths: string[] = []
  for (let level = 0; fullWidth ** level <= size; level += 1) {
    const index = Math.floor(size / fullWidth ** (level + 1))
    const width = tileWidth(level, index, size)
    if (width > 0) paths.push(formatTilePath({ level, index, width }))
    if (width > 0 && level === 0)
      paths.push(formatBundlePath({ index, width }), formatRecordsPath(index, size))
  }
  return paths
}

function digestIn(bytes: Uint8Array, index: number): readonly (readonly [number, Digest])[] {
  const entry = parseQuietly(bytes)
  return entry?.tier === 'public' ? [[index, entry.digest]] : []
}

function openQuietly(bytes: Uint8Array | undefined, width: number): readonly Uint8Array[] | undefined {
  try {
    return bytes && parseEntryBundle(bytes, width)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

const lineFeed = 0x0a
const closeBrace = 0x7d

/** `undefined`: the record of a public entry is not there, or has other bytes. */
function completeRecords(
  page: Uint8Array | undefined,
  named: ReadonlyMap<number, Digest>,
): readonly ServedRecord[] | undefined {
  if (!page) return undefined
  const lines: Uint8Array[] = []
  for (let at = 0, end = page.indexOf(lineFeed); end >= 0; at = end + 1, end = page.indexOf(lineFeed, at))
    lines.push(page.subarray(at, end))
  const records: ServedRecord[] = []
  for (const [index, digest] of named) {
    // In the order of the log, one line a record, each in its one form.
    const line = lines[records.length] ?? new Uint8Array(0)
    const head = encodeUtf8(`{"index":${index},"record":`)
    const bytes = line.subarray(head.length, -1)
    const formed = equalBytes(line.subarray(0, head.length), head) && line.at(-1) === closeBrace
    if (!formed || digestOf(bytes) !== digest) return undefined
    records.push({ index, bytes })
  }
  return records.length === lines.length ? records : undefined
}
