import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import type { Deps } from '../deps.ts'
import { createDirectorySource } from './directory.ts'
import type { LogSource } from './source.ts'

export interface PeerDirectoriesOptions {
  readonly deps: Pick<Deps, 'monotonic' | 'logger'>
  /** Absolute paths, by the operator's word; what lies in them is nobody's. */
  readonly directories: readonly string[]
  /** Logs that are followed. */
  readonly origins: () => ReadonlySet<string>
  /** Milliseconds for which a look at the directories counts. */
  readonly maxAge: number
}

/** Where copies of logs lie: on sticks, or behind one-way gateways. Made by `openPeerDirectories`. */
export interface PeerDirectories {
  /** The directory that holds the largest copy of a log, as of now. */
  find(origin: string): Promise<string | undefined>
}

interface Copy {
  readonly directory: string
  /** As its checkpoint says; nobody has verified it yet. */
  readonly size: number
}

/** Subdirectories that are looked at; a stick with more was not filled for us. */
const mostPlaces = 1_000
/** A disk that hangs must not hold the followers whose logs lie elsewhere. */
const patience = 2_000

/**
 * Looks into each directory and its subdirectories for a `checkpoint`, again and again: a stick is put in and pulled out, and a gateway
 * makes new folders. What cannot be used is told once, and does no harm.
 *
 * @see spec/sync.md, SYNC-24 and SYNC-26
 */
export function openPeerDirectories(options: PeerDirectoriesOptions): PeerDirectories {
  const { deps, directories } = options
  /** What was wrong at the last look, by place. */
  let told: ReadonlyMap<string, string> = new Map()
  let found: ReadonlyMap<string, Copy> = new Map()
  let running: Promise<void> | undefined
  let due = 0

  async function look(): Promise<void> {
    const copies = new Map<string, Copy>()
    const wrong = new Map<string, string>()
    const origins = options.origins()
    const tell = (directory: string, error: unknown) => {
      const problem = error instanceof ProtocolError ? error : new ProtocolError('INTERNAL', String(error))
      wrong.set(directory, problem.code)
      if (told.get(directory) !== problem.code)
        deps.logger.warn({ ...problem.evidence, directory, code: problem.code }, problem.message)
    }
    for (const directory of directories) {
      for (const place of await listPlaces(directory, tell)) {
        try {
          const checkpoint = await readCheckpoint(place)
          if (checkpoint) {
            const { origin, size } = checkpoint
            if (!origins.has(origin))
              throw new ProtocolError('NOT_A_MEMBER', 'a copy of a log that is not followed here')
            if (size > (copies.get(origin)?.size ?? -1)) copies.set(origin, { directory: place, size })
          }
        } catch (error) {
          tell(place, error)
        }
      }
    }
    for (const origin of origins) {
      const [before, now] = [found.get(origin)?.directory, copies.get(origin)?.directory]
      if (now !== undefined && now !== before)
        deps.logger.info(
          { origin, directory: now, size: copies.get(origin)?.size },
          'a log is read from a directory',
        )
      if (now === undefined && before !== undefined)
        deps.logger.info({ origin, directory: before }, 'a log is no longer read from a directory')
    }
    told = wrong
    found = copies
    due = deps.monotonic() + options.maxAge
  }

  return {
    async find(origin) {
      if (directories.length === 0) return undefined
      if (deps.monotonic() >= due)
        running ??= look().finally(() => {
          running = undefined
        })
      if (running) await Promise.race([running, sleep(patience, undefined, { ref: false })])
      return found.get(origin)?.directory
    },
  }
}

/** The directory itself and those right below it. */
async function listPlaces(
  directory: string,
  tell: (directory: string, error: unknown) => void,
): Promise<readonly string[]> {
  const places: string[] = [directory]
  try {
    for await (const entry of await opendir(directory)) {
      const place = join(directory, entry.name)
      if (entry.isSymbolicLink())
        tell(place, new ProtocolError('FILE_UNSAFE', 'a link is not followed, wherever it leads'))
      if (entry.isDirectory()) places.push(place)
      if (places.length > mostPlaces) break
    }
    return places
  } catch (cause) {
    tell(directory, new ProtocolError('PEER_UNAVAILABLE', 'the directory cannot be read', { cause }))
    return []
  }
}

/** `undefined`: there is no log here. */
async function readCheckpoint(
  directory: string,
): Promise<{ readonly origin: string; readonly size: number } | undefined> {
  try {
    await lstat(join(directory, 'checkpoint'))
  } catch {
    return undefined
  }
  const fetched = await createDirectorySource(directory).fetchCheckpoint()
  return fetched && parseHead(fetched.note)
}

/**
 * A log as a directory holds it, in place of the network wherever one does. Which of the two is decided anew with each look.
 *
 * @see spec/sync.md, SYNC-24
 */
export function createPreferredSource(find: () => Promise<string | undefined>, remote: LogSource): LogSource {
  let chosen = remote
  return {
    async fetchCheckpoint(etag) {
      const directory = await find()
      chosen = directory === undefined ? remote : createDirectorySource(directory)
      return chosen.fetchCheckpoint(etag)
    },
    fetchTile: (tile) => chosen.fetchTile(tile),
    fetchEntryBundle: (bundle) => chosen.fetchEntryBundle(bundle),
    fetchRecords: (bundle, from, proven) => chosen.fetchRecords(bundle, from, proven),
  }
}
