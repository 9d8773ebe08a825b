import type { OpenAPIHono } from '@hono/zod-openapi'
import { isDigest } from '../../protocol/hash.ts'
import type { Route } from '../access/policy.ts'
import type { Catalogue } from '../projection/port.ts'
import type { HeldBlob, TakeOptions } from '../store/blob-store.ts'
import { readChunks, requireMediaType } from './body.ts'
import { requireOperator } from './operator.ts'
import { invalid, readParameters } from './query.ts'
import { attachRoute, missingRoute } from './routes.ts'

export interface BlobApiOptions {
  /** Path below which everything is served: empty, or `/segment`. */
  readonly base: string
  readonly token: string
  /** What whoever asks may see, by the route that he asks. */
  readonly catalogueFor: (route: Route, request: Request) => Promise<Catalogue>
  readonly blobs: {
    readonly maxBytes: number
    take(chunks: AsyncIterable<Uint8Array>, options: TakeOptions): Promise<HeldBlob>
  }
}

/**
 * Files that records name: handed in by the operator, and told of where they are not here.
 *
 * @see spec/node.md, NODE-800 to NODE-802
 */
export function mountBlobs(app: OpenAPIHono, { base, token, blobs, catalogueFor }: BlobApiOptions): void {
  for (const route of [attachRoute, missingRoute]) app.openAPIRegistry.registerPath(route)
  app.post('/blobs', async (context) => {
    requireOperator(context, token)
    requireMediaType(context, ['application/octet-stream'])
    const expected = readParameters(context).get('digest')
    if (expected !== undefined && !isDigest(expected))
      throw invalid('digest', 'is sha256: and 64 hexadecimal digits')
    const { digest, size } = await blobs.take(
      readChunks(context, blobs.maxBytes),
      expected === undefined ? {} : { expected },
    )
    return context.json({ digest, size }, 201, { location: `${base}/blobs/${digest}` })
  })
  app.get('/blobs', async (context) => {
    const catalogue = await catalogueFor('GET /api/v1/blobs', context.req.raw)
    return context.json({ missing: await catalogue.listMissing(500) })
  })
}
