import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProtocolError } from '../../protocol/error.ts'

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

/** @see spec/registry.md, REG-10 */
export function openMirror(directory: string): Mirror {
  const fileOf = (path: string) => {
    if (!isRegistryPath(path)) throw new TypeError(`not a file of the registry: ${path}`)
    return join(directory, path)
  }
  return {
    async read(path) {
      try {
        return new Uint8Array(await readFile(fileOf(path)))
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
      } catch (error) {
        await rm(beside, { force: true }).catch(() => {})
        throw asProblem(error, path)
      }
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function asProblem(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT'
  return new ProtocolError(
    full ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE',
    'a file of the registry cannot be used',
    { cause: error, evidence: { file: path } },
  )
}
