import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'vitest'
import type { ProblemCode } from '../../protocol/error.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly place: { readonly pointer?: string; readonly index?: number; readonly cell?: string }
  readonly remedy: string
  readonly traceId: string
}

/** What may never be in an answer: stacks, paths of the machine, SQL. */
const secrets =
  /\bat \w+.*:\d+:\d+|node_modules|\/(?:tmp|work|home|root|usr)\/|\bselect\b.*\bfrom\b|insert into|pg_|postgres/i

/** The answer is a problem of this code, whole and with nothing in it that should not be. */
export async function expectProblem(
  response: Response,
  code: ProblemCode,
  { status, pointer }: { readonly status?: number; readonly pointer?: string } = {},
): Promise<Problem> {
  const text = await response.text()
  expect(text).not.toMatch(secrets)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const problem = JSON.parse(text) as Problem
  expect([problem.code, problem.detail.slice(0, 200)]).toEqual([code, expect.any(String)])
  expect(problem.type).toBe(`https://w3id.org/chuanyu-standards/problem#${code}`)
  expect(problem.status).toBe(response.status)
  expect(problem.title).toMatch(/\p{Script=Han}.* \/ .*[a-z]/u)
  expect(problem.remedy).toMatch(/\p{Script=Han}.* \/ .*[a-z]/u)
  expect(problem.traceId).toMatch(/^[0-9a-f]{16}$/)
  if (status !== undefined) expect(response.status).toBe(status)
  if (pointer !== undefined) expect(problem.place.pointer).toBe(pointer)
  return problem
}

/** A request with a path exactly as given, which `fetch` would tidy up. */
export function rawRequest(
  base: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer }> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Sends bytes and gives what comes back until the other side closes, or nothing more comes. */
export function rawBytes(base: string, bytes: string | Uint8Array, patience = 2_000): Promise<string> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(patience, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}
