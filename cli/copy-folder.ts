import { lstat, open, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { equalBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { asProblem, makeFolder, readInput, writeAtomically } from './file.ts'
import type { World } from './world.ts'

/** The directory of a copy, and nothing outside it. Whoever reads a file of it sees the old one or the new one. */
export interface CopyFolder {
  /** A plain file up to its bound; `undefined` for anything else, which counts as not there. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>
  /** Leaves a file alone that is there already with these bytes. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** A file that is larger than should be in memory. */
  begin(path: string): Promise<GrowingFile>
  /** Also the folder of partial widths around it, once that is empty. */
  remove(path: string): Promise<void>
}

export interface GrowingFile {
  append(bytes: Uint8Array): Promise<void>
  /** From here on the file is there. */
  commit(): Promise<void>
  /** Nothing remains of a file that was not committed. */
  discard(): Promise<void>
}

/**
 * Opens the directory, and makes it if need be. A link below it could lead anywhere, and is refused.
 *
 * @throws {ProtocolError} `FILE_UNSAFE`, or why it cannot be used; its methods likewise
 * @see protocol/spec/verify.md, VERIFY-28
 */
export async function openCopyFolder(directory: string, world: World): Promise<CopyFolder> {
  const root = await makeFolder(directory)
  const known = new Set<string>()

  async function place(path: string): Promise<string> {
    let folder = root
    for (const step of path.split('/').slice(0, -1)) {
      folder = join(folder, step)
      if (known.has(folder)) continue
      if ((await makeFolder(folder)) !== folder)
        throw new ProtocolError('FILE_UNSAFE', `a link that leads out of the directory: ${folder}`)
      known.add(folder)
    }
    return join(root, path)
  }

  async function read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const file = join(root, path)
    const facts = await lstat(file).catch(() => undefined)
    const real = await realpath(file).catch(() => undefined)
    if (!facts?.isFile() || facts.size > maxBytes || real !== file) return undefined
    return readInput(file, maxBytes, world)
  }

  return {
    read,
    async write(path, bytes) {
      const kept = await read(path, bytes.length)
      if (!kept || !equalBytes(kept, bytes)) await writeAtomically(await place(path), bytes)
    },
    begin: async (path) => beginFile(await place(path)),
    async remove(path) {
      await rm(join(root, path), { force: true })
      await rmdir(dirname(join(root, path))).catch(() => {})
    },
  }
}

async function beginFile(name: string): Promise<GrowingFile> {
  const beside = join(dirname(name), `.${basename(name)}.${process.pid}.tmp`)
  const guarded = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw asProblem(error, name)
    }
  }
  await rm(beside, { force: true })
  const file = await guarded(() => open(beside, 'wx'))
  let done = false
  return {
    append: (bytes) =>
      guarded(async () => {
        await file.writeFile(bytes)
      }),
    commit: () =>
      guarded(async () => {
        await file.sync()
        await file.close()
        await rename(beside, name)
        done = true
      }),
    async discard() {
      if (done) return
      await file.close().catch(() => {})
      await rm(beside, { force: true })
    },
  }
}
