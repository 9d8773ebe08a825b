import { createRoute, z } from '@hono/zod-openapi'
import { problem } from './schema.ts'

/** The contract of agreements. The agreement itself is that of the attestation records: `/ns/v1/schema/RecognitionAttestation`. */

const problemContent = { content: { 'application/problem+json': { schema: problem } } }
const anyObject = z.object({}).catchall(z.unknown())
const lines = z.array(z.string()).openapi({ description: 'what is signed, in plain Chinese' })

const summary = {
  id: z.string(),
  digest: z.string(),
  kind: z.string(),
  project: z.string(),
  parties: z.array(z.object({ id: z.string(), name: z.string() })),
  on: z.string().openapi({ description: 'the legal date asked about' }),
  answer: z.enum(['effective', 'not-effective', 'undecided']),
  state: z.string(),
  start: z.string().optional(),
  end: z.string().optional(),
  never: z
    .object({ condition: z.string(), code: z.string().optional(), zh: z.string(), en: z.string() })
    .optional()
    .openapi({ description: 'why it never comes into force, by what is known' }),
  disposeBy: z.string().optional(),
}

const view = z
  .object({
    ...summary,
    agreement: anyObject,
    statement: lines,
    conditions: z.array(
      z.object({
        condition: z.string(),
        outcome: z.enum(['passed', 'failed', 'unknown']),
        code: z.string().optional(),
        since: z.string().optional(),
        cause: anyObject.optional(),
        detail: z.string(),
        zh: z.string(),
        en: z.string(),
      }),
    ),
    rows: z.array(z.object({ row: z.string(), state: z.string(), until: z.string().optional() })),
    repin: z.array(z.string()),
    reviewOverdue: z.boolean(),
    holdings: z
      .array(
        z.object({
          by: z.string(),
          origin: z.string(),
          size: z.number().int().optional(),
          since: z.string().optional(),
        }),
      )
      .optional()
      .openapi({
        description: 'beside an interconnection: what each party said of holding the other’s logs',
      }),
    acts: z.array(anyObject).openapi({ description: 'each with `counts`: whether it decides anything' }),
    names: anyObject.openapi({
      description: 'of the editions and rows that it pins, as far as they are here',
    }),
    asOf: z.array(z.object({ origin: z.string(), size: z.number().int() })),
  })
  .openapi('Agreement')

const plan = z
  .object({
    agreement: z.string(),
    digest: z.string(),
    contains: z.string(),
    audience: z.string().optional(),
    logs: z.array(
      z.object({
        origin: z.string(),
        from: z.number().int(),
        records: z
          .number()
          .int()
          .optional()
          .openapi({ description: 'from where on its records are needed, where that is later' }),
        path: z.string(),
        notes: z.array(z.string()).optional(),
      }),
    ),
    files: z.array(z.string()),
  })
  .openapi('AgreementEvidence')

function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

const at = z.string().optional().openapi({ description: 'a legal date; today where it is absent' })
const digest = z.string().optional().openapi({ description: 'of the agreement, where several have its id' })
const notFound = { ...problemContent, description: 'no such agreement, or none that the caller may know of' }
const refusals = {
  400: { ...problemContent, description: 'the request cannot be read' },
  401: { ...problemContent, description: 'no operator token, or a wrong one' },
  403: { ...problemContent, description: 'the registry does not let this node speak here' },
  404: notFound,
  409: {
    ...problemContent,
    description: 'a record of this id, or another state of the log, stands against it',
  },
  413: { ...problemContent, description: 'too large' },
  415: { ...problemContent, description: 'another media type' },
  422: { ...problemContent, description: 'what would not hold; code and place say why' },
  503: { ...problemContent, description: 'the node cannot write now; nothing was done' },
}

export const agreementsRoute = createRoute({
  method: 'get',
  path: '/agreements',
  operationId: 'listAgreements',
  summary: 'Agreements that the caller may read, with their standing on a date',
  request: {
    query: z.object({
      project: z.string().optional(),
      kind: z.string().optional().openapi({ description: '`recognition`, `interconnection` or `reuse`' }),
      at,
      limit: z.string().optional().openapi({ description: 'at most 500' }),
      offset: z.string().optional(),
    }),
  },
  responses: {
    200: json(
      z.object({
        total: z.number().int().openapi({ description: 'of all pages' }),
        limit: z.number().int(),
        offset: z.number().int(),
        agreements: z.array(z.object(summary)),
      }),
      'a page of them, in the order of the logs',
    ),
    400: { ...problemContent, description: 'the request cannot be read' },
  },
})

export const agreementRoute = createRoute({
  method: 'get',
  path: '/agreements/{id}',
  operationId: 'getAgreement',
  summary: 'One agreement: its text, and whether it holds on a date, condition by condition',
  request: { params: z.object({ id: z.string() }), query: z.object({ at, digest }) },
  responses: { 200: json(view, 'as known to this node'), 404: notFound },
})

export const agreementEvidenceRoute = createRoute({
  method: 'get',
  path: '/agreements/{id}/evidence',
  operationId: 'getAgreementEvidence',
  summary: 'Where to gather the evidence about an agreement from',
  request: { params: z.object({ id: z.string() }), query: z.object({ digest }) },
  responses: { 200: json(plan, 'logs and files'), 404: notFound },
})

export const whatIfRoute = createRoute({
  method: 'get',
  path: '/what-if',
  operationId: 'whatIf',
  summary: 'Which agreements and reports would fall if something happened to an edition on a date',
  request: {
    query: z.object({
      edition: z.string().openapi({ description: 'id or digest of a standard record, or its number' }),
      on: z.string().optional().openapi({ description: 'a legal date; today where it is absent' }),
      kind: z
        .string()
        .optional()
        .openapi({ description: 'superseded, abolished, amendment, partly-superseded' }),
      clauses: z
        .string()
        .optional()
        .openapi({ description: 'uids, or numbers as the record has them, commas between' }),
    }),
  },
  responses: {
    200: json(anyObject, 'as known to this node'),
    400: { ...problemContent, description: 'the request cannot be read' },
    404: { ...problemContent, description: 'no such edition or clause, or none that the caller may know of' },
  },
})

export const agreementDraftRoute = createRoute({
  method: 'post',
  path: '/agreements/draft',
  operationId: 'draftAgreement',
  summary:
    'By `kind`: a recognition of what both accepted in the workspace of a project, an interconnection over files that were attached, or a reuse on its ground; nothing is logged',
  security: [{ operator: [] }],
  request: { body: { content: { 'application/json': { schema: anyObject } }, required: true } },
  responses: {
    200: json(z.object({ agreement: anyObject, digest: z.string(), statement: lines }), 'to be looked at'),
    ...refusals,
  },
})

export const agreementStatementRoute = createRoute({
  method: 'post',
  path: '/agreements/statement',
  operationId: 'stateAgreement',
  summary: 'What somebody would sign who signed this text, with the names known here; nothing is logged',
  security: [{ operator: [] }],
  request: {
    body: { content: { 'application/json': { schema: z.object({ agreement: anyObject }) } }, required: true },
  },
  responses: { 200: json(z.object({ digest: z.string(), statement: lines }), 'in words'), ...refusals },
})

export const agreementActRoute = createRoute({
  method: 'post',
  path: '/agreements/acts',
  operationId: 'actOnAgreement',
  summary: 'Proposes, accepts, rejects or withdraws as this agency: signs and logs it',
  security: [{ operator: [] }],
  request: { body: { content: { 'application/json': { schema: anyObject } }, required: true } },
  responses: { 201: json(anyObject, 'where the act stands'), ...refusals },
})
