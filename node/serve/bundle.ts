import { formatBundle } from '../../protocol/bundle.ts'
import { decodeUtf8, encodeBase64 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { leftEdge, tilesForLeftEdge } from '../../protocol/log/range.ts'
import { fullWidth, parseEntryBundle, type TileCoordinate } from '../../protocol/log/tile.ts'
import { formatTlogProof } from '../../protocol/log/tlog-proof.ts'
import { proveInclusion, tilesForInclusion } from '../../protocol/log/tree.ts'
import { publicScope } from '../store/scope.ts'
import type { LogReader, ServedLog } from './port.ts'

/** A page must not read a whole log for every visitor, nor argue about it for long: beyond either the range is left out. */
const longestRange = 1_000
const mostRecordBytes = 4 << 20

/**
 * The evidence for one record out of what this node serves, as `csx bundle` gathers it over HTTP; without the range where that is too
 * large for a page, and then the verdict says so.
 *
 * @throws {ProtocolError} `NOT_FOUND`
 * @see spec/bundle.md; spec/node.md, NODE-24
 */
export async function gatherBundle(
  reader: LogReader,
  place: { readonly origin: string; readonly index: number; readonly id: string; readonly digest: string },
): Promise<string> {
  const newest = await reader.findLog(place.origin)
  const log = newest && asWitnessed(newest, place.index)
  if (!log || place.index >= log.size)
    throw new ProtocolError('NOT_FOUND', 'the record is not in a signed log here')
  const short = log.size - place.index <= longestRange
  const { records } = await reader.readRecords(log, {
    from: place.index,
    end: short ? log.size : place.index + 1,
    maxBytes: mostRecordBytes,
    scope: publicScope,
  })
  const whole = short && records.reduce((sum, { bytes }) => sum + bytes.length, 0) < mostRecordBytes
  const end = whole ? log.size : place.index + 1
  const read = await fetchTiles(reader, log, [
    ...tilesForInclusion(place.index, log.size),
    ...tilesForLeftEdge(place.index, log.size),
  ])
  const entries = await readTexts(reader, log, place.index, end)
  const proof = formatTlogProof({
    index: place.index,
    path: proveInclusion(place.index, log.size, read),
    checkpoint: log.checkpoint,
  })
  const left = leftEdge(place.index, read, log.size).map(encodeBase64)
  return formatBundle({
    subject: { digest: place.digest, id: place.id, index: place.index, origin: place.origin },
    records: records.filter(({ index }) => index < end).map(({ bytes }) => asObject(bytes)),
    proofs: [{ entry: entries[0] ?? '', proof }],
    ranges: whole
      ? [{ origin: place.origin, checkpoint: log.checkpoint, from: place.index, left, entries }]
      : [],
  })
}

/**
 * One entry and its proof of inclusion, under the newest note with a quorum where that covers it.
 *
 * @throws {ProtocolError} `NOT_FOUND`
 */
export async function proveEntry(
  reader: LogReader,
  { origin, index }: { readonly origin: string; readonly index: number },
): Promise<{ readonly entry: string; readonly proof: string; readonly witnessed: boolean }> {
  const newest = await reader.findLog(origin)
  const log = newest && asWitnessed(newest, index)
  if (!log || index >= log.size)
    throw new ProtocolError('NOT_FOUND', 'the record is not in a signed log here')
  const read = await fetchTiles(reader, log, tilesForInclusion(index, log.size))
  const [entry = ''] = await readTexts(reader, log, index, index + 1)
  const path = proveInclusion(index, log.size, read)
  const proof = formatTlogProof({ index, path, checkpoint: log.checkpoint })
  return { entry, proof, witnessed: log.checkpoint === newest.witnessed }
}

/** The log up to its newest note with a quorum, where that covers the record. */
function asWitnessed(log: ServedLog, index: number): ServedLog {
  const size = log.witnessed === undefined ? 0 : parseHead(log.witnessed).size
  return log.witnessed !== undefined && index < size ? { ...log, size, checkpoint: log.witnessed } : log
}

async function fetchTiles(
  reader: LogReader,
  log: ServedLog,
  tiles: readonly TileCoordinate[],
): Promise<(tile: TileCoordinate) => Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (const tile of tiles) {
    const bytes = await reader.readTile(log, tile)
    if (bytes) found.set(`${tile.level}/${tile.index}/${tile.width}`, bytes)
  }
  return ({ level, index, width }) => found.get(`${level}/${index}/${width}`) ?? new Uint8Array(0)
}

async function readTexts(
  reader: LogReader,
  log: ServedLog,
  from: number,
  end: number,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (let at = from; at < end; at = from + texts.length) {
    const index = Math.floor(at / fullWidth)
    const width = Math.min(fullWidth, log.size - index * fullWidth)
    const bytes = await reader.readEntryBundle(log, { index, width })
    if (!bytes) throw new ProtocolError('NOT_FOUND', 'the log is shorter than its checkpoint')
    const entries = parseEntryBundle(bytes, width)
    texts.push(...entries.slice(at - index * fullWidth, end - index * fullWidth).map(decodeUtf8))
  }
  return texts
}

function asObject(bytes: Uint8Array): JsonObject {
  const value: JsonValue = JSON.parse(decodeUtf8(bytes))
  if (!isJsonObject(value)) throw new TypeError('a stored record is no object')
  return value
}
