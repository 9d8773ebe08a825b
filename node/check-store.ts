import { ProtocolError } from '../protocol/error.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { createAsking } from './access/authorize.ts'
import { type BlobFault, type BlobRepair, checkBlobs, repairBlobs } from './admin/blob-check.ts'
import { checkStoredLog, type FsckReport, maxFaults } from './admin/fsck.ts'
import type { CheckEntries, RepairPorts } from './admin/port.ts'
import { checkReadModel } from './admin/read-model.ts'
import { type RepairReport, repairStoredLog } from './admin/repair.ts'
import type { StoredFault } from './admin/tile-check.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { findSelf, openNodeRegistry } from './registry.ts'
import { askForBlob } from './repair-blob.ts'
import { openSources } from './repair-source.ts'
import { openRequestSigner } from './request-signer.ts'
import { openBlobs, openStore, type Undo, unwind } from './storage.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { Database } from './store/database.ts'
import { lockDirectory } from './store/lock.ts'
import { listLogs } from './store/log-store.ts'
import { prepareDatabase } from './store/migrate.ts'
import { takeWriterLock } from './store/writer-lock.ts'
import { createMemberClient } from './sync/client.ts'
import { formatPage } from './sync/page.ts'
import { type CheckingPool, createCheckingPool } from './sync/pool.ts'
import { openProvenTree } from './sync/tree-proof.ts'
import { readAuthorities } from './tls.ts'

export type OnProgress = (origin: string, done: number, size: number) => void

/** What is damaged, log by log, and which files are. */
export interface StoreReport {
  readonly logs: readonly FsckReport[]
  readonly files: readonly BlobFault[]
}

/** A repair of one log: what was found, what was done, and what is left. */
export interface StoreRepair {
  readonly before: FsckReport
  /** Absent where nothing was damaged; an error where nothing vouches for anything. */
  readonly repair?: RepairReport | ProtocolError
}

/**
 * `csx-node fsck`: recomputes every stored log, own and held, from the bytes of its entries, and the read model from its records. Takes
 * the data directory's lock and the writer's, so that it never reads beside a writer.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` `LOG_LOCKED` `STORAGE_UNAVAILABLE`
 * @see spec/durability.md, DUR-28 to DUR-30
 */
export function checkStore(config: Config, deps: Deps, onProgress: OnProgress): Promise<StoreReport> {
  return withStore(config, deps, (store) => checkAll(store, onProgress))
}

async function checkAll(store: Store, onProgress: OnProgress): Promise<StoreReport> {
  return { logs: await checkLogs(store, onProgress), files: await checkBlobs(store.blobs) }
}

/**
 * `csx-node fsck --repair`: mends what is damaged, then checks everything again.
 *
 * @param given sources by the operator's word; none: the members of the registry
 * @throws {ProtocolError} as `checkStore`; `USAGE_INVALID` `ADDRESS_FORBIDDEN`
 * @see spec/durability.md, DUR-31 to DUR-35
 */
export function repairStore(
  config: Config,
  deps: Deps,
  { given, onProgress }: { readonly given: readonly string[]; readonly onProgress: OnProgress },
): Promise<{
  readonly repairs: readonly StoreRepair[]
  readonly files: readonly BlobRepair[]
  readonly after: StoreReport
}> {
  return withStore(config, deps, async (store) => {
    const { database, trust, check, blobs, did: self, undo } = store
    const authorities = await readAuthorities(config)
    const signer = await openRequestSigner(config, { deps, undo })
    const { authorize } = createAsking({ deps, trust: () => trust, self, signer })
    const client = createMemberClient(trust.registry.network, { ...deps, authorities }, authorize)
    undo.push(() => client.close())
    const sourcesFor = await openSources(given, { trust, client, self })
    const ports: RepairPorts = {
      check,
      openTree: (tiles, target) => openProvenTree(tiles, target, []),
    }
    const repairs: StoreRepair[] = []
    for (const before of await checkLogs(store, onProgress)) {
      const { origin } = before
      if (before.faults.length === 0) {
        repairs.push({ before })
        continue
      }
      const options = { origin, keys: keysOf(trust, origin), sources: await sourcesFor(origin), ports }
      const repair = await repairStoredLog(database, {
        ...options,
        onProgress: (done, size) => onProgress(origin, done, size),
      }).catch((error: unknown) => {
        if (error instanceof ProtocolError && !error.code.startsWith('STORAGE_')) return error
        throw error
      })
      repairs.push({ before, repair })
    }
    const files = await repairBlobs(database, await checkBlobs(blobs), (digest, owners) =>
      askForBlob(digest, owners, { trust, client, blobs, self, given }),
    )
    return { repairs, files, after: await checkAll(store, onProgress) }
  })
}

interface Store {
  readonly database: Database
  readonly blobs: BlobStore
  readonly trust: Trust
  readonly did: string
  readonly check: CheckEntries
  readonly undo: Undo[]
}

async function withStore<T>(config: Config, deps: Deps, work: (store: Store) => Promise<T>): Promise<T> {
  const undo: Undo[] = []
  try {
    const lock = await lockDirectory(config.dataDirectory, deps)
    undo.push(() => lock.release())
    const registry = await openNodeRegistry(config, deps, undo)
    const trust = registry.trust.current()
    const { did, origin } = findSelf(config, trust)
    const database = await openStore(config, deps, { lock, undo })
    const writer = await takeWriterLock(database.target, origin, deps)
    undo.push(() => writer.release())
    await prepareDatabase(database)
    const pool = createCheckingPool(registry.trust.bytes, config.workers)
    undo.push(() => pool.close())
    const blobs = openBlobs(config, deps, database)
    return await work({ database, blobs, trust, did, check: createCheck(pool, deps), undo })
  } finally {
    await unwind(undo, deps)
  }
}

/** An own entry was dated by this node, and no clock of today makes it one of the future. */
function createCheck(pool: CheckingPool, { now }: Deps): CheckEntries {
  return ({ origin, own, start, entries, lastAt }) =>
    pool.check({
      origin,
      start,
      entries: entries.map(({ bytes }) => bytes),
      pages: [
        formatPage(
          entries.flatMap(({ record, salt }, i) =>
            record === null ? [] : [{ index: start + i, record, salt }],
          ),
        ),
      ],
      lastAt,
      now: own ? Number.POSITIVE_INFINITY : now(),
    })
}

async function checkLogs(
  { database, trust, check }: Store,
  onProgress: OnProgress,
): Promise<readonly FsckReport[]> {
  const reports: FsckReport[] = []
  for (const { origin } of await listLogs(database)) {
    const report = await checkStoredLog(database, {
      origin,
      keys: keysOf(trust, origin),
      onProgress: (done, size) => onProgress(origin, done, size),
    })
    const faults: StoredFault[] = []
    await checkReadModel(database, { origin, check }, (fault) => {
      if (faults.length < maxFaults) faults.push(fault)
    })
    reports.push({
      ...report,
      faults: [...report.faults, ...faults].toSorted((a, b) => a.index - b.index),
    })
  }
  return reports
}

function keysOf(trust: Trust, origin: string) {
  return (trust.logs.get(origin)?.keys ?? []).map(({ key }) => key)
}
