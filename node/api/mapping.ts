import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { digest, prose } from '../../protocol/record/field.ts'
import { mappingRow, rowId } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import type { Route } from '../access/policy.ts'
import type { MappingWork, Reading } from '../agreement/mapping-work.ts'
import { rowStateNames, type WorkspaceQuery } from '../agreement/workspace-view.ts'
import { readBody, readJsonBody, requireMediaType } from './body.ts'
import {
  changesRoute,
  findingsRoute,
  mappingImportRoute,
  mappingRoute,
  projectsRoute,
} from './mapping-route.ts'
import { requireOperator } from './operator.ts'
import { readChoice, readCount, readParameters } from './query.ts'

export interface MappingApiOptions {
  readonly token: string
  /** The DID of this node. */
  readonly self: string
  readonly mapping: MappingWork
  readonly readingOf: (route: Route, request: Request) => Promise<Reading>
}

const maxChangesBody = 16 << 20
const maxImportBody = 64 << 20
const tsv = 'text/tab-separated-values'
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const mediaTypes = { tsv: `${tsv}; charset=utf-8`, xlsx } as const
const fileNames = { tsv: 'mapping.sssom.tsv', xlsx: 'mapping.xlsx' } as const
const mostRows = 10_000

/**
 * Mapping work of pair projects.
 *
 * @see spec/workspace.md, WORK-30 to WORK-36
 */
export function mountMapping(app: OpenAPIHono, options: MappingApiOptions): void {
  const { token, self, mapping, readingOf } = options
  for (const route of [projectsRoute, mappingRoute, findingsRoute, changesRoute, mappingImportRoute])
    app.openAPIRegistry.registerPath(route)
  app.get('/projects', async (context) => {
    const { caller } = await readingOf('GET /api/v1/projects', context.req.raw)
    return context.json({ self, projects: mapping.listProjects(caller) })
  })
  app.get('/projects/:id/mapping', async (context) => {
    const id = context.req.param('id')
    const format = readChoice(readParameters(context, mappingParameters), 'format', ['json', 'tsv', 'xlsx'])
    const query = readQuery(context)
    const reading = await readingOf('GET /api/v1/projects/:id/mapping', context.req.raw)
    if (format === undefined || format === 'json') return context.json(await mapping.view(id, reading, query))
    return new Response(Uint8Array.from(await mapping.exportFile(id, reading, format)), {
      headers: {
        'content-type': mediaTypes[format],
        'content-disposition': `attachment; filename="${fileNames[format]}"`,
        'x-content-type-options': 'nosniff',
      },
    })
  })
  app.get('/projects/:id/mapping/findings', async (context) => {
    readParameters(context, [])
    const reading = await readingOf('GET /api/v1/projects/:id/mapping/findings', context.req.raw)
    return context.json({ ...(await mapping.findings(context.req.param('id'), reading)) })
  })
  app.post('/projects/:id/mapping/import', async (context) => {
    requireOperator(context, token)
    requireMediaType(context, [tsv, xlsx, 'application/octet-stream'])
    const parameters = readParameters(context, ['withdraw', 'confirm'])
    const answer = await mapping.importFile(context.req.param('id'), await readBody(context, maxImportBody), {
      withdraw: readChoice(parameters, 'withdraw', ['missing']) !== undefined,
      confirm: parameters.get('confirm'),
    })
    return context.json({ ...answer }, answer.receipts === undefined ? 200 : 201)
  })
  app.post('/projects/:id/mapping/changes', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxChangesBody)
    const { changes, note } = parseWith(changesBody, value)
    const answer = await mapping.propose(context.req.param('id'), changes, note)
    return context.json({ ...answer }, answer.receipts.length === 0 ? 200 : 201)
  })
}

const mappingParameters = ['format', 'state', 'standing', 'row', 'limit', 'offset']

const requestedChange = z.strictObject({
  row: rowId,
  mapping: mappingRow.optional(),
  bases: z.array(digest).max(16).optional(),
  expect: z.array(digest).max(16).optional(),
})

const changesBody = z.strictObject({
  changes: z.array(requestedChange).min(1).max(100_000),
  note: prose(2000).optional(),
})

function readQuery(context: Context): WorkspaceQuery {
  const parameters = readParameters(context)
  const state = readChoice(parameters, 'state', rowStateNames)
  const standing = readChoice(parameters, 'standing', ['recorded', 'merged', 'conflict'])
  const row = parameters.get('row')
  return {
    ...(state === undefined ? {} : { state }),
    ...(standing === undefined ? {} : { standing }),
    ...(row === undefined ? {} : { row }),
    limit: Math.min(readCount(parameters, 'limit') ?? mostRows, mostRows),
    offset: readCount(parameters, 'offset') ?? 0,
  }
}
