import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import {
  type BundleCoordinate,
  formatBundlePath,
  formatTilePath,
  fullWidth,
} from '../../protocol/log/tile.ts'
import type { FetchLimits } from './client.ts'
import { maxLine } from './fetch.ts'
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
 * files that lie in it are read, each up to its bound in bytes and time. It is a copy: it may be older than what was seen.
 *
 * @throws {ProtocolError} from its methods: `PEER_UNAVAILABLE` `PEER_TIMEOUT` `FILE_UNSAFE` `RESPONSE_TOO_LARGE` `PAGE_MALFORMED`
 * @see spec/sync.md, SYNC-18 and SYNC-26
 */
export function createDirectorySource(directory: string): LogSource {
  const get = (path: string, limits: FetchLimits) =>
    inTime(limits, async () => {
      const file = await openFile(directory, path)
      if (!file) return { status: 404, bytes: new Uint8Array(0) }
      try {
        return { status: 200, bytes: await readBounded(file, path, limits) }
      } finally {
        await file.close()
      }
    })
  return {
    async fetchCheckpoint() {
      const { status, bytes } = await get('checkpoint', fetchLimits.checkpoint)
      if (status !== 200) throw new ProtocolError('PEER_UNAVAILABLE', 'the directory holds no checkpoint')
      return { note: decodeUtf8(bytes), copy: true }
    },
    fetchTile: (tile) => getOrFull(tile, (wanted) => get(formatTilePath(wanted), fetchLimits.tile)),
    fetchEntryBundle: async (bundle) =>
      openBundle(
        await getOrFull(bundle, (wanted) => get(formatBundlePath(wanted), fetchLimits.entries)),
        bundle.width,
      ),
    fetchRecords: (bundle, from) =>
      inTime(fetchLimits.records, async () => {
        const full: BundleCoordinate = { ...bundle, width: fullWidth }
        const file =
          (await openFile(directory, formatRecordsPath(bundle))) ??
          (await openFile(directory, formatRecordsPath(full)))
        return file && readPage(file, from)
      }),
  }
}

/**
 * `undefined`: there is none. A link may lead anywhere, and a pipe may never end: neither counts as a file. What was opened is what is
 * judged, so that nobody can put something else there in between.
 */
async function openFile(directory: string, path: string): Promise<FileHandle | undefined> {
  const full = join(directory, path)
  let file: FileHandle
  try {
    const [root, real, facts] = await Promise.all([realpath(directory), realpath(full), lstat(full)])
    if (!facts.isFile() || real !== join(root, path)) throw unsafe(path)
    file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return refuseUnreadable(error, path)
  }
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw unsafe(path)
}

async function readBounded(file: FileHandle, path: string, { maxBytes }: FetchLimits): Promise<Uint8Array> {
  const { size } = await file.stat()
  if (size > maxBytes) throw tooLarge(path, maxBytes)
  const bytes = new Uint8Array(size)
  let at = 0
  try {
    for (let read = size; read > 0 && at < size; at += read)
      read = (await file.read(bytes, at, size - at, at)).bytesRead
  } catch (error) {
    refuseUnreadable(error, path)
  }
  return bytes.subarray(0, at)
}

function tooLarge(path: string, maxBytes: number): ProtocolError {
  return new ProtocolError('RESPONSE_TOO_LARGE', 'a file is too large', { evidence: { path, maxBytes } })
}

function unsafe(path: string): ProtocolError {
  return new ProtocolError('FILE_UNSAFE', 'not a plain file of the directory', { evidence: { path } })
}

function refuseUnreadable(error: unknown, path: string): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
  if (error instanceof ProtocolError) throw error
  if (code === 'ELOOP' || code === 'ENXIO') throw unsafe(path)
  throw new ProtocolError('PEER_UNAVAILABLE', 'the directory cannot be read', {
    cause: error,
    evidence: { path },
  })
}

/** A disk that hangs must not hold a follower for ever. */
async function inTime<T>({ timeout }: FetchLimits, read: () => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const late = sleep(timeout, undefined, { signal: ending.signal, ref: false }).then(() => {
    throw new ProtocolError('PEER_TIMEOUT', 'the directory did not answer in time')
  })
  try {
    return await Promise.race([read(), late])
  } finally {
    ending.abort()
    late.catch(() => {})
  }
}

/** A line for each entry, and in each the largest record. */
const maxRecordsFile = fullWidth * maxLine

/** The lines from an index on, up to a page: a file has no `?from=`, and may be larger than what is taken at once. */
async function readPage(file: FileHandle, from: number): Promise<Uint8Array> {
  const lines: Uint8Array[] = []
  let [size, seen] = [0, 0]
  if ((await file.stat()).size > maxRecordsFile) {
    await file.close()
    throw tooLarge('records', maxRecordsFile)
  }
  const stream = file.createReadStream()
  try {
    for await (const line of linesOf(stream, fetchLimits.records.maxBytes)) {
      seen += 1
      if (seen > fullWidth) throw tooLarge('records', maxRecordsFile)
      const index = indexOfLine(line)
      if (index === undefined || index < from) continue
      lines.push(line)
      size += line.length
      if (size >= recordsPageBytes) break
    }
  } catch (error) {
    refuseUnreadable(error, 'records')
  } finally {
    stream.destroy()
  }
  return new Uint8Array(Buffer.concat(lines, size))
}
