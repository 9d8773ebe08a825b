import type { FileHandle } from 'node:fs/promises'
import { type Context, Hono } from 'hono'
import { isDigest } from '../../protocol/hash.ts'
import type { BlobStore, ReadableBlob } from '../store/blob-store.ts'
import type { Scope } from '../store/scope.ts'
import { notFound } from './log.ts'

/** A stranger's file is shown by no browser, whatever is in it, and its type is told by the record that names it. */
const plain = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
} as const

/**
 * Files by their digest, for whoever may read a record that names them.
 *
 * @see spec/tier.md, TIER-101 and TIER-102 (R29, R32)
 */
export function createBlobRoutes(blobs: BlobStore, scopeOf: (context: Context) => Promise<Scope>): Hono {
  const app = new Hono()
  app.get('/blobs/:digest', async (context) => {
    const digest = context.req.param('digest')
    const scope = await scopeOf(context)
    const found = isDigest(digest) ? await blobs.find(digest, scope) : undefined
    if (!found) throw notFound()
    const headers = {
      ...plain,
      'content-length': String(found.size),
      'cache-control': found.lasting ? 'public, max-age=31536000, immutable' : 'private, no-store',
    }
    return new Response(context.req.method === 'HEAD' ? null : streamOf(found), { headers })
  })
  return app
}

const chunkBytes = 64 << 10
/** Milliseconds: a reader that takes nothing for so long gets no more. */
const patience = 30_000

/** Reads on when the reader takes on: of a slow one a chunk is in memory, and of one that stopped nothing is left open. */
function streamOf({ size, open }: ReadableBlob): ReadableStream<Uint8Array> {
  let file: FileHandle | undefined
  let at = 0
  let waiting: NodeJS.Timeout | undefined
  const end = async () => {
    clearTimeout(waiting)
    await file?.close()
    file = undefined
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(waiting)
        try {
          file ??= await open()
          const length = Math.min(chunkBytes, size - at)
          const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, at)
          at += bytesRead
          if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead))
          if (at < size && bytesRead === 0) throw new Error('a file is shorter than it was')
        } catch (error) {
          await end()
          throw error
        }
        if (at < size) {
          waiting = setTimeout(() => {
            controller.error(new Error('a reader takes nothing'))
            void end()
          }, patience)
          waiting.unref()
          return
        }
        await end()
        controller.close()
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
