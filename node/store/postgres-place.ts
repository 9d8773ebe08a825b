import { chmod, chown, mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256Hex } from '../../protocol/hash.ts'
import type { Logger } from '../deps.ts'
import { configFault } from './fault.ts'
import { readIfThere, writeDurably } from './file.ts'
import { copyBinaries, hydrateLinks, type PostgresBinaries, programPath } from './postgres-binaries.ts'
import { findServerUser, runAs, type SystemUser } from './postgres-user.ts'

/** Where one embedded PostgreSQL lives, every part proven to be within its user's reach. */
export interface PostgresPlace {
  /** `<data directory>/postgres`, or a directory elsewhere when its user cannot reach that. */
  readonly root: string
  readonly cluster: string
  readonly log: string
  readonly native: string
  readonly version: string
  readonly user: SystemUser | undefined
}

const maxSocketPath = 100
/** What `initdb` does not survive in its own path: it calls its sister program by the shell, between double quotes. */
const shellWords = /["$`\\\n]/
const placeSchema = z.object({ root: z.string() })
const ownerSchema = z.object({ dataDirectory: z.string() })

export async function preparePlace(
  dataDirectory: string,
  packaged: PostgresBinaries,
  logger: Logger,
): Promise<PostgresPlace> {
  const chosen = await findServerUser()
  const root = await findRoot(await realpath(dataDirectory), chosen, logger)
  const user = chosen && ((await ownerOf(join(root, 'data'))) ?? chosen)
  const native = await findNative(packaged, root, user)
  const log = join(root, 'server.log')
  return { root, cluster: join(root, 'data'), log, native, version: packaged.version, user }
}

/** A cluster that an ordinary user began stays his when root starts the node: PostgreSQL insists on it. */
async function ownerOf(cluster: string): Promise<SystemUser | undefined> {
  const { uid, gid } = await stat(cluster).catch(() => ({ uid: 0, gid: 0 }))
  return uid === 0 ? undefined : { name: String(uid), uid, gid }
}

/** The directory as first chosen, for ever: a second cluster beside the first would be a lost log. */
async function findRoot(
  dataDirectory: string,
  user: SystemUser | undefined,
  logger: Logger,
): Promise<string> {
  const inside = join(dataDirectory, 'postgres')
  await mkdir(inside, { recursive: true })
  const record = join(inside, 'place.json')
  const recorded = await readIfThere(record)
  if (recorded !== undefined) return confirmRoot(placeSchema.parse(JSON.parse(recorded)).root, dataDirectory)
  if (await makeReachable(inside, (await ownerOf(join(inside, 'data'))) ?? user)) return inside
  if (user !== undefined) await chown(inside, 0, 0)
  // Not first in a directory for temporary files: those are swept of whatever was not touched for weeks.
  for (const parent of ['/var/lib', '/var/tmp', tmpdir(), '/tmp']) {
    const root = await makeElsewhere(parent, dataDirectory, user)
    if (root === undefined) continue
    await writeDurably(record, JSON.stringify({ root }), 0o644)
    logger.warn(
      { root, user: user?.name },
      'the data directory is closed to the database user: stored elsewhere',
    )
    return root
  }
  throw configFault(
    'CSX_DATA_DIR',
    `the user ${user?.name ?? ''} that PostgreSQL runs as reaches neither it nor a directory for temporary files`,
    'choose a data directory that every user may enter, or set DATABASE_URL',
  )
}

async function makeElsewhere(
  parent: string,
  dataDirectory: string,
  user: SystemUser | undefined,
): Promise<string | undefined> {
  let root: string
  try {
    root = await mkdtemp(join(parent, `csx-${sha256Hex(dataDirectory).slice(0, 12)}-`))
  } catch {
    return undefined
  }
  if (await makeReachable(root, user)) {
    await writeDurably(join(root, 'owner.json'), JSON.stringify({ dataDirectory }), 0o644)
    return root
  }
  await rm(root, { recursive: true, force: true })
  return undefined
}

/** A data directory that was copied must not bring two nodes to one cluster. */
async function confirmRoot(root: string, dataDirectory: string): Promise<string> {
  const owner = await readIfThere(join(root, 'owner.json'))
  if (owner === undefined) {
    throw configFault(
      'CSX_DATA_DIR',
      `its database lay in ${root} and is not there any more`,
      'put that directory back, or restore the node from a back-up',
    )
  }
  const before = ownerSchema.parse(JSON.parse(owner)).dataDirectory
  if (before === dataDirectory) return root
  if ((await readIfThere(join(before, 'postgres', 'place.json'))) !== undefined) {
    throw configFault(
      'CSX_DATA_DIR',
      `it is a copy of ${before}, and both name one database, ${root}`,
      'a copied node needs its own database: remove one of the two directories',
    )
  }
  await writeDurably(join(root, 'owner.json'), JSON.stringify({ dataDirectory }), 0o644)
  return root
}

async function makeReachable(directory: string, user: SystemUser | undefined): Promise<boolean> {
  try {
    await chmod(directory, 0o700)
    if (process.getuid?.() === 0 && user !== undefined) await chown(directory, user.uid, user.gid)
  } catch (cause) {
    const remedy = 'start the node as the user who started it first, or choose another data directory'
    throw configFault('CSX_DATA_DIR', `${directory} belongs to somebody else`, remedy, cause)
  }
  const probe = 'cd "$1" && test -w . && test -r .'
  return (await runAs(user, '/bin/sh', ['-c', probe, 'sh', directory])).ok
}

/** The installed programs if their user can run them where they are, else a copy that he can. */
async function findNative(
  packaged: PostgresBinaries,
  root: string,
  user: SystemUser | undefined,
): Promise<string> {
  await hydrateLinks(packaged.native)
  const plain = !shellWords.test(packaged.native)
  if (plain && (await runs(packaged.native, user)).ok) return packaged.native
  if (shellWords.test(root)) {
    throw configFault(
      'CSX_DATA_DIR',
      'PostgreSQL has to be copied there, and cannot run from a path with quotes, dollar signs or backslashes',
      'choose a data directory with a plainer path, or set DATABASE_URL',
    )
  }
  const copied = await copyBinaries(packaged, root)
  const { ok, said } = await runs(copied, user)
  if (ok) return copied
  throw configFault(
    'DATABASE_URL',
    `not set, and the PostgreSQL of this package does not run here (${lastLine(said)})`,
    'set DATABASE_URL to a PostgreSQL 15 or later with UTF-8',
  )
}

async function runs(
  native: string,
  user: SystemUser | undefined,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const first = await runAs(user, programPath(native, 'initdb'), ['--version'])
  return first.ok ? runAs(user, programPath(native, 'postgres'), ['--version']) : first
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

/**
 * Below the root if the system's limit on socket paths allows it. Else a fresh directory for temporary files,
 * remembered so that the next start removes it.
 */
export async function prepareSocketDirectory({ root, user }: PostgresPlace): Promise<string> {
  const memory = join(root, 'socket-directory')
  const left = await readIfThere(memory)
  if (left !== undefined) await rm(left, { recursive: true, force: true })
  const inside = join(root, 'socket')
  // A socket's own lock file may name a process number that by now is somebody else's.
  await rm(inside, { recursive: true, force: true })
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432')) <= maxSocketPath) {
    await mkdir(inside)
    if (await makeReachable(inside, user)) return inside
  }
  for (const parent of new Set([tmpdir(), '/tmp'])) {
    const outside = await mkdtemp(join(parent, 'csx-')).catch(() => undefined)
    if (outside === undefined) continue
    await writeDurably(memory, outside, 0o600)
    const short = Buffer.byteLength(join(outside, '.s.PGSQL.5432')) <= maxSocketPath
    if (short && (await makeReachable(outside, user))) return outside
    await rm(outside, { recursive: true, force: true })
  }
  throw configFault(
    'CSX_DATA_DIR',
    'its path is too long for a socket, and there is no directory for temporary files',
    'choose a shorter path, or set TMPDIR to a directory that every user may write to',
  )
}
