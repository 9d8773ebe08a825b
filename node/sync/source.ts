import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { maxNoteBytes } from '../../protocol/log/note.ts'
import {
  type BundleCoordinate,
  formatBundlePath,
  formatTilePath,
  fullWidth,
  parseEntryBundle,
  type TileCoordinate,
} from '../../protocol/log/tile.ts'
import type { FetchLimits, PeerClient } from './client.ts'

/** A log as somebody serves it: a node over HTTP, or a directory on a stick with the same layout. */
export interface LogSource {
  /** `undefined` when it is still the one with this tag. */
  fetchCheckpoint(etag?: string): Promise<{ readonly note: string; readonly etag?: string } | undefined>
  fetchTile(tile: TileCoordinate): Promise<Uint8Array>
  /** Exactly the entries of the bundle, framing checked; what they hash to is for the caller. */
  fetchEntryBundle(bundle: BundleCoordinate): Promise<readonly Uint8Array[]>
  /** One page of the records of a bundle, from an index on; empty at the end. `undefined`: the peer has none to give. */
  fetchRecords(bundle: BundleCoordinate, from: number): Promise<Uint8Array | undefined>
}

/** A records page ends at the first line boundary after 8 MiB, and a line is at most a record and a salt long. */
const maxRecordsPage = (8 << 20) + (2 << 20)
const maxEntryBundle = fullWidth * (2 + 2048)

const limits = {
  checkpoint: { maxBytes: maxNoteBytes, timeout: 10_000 },
  tile: { maxBytes: fullWidth * 32, timeout: 20_000 },
  entries: { maxBytes: maxEntryBundle, timeout: 30_000 },
  records: { maxBytes: maxRecordsPage, timeout: 120_000 },
} as const satisfies Record<string, FetchLimits>

/** @param prefix the URL of the log, without a slash at its end */
export function createHttpSource(client: PeerClient, prefix: string): LogSource {
  const get = (path: string, bounds: FetchLimits) => client.get(`${prefix}/${path}`, bounds)
  return {
    async fetchCheckpoint(etag) {
      const {
        status,
        bytes,
        etag: newTag,
      } = await client.get(`${prefix}/checkpoint`, limits.checkpoint, etag)
      if (status === 304) return undefined
      if (status !== 200) throw new ProtocolError('PEER_UNAVAILABLE', 'the peer has no such log')
      return { note: decodeUtf8(bytes), ...(newTag === undefined ? {} : { etag: newTag }) }
    },
    fetchTile: (tile) => getOrFull(tile, (wanted) => get(formatTilePath(wanted), limits.tile)),
    fetchEntryBundle: async (bundle) =>
      openBundle(
        await getOrFull(bundle, (wanted) => get(formatBundlePath(wanted), limits.entries)),
        bundle.width,
      ),
    async fetchRecords(bundle, from) {
      const path = formatBundlePath(bundle).replace(/^tile\/entries\//, 'records/')
      const { status, bytes } = await get(`${path}?from=${from}`, limits.records)
      return status === 200 ? bytes : undefined
    },
  }
}

/** A partial tile may be gone once the full one exists (C2SP tlog-tiles, "Partial Tiles"): then the full one has it. */
async function getOrFull<C extends { readonly width: number }>(
  wanted: C,
  get: (coordinate: C) => Promise<{ status: number; bytes: Uint8Array }>,
): Promise<Uint8Array> {
  const first = await get(wanted)
  if (first.status === 200) return first.bytes
  const full = wanted.width === fullWidth ? first : await get({ ...wanted, width: fullWidth })
  if (full.status !== 200)
    throw new ProtocolError('PAGE_MALFORMED', 'the peer lacks a part of its own tree', {
      evidence: { ...wanted },
    })
  return full.bytes
}

/** A full bundle stands in for a partial one: the entries asked for are its first. */
function openBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  try {
    return parseEntryBundle(bytes, width)
  } catch (error) {
    if (!(error instanceof ProtocolError) || width === fullWidth) throw error
    return parseEntryBundle(bytes, fullWidth).slice(0, width)
  }
}

/** A directory with the layout of `/log/<epoch>/`: a stick, or what a one-way gateway writes. */
export function createDirectorySource(directory: string): LogSource {
  const get = async (path: string, { maxBytes }: FetchLimits) => {
    try {
      const bytes = await readFile(join(directory, path))
      if (bytes.length > maxBytes)
        throw new ProtocolError('RESPONSE_TOO_LARGE', 'a file is too large', { evidence: { path } })
      return { status: 200, bytes: new Uint8Array(bytes) }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return { status: 404, bytes: new Uint8Array(0) }
      throw error instanceof ProtocolError
        ? error
        : new ProtocolError('PEER_UNAVAILABLE', 'the directory cannot be read', { cause: error })
    }
  }
  return {
    async fetchCheckpoint() {
      const { status, bytes } = await get('checkpoint', limits.checkpoint)
      if (status !== 200) throw new ProtocolError('PEER_UNAVAILABLE', 'the directory holds no checkpoint')
      return { note: decodeUtf8(bytes) }
    },
    fetchTile: (tile) => getOrFull(tile, (wanted) => get(formatTilePath(wanted), limits.tile)),
    fetchEntryBundle: async (bundle) =>
      openBundle(
        await getOrFull(bundle, (wanted) => get(formatBundlePath(wanted), limits.entries)),
        bundle.width,
      ),
    async fetchRecords(bundle, from) {
      const path = formatBundlePath(bundle).replace(/^tile\/entries\//, 'records/')
      const { status, bytes } = await get(path, { ...limits.records, maxBytes: 512 << 20 })
      return status === 200 && from < bundle.index * fullWidth + bundle.width ? bytes : undefined
    },
  }
}
