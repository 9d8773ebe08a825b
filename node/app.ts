import { writeFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { decodeUtf8, encodeBase64Url } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { JsonValue } from '../protocol/json-value.ts'
import type { Signer } from '../protocol/key.ts'
import { isPublicEntry, parseEntry } from '../protocol/log/entry.ts'
import { verifierKeyOf } from '../protocol/log/note.ts'
import { createAsking } from './access/authorize.ts'
import type { PublishOptions, PublishReceipt } from './api/app.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { followMembers } from './follow-members.ts'
import { createSequencer } from './log/append.ts'
import { createLogClock } from './log/clock.ts'
import { createExpandPool } from './log/expand-pool.ts'
import { prepareRecords } from './log/publish.ts'
import { recoverLog } from './log/recover.ts'
import { openSigner, readSecretFile } from './log/signer.ts'
import { findSelf, openNodeRegistry } from './registry.ts'
import { createRoutes } from './routes.ts'
import { openStore, type Undo, unwind } from './storage.ts'
import { createAppendStore } from './store/append-store.ts'
import type { Database } from './store/database.ts'
import { lockDirectory } from './store/lock.ts'
import { digestText, findLog, openLog, readEntries } from './store/log-store.ts'
import { prepareDatabase } from './store/migrate.ts'
import { takeWriterLock } from './store/writer-lock.ts'
import { followOwnLog } from './sync/own.ts'
import { createCheckingPool } from './sync/pool.ts'
import { openMirror } from './trust/mirror.ts'

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
 * @throws {ProtocolError} `CONFIG_INVALID` `KEY_UNAVAILABLE` `KEY_PERMISSIONS` `LOG_LOCKED` `LOG_MISMATCH` `LEAF_MISMATCH` `STORAGE_UNAVAILABLE`
 * @see ARCHITECTURE, "The way of the data"; spec/durability.md
 */
export async function startNode(config: Config, deps: Deps): Promise<RunningNode> {
  const undo: Undo[] = []
  try {
    return await start(config, deps, undo)
  } catch (error) {
    await unwind(undo, deps)
    throw error
  }
}

async function start(config: Config, deps: Deps, undo: Undo[]): Promise<RunningNode> {
  const lock = await lockDirectory(config.dataDirectory, deps)
  undo.push(() => lock.release())
  const registry = await openNodeRegistry(config, deps, undo)
  const { trust } = registry
  const { did, origin } = findSelf(config, trust.current())
  const open = async (purpose: 'log' | 'publish') => {
    const signer = await openSigner(config.keysDirectory, purpose, config)
    undo.push(() => signer.close())
    return signer
  }
  const [logSigner, publishSigner] = [await open('log'), await open('publish')]
  const token = await openToken(config, deps)
  const database = await openStore(config, deps, { lock, undo })
  const writer = await takeWriterLock(database.target, origin, deps)
  undo.push(() => writer.release())
  await prepareDatabase(database)
  const store = createAppendStore(database, origin)
  const keys = (trust.current().logs.get(origin)?.keys ?? []).map(({ key }) => key)
  if (!keys.some(({ id }) => id === verifierKeyOf(origin, logSigner.publicKey).id)) {
    throw new ProtocolError('KEY_NOT_PINNED', 'the registry does not know the log key of this node', {
      evidence: { key: logSigner.publicKey.multibase },
    })
  }
  const recover = () => recoverLog({ deps, database, store, origin, signer: logSigner, keys })
  const recovered = await recover()
  if (recovered.state === 'frozen') deps.logger.error({ origin, fault: recovered.fault }, 'own log is frozen')

  const checking = createCheckingPool(trust.bytes, config.workers)
  const expanding = createExpandPool(config.workers)
  undo.push(() => Promise.all([checking.close(), expanding.close()]))
  const own = followOwnLog({ deps, database, pool: checking, origin })
  undo.push(() => own.stop())
  let size = recovered.checkpointSize
  const sequencer = createSequencer({
    deps,
    clock: createLogClock(deps),
    recover,
    store,
    origin,
    signer: logSigner,
    requireWriter: () => writer.require(),
    onCheckpoint: (_note, signed) => {
      size = signed
      own.wake()
    },
  })
  undo.push(() => sequencer.idle())

  async function publish(values: readonly JsonValue[], options: PublishOptions) {
    const workshop = {
      deps,
      name: config.base,
      issuer: did,
      origin,
      signer: publishSigner,
      trust: trust.current,
      expand: expanding.expand,
      size: () => size,
    }
    const records = await prepareRecords(workshop, values, options.pointerOf)
    const answer = await sequencer
      .append({ records, ...(options.idempotency ? { idempotency: options.idempotency } : {}) })
      .catch((error: unknown) => {
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
    trust: trust.current,
    registry: openMirror(config.registryDirectory).read,
    did,
    origin,
    token,
    publish,
    ready: () => writer.require(),
  })
  const url = await listen(config, routes.fetch, undo)
  own.wake()
  registry.start()
  const signer = await openRequestSigner(config, { deps, undo })
  const asking = createAsking({ deps, trust: trust.current, self: did, signer })
  followMembers(config, { deps, database, trust, pool: checking, own: origin, undo, asking })
  deps.logger.info(
    { origin, size, url, listen: config.listen, members: trust.current().members.size },
    'node is up',
  )
  return { origin, url, stop: () => unwind(undo, deps) }
}

/** The operator's token; a first start makes one, so that an office needs no other tool for it. */
async function openToken({ tokenFile }: Config, deps: Deps): Promise<string> {
  try {
    await writeFile(tokenFile, `${encodeBase64Url(deps.random(24))}\n`, { mode: 0o600, flag: 'wx' })
    deps.logger.info({ file: tokenFile }, 'made an operator token')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new ProtocolError('KEY_UNAVAILABLE', 'the operator token cannot be written', {
        cause: error,
        evidence: { file: tokenFile },
      })
    }
  }
  const token = decodeUtf8(await readSecretFile(tokenFile)).trim()
  if (token.length < 8)
    throw new ProtocolError('KEY_UNAVAILABLE', 'the operator token is too short to be a secret', {
      evidence: { file: tokenFile },
    })
  return token
}

/** Without its key of purpose `request` a node follows as a stranger does. */
async function openRequestSigner(
  config: Config,
  { deps, undo }: { readonly deps: Deps; readonly undo: Undo[] },
): Promise<Signer | undefined> {
  try {
    const signer = await openSigner(config.keysDirectory, 'request', config)
    undo.push(() => signer.close())
    return signer
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'KEY_UNAVAILABLE') throw error
    deps.logger.warn({ code: error.code }, 'no key for requests: what is not public is not asked for')
    return undefined
  }
}

