import { type FileHandle, lstat, mkdir, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type ProblemCode, ProtocolError } from '../protocol/error.ts'
import type { World } from './world.ts'

/**
 * Reads a file, or standard input for `-`, and stops at the limit: a file that is too large is not read at all, a stream no
 * further than that.
 *
 * @throws {ProtocolError} `SIZE_LIMIT`, or why it cannot be opened
 * @see protocol/spec/verify.md, VERIFY-18
 */
export async function readInput(name: string, maxBytes: number, world: World): Promise<Uint8Array> {
  if (name === '-') return collect(world.stdin(), maxBytes)
  try {
    const facts = await stat(name)
    if (facts.isDirectory()) throw new ProtocolError('FILE_TYPE_REFUSED', 'a directory')
    if (facts.size > maxBytes) throw tooLarge(maxBytes)
    const file = await open(name, 'r')
    try {
      // Of a known size into one buffer: pieces put together would need twice the memory.
      if (facts.isFile() && facts.size > 0) return await readWhole(file, facts.size)
      return await collect(file.createReadStream({ autoClose: false }), maxBytes)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw asProblem(error, name)
  }
}

async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/**
 * Writes beside and renames, so that whoever reads sees the old file or the new one. Nobody but its owner can read a secret one.
 *
 * @throws {ProtocolError} why it cannot be written
 */
export async function writeAtomically(
  name: string,
  contents: string | Uint8Array,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  const beside = join(dirname(name), `.${basename(name)}.${process.pid}.tmp`)
  try {
    await writeFile(beside, contents, { flush: true, ...(secret ? { mode: 0o600 } : {}) })
    await rename(beside, name)
  } catch (error) {
    await rm(beside, { force: true })
    throw asProblem(error, name)
  }
}

/**
 * Makes a folder with those above it, where there is none yet.
 *
 * @returns its real path
 * @throws {ProtocolError} why it cannot be made
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode })
    return await realpath(path)
  } catch (error) {
    throw asProblem(error, path)
  }
}

/** @throws {ProtocolError} `USAGE_INVALID` — something of this name is there */
export async function requireAbsent(name: string): Promise<void> {
  const found = await lstat(name).catch(() => undefined)
  if (found) throw isThere(name)
}

/** Writes a file that must not be there yet. Nobody but its owner can read a secret one. */
export async function writeNew(
  name: string,
  contents: string,
  { secret }: { readonly secret: boolean },
): Promise<void> {
  try {
    await writeFile(name, contents, { flag: 'wx', flush: true, mode: secret ? 0o600 : 0o644 })
  } catch (error) {
    throw asProblem(error, name)
  }
}

const codes: Readonly<Record<string, ProblemCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOTDIR: 'NOT_FOUND',
  EISDIR: 'FILE_TYPE_REFUSED',
  EACCES: 'FORBIDDEN',
  EPERM: 'FORBIDDEN',
  ENOSPC: 'STORAGE_FULL',
  EDQUOT: 'STORAGE_FULL',
}

/** Why a file cannot be used, with a code; what is no error of the system stays as it is. */
export function asProblem(error: unknown, file: string): unknown {
  if (error instanceof ProtocolError || !(error instanceof Error) || !('code' in error)) return error
  const name = String(error.code)
  if (name === 'EEXIST') return isThere(file)
  if (name === 'ERR_INVALID_ARG_VALUE')
    return new ProtocolError('NOT_FOUND', 'not the name of a file', { cause: error })
  return new ProtocolError(codes[name] ?? 'STORAGE_UNAVAILABLE', `${file} cannot be opened (${name})`, {
    cause: error,
  })
}

function isThere(file: string): ProtocolError {
  return new ProtocolError(
    'USAGE_INVALID',
    `文件已存在，不予覆盖 / the file is there already and is not overwritten: ${file}`,
  )
}

function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', `larger than ${maxBytes} bytes`)
}
