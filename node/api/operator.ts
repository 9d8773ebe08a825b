import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256 } from '../../protocol/hash.ts'

/**
 * Whoever holds the operator token may publish. Compared by digest and in constant time, so that neither length nor prefix leaks.
 *
 * @throws {ProtocolError} `AUTH_REQUIRED` `AUTH_INVALID`
 * @see spec/node.md, NODE-15
 */
export function requireOperator(context: Context, token: string): void {
  const header = context.req.header('authorization')
  if (header === undefined) throw new ProtocolError('AUTH_REQUIRED', 'an operator token is required')
  const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1]
  if (given === undefined || !timingSafeEqual(sha256(encodeUtf8(given)), sha256(encodeUtf8(token)))) {
    throw new ProtocolError('AUTH_INVALID', 'the operator token is not valid')
  }
}
