import { join } from 'node:path'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { type BlobStore, openBlobStore } from './store/blob-store.ts'
import { type Database, type DatabaseOptions, openDatabase } from './store/database.ts'
import type { DirectoryLock } from './store/lock.ts'
import { startPostgres } from './store/postgres-server.ts'

/** What must be undone, in reverse, however far the start came. */
export type Undo = () => Promise<unknown> | unknown

/** Takes back what a start did; a step that fails keeps no other from being taken back. */
export async function unwind(undo: Undo[], deps: Deps): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) {
    try {
      await step()
    } catch (error) {
      deps.logger.error({ err: error }, 'a step of stopping failed')
    }
  }
}

/** The database of the settings, embedded or somebody's. Its schema is for whoever may write to bring up to date. */
export async function openStore(
  config: Config,
  deps: Deps,
  { lock, undo }: { lock: DirectoryLock; undo: Undo[] },
): Promise<Database> {
  const database = await openDatabase({
    ...(await openServer(config, deps, { lock, undo })),
    maxConnections: 10,
  })
  undo.push(() => database.close())
  return database
}

/** The files that records name. */
export function openBlobs(config: Config, deps: Deps, database: Database): BlobStore {
  const directory = join(config.dataDirectory, 'blobs')
  return openBlobStore({ directory, deps, database, maxBytes: config.maxBlobBytes })
}

async function openServer(
  { databaseUrl }: Config,
  deps: Deps,
  { lock, undo }: { lock: DirectoryLock; undo: Undo[] },
): Promise<Pick<DatabaseOptions, 'target' | 'freeBytes'>> {
  if (databaseUrl !== undefined) return { target: { url: databaseUrl } }
  const server = await startPostgres(lock, { deps })
  undo.push(() => server.stop())
  return { target: server.target, freeBytes: server.freeBytes }
}
