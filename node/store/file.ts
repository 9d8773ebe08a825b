import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './fault.ts'

/** The text of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes a small file so that after a power loss it holds the old text or the new one, never a part.
 * The directory is made if need be.
 */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const unfinished = `${path}.new`
  await mkdir(dirname(path), { recursive: true })
  await rm(unfinished, { force: true })
  const file = await open(unfinished, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
  await syncDirectory(dirname(path))
}

/** Makes a rename or a new name inside `path` survive a power loss. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
