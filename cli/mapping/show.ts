import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { MappingRow } from '../../protocol/record/mapping-row.ts'
import { predicates, relations, rowStates } from '../../protocol/record/mapping-word.ts'
import { countOf, textOf } from '../client.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { escapeJson, escapeText, formatTable } from '../print.ts'
import type { World } from '../world.ts'
import { errorsIn, readCheck, type ShownCheck } from './finding.ts'
import { fetchHeadings, type NameOfPin } from './heading.ts'
import { nameOfPin as nameIn, nameOfField, wordOfValue } from './value.ts'
import {
  fetchProjects,
  fetchWorkspace,
  type MappingFlags,
  objectsIn,
  openClient,
  type ShownRow,
  type ShownWorkspace,
} from './workspace.ts'

export interface ShowFlags extends MappingFlags {
  readonly state?: string
  readonly conflicts?: true
}

/**
 * `csx mapping status`: how far the work of a project is, and what is to be done; without a project, which there are.
 *
 * @see protocol/spec/workspace.md, WORK-40
 */
export async function runStatus(
  project: string | undefined,
  flags: MappingFlags,
  world: World,
): Promise<Exit> {
  const client = await openClient(flags, world)
  if (project === undefined) {
    const { projects } = await fetchProjects(client)
    if (flags.json) return print(world, projects)
    world.out(
      projects.length === 0 ? '没有可查看的结对项目 / no project to be seen here\n' : listProjects(projects),
    )
    return exits.verified
  }
  const { answer, names } = await fetchWorkspace(client, project, { limit: '0' })
  if (flags.json) {
    const { rows: _rows, conflicts: _conflicts, total: _total, ...status } = answer
    return print(world, [status])
  }
  const check = await readCheck(client, project)
  world.out(
    describeStatus(answer, names, check)
      .map((line) => `${escapeText(line)}\n`)
      .join(''),
  )
  return exits.verified
}

function listProjects(projects: readonly JsonObject[]): string {
  return formatTable(
    projects.map((project) => [
      textOf(project, 'id'),
      project.underWay === true ? '进行中 / under way' : '已结束 / ended',
      textOf(project, 'nameZh'),
    ]),
  )
}

function describeStatus(
  answer: JsonObject,
  names: ReadonlyMap<string, string>,
  check: ShownCheck | undefined,
): readonly string[] {
  const counts = isJsonObject(answer.counts) ? answer.counts : {}
  const states = isJsonObject(counts.states) ? counts.states : {}
  const project = isJsonObject(answer.project) ? answer.project : {}
  const [conflict, merged, incomplete] = ['conflict', 'merged', 'incomplete'].map((name) =>
    countOf(counts, name),
  )
  const [faults, waiting] = [answer.faults, answer.waiting].map((list) =>
    isJsonObject(list) ? countOf(list, 'total') : 0,
  )
  const stated = Object.entries(rowStates).map(
    ([state, { zh, en }]) => [zh, en, countOf(states, state)] as const,
  )
  const todo: string[] = []
  if (conflict)
    todo.push(
      `! ${conflict}行有冲突，需双方商定：csx mapping show --conflicts，再用 settle / ${conflict} row(s) in conflict: see show --conflicts, then settle`,
    )
  if (merged)
    todo.push(
      `· ${merged}行两方改动已自动合并，尚未登记：下一次修改时写入，或用 settle / ${merged} row(s) merged by themselves and not yet recorded`,
    )
  const errors = check ? errorsIn(check).length : 0
  if (errors)
    todo.push(
      `! ${errors}处通过的行不符合规则，不能据以拟出互认声明：csx mapping check / accepted rows break a rule in ${errors} place(s): see csx mapping check`,
    )
  const inReview = countOf(states, 'in-review')
  if (inReview)
    todo.push(
      `· ${inReview}行待审：由非起草一方 accept 或 reject / ${inReview} row(s) wait for the party that did not write them`,
    )
  if (incomplete)
    todo.push(
      `? ${incomplete}行不完整：缺少对方的前一版本，等待同步（${waiting}个版本） / ${incomplete} row(s) wait for versions that are not here yet`,
    )
  if (faults)
    todo.push(
      `! ${faults}处改动不作数：csx mapping status --json 列出 / ${faults} change(s) count for nothing; --json lists them`,
    )
  if (todo.length === 0) todo.push(...nextStep(textOf(project, 'id'), countOf(counts, 'rows'), states))
  return [
    `${textOf(project, 'nameZh')}  ${[...names.values()].join(' — ')}`,
    `共${countOf(counts, 'rows')}行：${stated.map(([zh, , n]) => `${zh}${n}`).join('，')}，冲突${conflict}，已撤${countOf(counts, 'withdrawn')}`,
    `${countOf(counts, 'rows')} rows: ${stated.map(([, en, n]) => `${en} ${n}`).join(', ')}, in conflict ${conflict}, withdrawn ${countOf(counts, 'withdrawn')}`,
    ...todo,
    `截至 / as of: ${objectsIn(answer.asOf)
      .map((log) => `${textOf(log, 'origin')} ${countOf(log, 'size')}`)
      .join('，')}`,
  ]
}

