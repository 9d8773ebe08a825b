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
  fetchCheckpoint(etag?: string): Promise<FetchedCheckpoint | undefined>
  fetchTile(tile: TileCoordinate): Promise<Uint8Array>
  /** Exactly the entries of the bundle, framing checked; what they hash to is for the caller. */
  fetchEntryBundle(bundle: BundleCoordinate): Promise<readonly Uint8Array[]>
  /**
   * One page of the records of a bundle, from an index on; empty at the end. `undefined`: the peer has none to give.
   *
   * @param proven whether to ask with a proof of who asks, for records that are not public
   */
  fetchRecords(bundle: BundleCoordinate, from: number, proven?: boolean): Promise<Uint8Array | undefined>
}

export interface FetchedCheckpoint {
  readonly note: string
  readonly etag?: string
  /** Out of a copy, which may be older than what the log itself showed. */
  readonly copy?: true
}

export const recordsPageBytes = 8 << 20

/** A records page ends at the first line boundary after 8 MiB, and a line is at most a record and a salt long. */
const maxRecordsPage = recordsPageBytes + (2 << 20)
const maxEntryBundle = fullWidth * (2 + 2048)

export const fetchLimits = {
  checkpoint: { maxBytes: maxNoteBytes, timeout: 10_000 },
  tile: { maxBytes: fullWidth * 32, timeout: 20_000 },
  entries: { maxBytes: maxEntryBundle, timeout: 30_000 },
  records: { maxBytes: maxRecordsPage, timeout: 120_000 },
} as const satisfies Record<string, FetchLimits>

/** A tag is sent back as a header: one that cannot be is as good as none. */
const plainTag = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/

/**
 * @param prefix the URL of the log, without a slash at its end; a function where it may move
 * @param signal gives up what is under way
 */
export function createHttpSource(
  client: PeerClient,
  prefix: string | (() => string),
  signal: AbortSignal,
): LogSource {
  const get = (path: string, bounds: FetchLimits, etag?: string) =>
    client.get(`${typeof prefix === 'string' ? prefix : prefix()}/${path}`, { ...bounds, signal }, etag)
  return {
    async fetchCheckpoint(etag) {
      const { status, bytes, etag: newTag } = await get('checkpoint', fetchLimits.checkpoint, etag)
      if (status === 304) return undefined
      if (status !== 200) throw new ProtocolError('PEER_UNAVAILABLE', 'the peer has no such log')
      const echoed = newTag !== undefined && plainTag.test(newTag) ? { etag: newTag } : {}
      return { note: decodeUtf8(bytes), ...echoed }
    },
    fetchTile: (tile) => getOrFull(tile, (wanted) => get(formatTilePath(wanted), fetchLimits.tile)),
    fetchEntryBundle: async (bundle) =>
      openBundle(
        await getOrFull(bundle, (wanted) => get(formatBundlePath(wanted), fetchLimits.entries)),
        bundle.width,
      ),
    async fetchRecords(bundle, from, proven = false) {
      const limits = { ...fetchLimits.records, proven }
      const first = await get(`${formatRecordsPath(bundle)}?from=${from}`, limits)
      if (first.status === 200) return first.bytes
      if (bundle.width === fullWidth) return undefined
      const full = { ...bundle, width: fullWidth }
      const { status, bytes } = await get(`${formatRecordsPath(full)}?from=${from}`, limits)
      return status === 200 ? bytes : undefined
    },
  }
}

export function formatRecordsPath(bundle: BundleCoordinate): string {
  return formatBundlePath(bundle).replace(/^tile\/entries\//, 'records/')
}

/** A partial tile may be gone once the full one exists (C2SP tlog-tiles, "Partial Tiles"): then the full one has it. */
export async function getOrFull<C extends { readonly width: number }>(
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
export function openBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  try {
    return parseEntryBundle(bytes, width)
  } catch (error) {
    if (!(error instanceof ProtocolError) || width === fullWidth) throw error
    return parseEntryBundle(bytes, fullWidth).slice(0, width)
  }
}
