import { type ProblemCode, problemCodes } from '../../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { messageOf } from '../../protocol/message.ts'
import type { Pin } from '../../protocol/record/mapping-row.ts'
import { type Client, countOf, textOf } from '../client.ts'
import { countAll, describeFindings, findingsIn } from './finding.ts'
import { fetchNames, type NameOfPin } from './heading.ts'
import { nameOfField, nameOfPin, pinIn, wordOfValue } from './value.ts'
import { objectsIn } from './workspace.ts'

const kinds: Readonly<Record<string, string>> = {
  new: '新增 / new',
  changed: '修改 / changed',
  withdrawn: '撤回 / withdrawn',
}

const reasons: Readonly<Record<string, string>> = {
  fields: '文件与工作区都改过 / changed in the file and in the workspace',
  base: '文件所依据的版本不在本节点 / what the file was made from is not here',
  standing: '该行已有冲突，先用 settle 商定 / in conflict already: settle it first',
  twice: '该行在文件中出现两次 / twice in the file',
}

/**
 * What an edited file would do, line by line: each value that would change with what it is now, what the rules would have against it, and
 * what is in the way with what to do.
 *
 * @see protocol/spec/workspace.md, WORK-42
 */
export async function describePlan(plan: JsonObject, client: Client): Promise<readonly string[]> {
  const [changes, conflicts, faults] = [plan.changes, plan.conflicts, plan.faults].map(objectsIn)
  const nameOf = await fetchNames(client, pinsIn([...(changes ?? []), ...(conflicts ?? [])]))
  return [
    `改动${changes?.length ?? 0}行，未变${countOf(plan, 'unchanged')}行 / ${changes?.length ?? 0} row(s) to write, ${countOf(plan, 'unchanged')} unchanged`,
    ...(changes ?? []).flatMap((change) => describeChange(change, nameOf)),
    ...describeNew(plan),
    ...(conflicts ?? []).flatMap((conflict) => describeConflict(conflict, nameOf)),
    ...(faults ?? []).map(describeFault),
    ...(Array.isArray(plan.dropped) && plan.dropped.length > 0
      ? [`· 不采用的列 / columns that say nothing here: ${wordsIn(plan.dropped)}`]
      : []),
  ]
}

function describeChange(change: JsonObject, nameOf: NameOfPin): readonly string[] {
  const { about } = change
  const pins = isJsonObject(about) ? `  ${describePair(about, nameOf)}` : ''
  const fields = Array.isArray(change.fields)
    ? change.fields.filter((field) => typeof field === 'string')
    : []
  const kind = textOf(change, 'kind')
  const head = `  ${textOf(change, 'row')}  ${kinds[kind] ?? kind}${pins}`
  // An older node says no more than which fields.
  if (change.values === undefined) return [`${head}  ${fields.map(nameOfField).join('，')}`]
  const values = objectsIn(change.values).map((value) => {
    const field = textOf(value, 'field')
    const word = (one: JsonValue | undefined) => wordOfValue(field, one, nameOf)
    if (kind === 'changed') return `      ${nameOfField(field)}：${word(value.was)} → ${word(value.becomes)}`
    return `      ${nameOfField(field)}：${word(kind === 'new' ? value.becomes : value.was)}`
  })
  return [head, ...values]
}

/** `4.2 维修 —— 5.1 维修` */
function describePair({ subject, object }: JsonObject, nameOf: NameOfPin): string {
  return `${nameOfPin(pinIn(subject), nameOf)} —— ${nameOfPin(pinIn(object), nameOf)}`
}

/** What the rules would have against the rows: nothing of it keeps the file from being written. */
function describeNew(plan: JsonObject): readonly string[] {
  const found = findingsIn(plan)
  if (countAll(found) === 0) return []
  return [
    `写入后将新增 ${countAll(found)} 处规则问题，不妨碍写入 / what rules M1 to M7 would find once it is written; it may be written all the same`,
    ...describeFindings(found),
  ]
}

function describeConflict(conflict: JsonObject, nameOf: NameOfPin): readonly string[] {
  const why = textOf(conflict, 'why')
  return [
    `✗ ${textOf(conflict, 'row')}  ${reasons[why] ?? why}`,
    ...objectsIn(conflict.fields).map((entry) => {
      const field = textOf(entry, 'field')
      const [ours, theirs] = objectsIn(entry.values).map(({ value }) => wordOfValue(field, value, nameOf))
      return `    ${nameOfField(field)}：工作区 / workspace ${ours}，文件 / file ${theirs}，原为 / was ${wordOfValue(field, entry.base, nameOf)}`
    }),
  ]
}

/** What whoever edits a file has to do, where the catalogue speaks to whoever verifies one. */
const here: Readonly<Partial<Record<ProblemCode, { readonly remedyZh: string; readonly remedyEn: string }>>> =
  {
    ISSUER_MISMATCH: {
      remedyZh:
        '审核由审核方在自己的节点用 csx mapping accept 作出；请把审核人、审核日期和状态改回原样，或把状态改为“待审”',
      remedyEn:
        'the reviewer accepts at its own node, by csx mapping accept; put reviewer, date and state back, or set the state to review',
    },
    ATTESTATION_SAME_PARTY: {
      remedyZh: '请把状态改为“待审”，由对方审核',
      remedyEn: 'set the state to review: the other party reviews',
    },
  }

/** First what it is and what to do, in words that fit any such fault; then what the program says of this one. */
function describeFault(fault: JsonObject): string {
  const code = textOf(fault, 'code')
  const where = [fault.cell, fault.row].filter((one) => typeof one === 'string').join(' ')
  const detail = textOf(fault, 'detail')
  const known = problemCodes.find((one) => one === code)
  if (!known) return `✗ ${where}  ${code}  ${detail}`
  const { zh, en, ...remedy } = messageOf(known)
  const { remedyZh, remedyEn } = here[known] ?? remedy
  return `✗ ${where}  ${code}  ${zh} / ${en}：${detail}  → ${remedyZh} / ${remedyEn}`
}

function pinsIn(values: readonly JsonObject[]): readonly Pin[] {
  const pins: Pin[] = []
  const collect = (value: JsonValue): void => {
    const pin = pinIn(value)
    if (pin) pins.push(pin)
    else if (Array.isArray(value)) for (const one of value) collect(one)
    else if (isJsonObject(value)) for (const one of Object.values(value)) collect(one)
  }
  for (const value of values) collect(value)
  return pins
}

function wordsIn(value: JsonValue | undefined): string {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string').join(' ') : ''
}
