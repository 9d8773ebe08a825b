import { ProtocolError } from '../error.ts'
import type { Hash } from '../hash.ts'
import { maxEntryBytes } from './entry.ts'
import { hashLength, isSize } from './merkle.ts'

/** The most hashes or entries that one resource holds (C2SP tlog-tiles). */
export const fullWidth = 256

/** `width` hashes of level `level`, from number `256 * index` of that level on; 256 is a full tile. */
export interface TileCoordinate {
  readonly level: number
  readonly index: number
  readonly width: number
}

export interface BundleCoordinate {
  readonly index: number
  readonly width: number
}

const longestPath = 64
const tilePath = /^tile\/([0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/
const bundlePath = /^tile\/entries\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/

/** `tile/0/x001/234.p/7`, below the address of the log. */
export function formatTilePath({ level, index, width }: TileCoordinate): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new TypeError('a tile level is 0 to 63')
  return `tile/${level}/${formatPlace(index, width)}`
}

/**
 * Proves the one spelling of C2SP tlog-tiles; not that any log is large enough to have this tile.
 *
 * @throws {ProtocolError} `TILE_MALFORMED`
 * @see spec/log.md, LOG-7
 */
export function parseTilePath(text: string): TileCoordinate {
  const [, level, place, width] = (text.length <= longestPath && tilePath.exec(text)) || []
  if (level === undefined || place === undefined || Number(level) > 63) throw malformedPath()
  const coordinate = { level: Number(level), ...readPlace(place, width) }
  if (formatTilePath(coordinate) !== text) throw malformedPath()
  return coordinate
}

/** `tile/entries/x001/234.p/7`. */
export function formatBundlePath({ index, width }: BundleCoordinate): string {
  return `tile/entries/${formatPlace(index, width)}`
}

/**
 * @throws {ProtocolError} `TILE_MALFORMED`
 * @see spec/log.md, LOG-7
 */
export function parseBundlePath(text: string): BundleCoordinate {
  const [, place, width] = (text.length <= longestPath && bundlePath.exec(text)) || []
  if (place === undefined) throw malformedPath()
  const coordinate = readPlace(place, width)
  if (formatBundlePath(coordinate) !== text) throw malformedPath()
  return coordinate
}

/**
 * How many hashes the tile has in the tree of `size` leaves: 0 (there is none), 1 to 255, or 256. Of level 0,
 * also the width of the entry bundle.
 *
 * @see spec/log.md, LOG-6
 */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / fullWidth ** level)
  return Math.min(fullWidth, Math.max(0, hashes - index * fullWidth))
}

/**
 * @throws {ProtocolError} `TILE_MALFORMED` — not exactly `width` hashes
 * @see spec/log.md, LOG-6
 */
export function parseTile(bytes: Uint8Array, width: number): readonly Hash[] {
  if (bytes.length !== width * hashLength) throw notOfWidth(bytes, width)
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * hashLength, (i + 1) * hashLength))
}

/**
 * The first `width` hashes of a tile that may have grown since: a wider tile begins with every narrower one, so a
 * log that keeps the newest alone can still prove its earlier sizes.
 *
 * @throws {ProtocolError} `TILE_MALFORMED` — fewer hashes, more than 256, or a part of one
 * @see spec/log.md, LOG-9
 */
export function narrowTile(bytes: Uint8Array, width: number): Uint8Array {
  const hashes = bytes.length / hashLength
  if (!Number.isInteger(hashes) || hashes < width || hashes > fullWidth) throw notOfWidth(bytes, width)
  return bytes.subarray(0, width * hashLength)
}

/** Each entry behind its length in two bytes, big-endian. */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new TypeError('an entry of a bundle has at most 65,535 bytes')
    bytes[at] = entry.length >> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/**
 * The entries as views of `bytes`. Proves the framing alone: what they hash to is for the tile of level 0.
 *
 * @throws {ProtocolError} `TILE_MALFORMED` — not exactly `width` entries of at most `longest` bytes, or bytes
 *   after the last
 * @see spec/log.md, LOG-8
 */
export function parseEntryBundle(
  bytes: Uint8Array,
  width: number,
  longest: number = maxEntryBytes,
): readonly Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const place = { index: entries.length }
    const [high, low] = [bytes[at], bytes[at + 1]]
    if (high === undefined || low === undefined) {
      throw new ProtocolError('TILE_MALFORMED', `a bundle of ${width} entries ends early`, { place })
    }
    const start = at + 2
    at = start + high * 256 + low
    if (at - start > longest) {
      throw new ProtocolError('TILE_MALFORMED', `an entry of more than ${longest} bytes`, { place })
    }
    if (at > bytes.length) throw new ProtocolError('TILE_MALFORMED', 'an entry is cut off', { place })
    entries.push(bytes.subarray(start, at))
  }
  if (at !== bytes.length) {
    throw new ProtocolError('TILE_MALFORMED', `bytes after the ${width} entries of a bundle`, {
      evidence: { width, bytes: bytes.length, read: at },
    })
  }
  return entries
}

/** Three digits a step, so that no directory holds more than a thousand names; every step but the last has an x. */
function formatPlace(index: number, width: number): string {
  if (!isSize(index)) throw new TypeError('a tile index is an integer from 0')
  if (!Number.isInteger(width) || width < 1 || width > fullWidth) throw new TypeError('a width is 1 to 256')
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const path = padded.replaceAll(/\d{3}(?=\d)/g, 'x$&/')
  return width === fullWidth ? path : `${path}.p/${width}`
}

function readPlace(place: string, width: string | undefined): BundleCoordinate {
  const index = Number(place.replaceAll(/[x/]/g, ''))
  const read = { index, width: width === undefined ? fullWidth : Number(width) }
  if (!isSize(index) || read.width < 1 || read.width > fullWidth) throw malformedPath()
  return read
}

function malformedPath(): ProtocolError {
  return new ProtocolError('TILE_MALFORMED', 'not the path of a tile or an entry bundle')
}

function notOfWidth(bytes: Uint8Array, width: number): ProtocolError {
  return new ProtocolError('TILE_MALFORMED', `a tile of width ${width} has ${width * hashLength} bytes`, {
    evidence: { width, bytes: bytes.length },
  })
}
