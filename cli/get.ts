import { decodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { isDigest } from '../protocol/hash.ts'
import { parseRecordId } from '../protocol/identifier/name.ts'
import { createClient } from './client.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { fetchRecord, locateRecord } from './gather.ts'
import { parseUrl } from './option.ts'
import { escapeText } from './print.ts'
import type { World } from './world.ts'

/**
 * A record is named by its digest or its id.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 */
export function requireRecordName(name: string): string {
  if (isDigest(name)) return name
  try {
    parseRecordId(name)
    return name
  } catch (error) {
    if (error instanceof ProtocolError)
      throw usageError(`需要记录的标识或摘要 / the id or the digest of a record is needed: ${name}`)
    throw error
  }
}

/**
 * `csx get`: the exact bytes of one record on standard output, held against their digest. Their signature is not checked.
 */
export async function runGet(name: string, flags: { readonly node: string }, world: World): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world)
  const wanted = requireRecordName(name)
  const digest = isDigest(wanted) ? wanted : (await locateRecord(client, wanted)).digest
  const bytes = await fetchRecord(client, digest)
  // A file gets the bytes; a terminal gets text that cannot play tricks on it.
  world.out(world.outIsTerminal ? `${escapeText(decodeUtf8(bytes))}\n` : bytes)
  return exits.verified
}
