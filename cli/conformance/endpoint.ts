import { failedFor, judgeAnswer, maxAnswerBytes } from '../../protocol/conformance/judge.ts'
import type { CaseResult } from '../../protocol/conformance/run.ts'
import type { OpenedSchema } from '../../protocol/conformance/schema.ts'
import type { ConformanceCase } from '../../protocol/conformance/suite.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { asProblem, readBody } from '../client.ts'
import type { World } from '../world.ts'

export type EndpointOutcome = { readonly result: CaseResult } | { readonly fault: ProtocolError }

/**
 * One GET, bounded in bytes and time, without following a redirect; `fault` where no answer came.
 *
 * @see protocol/spec/conformance.md, CONF-31 and CONF-32
 */
export async function tryEndpoint(
  one: Extract<ConformanceCase, { readonly kind: 'endpoint' }>,
  { url, schema, timeout }: { readonly url: string; readonly schema: OpenedSchema; readonly timeout: number },
  { fetch }: Pick<World, 'fetch'>,
): Promise<EndpointOutcome> {
  const query = new URLSearchParams()
  for (const { name, value } of one.query ?? []) query.append(name, value)
  const address = `${url}${one.path}${one.query ? `?${query}` : ''}`
  try {
    const response = await fetch(address, {
      headers: { 'accept-encoding': 'identity', 'user-agent': 'csx', accept: one.mediaType ?? '*/*' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    const body = await readBody(response, maxAnswerBytes)
    const { status, headers } = response
    return {
      result: judgeAnswer(one, schema, {
        status,
        contentType: headers.get('content-type') ?? undefined,
        body,
      }),
    }
  } catch (error) {
    const problem = asProblem(error)
    if (!(problem instanceof ProtocolError) || problem.code === 'JSON_SCHEMA_REFUSED') throw problem
    if (problem.code === 'RESPONSE_TOO_LARGE')
      return { result: failedFor(one, '答复过大 / the answer is too large') }
    return { fault: problem }
  }
}
