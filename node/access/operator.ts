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
  return given !== undefined && isToken(given, token)
}

/**
 * Whether an `Authorization` header brings the operator's token as the password of HTTP Basic, whatever the user is called. It opens
 * pages that are read and nothing else: a browser sends it again by itself, so no door that writes may take it.
 *
 * @see spec/console.md, CONSOLE-20
 */
export function bringsPassword(header: string, token: string): boolean {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(header)?.[1]
  if (encoded === undefined) return false
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon >= 0 && isToken(pair.slice(colon + 1), token)
}

function isToken(given: string, token: string): boolean {
  return timingSafeEqual(sha256(encodeUtf8(given)), sha256(encodeUtf8(token)))
}
