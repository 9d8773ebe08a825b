import { encodeUtf8 } from '../protocol/bytes.ts'
import { type Client, createClient } from './client.ts'
import { parseUrl } from './option.ts'
import { readToken } from './publish.ts'
import type { World } from './world.ts'

/** Asks one's own node as its operator. */
export async function openOperator(
  { node, tokenFile }: { readonly node: string; readonly tokenFile: string },
  world: World,
): Promise<Client> {
  const { authorization } = await readToken(tokenFile, world)
  return createClient(parseUrl(node), world, async () => authorization)
}

export function postJson(client: Client, path: string, body: object): Promise<Uint8Array> {
  return client.call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: encodeUtf8(JSON.stringify(body)),
    maxBytes: 16 << 20,
  })
}
