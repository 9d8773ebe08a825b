import { type Context, Hono } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'

/**
 * The repository of the registry as this node holds it, for every client of TUF.
 *
 * @param read `undefined` for what is not there; any other path than that of a file of the registry is not there
 * @see spec/registry.md, REG-10
 */
export function createRegistryRoutes(read: (path: string) => Promise<Uint8Array | undefined>): Hono {
  const app = new Hono()
  const send = async (context: Context, path: string) => {
    const bytes = await read(path)
    if (!bytes) throw new ProtocolError('NOT_FOUND', 'no such file of the registry')
    const etag = `"${sha256Hex(bytes)}"`
    const headers = {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      etag,
      'cache-control':
        path === 'timestamp.json' || path.endsWith('.snapshot.json')
          ? 'no-cache'
          : 'public, max-age=31536000, immutable',
    }
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(Uint8Array.from(bytes), { headers })
  }
  app.get('/targets/:name', (context) => send(context, `targets/${context.req.param('name')}`))
  app.get('/:name', (context) => send(context, context.req.param('name')))
  return app
}
