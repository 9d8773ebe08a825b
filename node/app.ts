import type { JsonValue } from '../protocol/json-value.ts'
import { createAsking } from './access/authorize.ts'
import type { PublishOptions } from './api/app.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { type Following, followMembers } from './follow-members.ts'
import { listen } from './listen.ts'
import { createSequencer } from './log/append.ts'
import { createLogClock } from './log/clock.ts'
import { prepareEpochStart } from './log/epoch.ts'
import { createExpandPool } from './log/expand-pool.ts'
import { againAcross, isWithoutKey, requireOpen } from './log/key-boundary.ts'
import { type PreparedRecord, prepareRecords } from './log/publish.ts'
import { recoverLog } from './log/recover.ts'
import { prepareRegistryVersion } from './log/registry-version.ts'
import { openOwnLog, watchForNextEpoch } from './next-epoch.ts'
import { meansOf, openNewest } from './open-newest.ts'
import { openToken } from './operator-token.ts'
import { placed, readCheckpoint, readReceipts } from './published.ts'
import { type Receipts, startReceipts } from './receipts.ts'
import { openNodeRegistry } from './registry.ts'
import { logRegistryVersions } from './registry-log.ts'
import { openRequestSigner } from './request-signer.ts'
import { createRoutes } from './routes.ts'
import { openBlobs, openStore, type Undo, unwind } from './storage.ts'
import { createAppendStore } from './store/append-store.ts'
import { lockDirectory } from './store/lock.ts'
import { openLog } from './store/log-store.ts'
import { prepareDatabase } from './store/migrate.ts'
import { rememberSigned } from './store/signed-head.ts'
import { takeWriterLock } from './store/writer-lock.ts'
import { followOwnLog } from './sync/own.ts'
import { createCheckingPool } from './sync/pool.ts'
import { readAuthorities } from './tls.ts'
import { openMirror } from './trust/mirror.ts'
import type { Offerer } from './witness/offer.ts'
import { openHolder, openWitness, startOffers } from './witnessing.ts'

export interface RunningNode {
  readonly origin: string
  readonly url: string
  /** Ends in order: no new requests, what is under way, followers, locks, database. */
  stop(): Promise<void>
}

/**
 * Starts a node: lock, database, trust, keys, recovery by the normal path, then doors and followers. A start that fails undoes what it
 * did; one that is killed is simply made again.
 *
 * @param onNextEpoch called once when the registry closed the log and the next one can be opened, by stopping and starting again
 * @throws {ProtocolError} `CONFIG_INVALID` `KEY_UNAVAILABLE` `KEY_PERMISSIONS` `LOG_LOCKED` `LOG_MISMATCH` `LEAF_MISMATCH` `STORAGE_UNAVAILABLE`
 * @see ARCHITECTURE, "The way of the data"; spec/durability.md
 */
export async function startNode(config: Config, deps: Deps, onNextEpoch?: () => void): Promise<RunningNode> {
  const undo: Undo[] = []
  try {
    return await start(config, deps, { undo, onNextEpoch })
  } catch (error) {
    await unwind(undo, deps)
    throw error
  }
}

interface StartOptions {
  readonly undo: Undo[]
  readonly onNextEpoch: (() => void) | undefined
}

