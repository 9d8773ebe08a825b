import { createRoute, z } from '@hono/zod-openapi'
import {
  attached,
  evidence,
  importResult,
  logList,
  missingList,
  problem,
  quarantineList,
  reader,
  receipt,
  receipts,
  recordPlace,
  standardDetail,
  standardPage,
  standardQuery,
} from './schema.ts'

/** The contract of the API: what `/api/v1/openapi.json` prints is what is mounted. */

const problemContent = { content: { 'application/problem+json': { schema: problem } } }
const refusals = {
  400: { ...problemContent, description: 'the request cannot be read' },
  422: { ...problemContent, description: 'it was read and is not valid; `place` names the field' },
  503: { ...problemContent, description: 'the node cannot write now; nothing was done' },
}
const writeRefusals = {
  ...refusals,
  401: { ...problemContent, description: 'no operator token, or a wrong one' },
  403: { ...problemContent, description: 'the registry does not let this node speak here' },
  409: {
    ...problemContent,
    description: 'conflicts with what is logged, or with an earlier use of the Idempotency-Key',
  },
  413: { ...problemContent, description: 'too large' },
  415: { ...problemContent, description: 'another media type' },
}
const operator = [{ operator: [] }]
const anyObject = z.object({}).catchall(z.unknown())

function answer<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

export const publishRoute = createRoute({
  method: 'post',
  path: '/records',
  operationId: 'publishRecord',
  summary: 'Publish one record: a draft {type, tier, credentialSubject, …}, or a ready-signed record',
  security: operator,
  request: {
    headers: z.object({ 'idempotency-key': z.string().optional() }),
    query: z.object({
      wait: z.string().optional().openapi({ description: '`visible`: answer once the read model has it' }),
    }),
    body: { content: { 'application/json': { schema: anyObject } }, required: true },
  },
  responses: { 201: answer(receipt, 'committed and signed'), ...writeRefusals },
})

export const batchRoute = createRoute({
  method: 'post',
  path: '/batches',
  operationId: 'publishBatch',
  summary: 'Publish up to 1,000 records, all or none',
  security: operator,
  request: {
    headers: z.object({ 'idempotency-key': z.string().optional() }),
    query: z.object({ wait: z.string().optional() }),
    body: {
      content: { 'application/json': { schema: z.object({ records: z.array(anyObject) }) } },
      required: true,
    },
  },
  responses: { 201: answer(receipts, 'committed and signed'), ...writeRefusals },
})

export const importRoute = createRoute({
  method: 'post',
  path: '/imports',
  operationId: 'importTable',
  summary: 'Preview or commit a 标准明细表 as CSV',
  security: operator,
  request: {
    query: z.object({
      mode: z.string().optional().openapi({ description: '`preview` (default) or `commit`' }),
    }),
    body: { content: { 'text/csv': { schema: z.string() } }, required: true },
  },
  responses: { 200: answer(importResult, 'what would be, or was, published'), ...writeRefusals },
})

export const attachRoute = createRoute({
  method: 'post',
  path: '/blobs',
  operationId: 'attachFile',
  summary:
    'Hand in a file that a record is to name by its digest; again for the same file is the same answer',
  security: operator,
  request: {
    query: z.object({
      digest: z.string().optional().openapi({ description: 'what the bytes must hash to' }),
    }),
    body: {
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
      required: true,
    },
  },
  responses: { 201: answer(attached, 'durably here'), ...writeRefusals },
})

export const missingRoute = createRoute({
  method: 'get',
  path: '/blobs',
  operationId: 'listMissingFiles',
  summary: 'Files that records name and that are not here, with why',
  responses: { 200: answer(missingList, 'at most 500') },
})