/** Where nothing is in the way: what has to be done before both can sign. */
function nextStep(project: string, rows: number, states: JsonObject): readonly string[] {
  const [candidates, drafts, accepted] = ['candidate', 'draft', 'accepted'].map((state) =>
    countOf(states, state),
  )
  if (rows === 0)
    return [
      '→ 还没有映射行：用 csx suggest <甲> <乙> -o 候选.tsv 提出候选，改定后用 csx mapping import 导入 / no rows yet: csx suggest, then csx mapping import',
    ]
  const unsent = (candidates ?? 0) + (drafts ?? 0)
  if (unsent > 0)
    return [
      `→ ${unsent}行是候选或草拟：用 csx mapping export 导出，改定后把状态改为“待审”，用 csx mapping import 导回 / ${unsent} row(s) are candidates or drafts: export them, set them to review, and import`,
    ]
  if (!accepted) return ['→ 没有通过的行，无从拟互认声明 / no row is accepted: there is nothing to recognise']
  return [
    `→ ${accepted}行已通过，没有待办的行：用 csx agreement draft ${project} --basis-number <文号> --accept-by <日期> --effective-from <日期> --valid-until <日期> --output draft.json 拟互认声明 / ${accepted} row(s) accepted, nothing left to do: draft the recognition with csx agreement draft`,
  ]
}

/**
 * `csx mapping show`: rows of a project; named ones with all that is known of them.
 *
 * @see protocol/spec/workspace.md, WORK-40
 */
export async function runShow(
  project: string,
  ids: readonly string[],
  { flags, world }: { readonly flags: ShowFlags; readonly world: World },
): Promise<Exit> {
  if (flags.state !== undefined && !Object.hasOwn(rowStates, flags.state))
    throw usageError(`状态为 / --state is one of: ${Object.keys(rowStates).join(' ')}`)
  const client = await openClient(flags, world)
  const shown = await fetchWorkspace(client, project, {
    ...(flags.state === undefined ? {} : { state: flags.state }),
    ...(flags.conflicts ? { standing: 'conflict' } : {}),
    ...(ids.length === 1 && ids[0] !== undefined ? { row: ids[0] } : {}),
  })
  const wanted = new Set(ids)
  const rows = shown.rows.filter(({ row }) => wanted.size === 0 || wanted.has(row))
  const missing = ids.filter((id) => !rows.some(({ row }) => row === id))
  if (flags.json) {
    const conflictsOf = (row: string) => shown.conflicts.filter((conflict) => conflict.row === row)
    for (const row of rows)
      world.out(`${escapeJson(JSON.stringify({ ...row, conflicts: conflictsOf(row.row) }))}\n`)
  } else if (ids.length > 0 || flags.conflicts) {
    const nameOf = await fetchHeadings(client, rows)
    world.out(
      rows
        .flatMap((row) => describeRow(row, { ...shown, nameOf }))
        .map((line) => `${escapeText(line)}\n`)
        .join(''),
    )
  } else {
    const nameOf = await fetchHeadings(client, rows)
    world.out(formatTable(rows.map((row) => lineOf(row, nameOf))))
  }
  for (const id of missing)
    world.err(
      `${escapeText(`✗ ${id}  NOT_FOUND  没有这一行，不写行标识可列出各行 / no such row; without an id all are listed`)}\n`,
    )
  return missing.length > 0 ? exits.rejected : exits.verified
}

