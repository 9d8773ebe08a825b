import type { Dispatcher } from 'undici'
import { ProtocolError } from '../../protocol/error.ts'

/** After this long a body must have come at this rate on average, so that a trickle cannot hold a worker. */
const graceMilliseconds = 5_000
const minBytesPerSecond = 1_024

export interface BodyLimits {
  readonly maxBytes: number
  /** Milliseconds since the answer began. */
  readonly elapsed: () => number
}

/**
 * The parts of a body as they come, up to its bounds in bytes and rate.
 *
 * @throws {ProtocolError} `RESPONSE_TOO_LARGE` `PEER_TOO_SLOW` `PAGE_MALFORMED`
 * @see spec/sync.md, SYNC-11
 */
export async function* readChunks(
  { statusCode, body, headers }: Dispatcher.ResponseData,
  { maxBytes, elapsed }: BodyLimits,
): AsyncGenerator<Uint8Array, void, void> {
  const encoding = headers['content-encoding']
  try {
    if (encoding !== undefined && encoding !== 'identity')
      throw new ProtocolError('PAGE_MALFORMED', 'the peer compressed what was asked for as it is')
    const stated = headers['content-length']
    if (statusCode === 200 && typeof stated === 'string' && Number(stated) > maxBytes)
      throw tooLarge(maxBytes)
    let size = 0
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a body of bytes was expected')
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      const milliseconds = elapsed()
      if (milliseconds > graceMilliseconds && size * 1000 < minBytesPerSecond * milliseconds) {
        throw new ProtocolError('PEER_TOO_SLOW', 'the peer sends too slowly', {
          evidence: { size, milliseconds: Math.round(milliseconds) },
        })
      }
      yield chunk
    }
  } finally {
    discard(body)
  }
}

export async function readWhole(response: Dispatcher.ResponseData, limits: BodyLimits): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readChunks(response, limits)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** An abandoned body emits an error, which would end the process when nobody listens. */
export function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => {}).destroy()
}

function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('RESPONSE_TOO_LARGE', 'the answer of the peer is too large', {
    evidence: { maxBytes },
  })
}