function actRoute(kind: 'disclosure' | 'erasure', summary: string) {
  return createRoute({
    method: 'post',
    path: `/${kind}s`,
    operationId: kind === 'disclosure' ? 'discloseRecord' : 'eraseRecord',
    summary,
    security: operator,
    request: {
      headers: z.object({ 'idempotency-key': z.string().optional() }),
      body: {
        content: {
          'application/json': {
            schema: z.object({
              index: z.number().int(),
              ...(kind === 'erasure' ? { note: z.string().optional() } : {}),
            }),
          },
        },
        required: true,
      },
    },
    responses: {
      201: answer(receipt, 'logged, and done here'),
      404: { ...problemContent, description: 'no such entry' },
      ...writeRefusals,
    },
  })
}

export const disclosureRoute = actRoute(
  'disclosure',
  'Open an own entry that is not public to everybody, from now on and for ever',
)
export const erasureRoute = actRoute(
  'erasure',
  'Destroy the record of an own entry that is not public, and ask whoever holds it to do so',
)

export const standardsRoute = createRoute({
  method: 'get',
  path: '/standards',
  operationId: 'listStandards',
  summary: 'Find standards; states are computed for the legal date `at` (today by default)',
  request: { query: standardQuery },
  responses: { 200: answer(standardPage, 'one page'), ...refusals },
})

export const standardRoute = createRoute({
  method: 'get',
  path: '/standards/{digest}',
  operationId: 'getStandard',
  summary: 'One standard with its record and events',
  request: { params: z.object({ digest: z.string() }), query: z.object({ at: z.string().optional() }) },
  responses: {
    200: answer(standardDetail, 'the standard'),
    404: { ...problemContent, description: 'not here' },
    ...refusals,
  },
})

export const placeRoute = createRoute({
  method: 'get',
  path: '/records/{digest}',
  operationId: 'locateRecord',
  summary: 'Where a record stands: log, index, and the path below which this node serves that log',
  request: { params: z.object({ digest: z.string() }) },
  responses: {
    200: answer(recordPlace, 'its place'),
    404: { ...problemContent, description: 'not here' },
    ...refusals,
  },
})

export const placeByIdRoute = createRoute({
  method: 'get',
  path: '/records',
  operationId: 'locateRecordById',
  summary:
    'As above, by the id of the record; or of the receipt for an act of a pair, by the digest of the act',
  request: { query: z.object({ id: z.string().optional(), receiptOf: z.string().optional() }) },
  responses: {
    200: answer(recordPlace, 'its place'),
    404: { ...problemContent, description: 'not here' },
    ...refusals,
  },
})

export const logsRoute = createRoute({
  method: 'get',
  path: '/logs',
  operationId: 'listLogs',
  summary: 'The logs this node writes or follows, with their states',
  responses: { 200: answer(logList, 'all logs') },
})

export const readerRoute = createRoute({
  method: 'get',
  path: '/reader',
  operationId: 'identifyReader',
  summary:
    'Whom this node takes the caller for; the one place where a request proof that is not accepted is told so',
  responses: {
    200: answer(reader, 'by token, by request proof, or nobody in particular'),
    401: { ...problemContent, description: 'neither a token nor a proof that is accepted' },
  },
})

export const evidenceRoute = createRoute({
  method: 'get',
  path: '/evidence/{originHash}',
  operationId: 'getEvidence',
  summary: 'Evidence that a log signed two histories, as a file that `csx verify` confirms offline',
  request: {
    params: z.object({
      originHash: z.string().openapi({ description: 'SHA-256 of the origin of the log, in hexadecimal' }),
    }),
  },
  responses: {
    200: answer(evidence, 'the file, byte for byte'),
    404: { ...problemContent, description: 'nothing is held against this log here' },
  },
})

export const quarantineRoute = createRoute({
  method: 'get',
  path: '/quarantine',
  operationId: 'listQuarantine',
  summary:
    'Entries that failed their checks and are kept apart, newest first; then those that wait for a record',
  responses: { 200: answer(quarantineList, 'at most 500 of each') },
})

export const registryChainRoute = createRoute({
  method: 'get',
  path: '/registry/chain',
  operationId: 'getRegistryChain',
  summary: 'The registry with the roots, signatures and log entries that vouch for it, to be read offline',
  responses: { 200: answer(anyObject, 'a registry chain; `protocol/spec/registry.md`, REG-8') },
})
