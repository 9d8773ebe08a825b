import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { isDigest } from '../../protocol/hash.ts'
import {
  acts,
  agreementId,
  interconnectionAgreement,
  recognitionAgreement,
  reuseAgreement,
} from '../../protocol/record/agreement.ts'
import { revisionRules } from '../../protocol/record/agreement-word.ts'
import { date, digest, line } from '../../protocol/record/field.ts'
import { rowId } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import { keysOf } from '../../protocol/record/vocabulary.ts'
import type { Route } from '../access/policy.ts'
import type { Agreements } from '../agreement/agreements.ts'
import type { Reading } from '../agreement/mapping-work.ts'
import {
  agreementActRoute,
  agreementDraftRoute,
  agreementEvidenceRoute,
  agreementRoute,
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
}

const days = z.number().int().nonnegative().max(366)

const draftBody = z.strictObject({
  project: z.string().regex(/^[!-~]{1,128}$/),
  basis: z.strictObject({ number: line(120), digest }),
  acceptBy: date,
  effectiveFrom: date,
  validUntil: date,
  onRevision: z.enum(keysOf(revisionRules)),
  graceDays: days,
  noticeDays: days,
  rows: z.array(rowId).min(1).max(5000).optional(),
  supersedes: z.strictObject({ id: agreementId, digest }).optional(),
})

const actBody = z.strictObject({
  act: z.enum(keysOf(acts)),
  id: agreementId,
  digest,
  agreement: z.union([recognitionAgreement, interconnectionAgreement, reuseAgreement]).optional(),
  tier: z.enum(['public', 'pair']).optional(),
  reason: line(1000).optional(),
})

const maxBody = 1 << 20
const mostListed = 500
const supposedKinds = ['superseded', 'abolished', 'amendment', 'partly-superseded'] as const

/**
 * What two agencies agreed: for whoever may read it, and this agency's own acts for its operator.
 *
 * @see spec/agreement.md, AGREE-100 to AGREE-108
 */
export function mountAgreements(
  app: OpenAPIHono,
  { token, now, agreements, readingOf }: AgreementApiOptions,
): void {
  for (const route of [
    agreementsRoute,
    agreementRoute,
    agreementEvidenceRoute,
    agreementDraftRoute,
    agreementActRoute,
    whatIfRoute,
  ])
    app.openAPIRegistry.registerPath(route)
  app.get('/agreements', async (context) => {
    const parameters = readParameters(context)
    const on = readDay(parameters.get('at'), now())
    const { scope } = await readingOf('GET /api/v1/agreements', context.req.raw)
    const limit = Math.min(readCount(parameters, 'limit') ?? mostListed, mostListed)
    const offset = readCount(parameters, 'offset') ?? 0
    const query = { project: parameters.get('project'), on, limit, offset }
    const { total, agreements: listed } = await agreements.list(query, scope)
    return context.json({ total, limit, offset, agreements: listed })
  })
  app.get('/agreements/:id', async (context) => {
    const parameters = readParameters(context)
    const on = readDay(parameters.get('at'), now())
    const { scope } = await readingOf('GET /api/v1/agreements/:id', context.req.raw)
    return context.json(await agreements.view(nameOf(context.req.param('id'), parameters), on, scope))
  })
  app.get('/agreements/:id/evidence', async (context) => {
    const parameters = readParameters(context)
    const { scope } = await readingOf('GET /api/v1/agreements/:id/evidence', context.req.raw)
    return context.json(await agreements.evidence(nameOf(context.req.param('id'), parameters), scope))
  })
  app.get('/what-if', async (context) => {
    const parameters = readParameters(context)
    const edition = parameters.get('edition')
    if (edition === undefined || edition === '')
      throw invalid('edition', 'is the id or digest of a standard record')
    const eventKind = readChoice(parameters, 'kind', supposedKinds)
    const clauses = parameters.get('clauses')?.split(',')
    const { scope } = await readingOf('GET /api/v1/what-if', context.req.raw)
    const question = {
      edition,
      on: readDay(parameters.get('on'), now()),
      ...(eventKind === undefined ? {} : { eventKind }),
      ...(clauses === undefined ? {} : { clauses }),
    }
    return context.json({ ...(await agreements.whatIf(question, scope)) })
  })
  app.post('/agreements/draft', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxBody)
    const { project, ...terms } = parseWith(draftBody, value)
    return context.json(await agreements.draft(project, terms))
  })
  app.post('/agreements/acts', async (context) => {
    requireOperator(context, token)
    const { value } = await readJsonBody(context, maxBody)
    return context.json(await agreements.act(parseWith(actBody, value)), 201)
  })
}

function nameOf(id: string, parameters: ReadonlyMap<string, string>) {
  const stated = parameters.get('digest')
  if (stated !== undefined && !isDigest(stated))
    throw invalid('digest', 'is sha256: and 64 hexadecimal digits')
  return { id, ...(stated === undefined ? {} : { digest: stated }) }
}
