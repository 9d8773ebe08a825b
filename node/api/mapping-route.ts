import { createRoute, z } from '@hono/zod-openapi'
import { rowStates } from '../../protocol/record/mapping-word.ts'
import { keysOf } from '../../protocol/record/vocabulary.ts'
import { problem } from './schema.ts'

/** The contract of mapping work. Rows are those of a MappingProposal: `/ns/v1/schema/MappingProposal`. */

const problemContent = { content: { 'application/problem+json': { schema: problem } } }
const anyObject = z.object({}).catchall(z.unknown())
const placing = { by: z.string(), origin: z.string(), index: z.number().int(), at: z.string() }
const head = z.object({ version: z.string(), ...placing })
const count = z.number().int()

const project = z
  .object({
    id: z.string(),
    nameZh: z.string(),
    parties: z.array(z.object({ id: z.string(), name: z.string() })),
    from: z.string().optional(),
    to: z.string().optional(),
    underWay: z.boolean(),
  })
  .openapi('Project')

const row = z
  .object({
    row: z.string(),
    standing: z.enum(['recorded', 'merged', 'conflict']),
    mapping: anyObject.optional().openapi({ description: 'absent: withdrawn, or not to be told' }),
    heads: z.array(head.extend({ mapping: anyObject.optional() })).openapi({
      description: 'the versions that stand: `expect` of the next change; in a conflict with what each says',
    }),
    authors: z.array(z.string()),
    reopened: z.boolean().optional(),
    incomplete: z.boolean().optional(),
  })
  .openapi('WorkspaceRow')

const conflict = z
  .object({
    row: z.string(),
    field: z.string(),
    base: z.unknown().optional(),
    sides: z.array(z.object({ version: z.string(), ...placing, value: z.unknown().optional() })),
    more: count.optional(),
  })
  .openapi('MappingConflict')

const fault = z.object({
  row: z.string(),
  version: z.string(),
  ...placing,
  code: z.string(),
  detail: z.string(),
})
const waiting = z.object({
  row: z.string(),
  version: z.string(),
  ...placing,
  code: z.string(),
  missing: z.array(z.string()),
})

const workspace = z
  .object({
    project,
    asOf: z.array(z.object({ origin: z.string(), size: count })),
    counts: z.object({
      rows: count,
      states: z.record(z.enum(keysOf(rowStates)), count),
      conflict: count,
      withdrawn: count,
      merged: count,
      incomplete: count,
    }),
    total: count,
    rows: z.array(row),
    conflicts: z.array(conflict),
    faults: z.object({ total: count, items: z.array(fault) }),
    waiting: z.object({ total: count, items: z.array(waiting) }),
  })
  .openapi('Workspace')

function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

const id = z.object({ id: z.string().openapi({ description: 'id of the project' }) })
const notFound = { ...problemContent, description: 'no such project, or none that the caller may know of' }

export const projectsRoute = createRoute({
  method: 'get',
  path: '/projects',
  operationId: 'listProjects',
  summary: 'The pair projects of this node that the caller may read',
  responses: { 200: json(z.object({ self: z.string(), projects: z.array(project) }), 'all of them') },
})

export const mappingRoute = createRoute({
  method: 'get',
  path: '/projects/{id}/mapping',
  operationId: 'getMapping',
  summary: 'The mapping workspace of a project: for its operator, and for the other party by request proof',
  request: {
    params: id,
    query: z.object({
      format: z
        .string()
        .optional()
        .openapi({ description: '`json` (default); `tsv`: all rows as SSSOM/TSV; `xlsx`: as a workbook' }),
      state: z.string().optional(),
      standing: z.string().optional(),
      row: z.string().optional(),
      limit: z.string().optional().openapi({ description: 'at most 10,000' }),
      offset: z.string().optional(),
    }),
  },
  responses: {
    200: {
      content: {
        'application/json': { schema: workspace },
        'text/tab-separated-values': { schema: z.string() },
      },
      description: 'what the records of both logs come to',
    },
    400: { ...problemContent, description: 'the query cannot be read' },
    404: notFound,
    422: { ...problemContent, description: 'too many rows for a workbook: ask for a table' },
  },
})

