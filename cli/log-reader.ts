import { decodeHex, decodeUtf8 } from '../protocol/bytes.ts'
import { canonicalBytes } from '../protocol/canonical.ts'
import { ProtocolError } from '../protocol/error.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject } from '../protocol/json-value.ts'
import { maxEntryBytes } from '../protocol/log/entry.ts'
import { maxNoteBytes } from '../protocol/log/note.ts'
import {
  formatBundlePath,
  formatTilePath,
  fullWidth,
  parseEntryBundle,
  type TileCoordinate,
  tileWidth,
} from '../protocol/log/tile.ts'
import type { ReadTile } from '../protocol/log/tree.ts'
import { maxRecordBytes } from '../protocol/record/schema.ts'
import type { Client } from './client.ts'

/** One log as a node serves it. Nothing that comes from here is proven. */
export interface LogReader {
  /** Below the base URL: `/log/1`, `/mirror/<hex>`. */
  readonly path: string
  fetchCheckpoint(): Promise<string>
  /** The newest note with the quorum, where there is one: a newer one may still be on its way round the witnesses. */
  fetchWitnessed(): Promise<string | undefined>
  /** The first that was kept over more than so many entries: since when they were there. */
  fetchWitnessedAfter(index: number): Promise<string | undefined>
  /** Fetches tiles, and gives what reads them. */
  fetchTiles(tiles: readonly TileCoordinate[]): Promise<ReadTile>
  /** The entries of bundle `index` in the tree of `size` leaves. */
  fetchEntries(index: number, size: number): Promise<readonly Uint8Array[]>
  /** The records of that bundle, from an index of the log on, that the node gives to everybody; page by page. */
  fetchRecords(index: number, size: number, from?: number): AsyncIterable<ServedRecord>
}

export interface ServedRecord {
  readonly index: number
  readonly bytes: Uint8Array
  /** Opens an entry that is not public. */
  readonly salt?: Uint8Array
}

const maxTileBytes = fullWidth * 32
const maxBundleBytes = fullWidth * (maxEntryBytes + 2)
/** The node ends a page after 8 MiB, at the end of a record. */
const maxPageBytes = (8 << 20) + 2 * maxRecordBytes
const maxLineBytes = maxRecordBytes + 1024
const together = 8

/** @throws {ProtocolError} from its methods, as `Client`; `TILE_MALFORMED` `PAGE_MALFORMED` */
export function createLogReader(client: Client, path: string): LogReader {
  return {
    path,
    async fetchCheckpoint() {
      return decodeUtf8(await client.call(`${path}/checkpoint`, { maxBytes: maxNoteBytes }))
    },
    async fetchWitnessed() {
      const bytes = await client.find(`${path}/witnessed`, { maxBytes: maxNoteBytes })
      return bytes && decodeUtf8(bytes)
    },
    async fetchWitnessedAfter(index) {
      const bytes = await client.find(`${path}/witnessed?after=${index}`, { maxBytes: maxNoteBytes })
      return bytes && decodeUtf8(bytes)
    },
    fetchTiles: (tiles) => fetchTiles(client, path, tiles),
    async fetchEntries(index, size) {
      const width = tileWidth(0, index, size)
      const { bytes, full } = await fetchWide(
        client,
        (wide) => `${path}/${formatBundlePath({ index, width: wide })}`,
        width,
        maxBundleBytes,
      )
      return parseEntryBundle(bytes, full ? fullWidth : width).slice(0, width)
    },
    fetchRecords: (index, size, from = index * fullWidth) =>
      fetchRecords(client, path, { index, width: tileWidth(0, index, size), first: from }),
  }
}

async function fetchTiles(client: Client, path: string, tiles: readonly TileCoordinate[]): Promise<ReadTile> {
  const found = new Map<string, Uint8Array>()
  const waiting = tiles.toReversed()
  const work = async () => {
    for (let tile = waiting.pop(); tile; tile = waiting.pop()) {
      const { level, index, width } = tile
      const { bytes } = await fetchWide(
        client,
        (wide) => `${path}/${formatTilePath({ level, index, width: wide })}`,
        width,
        maxTileBytes,
      )
      found.set(`${level}/${index}`, bytes)
    }
  }
  await Promise.all(Array.from({ length: Math.min(together, tiles.length) }, work))
  return ({ level, index }) => {
    const bytes = found.get(`${level}/${index}`)
    if (!bytes) throw new TypeError(`tile ${level}/${index} was not fetched`)
    return bytes
  }
}

/** A log that has grown since may have the full resource alone: what was partial is then its beginning. */
async function fetchWide(
  client: Client,
  pathOf: (width: number) => string,
  width: number,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly full: boolean }> {
  const bytes = await client.find(pathOf(width), { maxBytes })
  if (bytes) return { bytes, full: false }
  if (width === fullWidth) throw new ProtocolError('NOT_FOUND', `the node does not serve ${pathOf(width)}`)
  return { bytes: await client.call(pathOf(fullWidth), { maxBytes }), full: true }
}

interface BundlePart {
  readonly index: number
  readonly width: number
  /** Index of the log, in this bundle. */
  readonly first: number
}

async function* fetchRecords(client: Client, path: string, bundle: BundlePart): AsyncIterable<ServedRecord> {
  const start = bundle.index * fullWidth
  const end = start + bundle.width
  for (let from = bundle.first; from < end; ) {
    const page = await fetchPage(client, { path, ...bundle }, from === start ? '' : `?from=${from}`)
    if (page.length === 0) return
    for (const line of page) {
      const record = parseLine(line)
      const { index } = record
      if (index < from || index >= start + fullWidth)
        throw new ProtocolError('PAGE_MALFORMED', 'records out of order or of another bundle', {
          place: { index },
        })
      if (index >= end) return
      yield record
      from = index + 1
    }
  }
}

async function fetchPage(
  client: Client,
  { path, index, width }: { readonly path: string; readonly index: number; readonly width: number },
  query: string,
): Promise<readonly Uint8Array[]> {
  const pathOf = (wide: number) =>
    `${path}/${formatBundlePath({ index, width: wide }).replace('tile/entries/', 'records/')}${query}`
  const request = { maxBytes: maxPageBytes, timeout: 120_000 }
  const bytes = (await client.find(pathOf(width), request)) ?? (await client.call(pathOf(fullWidth), request))
  const lines: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const border = bytes.indexOf(0x0a, at)
    if (border < 0) throw new ProtocolError('PAGE_MALFORMED', 'the last line of a page is cut off')
    lines.push(bytes.subarray(at, border))
    at = border + 1
  }
  return lines
}

/** Whatever stands around the record, its own bytes are its canonical form; the entry's digest says whether they are the right ones. */
function parseLine(line: Uint8Array): ServedRecord {
  const value = parseJson(line, maxLineBytes)
  const { index, record, salt } = isJsonObject(value) ? value : {}
  if (!isJsonObject(record) || typeof index !== 'number')
    throw new ProtocolError('PAGE_MALFORMED', 'not a line {"index","record"}')
  const opening = typeof salt === 'string' && /^[0-9a-f]{64}$/.test(salt) ? { salt: decodeHex(salt) } : {}
  return { index, bytes: canonicalBytes(record), ...opening }
}
