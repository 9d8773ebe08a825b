import type { Context } from 'hono'
import { ProtocolError } from '../../protocol/error.ts'
import { bringsToken } from '../access/operator.ts'

/**
 * Whoever holds the operator token may publish.
 *
 * @throws {ProtocolError} `AUTH_REQUIRED` `AUTH_INVALID`
 * @see spec/node.md, NODE-15
 */
export function requireOperator(context: Context, token: string): void {
  const header = context.req.header('authorization')
  if (header === undefined) throw new ProtocolError('AUTH_REQUIRED', 'an operator token is required')
  if (!bringsToken(header, token)) throw new ProtocolError('AUTH_INVALID', 'the operator token is not valid')
}
