import { decodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { parseJson } from '../protocol/json.ts'
import { maxRecordBytes } from '../protocol/record/schema.ts'
import { countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput } from './file.ts'
import { parseUrl } from './option.ts'
import { escapeText, formatDone } from './print.ts'
import type { World } from './world.ts'

export interface PublishFlags {
  readonly node: string
  readonly tokenFile: string
  readonly idempotencyKey?: string
  readonly wait?: string
}

/**
 * `csx publish`: hands a draft or a ready-signed record to one's own node, and prints the receipt once it is committed. A
 * failure of the network leaves open whether it was: an Idempotency-Key makes it safe to ask again.
 */
export async function runPublish(file: string, flags: PublishFlags, world: World): Promise<Exit> {
  if (flags.wait !== undefined && flags.wait !== 'visible')
    throw usageError('--wait 只能是 visible / --wait can be visible alone')
  const client = createClient(parseUrl(flags.node), world)
  const headers = { ...(await readToken(flags.tokenFile, world)), ...idempotency(flags.idempotencyKey) }
  const body = await readInput(file, maxRecordBytes, world)
  parseJson(body, maxRecordBytes)
  const answer = parseAnswer(
    await client.call(`/api/v1/records${flags.wait === undefined ? '' : '?wait=visible'}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      maxBytes: 1 << 20,
    }),
  )
  const lines = [
    formatDone(
      `已发布：${textOf(answer, 'origin')} 第${countOf(answer, 'index')}条`,
      `published: entry ${countOf(answer, 'index')} of ${textOf(answer, 'origin')}`,
    ),
    `标识 / id: ${textOf(answer, 'id')}`,
    `摘要 / digest: ${textOf(answer, 'digest')}`,
  ]
  world.out(lines.map((line) => `${escapeText(line)}\n`).join(''))
  return exits.verified
}

/** The header of an operator. The token stays out of the command line, where every user of the machine could read it. */
export async function readToken(file: string, world: World): Promise<{ readonly authorization: string }> {
  const token = decodeUtf8(await readInput(file, 4096, world)).trim()
  if (!/^[!-~]{1,1024}$/.test(token)) throw new ProtocolError('AUTH_INVALID', 'the token file holds no token')
  return { authorization: `Bearer ${token}` }
}

function idempotency(key: string | undefined): Readonly<Record<string, string>> {
  if (key === undefined) return {}
  if (!/^[!-~]{1,255}$/.test(key))
    throw usageError(
      '幂等键须为255个以内的可见 ASCII 字符 / an Idempotency-Key is at most 255 visible ASCII characters',
    )
  return { 'idempotency-key': key }
}
