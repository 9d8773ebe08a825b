import { timingSafeEqual } from 'node:crypto'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/hash.ts'

/**
 * Whether an `Authorization` header brings the operator's token. Compared by digest and in constant time, so that neither length nor
 * prefix leaks.
 *
 * @see spec/node.md, NODE-15
 */
export function bringsToken(header: string, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1]
  return given !== undefined && timingSafeEqual(sha256(encodeUtf8(given)), sha256(encodeUtf8(token)))
}
