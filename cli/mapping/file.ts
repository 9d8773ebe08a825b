import type { JsonObject } from '../../protocol/json-value.ts'
import { type Client, parseAnswer, textOf } from '../client.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { readInput, writeAtomically } from '../file.ts'
import { confirmWriting } from '../import.ts'
import { escapeJson, escapeText, formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { describePlan } from './plan.ts'
import { type MappingFlags, mappingPath, objectsIn, openClient } from './workspace.ts'

export interface ExportFlags extends MappingFlags {
  readonly format?: string
  readonly output?: string
}

export interface MappingImportFlags extends MappingFlags {
  readonly yes?: true
  readonly withdrawMissing?: true
}

const maxFile = 64 << 20
const timeout = 300_000

/**
 * `csx mapping export`: the rows as SSSOM/TSV or as a workbook, to be edited and brought back.
 *
 * @see protocol/spec/workspace.md, WORK-42
 */
export async function runExport(project: string, flags: ExportFlags, world: World): Promise<Exit> {
  const { format = flags.output?.endsWith('.xlsx') ? 'xlsx' : 'tsv' } = flags
  if (format !== 'tsv' && format !== 'xlsx')
    throw usageError('--format 为 tsv 或 xlsx / --format is tsv or xlsx')
  const client = await openClient(flags, world)
  const bytes = await client.call(`${mappingPath(project)}?format=${format}`, { maxBytes: maxFile, timeout })
  if (flags.output === undefined) {
    world.out(
      world.outIsTerminal && format === 'tsv'
        ? `${escapeText(Buffer.from(bytes).toString('utf8'))}\n`
        : bytes,
    )
    return exits.verified
  }
  await writeAtomically(flags.output, bytes)
  world.out(`${formatDone(`已写入 ${flags.output}`, `written: ${flags.output}`)}\n`)
  return exits.verified
}

/**
 * `csx mapping import`: an edited SSSOM/TSV or workbook, previewed first; with anything in the way nothing is written, else all of it, once somebody
 * says yes.
 *
 * @see protocol/spec/workspace.md, WORK-42
 */
export async function runMappingImport(
  project: string,
  file: string,
  { flags, world }: { readonly flags: MappingImportFlags; readonly world: World },
): Promise<Exit> {
  const client = await openClient(flags, world)
  const body = await readInput(file, maxFile, world)
  const parameters = flags.withdrawMissing ? { withdraw: 'missing' } : {}
  const plan = await send(client, project, { body, parameters })
  const tell = (line: string) => (flags.json ? world.err : world.out)(`${line}\n`)
  const print = (answer: JsonObject) => world.out(`${escapeJson(JSON.stringify(answer))}\n`)
  if (flags.json) print(plan)
  else world.out((await describePlan(plan, client)).map((line) => `${escapeText(line)}\n`).join(''))
  if (objectsIn(plan.conflicts).length + objectsIn(plan.faults).length > 0) {
    world.err('✗ 未写入任何内容；改正后重新导入 / nothing was written; correct it and import again\n')
    return exits.rejected
  }
  if (plan.preview === undefined) {
    tell(formatDone('没有需要写入的内容', 'nothing to write'))
    return exits.verified
  }
  if (!(flags.yes ?? (await confirmWriting(world, file)))) {
    world.err('? 未写入：没有得到确认（可用 --yes） / not written: nobody said yes (--yes does)\n')
    return exits.undecided
  }
  const confirm = textOf(plan, 'preview')
  const done = await send(client, project, { body, parameters: { ...parameters, confirm } })
  const amount = objectsIn(done.changes).length
  if (flags.json) print(done)
  tell(formatDone(`已写入${amount}行`, `${amount} row(s) logged`))
  return exits.verified
}

async function send(
  client: Client,
  project: string,
  { body, parameters }: { readonly body: Uint8Array; readonly parameters: Readonly<Record<string, string>> },
): Promise<JsonObject> {
  const query = new URLSearchParams(parameters)
  const bytes = await client.call(`${mappingPath(project)}/import?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body,
    maxBytes: maxFile,
    timeout,
  })
  return parseAnswer(bytes)
}
