import { type Context, Hono } from 'hono'
import { encodeHex, encodeUtf8 } from '../protocol/bytes.ts'
import { canonicalize } from '../protocol/canonical.ts'
import { legalDateOf } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import { sha256Hex } from '../protocol/hash.ts'
import { makeDidDocument } from '../protocol/trust/did-document.ts'
import { nameAt } from '../protocol/trust/registry.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { type Verdict, verifyBundle } from '../protocol/verify-bundle.ts'
import { createAccess } from './access/access.ts'
import { bringsPassword } from './access/operator.ts'
import { type Route, requirePolicy } from './access/policy.ts'
import { openAgreementWork } from './agreement-work.ts'
import { type ApiOptions, createApi } from './api/app.ts'
import { readBody } from './api/body.ts'
import { refusalOf } from './api/method.ts'
import { createErrorHandler, sendProblem } from './api/problem.ts'
import type { Config } from './config.ts'
import { type ConsoleOptions, createConsole, createNotFoundPage, prefersPage } from './console/app.ts'
import type { Deps } from './deps.ts'
import { commitImport, previewImport } from './ledger/import.ts'
import { draftDisclosure, draftErasure } from './log/tier-draft.ts'
import { createCatalogue } from './projection/catalogue.ts'
import type { Catalogue } from './projection/port.ts'
import { createRateReader } from './projection/rate.ts'
import { headsOf, rememberMirrors, rememberVerdicts } from './remember.ts'
import { createBlobRoutes } from './serve/blob.ts'
import { gatherBundle } from './serve/bundle.ts'
import { createDocumentRoutes, didPath } from './serve/document.ts'
import { createLogRoutes } from './serve/log.ts'
import type { LogReader } from './serve/port.ts'
import { createLogReader } from './serve/reader.ts'
import { createRegistryRoutes } from './serve/registry.ts'
import { createChainReader } from './serve/registry-chain.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { Database } from './store/database.ts'
import { findLog } from './store/log-store.ts'
import { publicScope, type Scope, wholeScope } from './store/scope.ts'
import { createTurns } from './store/turns.ts'
import { createTelemetry } from './telemetry.ts'
import type { OpenedRegistry } from './trust/chain-files.ts'
import { isRegistryPath } from './trust/mirror.ts'
import { createWitnessRoutes, type WitnessRouteOptions } from './witness/routes.ts'

export interface RouteOptions {
  readonly config: Config
  readonly deps: Deps
  readonly database: Database
  readonly blobs: BlobStore
  readonly trust: () => Trust
  /** A file of the registry's repository, by its path. */
  readonly registry: (path: string) => Promise<Uint8Array | undefined>
  /** The registry with all that leads to it. */
  readonly known: () => OpenedRegistry
  readonly did: string
  readonly origin: string
  readonly token: string
  readonly publish: ApiOptions['publish']
  readonly addCheckpoint: WitnessRouteOptions['addCheckpoint']
  /** Throws when this process may not write now. */
  readonly ready: () => void
}

