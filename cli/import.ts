import { ProtocolError } from '../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import { type Client, countOf, createClient, parseAnswer, textOf } from './client.ts'
import { type Exit, exits } from './exit.ts'
import { readInput } from './file.ts'
import { parseUrl } from './option.ts'
import { escapeText, formatDone, formatTable } from './print.ts'
import { readToken } from './publish.ts'
import type { World } from './world.ts'

export interface ImportFlags {
  readonly node: string
  readonly tokenFile: string
  readonly yes?: true
}

const maxTableBytes = 16 << 20
const timeout = 120_000

/**
 * `csx import`: a 标准明细表 as CSV, previewed first. With a fault nothing is written; otherwise all of it, once somebody says
 * yes.
 */
export async function runImport(file: string, flags: ImportFlags, world: World): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world)
  const headers = { ...(await readToken(flags.tokenFile, world)), 'content-type': 'text/csv' }
  const body = await readInput(file, maxTableBytes, world)
  const preview = await send(client, 'preview', { headers, body })
  world.out(describeImport(preview))
  if (rowsOf(preview.faults).length > 0) return refuse(world)
  if (countOf(preview, 'new') + countOf(preview, 'revised') === 0) {
    world.out(`${formatDone('没有需要写入的内容', 'nothing to write')}\n`)
    return exits.verified
  }
  if (!(flags.yes ?? (await confirmWriting(world, file)))) {
    world.out('? 未写入：没有得到确认（可用 --yes） / not written: nobody said yes (--yes does)\n')
    return exits.undecided
  }
  const done = await send(client, 'commit', { headers, body })
  if (rowsOf(done.faults).length > 0) {
    world.out(describeImport(done))
    return refuse(world)
  }
  for (const receipt of rowsOf(done.receipts)) {
    const line = formatDone(
      `${textOf(receipt, 'origin')} 第${countOf(receipt, 'index')}条  ${textOf(receipt, 'id')}`,
      textOf(receipt, 'digest'),
    )
    world.out(`${line}\n`)
  }
  world.out(
    `${formatDone(`已写入${rowsOf(done.receipts).length}条`, `${rowsOf(done.receipts).length} record(s) published`)}\n`,
  )
  return exits.verified
}

function refuse(world: World): Exit {
  world.out(
    '✗ 表格有误，未写入任何内容；改正后重新导入 / there are faults: nothing was written; correct them and import again\n',
  )
  return exits.rejected
}

async function send(
  client: Client,
  mode: 'preview' | 'commit',
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
): Promise<JsonObject> {
  const path = `/api/v1/imports?mode=${mode}`
  try {
    return parseAnswer(await client.call(path, { method: 'POST', ...request, maxBytes: 64 << 20, timeout }))
  } catch (error) {
    // A table with faults is refused as a whole; what is wrong with it comes along.
    if (error instanceof ProtocolError && error.evidence.faults !== undefined) {
      const faults: JsonValue = JSON.parse(JSON.stringify(error.evidence.faults))
      return { rows: 0, new: 0, unchanged: 0, revised: 0, faults, warnings: [] }
    }
    throw error
  }
}

function describeImport(answer: JsonObject): string {
  const [rows, fresh, same, revised] = [
    countOf(answer, 'rows'),
    countOf(answer, 'new'),
    countOf(answer, 'unchanged'),
    countOf(answer, 'revised'),
  ]
  const head = `${rows} 行：新 ${fresh}，未变 ${same}，修订 ${revised} / ${rows} rows: ${fresh} new, ${same} unchanged, ${revised} revised\n`
  return `${head}${tableOf('✗', rowsOf(answer.faults))}${tableOf('!', rowsOf(answer.warnings))}`
}

/** One line a fault: where, which column, which code or rule, what is wrong and what to do. */
function tableOf(mark: string, faults: readonly JsonObject[]): string {
  if (faults.length === 0) return ''
  const rows = faults.map((fault) => {
    const remedy = [fault.remedyZh, fault.remedyEn].filter((text) => typeof text === 'string').join(' / ')
    return [
      `${mark} ${wordIn(fault, 'cell') || `#${wordIn(fault, 'line')}`}`,
      wordIn(fault, 'column'),
      wordIn(fault, 'rule') || wordIn(fault, 'code'),
      `${wordIn(fault, 'zh')} / ${wordIn(fault, 'en')}${remedy === '' ? '' : `  → ${remedy}`}`,
    ]
  })
  return formatTable([
    ['  单元格 / cell', '列 / column', '代码 / code', '说明与处理 / what, and what to do'],
    ...rows,
  ])
}

function wordIn(value: JsonObject, name: string): string {
  const word = value[name]
  return typeof word === 'string' || typeof word === 'number' ? String(word) : ''
}

function rowsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

/** Asks where somebody can answer; otherwise silence is a no. */
export async function confirmWriting(world: World, file: string): Promise<boolean> {
  if (!world.inIsTerminal || file === '-') return false
  world.err('写入以上内容？输入 yes 确认 / write all this? type yes: ')
  let answer = ''
  for await (const chunk of world.stdin()) {
    answer += escapeText(Buffer.from(chunk).toString('utf8').replaceAll('\n', ' '))
    if (chunk.includes(0x0a) || answer.length > 100) break
  }
  return /^\s*(?:yes|y|是|确认)\s*$/i.test(answer)
}
