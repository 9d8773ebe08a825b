import { checkStoredLog, type FsckReport } from './admin/fsck.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { openStore, type Undo, unwind } from './storage.ts'
import { lockDirectory } from './store/lock.ts'
import { listLogs } from './store/log-store.ts'
import { prepareDatabase } from './store/migrate.ts'
import { openTrustFile } from './trust-file.ts'

/**
 * `csx-node fsck`: recomputes every stored log, own and held, from the bytes of its entries. Takes the data directory's lock, so that it
 * never reads beside a writer.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` `LOG_LOCKED` `STORAGE_UNAVAILABLE`
 * @see spec/durability.md, DUR-28
 */
export async function checkStore(
  config: Config,
  deps: Deps,
  onProgress: (origin: string, done: number, size: number) => void,
): Promise<readonly FsckReport[]> {
  const undo: Undo[] = []
  try {
    const lock = await lockDirectory(config.dataDirectory, deps)
    undo.push(() => lock.release())
    const { trust } = await openTrustFile(config)
    const database = await openStore(config, deps, { lock, undo })
    await prepareDatabase(database)
    const reports: FsckReport[] = []
    for (const { origin } of await listLogs(database)) {
      const keys = (trust.logs.get(origin)?.keys ?? []).map(({ key }) => key)
      reports.push(
        await checkStoredLog(database, {
          origin,
          keys,
          onProgress: (done, size) => onProgress(origin, done, size),
        }),
      )
    }
    return reports
  } finally {
    await unwind(undo, deps)
  }
}
