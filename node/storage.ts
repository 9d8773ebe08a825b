import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { type Database, openDatabase } from './store/database.ts'
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
  let target: Parameters<typeof openDatabase>[0]['target']
  if (config.databaseUrl === undefined) {
    const server = await startPostgres(lock, { deps })
    undo.push(() => server.stop())
    target = server.target
  } else {
    target = { url: config.databaseUrl }
  }
  const database = await openDatabase({ target, maxConnections: 10 })
  undo.push(() => database.close())
  return database
}