async function start(config: Config, given: Deps, { undo, onNextEpoch }: StartOptions): Promise<RunningNode> {
  const deps = { ...given, authorities: await readAuthorities(config) }
  const lock = await lockDirectory(config.dataDirectory, deps)
  undo.push(() => lock.release())
  const registry = await openNodeRegistry(config, deps, undo)
  const { trust } = registry
  const { did, origin, keys } = await openOwnLog(config, trust.current)
  undo.push(() => keys.close())
  const token = await openToken(config, deps)
  const database = await openStore(config, deps, { lock, undo })
  const writer = await takeWriterLock(database.target, origin, deps)
  undo.push(() => writer.release())
  await prepareDatabase(database)
  const blobs = openBlobs(config, deps, database)
  await blobs.recover()
  const newest = await openNewest(config, { deps, database, trust: trust.current, origin, undo })
  const store = rememberSigned(createAppendStore(database, origin), newest.memory)
  const signerFor = async (size: number) => {
    requireOpen(trust.current(), origin)
    // The empty tree is the beginning of every other, and contradicts none.
    if (size > 0) newest.require()
    return keys.forSize(size)
  }
  const recover = () =>
    recoverLog({
      deps,
      database,
      store,
      origin,
      signerFor,
      keys: () => (trust.current().logs.get(origin)?.keys ?? []).map(({ key }) => key),
      confirm: newest.confirm,
    })
  const recovered = await recover().catch((error: unknown) => {
    if (!isWithoutKey(error)) throw error
    deps.logger.error({ origin, code: error.code }, error.message)
    return openLog(database, origin, true)
  })
  if (recovered.state === 'frozen') deps.logger.error({ origin, fault: recovered.fault }, 'own log is frozen')

  const checking = createCheckingPool(trust.bytes, config.workers)
  const expanding = createExpandPool(config.workers)
  undo.push(() => Promise.all([checking.close(), expanding.close()]))
  const own = followOwnLog({ deps, database, pool: checking, origin, onVisible: blobs.removeErased })
  undo.push(() => own.stop())
  let size = recovered.checkpointSize
  const requireWriter = () => {
    writer.require()
    requireOpen(trust.current(), origin)
    newest.require()
  }
  let following: Following | undefined
  let offers: Offerer | undefined
  const witnessing = { deps, database, trust, did, origin, undo }
  const addCheckpoint = await openWitness(config, witnessing, {
    following: () => following,
    onShown: newest.nudge,
  })
  const hold = await openHolder(config, witnessing)
  const sequencer = createSequencer({
    deps,
    clock: createLogClock(deps),
    recover: async () => {
      size = (await recover()).checkpointSize
      own.wake()
      offers?.wake()
    },
    store,
    origin,
    signerFor,
    doubtful: recovered.size > recovered.checkpointSize,
    requireWriter,
    onCheckpoint: (_note, signed) => {
      size = signed
      own.wake()
      offers?.wake()
    },
  })
  undo.push(() => sequencer.idle())

  const workshop = {
    deps,
    name: config.base,
    issuer: did,
    origin,
    signerAt: keys.forIndex,
    trust: trust.current,
    expand: expanding.expand,
    size: () => size,
  }

  let beginning: Promise<unknown> | undefined
  /** Once, and before anything else is in the log. */
  function beginEpoch(): Promise<unknown> {
    beginning ??= prepareEpochStart(workshop)
      .then((start) => start && sequencer.append({ records: [start] }))
      .finally(() => {
        beginning = undefined
      })
    return beginning
  }

  async function publish(values: readonly JsonValue[], options: PublishOptions) {
    await newest.settled()
    requireWriter()
    await beginEpoch()
    const answer = await againAcross(async () => {
      const records = await prepareRecords(workshop, values, options.pointerOf)
      return sequencer.append({
        records,
        ...(options.idempotency ? { idempotency: options.idempotency } : {}),
      })
    }).catch((error: unknown) => {
      throw placed(error, options)
    })
    const receipts = answer.replayed
      ? await readReceipts(database, { origin, first: answer.first, amount: values.length })
      : answer.appended
    if (options.waitVisible) await own.waitFor(Math.max(...receipts.map(({ index }) => index)) + 1)
    return {
      receipts,
      checkpoint: answer.checkpoint === '' ? await readCheckpoint(database, origin) : answer.checkpoint,
    }
  }

  const routes = createRoutes({
    config,
    deps,
    database,
    blobs,
    trust: trust.current,
    registry: openMirror(config.registryDirectory).read,
    known: registry.known,
    did,
    origin,
    token,
    publish,
    addCheckpoint,
    ready: requireWriter,
  })
  if (recovered.state === 'active')
    await beginEpoch().catch((error: unknown) => {
      if (!isWithoutKey(error)) throw error
      deps.logger.error({ origin, code: error.code }, error.message)
    })
  const appendRegistry = async (record: PreparedRecord) => {
    await newest.proven()
    requireWriter()
    await beginEpoch()
    await sequencer.append({ records: [record] })
  }
  const endRegistryLog = logRegistryVersions({
    deps,
    trust,
    prepare: () => prepareRegistryVersion(workshop),
    append: appendRegistry,
    interval: config.pollInterval,
  })
  undo.push(async () => {
    // Whoever waits for others to answer waits no longer.
    await newest.stop()
    await endRegistryLog()
  })
  const url = await listen(config, routes.fetch, { deps, undo })
  own.wake()
  registry.start()
  const asking = createAsking({
    deps,
    trust: trust.current,
    self: did,
    signer: await openRequestSigner(config, { deps, database, trust: trust.current, did, undo }),
  })
  let receipts: Receipts | undefined
  following = followMembers(config, {
    deps,
    database,
    blobs,
    trust,
    pool: checking,
    own: origin,
    onLooked: hold,
    undo,
    asking,
    onProgress: () => receipts?.wake(),
    onFrozen: newest.wake,
  })
  newest.start({
    ...meansOf(following.client, { deps, trust: trust.current, origin, pool: checking, self: did }),
    onRecovered: own.wake,
    onProven: (log) => {
      size = log.checkpointSize
      const failed = (what: string) => (error: unknown) => deps.logger.error({ origin, err: error }, what)
      sequencer
        .settle()
        .then(
          () => beginEpoch().catch(failed('the first entry of this epoch could not be logged')),
          failed('what was left of an interrupted publication could not be signed'),
        )
    },
  })
  // Here too: what it asks ends before the client that asks is closed.
  undo.push(() => newest.stop())
  receipts = startReceipts({ deps, database, trust: trust.current, own: origin, publish, undo })
  offers = startOffers(witnessing, following)
  if (onNextEpoch) undo.push(watchForNextEpoch({ config, deps, trust, origin, onNext: onNextEpoch }))
  deps.logger.info(
    { origin, size, url, listen: config.listen, members: trust.current().members.size },
    'node is up',
  )
  return { origin, url, stop: () => unwind(undo, deps) }
}
