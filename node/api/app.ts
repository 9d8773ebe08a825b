import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, digestOf, isDigest, sha256Hex } from '../../protocol/hash.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { Entry } from '../../protocol/log/entry.ts'
import type { Caller } from '../access/policy.ts'
import type { Catalogue, RecordName } from '../projection/port.ts'
import { notFound } from '../serve/log.ts'
import { type AgreementApiOptions, mountAgreements } from './agreement.ts'
import { type BlobApiOptions, mountBlobs } from './blob.ts'
import { readBody, readJsonBody, requireMediaType } from './body.ts'
import { type ComparisonApiOptions, mountComparison } from './comparison.ts'
import { type MappingApiOptions, mountMapping } from './mapping.ts'
import { requireOperator } from './operator.ts'
import { readChoice, readDay, readParameters, readRecordName, readStandardQuery } from './query.ts'
import {
  batchRoute,
  disclosureRoute,
  erasureRoute,
  evidenceRoute,
  importRoute,
  logsRoute,
  placeByIdRoute,
  placeRoute,
  publishRoute,
  quarantineRoute,
  readerRoute,
  registryChainRoute,
  standardRoute,
  standardsRoute,
} from './routes.ts'

export interface PublishReceipt {
  readonly id: string
  readonly digest: string
  readonly origin: string
  readonly index: number
  readonly entry: Entry
}

export interface PublishOptions {
  readonly idempotency?: { readonly key: string; readonly body: Digest }
  readonly waitVisible: boolean
  /** JSON pointer of the n-th record in what was sent. */
  readonly pointerOf: (n: number) => string
}

export interface ApiOptions
  extends AgreementApiOptions,
    BlobApiOptions,
    ComparisonApiOptions,
    MappingApiOptions {
  readonly identify: (request: Request) => Promise<Caller>
  readonly now: () => number
  /** The own log's origin: it is served below `/log/<epoch>`, all others below `/mirror/`. */
  readonly logPath: (origin: string) => string
  /** All or none; answers after the commit of the signed checkpoint. */
  readonly publish: (
    records: readonly JsonValue[],
    options: PublishOptions,
  ) => Promise<{ readonly receipts: readonly PublishReceipt[]; readonly checkpoint: string }>
  /** The registry as a file that is read offline. */
  readonly registryChain: () => Promise<Uint8Array>
  /** Drafts about an own entry that is not public. */
  readonly draftAct: (kind: 'disclosure' | 'erasure', index: number, note?: string) => Promise<JsonValue>
  readonly importTable: (bytes: Uint8Array, mode: 'preview' | 'commit') => Promise<object>
}

const maxRecordBody = 2 << 20
const maxBatchBody = 16 << 20
const maxImportBody = 16 << 20
const maxBatch = 1_000

/**
 * The JSON API below `/api/v1`. Every refusal is an RFC 9457 problem made by the node's one error handler.
 *
 * @see spec/node.md, NODE-10 to NODE-19
 */
