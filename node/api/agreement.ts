import type { OpenAPIHono } from '@hono/zod-openapi'
import { ProtocolError } from '../../protocol/error.ts'
import { isDigest } from '../../protocol/hash.ts'
import { agreementId } from '../../protocol/record/agreement.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import type { Route } from '../access/policy.ts'
import type { Agreements } from '../agreement/agreements.ts'
import { splitClauses } from '../agreement/clause-name.ts'
import type { Drafted, Drafting } from '../agreement/draft/drafting.ts'
import type { DraftRequest } from '../agreement/draft/request.ts'
import type { Reading } from '../agreement/mapping-work.ts'
import { findEditionName } from '../agreement/named.ts'
import type { Catalogue } from '../projection/port.ts'
import { actBody, readDraftRequest, statementBody } from './agreement-body.ts'
import {
  agreementActRoute,
  agreementDraftRoute,
  agreementEvidenceRoute,
  agreementRoute,
  agreementStatementRoute,
  agreementsRoute,
  whatIfRoute,
} from './agreement-route.ts'
import { readJsonBody } from './body.ts'
import { requireOperator } from './operator.ts'
import { invalid, readChoice, readCount, readDay, readParameters } from './query.ts'

export interface AgreementApiOptions {
  readonly token: string
  readonly now: () => number
  readonly agreements: Agreements
  readonly readingOf: (route: Route, request: Request) => Promise<Reading>
  readonly catalogueFor: (route: Route, request: Request) => Promise<Catalogue>
}

const maxBody = 1 << 20
const mostListed = 500
const supposedKinds = ['superseded', 'abolished', 'amendment', 'partly-superseded'] as const

/**
 * What two agencies agreed: for whoever may read it, and this agency's own acts for its operator.
 *
 * @see spec/agreement.md, AGREE-100 to AGREE-112
 */
export function mountAgreements(
  app: OpenAPIHono,
  { token, now, agreements, readingOf, catalogueFor }: AgreementApiOptions,
): void {
  for (const route of [
    agreementsRoute,
    agreementRoute,
    agreementEvidenceRoute,
    agreementDraftRoute,
    agreementStatementRoute,
    agreementActRoute,
    whatIfRoute,
  ])
    app.openAPIRegistry.registerPath(route)
  app.get('/agreements', async (context) => {
    const parameters = readParameters(context, ['project', 'kind', 'at', 'limit', 'offset'])
    const on = readDay(parameters.get('at'), now())
    const { scope } = await readingOf('GET /api/v1/agreements', context.req.raw)
    const limit = Math.min(readCount(parameters, 'limit') ?? mostListed, mostListed)
    const offset = readCount(parameters, 'offset') ?? 0
    const kind = readChoice(parameters, 'kind', ['recognition', 'interconnection', 'reuse'])
    const query = { project: parameters.get('project'), kind, on, limit, offset }
    const { total, agreements: listed } = await agreements.list(query, scope)
    return context.json({ total, limit, offset, agreements: listed })
  })
  app.get('/agreements/:id', async (context) => {
    const parameters = readParameters(context, ['at', 'digest'])
    const on = readDay(parameters.get('at'), now())
    const { scope } = await readingOf('GET /api/v1/agreements/:id', context.req.raw)
    return context.json(await agreements.view(nameOf(context.req.param('id'), parameters), on, scope))
  })
  app.get('/agreements/:id/evidence', async (context) => {
    const parameters = readParameters(context, ['at', 'digest'])
    const { scope } = await readingOf('GET /api/v1/agreements/:id/evidence', context.req.raw)
    return context.json(await agreements.evidence(nameOf(context.req.param('id'), parameters), scope))
  })
  app.get('/what-if', async (context) => {
    const parameters = readParameters(context, ['edition', 'on', 'kind', 'clauses'])
    const edition = parameters.get('edition')
    if (edition === undefined || edition === '')
      throw invalid('edition', 'is the id or digest of a standard record, or its number')
    const eventKind = readChoice(parameters, 'kind', supposedKinds)
    const written = parameters.get('clauses')
    const clauses = written === undefined ? undefined : splitClauses(written)
    if (clauses?.length === 0) throw invalid('clauses', 'names clauses, commas between')
    const on = readDay(parameters.get('on'), now(), 'on')
    const route = 'GET /api/v1/what-if'
    const { scope } = await readingOf(route, context.req.raw)
    const catalogue = await catalogueFor(route, context.req.raw)
    const question = {
      edition: await findEditionName(edition, 'edition', { catalogue, day: on }),
      on,
      ...(eventKind === undefined ? {} : { eventKind }),
      ...(clauses === undefined ? {} : { clauses }),
    }
    return context.json({ ...(await agreements.whatIf(question, scope)) })
  })
  app.post('/agreements/draft', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxBody)
    return context.json(await draftPlaced(readDraftRequest(value), agreements.drafting))
  })
  app.post('/agreements/statement', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxBody)
    const { digest, statement } = await agreements.drafting.state(parseWith(statementBody, value).agreement)
    return context.json({ digest, statement })
  })
  app.post('/agreements/acts', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxBody)
    return context.json(await agreements.act(parseWith(actBody, value)), 201)
  })
}

/** Of the rows that were named, the one that is none is told by its place in the request. */
async function draftPlaced(request: DraftRequest, { draft }: Pick<Drafting, 'draft'>): Promise<Drafted> {
  try {
    return await draft(request)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'NOT_FOUND' || !('rows' in request)) throw error
    const { row } = error.evidence
    const at = typeof row === 'string' ? (request.rows?.indexOf(row) ?? -1) : -1
    if (at < 0) throw error
    throw new ProtocolError('NOT_FOUND', `${row}: ${error.message}`, {
      place: { pointer: `/rows/${at}` },
      evidence: error.evidence,
      cause: error,
    })
  }
}

function nameOf(id: string, parameters: ReadonlyMap<string, string>) {
  // Whatever else stands there names no agreement, and no database takes U+0000.
  if (!agreementId.safeParse(id).success)
    throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
  const stated = parameters.get('digest')
  if (stated !== undefined && !isDigest(stated))
    throw invalid('digest', 'is sha256: and 64 hexadecimal digits')
  return { id, ...(stated === undefined ? {} : { digest: stated }) }
}