function lineOf({ row, standing, mapping, incomplete }: ShownRow, nameOf: NameOfPin): readonly string[] {
  const mark = standing === 'conflict' ? '! 冲突' : mapping ? rowStates[mapping.state].zh : '已撤'
  const flags = `${standing === 'merged' ? '（已合并，未登记）' : ''}${incomplete ? '（不完整）' : ''}`
  if (!mapping) return [row, mark, '', flags]
  const pair = `${nameIn(mapping.subject, nameOf)} → ${nameIn(mapping.object, nameOf)}`
  return [row, mark, relationOf(mapping), `${pair}${flags}`]
}

function relationOf({ relation, predicate }: MappingRow): string {
  return relation === undefined ? predicates[predicate].zh : relations[relation].zh
}

const standings: Readonly<Record<string, string>> = {
  recorded: '已登记 / recorded',
  merged: '已合并，未登记 / merged, not yet recorded',
  conflict: '冲突 / in conflict',
}

function describeRow(
  row: ShownRow,
  { conflicts, names, nameOf: nameOfPin }: ShownWorkspace & { readonly nameOf: NameOfPin },
): readonly string[] {
  const nameOf = (party: string) => names.get(party) ?? party
  const { mapping, heads } = row
  const wordOf = (field: string, value: JsonValue | undefined): string => {
    const name =
      typeof value === 'string' && (field === 'author' || field === 'reviewer') ? names.get(value) : undefined
    return name === undefined ? wordOfValue(field, value, nameOfPin) : `${name} ${String(value)}`
  }
  const lines = [
    `${row.row}  ${standings[row.standing] ?? row.standing}${row.incomplete ? '，不完整 / incomplete' : ''}`,
  ]
  if (row.reopened)
    lines.push('  原审核已失效：对方修改了内容，须重审 / the review fell: the content was changed')
  for (const [name, value] of Object.entries(fieldsOf(mapping))) {
    const pin =
      mapping && (name === 'subject' || name === 'object' || name === 'objectSource') && mapping[name]
    const word = pin ? `${nameIn(pin, nameOfPin)}  ${pin.edition} ${pin.digest}` : wordOf(name, value)
    lines.push(`  ${nameOfField(name)}：${word}`)
  }
  if (!mapping && row.standing !== 'conflict') lines.push('  已撤回 / withdrawn')
  lines.push(`  起草方 / written by: ${row.authors.map(nameOf).join('、')}`)
  for (const [i, head] of heads.entries())
    lines.push(`  [${i + 1}] ${head.at} ${nameOf(head.by)}  ${head.version}`)
  for (const conflict of conflicts.filter((one) => one.row === row.row)) {
    const field = textOf(conflict, 'field')
    lines.push(`  ! ${nameOfField(field)}  原为 / was: ${wordOf(field, conflict.base)}`)
    for (const [i, side] of objectsIn(conflict.sides).entries())
      lines.push(
        `    [${i + 1}] ${nameOf(textOf(side, 'by'))} ${textOf(side, 'at')}: ${wordOf(field, side.value)}`,
      )
  }
  return lines
}

function fieldsOf(mapping: MappingRow | undefined): JsonObject {
  const fields: JsonObject = JSON.parse(JSON.stringify(mapping ?? {}))
  return fields
}

function print(world: World, lines: readonly JsonObject[]): Exit {
  for (const line of lines) world.out(`${escapeJson(JSON.stringify(line))}\n`)
  return exits.verified
}