const refusals = {
  400: { ...problemContent, description: 'the request cannot be read' },
  401: { ...problemContent, description: 'no operator token, or a wrong one' },
  403: { ...problemContent, description: 'the registry does not let this node speak here' },
  404: notFound,
  409: { ...problemContent, description: 'VERSION_CONFLICT: a row was changed since; look at it again' },
  413: { ...problemContent, description: 'too large' },
  415: { ...problemContent, description: 'another media type' },
  422: { ...problemContent, description: 'a change that would count for nothing; `faults` names all' },
  503: { ...problemContent, description: 'the node cannot write now; nothing was done' },
}

const change = z.object({
  row: z.string(),
  mapping: anyObject.optional().openapi({ description: 'absent: the row is withdrawn' }),
  expect: z
    .array(z.string())
    .optional()
    .openapi({ description: 'the versions that stood when the caller looked; none for a new row' }),
  bases: z
    .array(z.string())
    .optional()
    .openapi({ description: 'in place of `expect`: the versions replaced' }),
})

export const changesRoute = createRoute({
  method: 'post',
  path: '/projects/{id}/mapping/changes',
  operationId: 'changeMapping',
  summary: 'Log changes of rows as this agency, all or none',
  security: [{ operator: [] }],
  request: {
    params: id,
    body: {
      content: {
        'application/json': { schema: z.object({ changes: z.array(change), note: z.string().optional() }) },
      },
      required: true,
    },
  },
  responses: {
    200: json(anyObject, 'all of it stood already'),
    201: json(
      z.object({
        receipts: z.array(z.object({ id: z.string(), digest: z.string(), origin: z.string(), index: count })),
        changes: z.array(z.object({ row: z.string(), version: z.string() })),
      }),
      'logged, and in the workspace',
    ),
    ...refusals,
  },
})

const findings = { findings: z.array(anyObject), omitted: count }

export const findingsRoute = createRoute({
  method: 'get',
  path: '/projects/{id}/mapping/findings',
  operationId: 'getMappingFindings',
  summary: 'What rules M1 to M7 have against the rows, for whom the workspace is for',
  request: { params: id },
  responses: {
    200: json(
      z
        .object({
          ...findings,
          ifAccepted: z.object(findings).openapi({
            description: 'what they would have besides, were all accepted that is in review',
          }),
          asOf: z.array(anyObject),
        })
        .openapi('MappingFindings'),
      'as the rows stand',
    ),
    404: notFound,
  },
})

const planned = z.object({
  row: z.string(),
  kind: z.enum(['new', 'changed', 'withdrawn']),
  fields: z.array(z.string()),
  values: z
    .array(z.object({ field: z.string(), was: z.unknown().optional(), becomes: z.unknown().optional() }))
    .openapi({
      description: 'of a change its fields; else what a new row says, or one that is withdrawn said',
    }),
  about: anyObject.openapi({ description: 'the pins of the row' }),
})
const plan = z
  .object({
    changes: z.array(planned),
    unchanged: count,
    conflicts: z.array(z.object({ row: z.string(), why: z.string(), fields: z.array(anyObject) })),
    faults: z.array(
      z.object({
        code: z.string(),
        detail: z.string(),
        cell: z.string().optional(),
        row: z.string().optional(),
      }),
    ),
    dropped: z.array(z.string()),
    findings: z.array(anyObject).optional().openapi({
      description:
        'of a preview: what rules M1 to M7 would find that they do not find now; it keeps nothing back',
    }),
    omitted: count.optional(),
    preview: z.string().optional().openapi({
      description: 'to confirm with; absent where there is nothing to do, or something in the way',
    }),
    receipts: z.array(anyObject).optional(),
  })
  .openapi('MappingImport')

export const mappingImportRoute = createRoute({
  method: 'post',
  path: '/projects/{id}/mapping/import',
  operationId: 'importMapping',
  summary: 'Merge an edited SSSOM/TSV or workbook: a preview, or all of it with what the preview says',
  security: [{ operator: [] }],
  request: {
    params: id,
    query: z.object({
      confirm: z.string().optional().openapi({ description: '`preview` of the answer before' }),
      withdraw: z.string().optional().openapi({ description: '`missing`: rows taken out of the file too' }),
    }),
    body: { content: { 'text/tab-separated-values': { schema: z.string() } }, required: true },
  },
  responses: {
    200: json(plan, 'what would be logged, and what is in the way'),
    201: json(plan, 'logged, and in the workspace'),
    ...refusals,
  },
})
