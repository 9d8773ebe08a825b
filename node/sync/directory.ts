import { createReadStream } from 'node:fs'
import { lstat, readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import {
  type BundleCoordinate,
  formatBundlePath,
  formatTilePath,
  fullWidth,
} from '../../protocol/log/tile.ts'
import { indexOfLine, linesOf } from './page.ts'
import {
  fetchLimits,
  formatRecordsPath,
  getOrFull,
  type LogSource,
  openBundle,
  recordsPageBytes,
} from './source.ts'

/**
 * A directory with the layout of `/log/<epoch>/`: a stick, or what a one-way gateway writes. Somebody else filled it, so only plain
 * files that lie in it are read, each up to its bound.
 *
 * @throws {ProtocolError} from its methods: `PEER_UNAVAILABLE` `RESPONSE_TOO_LARGE` `PAGE_MALFORMED`
 * @see spec/sync.md, SYNC-18
 */
export function createDirectorySource(directory: string): LogSource {
  const get = async (path: string, { maxBytes }: { readonly maxBytes: number }) => {
    const file = await findFile(directory, path)
    if (!file) return { status: 404, bytes: new Uint8Array(0) }
    if (file.size > maxBytes)
      throw new ProtocolError('RESPONSE_TOO_LARGE', 'a file is too large', { evidence: { path, maxBytes } })
    return { status: 200, bytes: new Uint8Array(await readFile(file.path).catch(refuseUnreadable)) }
  }
  return {
    async fetchCheckpoint() {
      const { status, bytes } = await get('checkpoint', fetchLimits.checkpoint)
      if (status !== 200) throw new ProtocolError('PEER_UNAVAILABLE', 'the directory holds no checkpoint')
      return { note: decodeUtf8(bytes) }
    },
    fetchTile: (tile) => getOrFull(tile, (wanted) => get(formatTilePath(wanted), fetchLimits.tile)),
    fetchEntryBundle: async (bundle) =>
      openBundle(
        await getOrFull(bundle, (wanted) => get(formatBundlePath(wanted), fetchLimits.entries)),
        bundle.width,
      ),
    async fetchRecords(bundle, from) {
      const full: BundleCoordinate = { ...bundle, width: fullWidth }
      const file =
        (await findFile(directory, formatRecordsPath(bundle))) ??
        (await findFile(directory, formatRecordsPath(full)))
      return file && readPage(file.path, from)
    },
  }
}

/** `undefined`: there is none. A link may lead anywhere, and a pipe may never end: neither counts as a file. */
async function findFile(
  directory: string,
  path: string,
): Promise<{ readonly path: string; readonly size: number } | undefined> {
  const full = join(directory, path)
  try {
    const [root, real, facts] = await Promise.all([realpath(directory), realpath(full), lstat(full)])
    if (!facts.isFile() || !real.startsWith(root + sep))
      throw new ProtocolError('PEER_UNAVAILABLE', 'not a plain file of the directory', { evidence: { path } })
    return { path: real, size: facts.size }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    return refuseUnreadable(error)
  }
}

function refuseUnreadable(error: unknown): never {
  if (error instanceof ProtocolError) throw error
  throw new ProtocolError('PEER_UNAVAILABLE', 'the directory cannot be read', { cause: error })
}

/** The lines from an index on, up to a page: a file has no `?from=`, and may be larger than what is taken at once. */
async function readPage(path: string, from: number): Promise<Uint8Array> {
  const lines: Uint8Array[] = []
  let size = 0
  const stream = createReadStream(path)
  try {
    for await (const line of linesOf(stream, fetchLimits.records.maxBytes)) {
      const index = indexOfLine(line)
      if (index === undefined || index < from) continue
      lines.push(line)
      size += line.length
      if (size >= recordsPageBytes) break
    }
  } catch (error) {
    refuseUnreadable(error)
  } finally {
    stream.destroy()
  }
  return new Uint8Array(Buffer.concat(lines, size))
}
