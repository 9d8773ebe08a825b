import { type Place, type ProblemCode, ProtocolError, problemCodes } from '../protocol/error.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import type { World } from './world.ts'

export interface Request {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly maxBytes: number
  /** Milliseconds from the request to the last byte. */
  readonly timeout?: number
}

/** HTTP below one base URL, and nowhere else. */
export interface Client {
  readonly base: string
  /** The body of an answer 2xx; `undefined` for 404. */
  find(path: string, request: Request): Promise<Uint8Array | undefined>
  /** As `find`, where 404 is a problem like any other. */
  call(path: string, request: Request): Promise<Uint8Array>
}

/** What shows a node who asks: the `Authorization` of one request. */
export type Authorize = (request: {
  readonly base: string
  readonly method: string
  readonly url: string
}) => Promise<string>

const defaultTimeout = 30_000
const maxRedirects = 3

/**
 * Calls a node as a stranger would: bounded in bytes and time, no redirect to another origin, no cookie, nothing sent but what
 * the caller gives.
 *
 * @throws {ProtocolError} from its methods: `PEER_UNAVAILABLE` `PEER_TIMEOUT` `TLS_FAILED` `RESPONSE_TOO_LARGE`
 *   `REDIRECT_REFUSED`, or the problem that the node answers
 * @see protocol/spec/verify.md, VERIFY-20
 */
export function createClient(base: string, { fetch }: Pick<World, 'fetch'>, authorize?: Authorize): Client {
  const ask = async (path: string, request: Request) => {
    const url = `${base}${path}`
    if (!authorize) return send(fetch, url, request)
    const authorization = await authorize({ base, method: request.method ?? 'GET', url })
    return send(fetch, url, { ...request, headers: { ...request.headers, authorization } })
  }
  return {
    base,
    async find(path, request) {
      const answer = await ask(path, request)
      return answer instanceof ProtocolError ? undefined : answer
    },
    async call(path, request) {
      const answer = await ask(path, request)
      if (!(answer instanceof ProtocolError)) return answer
      // Where the node says which part of the question means nothing, that is said; else the address does.
      throw answer.place.pointer === undefined
        ? new ProtocolError('NOT_FOUND', `the node has nothing at ${path}`)
        : answer
    },
  }
}

/** An answer that must be a JSON object. @throws {ProtocolError} `PAGE_MALFORMED` */
export function parseAnswer(bytes: Uint8Array): JsonObject {
  const value = readQuietly(bytes)
  if (!isJsonObject(value)) throw malformed('not a JSON object')
  return value
}

/** @throws {ProtocolError} `PAGE_MALFORMED` */
export function textOf(answer: JsonObject, name: string): string {
  const value = answer[name]
  if (typeof value !== 'string') throw malformed(`no text "${name}"`)
  return value
}

/** @throws {ProtocolError} `PAGE_MALFORMED` */
export function countOf(answer: JsonObject, name: string): number {
  const value = answer[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(`no number "${name}"`)
  return value
}

/** The body, or why there is none: that nothing is there is no error to whoever only looks. */
async function send(
  fetch: World['fetch'],
  url: string,
  request: Request,
): Promise<Uint8Array | ProtocolError> {
  const signal = AbortSignal.timeout(request.timeout ?? defaultTimeout)
  try {
    const response = await follow(fetch, url, request, signal)
    const bytes = await readBody(response, request.maxBytes)
    if (response.ok) return bytes
    const problem = problemOf(response.status, bytes)
    if (response.status === 404 && (request.method ?? 'GET') === 'GET') return problem
    throw problem
  } catch (error) {
    throw asProblem(error)
  }
}

async function follow(
  fetch: World['fetch'],
  url: string,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  let address = url
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const response = await fetch(address, {
      method: request.method ?? 'GET',
      headers: { 'accept-encoding': 'identity', 'user-agent': 'csx', ...request.headers },
      redirect: 'manual',
      signal,
      ...(request.body ? { body: Buffer.from(request.body) } : {}),
    })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    const target = URL.canParse(location, address) ? new URL(location, address) : undefined
    if (!target || target.origin !== new URL(url).origin || request.method === 'POST')
      throw new ProtocolError('REDIRECT_REFUSED', 'the node redirects elsewhere', { evidence: { location } })
    address = target.href
  }
  throw new ProtocolError('REDIRECT_REFUSED', 'too many redirects')
}

/** The body of an answer, no further than the limit. @throws {ProtocolError} `RESPONSE_TOO_LARGE` */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    // Leaving the loop cancels the body.
    if (size > maxBytes) throw new ProtocolError('RESPONSE_TOO_LARGE', `more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** RFC 9457: a code of ours is kept; any other refusal is the node's word for it. */
function problemOf(status: number, bytes: Uint8Array): ProtocolError {
  const answer = readQuietly(bytes)
  const stated = isJsonObject(answer) ? answer : {}
  const own = problemCodes.find((code) => code === stated.code)
  const fallback: ProblemCode =
    status === 429
      ? 'RATE_LIMITED'
      : status === 401
        ? 'AUTH_REQUIRED'
        : status === 404
          ? 'NOT_FOUND'
          : 'QUERY_INVALID'
  const detail = typeof stated.detail === 'string' ? stated.detail : `the node answers ${status}`
  // A node that cannot serve now says nothing about what it was asked.
  const code = own ?? (status >= 500 ? 'PEER_UNAVAILABLE' : fallback)
  const traceId = typeof stated.traceId === 'string' ? { traceId: stated.traceId } : {}
  const faults = stated.faults === undefined ? {} : { faults: stated.faults }
  return new ProtocolError(code, detail, {
    place: placeOf(stated.place),
    evidence: { status, ...traceId, ...faults },
  })
}

function placeOf(value: JsonValue | undefined): Place {
  if (!isJsonObject(value)) return {}
  const { pointer, cell, index } = value
  return {
    ...(typeof pointer === 'string' ? { pointer } : {}),
    ...(typeof cell === 'string' ? { cell } : {}),
    ...(typeof index === 'number' ? { index } : {}),
  }
}

function readQuietly(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJson(bytes, bytes.length)
  } catch {
    return undefined
  }
}

/** Why there was no answer, with a code; what is no error stays as it is. */
export function asProblem(error: unknown): unknown {
  const facts: string[] = []
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ProtocolError) return cause
    facts.push(cause.name, 'code' in cause ? String(cause.code) : '')
  }
  if (facts.length === 0) return error
  const reason =
    facts.findLast((fact) => fact !== '' && fact !== 'Error' && fact !== 'TypeError') ?? 'unknown'
  if (facts.some((fact) => /TimeoutError|TIMEOUT|TIMEDOUT/.test(fact)))
    return new ProtocolError('PEER_TIMEOUT', 'the node did not answer in time', { cause: error })
  if (facts.some((fact) => /^ERR_(?:TLS|SSL)|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(fact)))
    return new ProtocolError('TLS_FAILED', `the secure connection failed (${reason})`, { cause: error })
  return new ProtocolError('PEER_UNAVAILABLE', `the node cannot be reached (${reason})`, { cause: error })
}

function malformed(message: string): ProtocolError {
  return new ProtocolError('PAGE_MALFORMED', `an answer of the node: ${message}`)
}
