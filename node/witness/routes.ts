import { type Context, Hono } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { maxOfferBytes } from '../../protocol/log/offer.ts'
import type { Database } from '../store/database.ts'
import { findWitness } from '../store/witness-store.ts'
import type { WitnessAnswer } from './cosign.ts'

export interface WitnessRouteOptions {
  readonly database: Database
  readonly addCheckpoint: (body: Uint8Array) => Promise<WitnessAnswer>
  readonly readBody: (context: Context, maxBytes: number) => Promise<Uint8Array>
  /** The log of a SHA-256 of its origin. */
  readonly originOf: (hash: string) => string | undefined
}

/**
 * Submission and monitoring of C2SP tlog-witness, for clients that know nothing of us. Refusals are problems as everywhere; their
 * status is that of C2SP.
 *
 * @see spec/witness.md, WIT-20 to WIT-27
 */
export function createWitnessRoutes(options: WitnessRouteOptions): Hono {
  const { database, addCheckpoint, readBody, originOf } = options
  const app = new Hono()
  app.post('/add-checkpoint', async (context) => {
    const answer = await addCheckpoint(await readBody(context, maxOfferBytes))
    if (answer.kind === 'conflict')
      return new Response(`${answer.size}\n`, {
        status: 409,
        headers: { 'content-type': 'text/x.tlog.size', 'cache-control': 'no-store' },
      })
    return sendText(answer.lines, 'no-store')
  })
  app.get('/:hash/checkpoint', async (context) => {
    const origin = originOf(context.req.param('hash'))
    const state = origin === undefined ? undefined : await findWitness(database, origin)
    if (!state) throw new ProtocolError('NOT_FOUND', 'nothing of this log was cosigned here')
    return sendText(state.note, 'no-cache')
  })
  return app
}

function sendText(text: string, caching: string): Response {
  return new Response(text, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': caching },
  })
}
