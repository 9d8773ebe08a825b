import type { Context } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { parseJson } from '../../protocol/json.ts'
import type { JsonValue } from '../../protocol/json-value.ts'

/** Reads a body that is at most this long; a sender that lies about the length gains nothing. */
export async function readBody(context: Context, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readChunks(context, maxBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The parts of such a body as they come. */
export async function* readChunks(
  context: Context,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const stated = Number(context.req.header('content-length') ?? '0')
  if (stated > maxBytes) throw tooLarge(maxBytes)
  const { body } = context.req.raw
  if (body === null) return
  let size = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(refuseBroken)
    if (done) return
    size += value.length
    if (size > maxBytes) {
      await reader.cancel()
      throw tooLarge(maxBytes)
    }
    yield value
  }
}

/** The one strict reader stands at this door too; the media type is checked before a byte is read. */
export async function readJsonBody(
  context: Context,
  maxBytes: number,
): Promise<{ readonly value: JsonValue; readonly bytes: Uint8Array }> {
  requireMediaType(context, [
    'application/json',
    'application/vc',
    'application/ld+json',
    'application/vc+ld+json',
  ])
  const bytes = await readBody(context, maxBytes)
  return { value: parseJson(bytes, maxBytes), bytes }
}

export function requireMediaType(context: Context, allowed: readonly string[]): void {
  const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!allowed.includes(type)) {
    throw new ProtocolError('MEDIA_TYPE_REFUSED', `the content type must be ${allowed[0] ?? ''}`, {
      evidence: { received: type },
    })
  }
}

/** Nobody is left to read the answer; it is not a fault of this node. */
function refuseBroken(cause: unknown): never {
  throw new ProtocolError('JSON_MALFORMED', 'the request ended before its body did', { cause })
}

function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('BODY_TOO_LARGE', `a request body is at most ${maxBytes} bytes`)
}
