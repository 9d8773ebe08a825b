import { ProtocolError } from '../protocol/error.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { createAsking } from './access/authorize.ts'
import { type BlobFault, type BlobRepair, checkBlobs, repairBlobs } from './admin/blob-check.ts'
import { checkStoredLog, type FsckReport, maxFaults } from './admin/fsck.ts'
import type { CheckEntries, RepairPorts } from './admin/port.ts'
import { checkReadModel } from './admin/read-model.ts'
import { type RepairReport, repairStoredLog } from './admin/repair.ts'
import type { StoredFault } from './admin/tile-check.ts'
import { createCheck } from './check-entries.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { type Looked, type LookOptions, lookForNewest } from './heal.ts'
import { openNewest } from './open-newest.ts'
import { findSelf, openNodeRegistry } from './registry.ts'
import { askForBlob } from './repair-blob.ts'
import { openSources } from './repair-source.ts'
import { openRequestSigner } from './request-signer.ts'
import { openBlobs, openStore, type Undo, unwind } from './storage.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { Database } from './store/database.ts'
import { lockDirectory } from './store/lock.ts'
import { findLog, listLogs } from './store/log-store.ts'
import { prepareDatabase } from './store/migrate.ts'
import { takeWriterLock } from './store/writer-lock.ts'
import { createMemberClient } from './sync/client.ts'
import { createCheckingPool } from './sync/pool.ts'
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
): Promise<StoreRepaired> {
  return withStore(config, deps, async (store) => {
    const { database, trust, check, blobs, did: self, undo } = store
    const signer = await openRequestSigner(config, { ...store, trust: () => trust, did: self })
    const { authorize } = createAsking({ deps: store.deps, trust: () => trust, self, signer })
    const client = createMemberClient(trust.registry.network, store.deps, authorize)
    undo.push(() => client.close())
    const sourcesFor = await openSources(given, { trust, client, self })
    const ports: RepairPorts = {
      check,
      openTree: openProvenTree,
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
    const left = await checkAll(store, onProgress)
    const { origin } = store
    if (!left.logs.some((report) => report.origin === origin && isSound(report)))
      return { repairs, files, after: left }
    const healed = await healStopped(config, store, {
      client,
      ports,
      sources: await sourcesFor(origin),
      given: given.length > 0,
    })
    const before = left.logs.some(({ faults }) => faults.some(({ code }) => code === 'LOG_FROZEN'))
    const same = !healed || (healed.healed.length === 0 && healed.log.state === 'active' && !before)
    return {
      repairs,
      files,
      ...(healed ? { healed } : {}),
      after: same ? left : await checkAll(store, onProgress),
    }
  })
}

/** Whole as far as it goes: that it is frozen is what is to be healed. */
function isSound({ faults }: FsckReport): boolean {
  return faults.every(({ code }) => code === 'LOG_FROZEN')
}

/** What a running node does by itself. A stopped one is not held up when nobody answers: its start asks again. */
async function healStopped(
  config: Config,
  { deps, database, trust, origin, undo }: Store,
  means: Pick<LookOptions, 'client' | 'ports' | 'sources'> & { readonly given: boolean },
): Promise<Looked | undefined> {
  const log = await database.run((queries) => findLog(queries, origin))
  if (!log?.own || trust.logs.get(origin)?.log.closed) return undefined
  const guard = await openNewest(config, { deps, database, trust: () => trust, origin, undo })
  await guard.confirm(log)
  const { signal } = new AbortController()
  return lookForNewest({
    ...means,
    deps,
    database,
    trust: () => trust,
    own: origin,
    memory: guard.memory,
    signal,
  })
}

export interface StoreRepaired {
  readonly repairs: readonly StoreRepair[]
  readonly files: readonly BlobRepair[]
  /** What others had of the own log that was not here. */
  readonly healed?: Looked
  readonly after: StoreReport
}

interface Store {
  readonly deps: Deps
  readonly database: Database
  readonly blobs: BlobStore
  readonly trust: Trust
  readonly did: string
  /** Of the own log. */
  readonly origin: string
  readonly check: CheckEntries
  readonly undo: Undo[]
}

async function withStore<T>(config: Config, given: Deps, work: (store: Store) => Promise<T>): Promise<T> {
  const undo: Undo[] = []
  try {
    const deps = { ...given, authorities: await readAuthorities(config) }
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
    return await work({ deps, database, blobs, trust, did, origin, check: createCheck(pool, deps), undo })
  } finally {
    await unwind(undo, given)
  }
}

async function checkLogs(
  { database, trust, check }: Store,
  onProgress: OnProgress,
): Promise<readonly FsckReport[]> {
  const reports: FsckReport[] = []
  for (const { origin, state, fault } of await listLogs(database)) {
    const report = await checkStoredLog(database, {
      origin,
      keys: keysOf(trust, origin),
      onProgress: (done, size) => onProgress(origin, done, size),
    })
    const faults: StoredFault[] = []
    await checkReadModel(database, { origin, check }, (fault) => {
      if (faults.length < maxFaults) faults.push(fault)
    })
    if (state === 'frozen')
      faults.push({
        index: report.checkpointSize,
        part: 'log',
        code: 'LOG_FROZEN',
        detail: fault?.detail ?? '',
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