/** Milliseconds: slow senders must not keep a connection for ever (R35). */
const patience = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
} as const

async function listen(
  config: Config,
  fetch: (request: Request) => Response | Promise<Response>,
  undo: Undo[],
): Promise<string> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const { host, port } = config.listen
    const starting = serve({ fetch, hostname: host, port, serverOptions: patience }, () => resolve(starting))
    starting.on('error', (cause) => {
      const problem = `cannot listen on ${config.listen.host}:${config.listen.port}`
      reject(
        new ProtocolError('CONFIG_INVALID', `CSX_LISTEN: ${problem}`, {
          cause,
          evidence: {
            faults: [
              { variable: 'CSX_LISTEN', problem, remedy: 'stop what uses the port, or choose another' },
            ],
          },
        }),
      )
    })
  })
  undo.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 3_000).unref()
      }),
  )
  return config.base.url
}

/** The n-th record of an append is the n-th of the request. */
function placed(error: unknown, { pointerOf }: PublishOptions): unknown {
  if (!(error instanceof ProtocolError) || error.place.index === undefined) return error
  return new ProtocolError(error.code, error.message, {
    place: { pointer: `${pointerOf(error.place.index)}${error.place.pointer ?? ''}` },
    evidence: error.evidence,
    cause: error,
  })
}

/** The receipt of a replayed request, out of the log itself. */
async function readReceipts(
  database: Database,
  { origin, first, amount }: { origin: string; first: number; amount: number },
): Promise<readonly PublishReceipt[]> {
  const log = await openLog(database, origin, true)
  const entries = await readEntries(database, log.id, { from: first, end: first + amount })
  return entries.map(({ bytes, digest, recordId }) => {
    const entry = parseEntry(bytes)
    const { index } = entry
    if (isPublicEntry(entry)) return { id: entry.id, digest: entry.digest, origin, index, entry }
    if (digest === null || recordId === null)
      throw new ProtocolError('OPENING_LOST', 'this record was erased since', { place: { index } })
    return { id: recordId, digest: digestText(digest), origin, index, entry }
  })
}

async function readCheckpoint(database: Database, origin: string): Promise<string> {
  const log = await database.run((queries) => findLog(queries, origin))
  return log?.checkpoint ?? ''
}
