import { encodeUtf8 } from '../../protocol/bytes.ts'
import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject, JsonValue } from '../../protocol/json-value.ts'
import { type MappingRow, mappingRow } from '../../protocol/record/mapping-row.ts'
import { parseWith } from '../../protocol/record/schema.ts'
import { type Client, parseAnswer, textOf } from '../client.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { escapeJson, escapeText, formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { describeFindings, errorsIn, readCheck, rowsOf } from './finding.ts'
import {
  fetchProjects,
  fetchWorkspace,
  type MappingFlags,
  mappingPath,
  openClient,
  type ShownRow,
} from './workspace.ts'

export interface WriteFlags extends MappingFlags {
  readonly allInReview?: true
  /** Role of whoever reviewed, for the record. */
  readonly label?: string
  readonly text?: string
  readonly take?: string
}

export type WriteAct = 'accept' | 'reject' | 'comment' | 'settle' | 'withdraw'

/** What to log of one row, or why nothing is. */
type Outcome = { readonly mapping: MappingRow | undefined } | { readonly zh: string; readonly en: string }

interface WriteCase {
  readonly self: string
  readonly today: string
  readonly flags: WriteFlags
  readonly conflicts: readonly JsonObject[]
}

/**
 * `csx mapping accept | reject | comment | settle | withdraw`: changes of rows in the name of the node's agency, all or none. With
 * `--all-in-review` those that cannot be are named and left out.
 *
 * @see protocol/spec/workspace.md, WORK-41
 */
export async function runWrite(
  act: WriteAct,
  { project, ids }: { readonly project: string; readonly ids: readonly string[] },
  { flags, world }: { readonly flags: WriteFlags; readonly world: World },
): Promise<Exit> {
  if (ids.length > 0 === (flags.allInReview === true))
    throw usageError('请写行标识，或用 --all-in-review / name rows, or --all-in-review')
  const client = await openClient(flags, world)
  const { self } = await fetchProjects(client)
  const { rows, conflicts } = await fetchWorkspace(
    client,
    project,
    flags.allInReview ? { state: 'in-review' } : {},
  )
  const given: WriteCase = { self, today: legalDateOf(world.now()), flags, conflicts }
  const known = new Map(rows.map((row) => [row.row, row]))
  const changes: JsonObject[] = []
  const left: string[] = []
  for (const id of flags.allInReview ? known.keys() : new Set(ids)) {
    const row = known.get(id)
    const outcome = row ? write[act](row, given) : { zh: '没有这一行', en: 'no such row' }
    if ('zh' in outcome) left.push(`${id}  ${outcome.zh} / ${outcome.en}`)
    else changes.push(changeOf(id, row, outcome.mapping))
  }
  for (const line of left) world.err(`${escapeText(`${flags.allInReview ? '?' : '✗'} ${line}`)}\n`)
  if (left.length > 0 && !flags.allInReview) {
    world.err('✗ 未写入任何内容 / nothing was written\n')
    return exits.rejected
  }
  if (changes.length === 0) {
    const line = `${formatDone('没有需要写入的内容', 'nothing to write')}\n`
    if (flags.json) world.err(line)
    else world.out(line)
    return exits.verified
  }
  const answer = await postChanges(client, project, changes)
  if (flags.json) world.out(`${escapeJson(JSON.stringify(answer))}\n`)
  else
    world.out(
      `${formatDone(`${acts[act].zh}${changes.length}行，已入志`, `${changes.length} row(s) ${acts[act].en}, and logged`)}\n`,
    )
  if (act === 'accept' || act === 'settle') await warnOfErrors(client, project, { changes, world })
  return exits.verified
}

/** An accepted row that breaks a rule keeps the whole recognition from coming about: whoever accepted it hears of it now. */
async function warnOfErrors(
  client: Client,
  project: string,
  { changes, world }: { readonly changes: readonly JsonObject[]; readonly world: World },
): Promise<void> {
  const check = await readCheck(client, project)
  if (!check) return
  const changed = new Set(changes.map((change) => textOf(change, 'row')))
  const found = errorsIn(check).filter((finding) => rowsOf(finding).some((row) => changed.has(row)))
  if (found.length === 0) return
  const lines = [
    `! 其中有${found.length}处不符合规则，改正之前不能据以拟出互认声明（csx mapping check） / ${found.length} of it break a rule: no recognition is drafted before that is put right`,
    ...describeFindings({ findings: found, omitted: 0 }),
  ]
  world.err(lines.map((line) => `${escapeText(line)}\n`).join(''))
}

const acts: Readonly<Record<WriteAct, { readonly zh: string; readonly en: string }>> = {
  accept: { zh: '通过', en: 'accepted' },
  reject: { zh: '驳回', en: 'rejected' },
  comment: { zh: '已备注', en: 'commented on' },
  settle: { zh: '已商定', en: 'settled' },
  withdraw: { zh: '撤回', en: 'withdrawn' },
}

