import { decodeUtf8 } from '../protocol/bytes.ts'
import { isDigest } from '../protocol/hash.ts'
import { createClient } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits } from './exit.ts'
import { parseUrl } from './option.ts'
import { fetchRecord, locateRecord } from './place.ts'
import { escapeText } from './print.ts'
import { requireRecordName } from './record-name.ts'
import type { World } from './world.ts'

/**
 * `csx get`: the exact bytes of one record on standard output, held against their digest. Their signature is not checked.
 */
export async function runGet(
  name: string,
  flags: ReaderFlags & { readonly node: string },
  world: World,
): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const wanted = requireRecordName(name)
  const digest = isDigest(wanted) ? wanted : (await locateRecord(client, wanted)).digest
  const bytes = await fetchRecord(client, digest)
  // A file gets the bytes; a terminal gets text that cannot play tricks on it.
  world.out(world.outIsTerminal ? `${escapeText(decodeUtf8(bytes))}\n` : bytes)
  return exits.verified
}