export function createApi(options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono()
  mountWriting(app, options)
  mountReading(app, options)
  mountBlobs(app, options)
  mountMapping(app, options)
  mountAgreements(app, options)
  mountComparison(app, options)
  app.openAPIRegistry.registerComponent('securitySchemes', 'operator', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: '川渝机关事务标准互认交换网 / Chuanyu Standards Exchange',
      version: '1',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${options.base}/api/v1` }],
    // Reading is for everybody; what is not says so itself.
    security: [],
  })
  return app
}

/** Handlers are mounted by path: the bodies are read by the strict reader, which the framework's own validator is not. */
function mountWriting(app: OpenAPIHono, options: ApiOptions): void {
  for (const route of [publishRoute, batchRoute, importRoute, disclosureRoute, erasureRoute])
    app.openAPIRegistry.registerPath(route)
  app.post('/records', async (context) => {
    requireOperator(context, options.token)
    const { value, bytes } = await readJsonBody(context, maxRecordBody)
    const { receipts, checkpoint } = await options.publish(
      [value],
      optionsOf(context, bytes, () => ''),
    )
    const [receipt] = receipts
    if (!receipt) throw new TypeError('a receipt was expected')
    return context.json({ ...receipt, checkpoint }, 201, {
      location: `${options.base}/records/${receipt.digest}`,
    })
  })
  app.post('/batches', async (context) => {
    requireOperator(context, options.token)
    const { value, bytes } = await readJsonBody(context, maxBatchBody)
    const records = isJsonObject(value) ? value.records : undefined
    if (
      !isList(records) ||
      records.length === 0 ||
      records.length > maxBatch ||
      Object.keys(isJsonObject(value) ? value : {}).length !== 1
    ) {
      throw new ProtocolError(
        'SCHEMA_INVALID',
        `{"records": […]} with 1 to ${maxBatch} records was expected`,
        { place: { pointer: '/records' } },
      )
    }
    return context.json(
      {
        ...(await options.publish(
          records,
          optionsOf(context, bytes, (n) => `/records/${n}`),
        )),
      },
      201,
    )
  })
  for (const kind of ['disclosure', 'erasure'] as const)
    app.post(`/${kind}s`, async (context) => {
      requireOperator(context, options.token)
      const { value, bytes } = await readJsonBody(context, 65_536)
      const { index, note } = readAct(value, kind)
      const draft = await options.draftAct(kind, index, note)
      const { receipts, checkpoint } = await options.publish([draft], {
        ...optionsOf(context, bytes, () => ''),
        waitVisible: true,
      })
      return context.json({ ...receipts[0], checkpoint }, 201)
    })
  app.post('/imports', async (context) => {
    requireOperator(context, options.token)
    requireMediaType(context, ['text/csv', 'application/octet-stream'])
    const mode = readChoice(readParameters(context), 'mode', ['preview', 'commit']) ?? 'preview'
    return context.json(await options.importTable(await readBody(context, maxImportBody), mode))
  })
}

/** `{"index": N}`, and with an erasure `"note"`. */
function readAct(
  value: JsonValue,
  kind: 'disclosure' | 'erasure',
): { readonly index: number; readonly note?: string } {
  const { index, note, ...others } = isJsonObject(value) ? value : {}
  const noted = note === undefined || (kind === 'erasure' && typeof note === 'string')
  if (
    typeof index !== 'number' ||
    !Number.isSafeInteger(index) ||
    index < 0 ||
    !noted ||
    Object.keys(others).length > 0
  )
    throw new ProtocolError('SCHEMA_INVALID', '{"index": N} was expected, with an erasure also "note"', {
      place: { pointer: '/index' },
    })
  return typeof note === 'string' ? { index, note } : { index }
}

function optionsOf(context: Context, bytes: Uint8Array, pointerOf: (n: number) => string): PublishOptions {
  const wait = readChoice(readParameters(context), 'wait', ['visible'])
  const key = context.req.header('idempotency-key')
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key))
    throw new ProtocolError('QUERY_INVALID', 'an Idempotency-Key is 1 to 255 printable ASCII characters')
  return {
    waitVisible: wait === 'visible',
    pointerOf,
    ...(key === undefined ? {} : { idempotency: { key: sha256Hex(key), body: digestOf(bytes) } }),
  }
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function mountReading(app: OpenAPIHono, options: ApiOptions): void {
  const { catalogueFor, identify, now, logPath } = options
  app.use(async (context, next) => {
    await next()
    const { headers } = context.res
    if (context.req.header('authorization') !== undefined && !headers.has('cache-control'))
      headers.set('cache-control', 'private, no-store')
  })
  for (const route of [
    standardsRoute,
    standardRoute,
    placeRoute,
    placeByIdRoute,
    logsRoute,
    readerRoute,
    evidenceRoute,
    quarantineRoute,
    registryChainRoute,
  ])
    app.openAPIRegistry.registerPath(route)
  app.get('/registry/chain', async () => {
    const bytes = await options.registryChain()
    return new Response(Uint8Array.from(bytes), {
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    })
  })
  app.get('/standards', async (context) => {
    const query = readStandardQuery(context, now())
    const catalogue = await catalogueFor('GET /api/v1/standards', context.req.raw)
    const { total, items } = await catalogue.searchStandards(query)
    return context.json({ total, limit: query.limit, offset: query.offset, at: query.day, items })
  })
  app.get('/standards/:digest', async (context) => {
    const digest = context.req.param('digest')
    const day = readDay(readParameters(context).get('at'), now())
    const catalogue = await catalogueFor('GET /api/v1/standards/:digest', context.req.raw)
    const found = isDigest(digest) ? await catalogue.findStandard(digest, day) : undefined
    if (!found) throw notFound()
    return context.json(found)
  })
  app.get('/records', async (context) => {
    const which = readRecordName(context)
    return context.json(await placeOf(await catalogueFor('GET /api/v1/records', context.req.raw), which))
  })
  app.get('/records/:digest', async (context) => {
    const digest = context.req.param('digest')
    const catalogue = await catalogueFor('GET /api/v1/records/:digest', context.req.raw)
    if (!isDigest(digest)) throw notFound()
    return context.json(await placeOf(catalogue, { digest }))
  })
  app.get('/logs', async (context) => {
    const logs = await (await catalogueFor('GET /api/v1/logs', context.req.raw)).listLogs()
    return context.json({
      logs: logs.map(({ evidenced, ...log }) => ({
        ...log,
        path: logPath(log.origin),
        ...(evidenced ? { evidence: `/api/v1/evidence/${sha256Hex(log.origin)}` } : {}),
      })),
    })
  })
  app.get('/evidence/:originHash', async (context) => {
    const originHash = context.req.param('originHash')
    const catalogue = await catalogueFor('GET /api/v1/evidence/:originHash', context.req.raw)
    const found = /^[0-9a-f]{64}$/.test(originHash) ? await catalogue.findEvidence(originHash) : undefined
    if (found === undefined) throw notFound()
    return context.body(found, 200, { 'content-type': 'application/json' })
  })
  app.get('/quarantine', async (context) => {
    const catalogue = await catalogueFor('GET /api/v1/quarantine', context.req.raw)
    return context.json({ entries: await catalogue.listQuarantine(500) })
  })
  app.get('/reader', async (context) => {
    const caller = await identify(context.req.raw)
    if (caller.standing !== 'member') return context.json({ standing: caller.standing })
    const { standing, id, grants } = caller
    return context.json({ standing, id, ...(grants === 'all' ? {} : { mayRead: grants }) })
  })

  async function placeOf(catalogue: Catalogue, which: RecordName) {
    const place = await catalogue.findPlace(which)
    if (!place) throw notFound()
    return { ...place, log: logPath(place.origin) }
  }
}
