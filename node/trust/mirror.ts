import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'
import { maxRegistryBytes } from '../../protocol/trust/registry.ts'
import { maxMetadataBytes } from '../../protocol/trust/tuf.ts'
import { syncDirectory } from '../store/file.ts'

/** Files of the registry's repository by their path below `/registry/`, kept in a directory. */
export interface Mirror {
  /** `undefined` when there is none. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Durable, and whole for whoever reads meanwhile. */
  write(path: string, bytes: Uint8Array): Promise<void>
}

/** What a repository of the profile holds (TUF 1.0.34, section 3.1): nothing else is read, written or served. */
const served =
  /^(?:timestamp\.json|[1-9]\d{0,15}\.(?:root|targets|snapshot)\.json|targets\/[0-9a-f]{64}\.registry\.json)$/

export function isRegistryPath(path: string): boolean {
  return served.test(path)
}

/** @see spec/registry.md, REG-10 and REG-709 */
export function openMirror(directory: string): Mirror {
  const fileOf = (path: string) => {
    if (!isRegistryPath(path)) throw new TypeError(`not a file of the registry: ${path}`)
    return join(directory, path)
  }
  return {
    async read(path) {
      try {
        return await readPlain(
          fileOf(path),
          path.startsWith('targets/') ? maxRegistryBytes : maxMetadataBytes,
        )
      } catch (error) {
        if (isMissing(error)) return undefined
        throw asProblem(error, path)
      }
    },
    async write(path, bytes) {
      const file = fileOf(path)
      const beside = `${file}.${process.pid}.tmp`
      try {
        await mkdir(dirname(file), { recursive: true })
        const handle = await open(beside, 'w')
        try {
          await handle.writeFile(bytes)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(beside, file)
        await syncDirectory(dirname(file))
      } catch (error) {
        await rm(beside, { force: true }).catch(() => {})
        throw asProblem(error, path)
      }
    },
  }
}

/** A link may lead to what nobody is to see, and a pipe never ends: what was opened is what is judged. */
async function readPlain(file: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) throw new ProtocolError('FILE_UNSAFE', 'not a plain file', { evidence: { file } })
    if (facts.size > maxBytes)
      throw new ProtocolError('RESPONSE_TOO_LARGE', 'a file of the registry is too large', {
        evidence: { file },
      })
    return new Uint8Array(await handle.readFile())
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function asProblem(error: unknown, path: string): unknown {
  if (error instanceof ProtocolError || !(error instanceof Error && 'code' in error)) return error
  if (error.code === 'ELOOP')
    return new ProtocolError('FILE_UNSAFE', 'not a plain file', { cause: error, evidence: { file: path } })
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT'
  return new ProtocolError(
    full ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE',
    'a file of the registry cannot be used',
    { cause: error, evidence: { file: path } },
  )
}
