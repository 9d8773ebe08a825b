import { lookup } from 'node:dns'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { ProtocolError } from '../../protocol/error.ts'
import type { Deps } from '../deps.ts'
import { type AddressPolicy, createAddressPolicy } from './address.ts'

export interface FetchLimits {
  readonly maxBytes: number
  /** From the request to the last byte, milliseconds. */
  readonly timeout: number
  /** Gives the request up, because nobody waits for it any longer. */
  readonly signal?: AbortSignal
  /** Whether to prove who asks. */
  readonly proven?: boolean
}

export interface Fetched {
  readonly status: number
  readonly bytes: Uint8Array
  readonly etag?: string
}

export interface Answered {
  readonly status: number
  readonly bytes: Uint8Array
  /** As it was sent; empty where it was not. */
  readonly type: string
}

/** Gets one resource of a peer. Made by `createPeerClient`; a test gives its own. */
export interface PeerClient {
  get(url: string, limits: FetchLimits, etag?: string): Promise<Fetched>
  /** Ends what is under way too. */
  close(): Promise<void>
}

/** What a member asks of others: to give, and to take. */
export interface MemberClient extends PeerClient {
  /** Sends a text. Refusals of the request itself (400, 403, 404, 409, 422) are answers like any other. */
  post(url: string, text: string, limits: FetchLimits): Promise<Answered>
}

export interface PeerClientOptions {
  readonly addresses: AddressPolicy
  /** Milliseconds since the epoch, to read a `Retry-After` that names a date. */
  readonly now: () => number
  /** Milliseconds, not moved by changes of the wall clock. */
  readonly monotonic: () => number
  readonly userAgent: string
  /** PEM; those that come with Node by default. */
  readonly authorities?: readonly string[] | undefined
  /** The `Authorization` that proves who asks for a URL; `undefined` where the peer could not tell. */
  readonly authorize?: Authorize
}

export type Authorize = (url: string) => Promise<string | undefined>

/** A peer that says nothing for so long is gone. */
const silence = 12_000
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
export function createPeerClient(options: PeerClientOptions): MemberClient {
  const agent = new Agent({
    connect: checkedConnector(options),
    connections: 8,
    pipelining: 1,
    headersTimeout: silence,
    bodyTimeout: silence,
  })
  return {
    get: (url, limits, etag) => getOne(agent, { url, limits, etag }, options),
    post: async (url, text, limits) => {
      const { status, bytes, headers } = await request(agent, { url, limits, text }, options)
      const type = headers['content-type']
      return { status, bytes, type: typeof type === 'string' ? type : '' }
    },
    close: () => agent.destroy(),
  }
}

/** The client of a member of this network, for all that it asks of others. */
export function createMemberClient(
  network: 'synthetic' | 'production',
  { now, monotonic, authorities }: Pick<Deps, 'now' | 'monotonic' | 'authorities'>,
  authorize?: Authorize,
): MemberClient {
  return createPeerClient({
    addresses: createAddressPolicy(network),
    now,
    monotonic,
    userAgent: 'csx-node/0.1',
    authorities,
    ...(authorize ? { authorize } : {}),
  })
}

/** The connector resolves the name itself, so that the address that is checked is the address that is called. */
function checkedConnector({ addresses, authorities }: PeerClientOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: 10_000,
    ...(authorities ? { ca: [...authorities] } : {}),
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
  readonly etag?: string | undefined
  /** To be sent; nothing is asked for then. */
  readonly text?: string
}

async function getOne(agent: Agent, asked: Request, options: PeerClientOptions): Promise<Fetched> {
  const { status, bytes, headers } = await request(agent, asked, options)
  if (status === 304 && asked.etag === undefined)
    throw new ProtocolError('PEER_UNAVAILABLE', 'the peer says "unchanged" to a question without a tag')
  return { status, bytes, ...(typeof headers.etag === 'string' ? { etag: headers.etag } : {}) }
}

async function request(
  agent: Agent,
  { url: address, limits, etag, text }: Request,
  options: PeerClientOptions,
): Promise<{
  readonly status: number
  readonly bytes: Uint8Array
  readonly headers: Dispatcher.ResponseData['headers']
}> {
  const url = new URL(address)
  const { maxBytes, timeout, signal, proven } = limits
  const ending = new AbortController()
  const giveUp = () => ending.abort(signal?.reason)
  const deadline = setTimeout(() => ending.abort(new DOMException('too late', 'TimeoutError')), timeout)
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  try {
    const authorization = proven === true ? await options.authorize?.(address) : undefined
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: text === undefined ? 'GET' : 'POST',
      signal: ending.signal,
      headers: {
        'user-agent': options.userAgent,
        'accept-encoding': 'identity',
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(authorization === undefined ? {} : { authorization }),
        ...(text === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
      },
      ...(text === undefined ? {} : { body: text }),
    })
    checkStatus(response, options, text === undefined ? answersToGet : answersToPost)
    const begun = options.monotonic()
    const bytes = await readBody(response, maxBytes, () => options.monotonic() - begun)
    return { status: response.statusCode, bytes, headers: response.headers }
  } catch (error) {
    throw asProblem(error)
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', giveUp)
  }
}

const answersToGet: readonly number[] = [200, 304, 404]
const answersToPost: readonly number[] = [200, 400, 403, 404, 409, 422]

function checkStatus(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { now }: Pick<PeerClientOptions, 'now'>,
  expected: readonly number[],
): void {
  if (expected.includes(statusCode)) return
  discard(body)
  if (statusCode >= 300 && statusCode < 400)
    throw new ProtocolError('REDIRECT_REFUSED', 'the peer redirects', { evidence: { status: statusCode } })
  const retryAfter = readRetryAfter(headers['retry-after'], now())
  const evidence = { status: statusCode, ...(retryAfter === undefined ? {} : { retryAfter }) }
  if (statusCode === 429) throw new ProtocolError('RATE_LIMITED', 'the peer asks for patience', { evidence })
  throw new ProtocolError('PEER_UNAVAILABLE', 'the peer answers with an error', { evidence })
}

/** An abandoned body emits an error, which would end the process when nobody listens. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => {}).destroy()
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const at = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000)
}

async function readBody(
  { body, headers }: Dispatcher.ResponseData,
  maxBytes: number,
  elapsed: () => number,
): Promise<Uint8Array> {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    discard(body)
    throw new ProtocolError('PAGE_MALFORMED', 'the peer compressed what was asked for as it is')
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body of bytes was expected')
    size += chunk.length
    if (size > maxBytes) {
      discard(body)
      throw new ProtocolError('RESPONSE_TOO_LARGE', 'the answer of the peer is too large', {
        evidence: { maxBytes },
      })
    }
    const milliseconds = elapsed()
    if (milliseconds > graceMilliseconds && size * 1000 < minBytesPerSecond * milliseconds) {
      discard(body)
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
