import { rm, statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '../../protocol/error.ts'
import type { Deps } from '../deps.ts'
import type { DatabaseTarget } from './connection.ts'
import type { DirectoryLock } from './lock.ts'
import { findBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { ensureCluster, readPassword, serverDatabase, serverUser } from './postgres-cluster.ts'
import { type PostgresPlace, preparePlace, prepareSocketDirectory } from './postgres-place.ts'
import { launchPostmaster, type Postmaster, stopStalePostmaster } from './postgres-process.ts'

/** An embedded PostgreSQL, kept running until it is stopped. */
export interface PostgresServer {
  readonly target: DatabaseTarget
  /** The postmaster of this moment; another one after a crash. */
  pid(): number
  /** Where its data lies, for its user. */
  freeBytes(): Promise<number>
  stop(): Promise<void>
}

export interface PostgresServerOptions {
  readonly deps: Pick<Deps, 'random' | 'logger' | 'monotonic'>
  readonly maxConnections?: number
  /** Other programs than those of the installed package. */
  readonly binaries?: PostgresBinaries
}

const readyWithin = 120_000
const patienceWithOrphans = 15_000

/**
 * Starts PostgreSQL below the locked data directory, made at the first start, and starts it again whenever it
 * ends by itself. It ends with this process, however this process ends.
 *
 * It takes connections by a Unix socket alone, from whoever may enter the directory and knows the password.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — this machine or directory cannot bear it;
 *   `STORAGE_UNAVAILABLE` — it does not start
 * @see spec/durability.md, DUR-1, DUR-9 to DUR-13
 */
export async function startPostgres(
  lock: DirectoryLock,
  options: PostgresServerOptions,
): Promise<PostgresServer> {
  const { deps } = options
  const place = await preparePlace(lock.directory, options.binaries ?? (await findBinaries()), deps.logger)
  const password = await readPassword(lock.directory, deps)
  if ((await stopStalePostmaster(place)) === 'stopped')
    deps.logger.warn('stopped a database server left over')
  await ensureCluster(place, password, deps)
  const socketDirectory = await prepareSocketDirectory(place)
  let current = await launch(place, socketDirectory, options)
  let stopping = false
  const supervised = supervise()

  async function supervise(): Promise<void> {
    for (;;) {
      await current.ended
      if (stopping) return
      deps.logger.error('the embedded database ended; starting it again')
      for (;;) {
        try {
          await stopStalePostmaster(place)
          current = await launch(place, socketDirectory, options)
          break
        } catch (error) {
          if (stopping) return
          deps.logger.error(error, 'the embedded database does not start; trying again')
          await sleep(1_000, undefined, { ref: false })
        }
      }
      if (stopping) await current.stop()
    }
  }

  return {
    target: { socketDirectory, user: serverUser, password, database: serverDatabase },
    pid: () => current.pid,
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(place.cluster)
      return bavail * bsize
    },
    stop: async () => {
      stopping = true
      await current.stop()
      await supervised
      await rm(socketDirectory, { recursive: true, force: true })
    },
  }
}

/** After a postmaster was killed its children need a moment to notice; until then a new one refuses to start. */
async function launch(
  place: PostgresPlace,
  socketDirectory: string,
  { deps, maxConnections = 50 }: PostgresServerOptions,
): Promise<Postmaster> {
  const begun = deps.monotonic()
  for (;;) {
    try {
      return await launchPostmaster(place, socketDirectory, { maxConnections, readyWithin })
    } catch (error) {
      const orphans = error instanceof ProtocolError && /shared memory/.test(String(error.evidence.said))
      if (!orphans || deps.monotonic() - begun > patienceWithOrphans) throw error
      await sleep(250)
    }
  }
}
