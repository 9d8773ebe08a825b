import { encodeUtf8 } from '../protocol/bytes.ts'
import { countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { parseUrl } from './option.ts'
import { locateRecord } from './place.ts'
import { escapeText, formatDone } from './print.ts'
import { readToken } from './publish.ts'
import { requireRecordName } from './record-name.ts'
import type { World } from './world.ts'

export interface TierActFlags {
  readonly node: string
  readonly tokenFile: string
  readonly reason?: string
}

/**
 * `csx disclose`: opens an own entry to everybody, for ever. `csx erase`: destroys its record and asks holders to do so. The entry is named
 * by its index, or by the id or digest of its record.
 *
 * @see protocol/spec/tier.md, TIER-40 and TIER-51
 */
export async function runTierAct(
  kind: 'disclosure' | 'erasure',
  name: string,
  { flags, world }: { readonly flags: TierActFlags; readonly world: World },
): Promise<Exit> {
  const { authorization } = await readToken(flags.tokenFile, world)
  const client = createClient(parseUrl(flags.node), world, async () => authorization)
  const index = /^(?:0|[1-9]\d{0,15})$/.test(name)
    ? Number(name)
    : (await locateRecord(client, requireRecordName(name))).index
  if (!Number.isSafeInteger(index)) throw usageError(`不是条目序号 / not an index: ${name}`)
  const note = flags.reason === undefined ? {} : { note: flags.reason }
  const answer = parseAnswer(
    await client.call(`/api/v1/${kind}s`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: encodeUtf8(JSON.stringify({ index, ...note })),
      maxBytes: 1 << 20,
    }),
  )
  const logged = `${textOf(answer, 'origin')} #${countOf(answer, 'index')}`
  const line =
    kind === 'disclosure'
      ? formatDone(
          `第${index}条已向所有人公开，不可收回；声明：${logged}`,
          `entry ${index} is open to everybody, for ever; logged as ${logged}`,
        )
      : formatDone(
          `第${index}条的记录已在本节点删除，并已请求持有者删除；请求：${logged}。数据库备份须另行处理`,
          `the record of entry ${index} is destroyed here, and holders are asked to destroy it; logged as ${logged}. Back-ups of the database are for you to think of`,
        )
  world.out(`${escapeText(line)}\n`)
  return exits.verified
}
