import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { encodeHex } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Deps } from '../deps.ts'
import { configFault, systemCode } from './fault.ts'
import { identifyProcess } from './process-identity.ts'

/** The right to write below one data directory. Whoever starts a database there must show it. */
export interface DirectoryLock {
  readonly directory: string
  release(): Promise<void>
}

const holderSchema = z.object({ pid: z.int(), start: z.string(), released: z.boolean() })
type Holder = z.infer<typeof holderSchema>

/**
 * Takes the data directory for this process, making it when it is not there.
 *
 * `<directory>/lock/` holds numbered files; the highest number holds the lock, and it is never removed, only
 * outnumbered. Taking over means linking a complete file under the next number, which exactly one process can
 * do. A holder that is dead, or whose number now belongs to another process, stands in nobody's way.
 *
 * Tells processes of one machine apart. Does not see a process in another container or on another machine that
 * shares the directory: the lock in the database does, and for the embedded database one directory belongs to
 * one machine.
 *
 * @throws {ProtocolError} `LOG_LOCKED` — another process holds it; `CONFIG_INVALID` — it cannot be made
 * @see spec/durability.md, DUR-7
 */
export async function lockDirectory(directory: string, deps: Pick<Deps, 'random'>): Promise<DirectoryLock> {
  const absolute = resolve(directory)
  const folder = join(absolute, 'lock')
  const token = encodeHex(deps.random(8))
  const self = identifyProcess(process.pid) ?? { pid: process.pid, start: '' }
  await makeFolder(folder)
  for (;;) {
    const highest = await highestNumber(folder)
    const holder = highest === 0 ? undefined : await readHolder(join(folder, String(highest)))
    if (holder !== undefined && holds(holder)) throw locked(holder)
    const mine = join(folder, String(highest + 1))
    if (!(await place(folder, mine, token, { ...self, released: false }))) continue
    // A starter that slept between reading and linking may have filled a number long outnumbered.
    if ((await highestNumber(folder)) !== highest + 1) {
      await rm(mine, { force: true })
      continue
    }
    await removeBelow(folder, highest)
    return { directory: absolute, release: () => release(folder, mine, token, self) }
  }
}

function holds(holder: Holder): boolean {
  if (holder.released) return false
  const living = identifyProcess(holder.pid)
  return living !== undefined && (living.start === '' || living.start === holder.start)
}

function locked(holder: Holder): ProtocolError {
  return new ProtocolError('LOG_LOCKED', `the data directory is in use by process ${holder.pid}`, {
    evidence: { pid: holder.pid },
  })
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw configFault(
      'CSX_DATA_DIR',
      'the data directory cannot be made or entered',
      'name a directory that this user may write to',
      cause,
    )
  }
}

async function highestNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)
  return Math.max(0, ...numbers)
}

/** A file without a readable holder was cut short by a power loss: nobody holds it. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || systemCode(error) === 'ENOENT') {
      return undefined
    }
    throw error
  }
}

async function place(folder: string, path: string, token: string, holder: Holder): Promise<boolean> {
  const complete = join(folder, `.${token}`)
  await writeFile(complete, JSON.stringify(holder), { mode: 0o644 })
  try {
    await link(complete, path)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(complete, { force: true })
  }
}

/** Leaves the predecessor, so that a starter listing the folder meanwhile always sees a high number. */
async function removeBelow(folder: string, limit: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\d+$/.test(name) && Number(name) < limit) await rm(join(folder, name), { force: true })
  }
}

async function release(
  folder: string,
  path: string,
  token: string,
  self: { readonly pid: number; readonly start: string },
): Promise<void> {
  const complete = join(folder, `.${token}`)
  try {
    await writeFile(complete, JSON.stringify({ ...self, released: true }), { mode: 0o644 })
    await rename(complete, path)
  } catch (error) {
    // The whole directory was removed: nothing is left to lock.
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
