import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf } from '../protocol/hash.ts'
import { type Client, parseAnswer, textOf } from './client.ts'
import { type Exit, exits } from './exit.ts'
import { readInput } from './file.ts'
import { openOperator } from './operator.ts'
import { escapeText, formatDone } from './print.ts'
import type { World } from './world.ts'

export interface AttachFlags {
  readonly node: string
  readonly tokenFile: string
}

/** What no node can be set to take. */
const maxFileBytes = 1 << 30
/** A node waits as long for a whole request. */
const timeout = 120_000

/**
 * `csx attach`: hands a file to one's own node, and prints the digest by which a record names it. Sent again it is the same.
 *
 * @see protocol/spec/node.md, NODE-800
 */
export async function runAttach(file: string, flags: AttachFlags, world: World): Promise<Exit> {
  const client = await openOperator(flags, world)
  const body = await readInput(file, maxFileBytes, world)
  const digest = await attachFile(client, body)
  const lines = [
    formatDone(`已存入本节点 ${body.length} 字节`, `${body.length} bytes are at the node`),
    `摘要 / digest: ${digest}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}

/** @throws {ProtocolError} `DIGEST_MISMATCH`, and what the client throws */
export async function attachFile(client: Client, body: Uint8Array): Promise<Digest> {
  const digest = digestOf(body)
  const answer = await client.call(`/api/v1/blobs?digest=${digest}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body,
    maxBytes: 65_536,
    timeout,
  })
  if (textOf(parseAnswer(answer), 'digest') !== digest)
    throw new ProtocolError('DIGEST_MISMATCH', 'the node names another digest than that of the file')
  return digest
}