/** What stood when the row was looked at goes along, so that nothing is changed unseen. */
export async function postChanges(
  client: Client,
  project: string,
  changes: readonly JsonObject[],
): Promise<JsonObject> {
  try {
    const bytes = await client.call(`${mappingPath(project)}/changes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: encodeUtf8(JSON.stringify({ changes })),
      maxBytes: 64 << 20,
      timeout: 300_000,
    })
    return parseAnswer(bytes)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'ATTESTATION_SAME_PARTY') throw error
    throw new ProtocolError(
      error.code,
      `由本方起草的行须由对方审核 / the other party reviews: ${error.message}`,
      {
        place: error.place,
        evidence: error.evidence,
        cause: error,
      },
    )
  }
}

function changeOf(id: string, row: ShownRow | undefined, mapping: MappingRow | undefined): JsonObject {
  const expect = (row?.heads ?? []).map(({ version }) => version)
  const change: JsonObject = JSON.parse(JSON.stringify({ row: id, expect, mapping }))
  return change
}

const write: Readonly<Record<WriteAct, (row: ShownRow, given: WriteCase) => Outcome>> = {
  accept: (row, given) => review(row, given, 'accepted'),
  reject: (row, given) => review(row, given, 'rejected'),
  comment: commentOn,
  settle,
  withdraw: (row) => (row.mapping || row.standing === 'conflict' ? { mapping: undefined } : gone),
}

const gone = { zh: '已经撤回', en: 'it is withdrawn' }
const unrecorded = {
  zh: '合并结果尚未登记：先由一方 settle，再由另一方通过',
  en: 'merged and not yet recorded: one party settles it, the other accepts',
}
const recordable = {
  zh: '已经通过；用 settle 登记合并结果',
  en: 'it is accepted already; settle records what was merged',
}
const torn = { zh: '有冲突，先用 settle 商定', en: 'in conflict: settle it first' }

function review(row: ShownRow, { self, today, flags }: WriteCase, state: 'accepted' | 'rejected'): Outcome {
  const { mapping, standing, authors } = row
  if (standing === 'conflict') return torn
  if (!mapping) return gone
  if (state === 'accepted') {
    if (standing === 'merged') return mapping.state === 'accepted' ? recordable : unrecorded
    if (mapping.author === self || authors.every((author) => author === self))
      return {
        zh: '由本方起草，须由对方审核（M4）',
        en: 'written by this agency: the other one reviews it (M4)',
      }
  }
  if (mapping.state === state)
    return { zh: `已经${acts[state === 'accepted' ? 'accept' : 'reject'].zh}`, en: `it is ${state} already` }
  const { reviewerLabel: _, ...kept } = mapping
  const label = flags.label === undefined ? {} : { reviewerLabel: flags.label }
  const remark = flags.text === undefined ? {} : { comment: flags.text }
  return { mapping: { ...kept, ...label, ...remark, state, reviewer: self, reviewedOn: today } }
}

function commentOn({ mapping, standing }: ShownRow, { flags }: WriteCase): Outcome {
  if (standing === 'conflict') return torn
  if (!mapping) return gone
  if (flags.text === undefined) throw usageError('需要 --text / --text is needed')
  return { mapping: { ...mapping, comment: flags.text } }
}

/** In a conflict, `--take N` takes from the N-th version whatever is contested; what is merged by itself is recorded as it is. */
function settle({ row, mapping, standing, heads }: ShownRow, { flags, conflicts }: WriteCase): Outcome {
  if (standing === 'recorded') return { zh: '无须商定', en: 'there is nothing to settle' }
  if (standing === 'merged') return mapping ? { mapping } : gone
  const side = /^[1-9]\d?$/.test(flags.take ?? '') ? heads[Number(flags.take) - 1] : undefined
  if (!side)
    throw usageError(
      `用 --take 1…${heads.length} 选取 show 列出的一方 / --take 1…${heads.length}: a version that show lists`,
    )
  if (!side.mapping) return { mapping: undefined }
  const fields = conflicts.filter((one) => one.row === row).map(({ field }) => field)
  if (!mapping || fields.includes('row')) return { mapping: inReview(side.mapping) }
  const kept = Object.entries(mapping).filter(([name]) => !fields.includes(name))
  const taken = Object.entries(side.mapping).filter(([name]) => fields.includes(name))
  const settled: JsonValue = JSON.parse(JSON.stringify(Object.fromEntries([...kept, ...taken])))
  return { mapping: inReview(parseWith(mappingRow, settled)) }
}

function inReview(mapping: MappingRow): MappingRow {
  const { reviewer: _, reviewerLabel: _label, reviewedOn: _on, ...content } = mapping
  return { ...content, state: 'in-review' }
}
