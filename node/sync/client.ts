import { lookup } from 'node:dns'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { ProtocolError } from '../../protocol/error.ts'
import type { Deps } from '../deps.ts'
import { type AddressPolicy, createAddressPolicy } from './address.ts'
import { type BodyLimits, discard, readChunks, readWhole } from './body.ts'

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
  /** Hands over what comes while it comes; `undefined`: the peer does not have it, or not for this node. */
  stream<T>(
    url: string,
    limits: FetchLimits,
    take: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T | undefined>
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
    get: (url, limits, etag) => request({ agent, options }, { url, limits, etag }, receiveFor(etag)),
    post: (url, text, limits) => request({ agent, options }, { url, limits, text }, receiveAnswer),
    stream: (url, limits, take) =>
      request({ agent, options }, { url, limits }, async (response, bounds) => {
        if (response.statusCode === 200) return take(readChunks(response, bounds))
        discard(response.body)
        return undefined
      }),
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
    userAgent: 'csx-node/0.2',
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

type Receive<T> = (response: Dispatcher.ResponseData, limits: BodyLimits) => Promise<T>

function receiveFor(tag: string | undefined): Receive<Fetched> {
  return async (response, limits) => {
    const { statusCode: status, headers } = response
    const bytes = await readWhole(response, limits)
    if (status === 304 && tag === undefined)
      throw new ProtocolError('PEER_UNAVAILABLE', 'the peer says "unchanged" to a question without a tag')
    return { status, bytes, ...(typeof headers.etag === 'string' ? { etag: headers.etag } : {}) }
  }
}

async function receiveAnswer(response: Dispatcher.ResponseData, limits: BodyLimits): Promise<Answered> {
  const type = response.headers['content-type']
  const bytes = await readWhole(response, limits)
  return { status: response.statusCode, bytes, type: typeof type === 'string' ? type : '' }
}

async function request<T>(
  { agent, options }: { readonly agent: Agent; readonly options: PeerClientOptions },
  { url: address, limits, etag, text }: Request,
  receive: Receive<T>,
): Promise<T> {
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
    return await receive(response, { maxBytes, elapsed: () => options.monotonic() - begun })
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

/** Seconds. Whoever asks for more patience than this is asked again all the same. */
const longestRest = 86_400

/** RFC 9110, section 10.2.3: seconds, or a date. */
function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Math.min(Number(header), longestRest)
  const at = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, (at - now) / 1000), longestRest)
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