/** All doors of a node, below its base. Wires what may not import each other. */
export function createRoutes(options: RouteOptions): Hono {
  const { config, deps, database, trust, did, origin } = options
  const reader = createLogReader(database)
  const catalogueOf = (scope: Scope) =>
    createCatalogue({ database, trust, now: deps.now, interval: config.pollInterval, scope })
  const catalogue = catalogueOf(publicScope)
  const readerFor = (scope: Scope) => (scope === publicScope ? catalogue : catalogueOf(scope))
  const access = createAccess({ deps, database, trust, self: did, token: options.token })
  const scopeOf = (route: Route) => (context: Context) => access.scopeOf(route, context.req.raw)
  const telemetry = createTelemetry()
  const prefix = origin.replace(/\/log\/\d+$/, '')
  const logPath = (of: string) =>
    of.startsWith(`${prefix}/log/`) ? of.slice(prefix.length) : `/mirror/${sha256Hex(of)}`
  const mirrors = rememberMirrors(trust)

  const app = new Hono()
  app.use(async (context, next) => {
    const begun = deps.monotonic()
    await next()
    telemetry.observeRequest(context.req.method, context.res.status, (deps.monotonic() - begun) / 1000)
  })
  app.route(
    '/log/:epoch',
    createLogRoutes(reader, {
      find: async (context) => {
        const epoch = context.req.param('epoch') ?? ''
        // Whatever else stands there is no origin, and no database takes U+0000.
        return /^[1-9]\d*$/.test(epoch) ? reader.findLog(`${prefix}/log/${epoch}`) : undefined
      },
      scopeOf: scopeOf('GET /log/:epoch/records/*'),
    }),
  )
  app.route(
    '/mirror/:name',
    createLogRoutes(reader, {
      find: async (context) => {
        const of = mirrors().get(context.req.param('name') ?? '')
        return of === undefined ? undefined : reader.findLog(of)
      },
      scopeOf: scopeOf('GET /mirror/:name/records/*'),
    }),
  )
  app.route(
    '/witness',
    createWitnessRoutes({
      database,
      addCheckpoint: options.addCheckpoint,
      readBody,
      originOf: (hash) => mirrors().get(hash),
    }),
  )
  app.route(
    '/registry',
    createRegistryRoutes(async (path) => (isRegistryPath(path) ? options.registry(path) : undefined)),
  )
  app.route('/', createDocumentRoutes(reader, scopeOf('GET /records/:digest')))
  app.route('/', createBlobRoutes(options.blobs, scopeOf('GET /blobs/:digest')))
  const work = openAgreementWork({
    deps,
    database,
    trust,
    self: did,
    origin,
    url: config.base.url,
    blobs: options.blobs,
    catalogue: catalogueOf(wholeScope),
    logPath,
    readingOf: access.readingOf,
    catalogueOf: readerFor,
    publish: async (drafts) => (await options.publish(drafts, wholeAnswer)).receipts,
  })
  app.route(
    '/api/v1',
    createApi({
      base: config.base.base,
      catalogueFor: async (route, request) => {
        const scope = await access.scopeOf(route, request)
        return readerFor(scope)
      },
      ...work,
      trust,
      identify: (request) => access.identify(request),
      token: options.token,
      now: deps.now,
      logPath,
      publish: options.publish,
      blobs: options.blobs,
      registryChain: createChainReader({
        reader,
        known: options.known,
        findPlace: (id) => catalogue.findPlace({ id }),
      }),
      draftAct: (kind, index, note) =>
        kind === 'disclosure'
          ? draftDisclosure(database, origin, index)
          : draftErasure(database, origin, { index, ...(note === undefined ? {} : { note }) }),
      importTable: (bytes, mode) => importInto(options, catalogue, { bytes, mode }),
      self: did,
      rates: createRateReader({ database, trust, now: deps.now }),
    }),
  )
  app.get('/healthz', () => new Response('ok\n', { headers: { 'content-type': 'text/plain' } }))
  app.get('/readyz', async () => {
    options.ready()
    const own = await database.run((queries) => findLog(queries, origin))
    if (own?.state === 'frozen')
      throw new ProtocolError('LOG_FROZEN', own.fault?.detail ?? 'the own log is frozen')
    return new Response('ready\n', { headers: { 'content-type': 'text/plain' } })
  })
  app.get(
    '/metrics',
    async () =>
      new Response(await telemetry.render(await catalogue.listLogs(), registryGauges(options), deps.now()), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
  )

  const inTurn = createTurns()
  const traceId = () => encodeHex(deps.random(8))
  const pages: ConsoleOptions = Object.assign(siteOf(options), {
    ...work,
    catalogue,
    catalogueOf: readerFor,
    self: did,
    isOperator: (header: string) => bringsPassword(header, options.token),
    argue: rememberVerdicts(
      // One at a time: each is bounded, many at once would not be.
      (digest: string) =>
        inTurn(() => argueFrom(reader, catalogue, { digest, trust: trust(), now: deps.now() })),
      {
        // A verdict rests on a checkpoint and a moment; a page that is read often is argued once for each minute.
        validFor: async () =>
          `${trust().fingerprint} ${Math.floor(deps.now() / 60_000)} ${(await reader.listLogs()).map(headsOf).join()}`,
      },
    ),
    now: deps.now,
    report: (error: unknown, path: string) => {
      const id = traceId()
      deps.logger.error({ traceId: id, path, err: error }, 'unforeseen error in a page')
      return id
    },
  })
  app.route('/', createConsole(pages))
  const noPage = createNotFoundPage(pages)

  requirePolicy(app.routes)
  const root = new Hono()
  root.get(didPath(did), () => sendDidDocument(reader, trust(), did))
  root.route(config.base.base === '' ? '/' : config.base.base, app)
  root.onError(createErrorHandler(deps.logger, traceId))
  root.notFound((context: Context) =>
    prefersPage(context)
      ? noPage(context)
      : sendProblem(refusalOf(root, context.req.method, context.req.path), traceId()),
  )
  return root
}

function registryGauges({ known }: RouteOptions) {
  const { trust, freshUntil } = known()
  return { version: trust.registry.version, freshUntil }
}

/** The evidence out of this node's own store, and the verdict on it: what a reviewer would be told. */
async function argueFrom(
  reader: LogReader,
  catalogue: Catalogue,
  { digest, trust, now }: { readonly digest: string; readonly trust: Trust; readonly now: number },
): Promise<Verdict | undefined> {
  const place = await catalogue.findPlace({ digest })
  return place && verifyBundle(encodeUtf8(await gatherBundle(reader, place)), { trust, now })
}

function siteOf({ config, trust, did, deps }: RouteOptions) {
  const nameOf = (of: string) => {
    const member = trust().members.get(of)
    return member && nameAt(member.profile, legalDateOf(deps.now()))
  }
  return {
    base: config.base,
    get nodeName() {
      return nameOf(did) ?? did
    },
    get network() {
      return trust().registry.network
    },
    nameOf,
    get root() {
      const { anchor, fingerprint } = trust()
      return anchor?.pinned ?? fingerprint
    },
    get trustLine() {
      const { registry, anchor, fingerprint } = trust()
      return {
        zh: `登记册第${registry.version}版，根的指纹 ${anchor?.pinned ?? fingerprint}`,
        en: `registry version ${registry.version}, fingerprint of the root ${anchor?.pinned ?? fingerprint}`,
      }
    },
  }
}

async function sendDidDocument(reader: LogReader, trust: Trust, did: string): Promise<Response> {
  const member = trust.members.get(did)
  if (!member) throw new ProtocolError('NOT_FOUND', 'not a member')
  const sizes = new Map((await reader.listLogs()).map(({ origin, size }) => [origin, size]))
  return new Response(canonicalize(makeDidDocument(member, (of) => sizes.get(of) ?? 0)), {
    headers: {
      'content-type': 'application/did',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    },
  })
}

const wholeAnswer = { waitVisible: true, pointerOf: (n: number) => `/records/${n}` } as const

/** A table by the catalogue's word of what is there, published in one piece; visible when it answers, so that the next import sees it. */
function importInto(
  { deps, trust, publish }: RouteOptions,
  catalogue: Catalogue,
  { bytes, mode }: { readonly bytes: Uint8Array; readonly mode: 'preview' | 'commit' },
): Promise<object> {
  const options = {
    findOwnByKeys: catalogue.findOwnByKeys,
    findStandard: catalogue.findStandard,
    day: legalDateOf(deps.now()),
    network: trust().registry.network,
  }
  if (mode === 'preview') return previewImport(bytes, options)
  return commitImport(bytes, {
    ...options,
    publish: async (drafts) => (await publish(drafts, wholeAnswer)).receipts,
  })
}
