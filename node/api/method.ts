import type { Hono } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'

const methods = ['GET', 'POST'] as const

/**
 * What to say when nothing answers a request: that the address is unknown, or that it is known by other methods.
 *
 * @see spec/node.md, NODE-4 and NODE-21
 */
export function refusalOf(app: Hono, method: string, path: string): ProtocolError {
  const known = methods.filter((candidate) =>
    app.router.match(candidate, path)[0].some(([[, route]]) => route.method === candidate),
  )
  const allow = known.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ')
  if (allow === '') return new ProtocolError('NOT_FOUND', 'there is nothing at this address')
  return new ProtocolError('METHOD_NOT_ALLOWED', `${method} is not one of ${allow}`, { evidence: { allow } })
}
