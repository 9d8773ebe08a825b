import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encodeHex } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, startSha256 } from '../../protocol/hash.ts'
import type { Deps } from '../deps.ts'
import { systemCode } from './fault.ts'
import { syncDirectory } from './file.ts'

/** Four times what entries ask for, so that files never keep an entry out. */
const reservedBytes = 256 << 20
/** Bytes that are written between two looks at the disk. */
const checkEvery = 8 << 20

/** Bytes that were received, on disk under a name of their own; they count for nothing yet. */
export interface ReceivedFile {
  readonly path: string
  readonly size: number
  readonly digest: Digest
}

export interface BlobFilesOptions {
  readonly directory: string
  readonly deps: Pick<Deps, 'random'>
  /** Free bytes where the files lie; a test says so itself. */
  readonly freeBytes?: () => Promise<number>
}

/** Files by their digest: `<directory>/<two digits>/<64 digits>`. Made by `createBlobFiles`. */
export interface BlobFiles {
  /**
   * Writes bytes as they come, in constant memory. Whatever ends it early leaves nothing.
   *
   * @throws {ProtocolError} `BODY_TOO_LARGE` `STORAGE_FULL`, and what the sender throws
   */
  receive(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedFile>
  /** Gives it its name. After a power loss it has the name and all its bytes, or it has not the name. */
  name(file: ReceivedFile): Promise<void>
  discard(file: ReceivedFile): Promise<void>
  remove(digest: Digest): Promise<void>
  sizeOf(digest: Digest): Promise<number | undefined>
  open(digest: Digest): Promise<FileHandle>
  /** What the bytes of a file hash to; `undefined`: there is none, or it cannot be read. */
  hash(digest: Digest): Promise<Digest | undefined>
  /** @throws {ProtocolError} `STORAGE_FULL` — so many bytes would touch what is kept free */
  requireRoom(bytes: number): Promise<void>
  /** Removes what a process that ended was receiving. */
  clear(): Promise<void>
}

/** @see spec/tier.md, TIER-100 (R8, R32) */
export function createBlobFiles({ directory, deps, freeBytes }: BlobFilesOptions): BlobFiles {
  const incoming = join(directory, 'incoming')
  const free = freeBytes ?? (() => freeBytesOf(directory))
  const pathOf = (digest: Digest) => {
    const name = digest.slice('sha256:'.length)
    return join(directory, name.slice(0, 2), name)
  }

  async function requireRoom(bytes: number): Promise<void> {
    await mkdir(incoming, { recursive: true })
    if ((await free()) - bytes < reservedBytes)
      throw new ProtocolError('STORAGE_FULL', 'the disk of the files is nearly full')
  }

  async function receive(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedFile> {
    await requireRoom(0)
    const path = join(incoming, encodeHex(deps.random(16)))
    const file = await open(path, 'wx', 0o600)
    try {
      const { size, digest } = await writeAll(file, chunks, { maxBytes, requireRoom })
      await file.sync()
      return { path, size, digest }
    } catch (error) {
      await rm(path, { force: true })
      throw asProblem(error)
    } finally {
      await file.close()
    }
  }

  return {
    receive,
    requireRoom,
    async name({ path, digest }) {
      const target = pathOf(digest)
      await mkdir(dirname(target), { recursive: true })
      await rename(path, target)
      await syncDirectory(dirname(target))
      await syncDirectory(directory)
    },
    discard: ({ path }) => rm(path, { force: true }),
    remove: async (digest) => {
      await rm(pathOf(digest), { force: true })
      await syncDirectory(dirname(pathOf(digest))).catch(ignoreAbsent)
    },
    sizeOf: async (digest) => (await stat(pathOf(digest)).catch(ignoreAbsent))?.size,
    open: (digest) => open(pathOf(digest), 'r'),
    hash: (digest) => hashFile(pathOf(digest)),
    clear: () => rm(incoming, { recursive: true, force: true }),
  }
}

async function writeAll(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, requireRoom }: Pick<BlobFiles, 'requireRoom'> & { readonly maxBytes: number },
): Promise<{ readonly size: number; readonly digest: Digest }> {
  const hash = startSha256()
  let [size, checked] = [0, 0]
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) throw new ProtocolError('BODY_TOO_LARGE', `a file is at most ${maxBytes} bytes`)
    if (size - checked > checkEvery) {
      await requireRoom(0)
      checked = size
    }
    hash.add(chunk)
    await file.writeFile(chunk)
  }
  return { size, digest: hash.finish() }
}

async function hashFile(path: string): Promise<Digest | undefined> {
  const hash = startSha256()
  try {
    for await (const chunk of createReadStream(path)) if (chunk instanceof Uint8Array) hash.add(chunk)
    return hash.finish()
  } catch (error) {
    if (systemCode(error) === '') throw error
    return undefined
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

function ignoreAbsent(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined
  throw error
}

function asProblem(cause: unknown): unknown {
  if (!['ENOSPC', 'EDQUOT', 'EFBIG'].includes(systemCode(cause))) return cause
  return new ProtocolError('STORAGE_FULL', 'the disk of the files is full', { cause })
}
