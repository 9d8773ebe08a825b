import { lookup } from 'node:dns'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { ProtocolError } from '../../protocol/error.ts'
import type { AddressPolicy } from './address.ts'

export interface FetchLimits {
  readonly maxBytes: number
  /** From the request to the last byte, milliseconds. */
  readonly timeout: number
}

export interface Fetched {
  readonly status: number
  readonly bytes: Uint8Array
  readonly etag?: string
}

/** Gets one resource of a peer. Made by `createPeerClient`; a test gives its own. */
export interface PeerClient {
  get(url: string, limits: FetchLimits, etag?: string): Promise<Fetched>
  close(): Promise<void>
}

export interface PeerClientOptions {
  readonly addresses: AddressPolicy
  /** Milliseconds, not moved by changes of the wall clock. */
  readonly monotonic: () => number
  readonly userAgent: string
}

/** After this long a body must have come at this rate on average, so that a trickle cannot hold a worker. */
const graceMilliseconds = 5_000
const minBytesPerSecond = 1_024

/**
 * HTTP to peers with every bound that a hostile or broken one could try: bytes after decoding, time, minimum rate, no redirects,
 * addresses checked at connect time.
 *
 * @throws {ProtocolError} from `get`: `RESPONSE_TOO_LARGE` `PEER_TIMEOUT` `PEER_TOO_SLOW` `PEER_UNAVAILABLE` `TLS_FAILED`
 *   `ADDRESS_FORBIDDEN` `REDIRECT_REFUSED` `RATE_LIMITED`
 * @see spec/sync.md, SYNC-11 to SYNC-13 (R20, R21)
 */
export function createPeerClient(options: PeerClientOptions): PeerClient {
  const agent = new Agent({
    connect: checkedConnector(options.addresses),
    connections: 8,
    pipelining: 1,
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
  })
  return {
    get: (url, limits, etag) => getOne(agent, { url, limits, etag }, options),
    close: () => agent.close(),
  }
}

/** The connector resolves the name itself, so that the address that is checked is the address that is called. */
function checkedConnector(addresses: AddressPolicy): buildConnector.connector {
  const connect = buildConnector({
    timeout: 10_000,
    lookup: (hostname, lookupOptions, callback) => {
      lookup(hostname, lookupOptions, (error, found, family) => {
        if (error) return callback(error, found, family)
        try {
          for (const { address } of Array.isArray(found) ? found : [{ address: found }])
            addresses.check(address)
        } catch (forbidden) {
          const cause = forbidden instanceof Error ? forbidden : new Error('address refused')
          return callback(cause, found, family)
        }
        return callback(null, found, family)
      })
    },
  })
  return (target, callback) => {
    const literal = target.hostname.replace(/^\[|\]$/g, '')
    try {
      // A literal address never reaches `lookup`.
      if (/^[0-9.]+$|:/.test(literal)) addresses.check(literal)
    } catch (forbidden) {
      callback(forbidden instanceof Error ? forbidden : new Error('address refused'), null)
      return
    }
    connect(target, callback)
  }
}

interface Request {
  readonly url: string
  readonly limits: FetchLimits
  readonly etag: string | undefined
}

async function getOne(agent: Agent, request: Request, options: PeerClientOptions): Promise<Fetched> {
  const url = new URL(request.url)
  const started = options.monotonic()
  const abort = AbortSignal.timeout(request.limits.timeout)
  try {
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      signal: abort,
      headers: {
        'user-agent': options.userAgent,
        'accept-encoding': 'identity',
        ...(request.etag === undefined ? {} : { 'if-none-match': request.etag }),
      },
    })
    checkStatus(response)
    const bytes = await readBody(response, request.limits.maxBytes, () => options.monotonic() - started)
    const etag = response.headers.etag
    return { status: response.statusCode, bytes, ...(typeof etag === 'string' ? { etag } : {}) }
  } catch (error) {
    throw asProblem(error)
  }
}

function checkStatus({ statusCode, headers, body }: Dispatcher.ResponseData): void {
  if (statusCode === 200 || statusCode === 304 || statusCode === 404) return
  body.destroy()
  if (statusCode >= 300 && statusCode < 400)
    throw new ProtocolError('REDIRECT_REFUSED', 'the peer redirects', { evidence: { status: statusCode } })
  const retryAfter = Number(headers['retry-after'])
  const evidence = {
    status: statusCode,
    ...(Number.isFinite(retryAfter) && retryAfter >= 0 ? { retryAfter } : {}),
  }
  if (statusCode === 429) throw new ProtocolError('RATE_LIMITED', 'the peer asks for patience', { evidence })
  throw new ProtocolError('PEER_UNAVAILABLE', 'the peer answers with an error', { evidence })
}

async function readBody(
  { body, headers }: Dispatcher.ResponseData,
  maxBytes: number,
  elapsed: () => number,
): Promise<Uint8Array> {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    body.destroy()
    throw new ProtocolError('PAGE_MALFORMED', 'the peer compressed what was asked for as it is')
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body of bytes was expected')
    size += chunk.length
    if (size > maxBytes) {
      body.destroy()
      throw new ProtocolError('RESPONSE_TOO_LARGE', 'the answer of the peer is too large', {
        evidence: { maxBytes },
      })
    }
    const milliseconds = elapsed()
    if (milliseconds > graceMilliseconds && size * 1000 < minBytesPerSecond * milliseconds) {
      body.destroy()
      throw new ProtocolError('PEER_TOO_SLOW', 'the peer sends too slowly', {
        evidence: { size, milliseconds: Math.round(milliseconds) },
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function asProblem(error: unknown): ProtocolError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ProtocolError) return cause
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError' || /TIMEOUT/.test(code))
    return new ProtocolError('PEER_TIMEOUT', 'the peer did not answer in time', { cause: error })
  if (/^ERR_(?:TLS|SSL)|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return new ProtocolError('TLS_FAILED', 'the secure connection failed', {
      cause: error,
      evidence: { reason: code },
    })
  return new ProtocolError('PEER_UNAVAILABLE', 'the peer cannot be reached', {
    cause: error,
    evidence: { reason: code || name },
  })
}
