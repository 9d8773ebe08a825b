import { type Context, Hono } from 'hono'
import { canonicalize } from '../../protocol/canonical.ts'
import { exchangeContextDocument } from '../../protocol/context/exchange.ts'
import { isDigest } from '../../protocol/hash.ts'
import { didDocumentPath, parseDid } from '../../protocol/identifier/name.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { recordJsonSchemas } from '../../protocol/record/schema.ts'
import type { Scope } from '../store/scope.ts'
import { notFound } from './log.ts'
import type { LogReader } from './port.ts'

/**
 * What strangers need beside the log: a record by its digest, the context, the schemas.
 *
 * @see spec/node.md, NODE-7 to NODE-9
 */
export function createDocumentRoutes(reader: LogReader, scopeOf: (context: Context) => Promise<Scope>): Hono {
  const app = new Hono()
  app.get('/records/:digest', async (context) => {
    const digest = context.req.param('digest')
    const scope = await scopeOf(context)
    const found = isDigest(digest) ? await reader.findRecord(digest, scope) : undefined
    if (!found) throw notFound()
    const shared = found.tier === 'public'
    return new Response(Buffer.from(found.bytes), {
      headers: {
        'content-type': 'application/vc',
        'cache-control': shared ? 'public, max-age=31536000, immutable' : 'private, no-store',
      },
    })
  })
  app.get('/ns/v1', () => sendJson(exchangeContextDocument, 'application/ld+json'))
  app.get('/ns/v1/schema/:type', (context) => {
    const schema = new Map<string, object>(Object.entries(recordJsonSchemas())).get(
      context.req.param('type').replace(/\.json$/, ''),
    )
    if (!schema) throw notFound()
    return sendJson(JSON.parse(JSON.stringify(schema)), 'application/schema+json')
  })
  return app
}

function sendJson(value: JsonObject, type: string): Response {
  return new Response(canonicalize(value), {
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    },
  })
}

/** Where the DID document is served, from the root of the authority: outside `base` when there is none. */
export function didPath(did: string): string {
  return didDocumentPath(parseDid(did))
}
