import type { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import type { NamedRow } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import type { Route } from '../access/policy.ts'
import { compareNamed, suggestNamed } from '../agreement/comparison.ts'
import type { Catalogue } from '../projection/port.ts'
import { createTurns } from '../store/turns.ts'
import { compareRoute, comparisonQuery, suggestionQuery, suggestRoute } from './comparison-route.ts'
import { readDay, readParameters } from './query.ts'

export interface ComparisonApiOptions {
  /** What whoever asks may see, by the route that he asks. */
  readonly catalogueFor: (route: Route, request: Request) => Promise<Catalogue>
  /** Rows of mapping work, as far as whoever asks may have them. */
  readonly mappingRowsFor: (route: Route, request: Request) => Promise<readonly NamedRow[]>
  readonly trust: () => Trust
  readonly now: () => number
}

/**
 * Comparisons and proposals, one after the other: two agencies with all their standards are half a second of work, in which nobody
 * shall be able to stop a node by asking often.
 *
 * @see spec/mapping.md, MAP-76 and MAP-84
 */
export function mountComparison(app: OpenAPIHono, options: ComparisonApiOptions): void {
  const { catalogueFor, mappingRowsFor, trust, now } = options
  const inTurn = createTurns()
  for (const route of [compareRoute, suggestRoute]) app.openAPIRegistry.registerPath(route)
  app.get('/compare', async (context) => {
    const { a, b, at } = readQuery(comparisonQuery, context)
    const day = readDay(at, now())
    const route = 'GET /api/v1/compare'
    const catalogue = await catalogueFor(route, context.req.raw)
    const rows = () => mappingRowsFor(route, context.req.raw)
    return context.json(await inTurn(() => compareNamed(a, b, { catalogue, trust, day, rows })))
  })
  app.get('/suggest', async (context) => {
    const { a, b, at, most } = readQuery(suggestionQuery, context)
    const day = readDay(at, now())
    const catalogue = await catalogueFor('GET /api/v1/suggest', context.req.raw)
    const wanted = most === undefined ? undefined : Number(most)
    return context.json(await inTurn(() => suggestNamed(a, b, { catalogue, trust, day, most: wanted })))
  })
}

function readQuery<T>(schema: z.ZodType<T>, context: Context): T {
  try {
    return parseWith(schema, Object.fromEntries(readParameters(context)))
  } catch (cause) {
    if (!(cause instanceof ProtocolError) || cause.code === 'QUERY_INVALID') throw cause
    throw new ProtocolError('QUERY_INVALID', cause.message, { place: cause.place, cause })
  }
}
