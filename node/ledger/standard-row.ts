import { ProtocolError } from '../../protocol/error.ts'
import { readLine, readNames } from '../../protocol/identifier/cell.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { messageOf } from '../../protocol/message.ts'
import { parseDraft } from '../../protocol/record/draft.ts'
import { warningsOf } from '../../protocol/record/rule.ts'
import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import type { Column } from './column.ts'
import {
  checkLevel,
  readCcsCell,
  readClassCell,
  readDateCell,
  readIcsCell,
  readMattersCell,
  readNumberCell,
  readReplacedCell,
  readTitleCell,
} from './fact.ts'
import { showCell } from './fault.ts'
import { type EditionNumbers, identifiersOf, isSynthetic, levelOf, readMandate } from './number-fact.ts'
import type { OpenRow } from './open-row.ts'
import { readRemark, type SourceNote, withOriginal } from './remark.ts'
import type { Title } from './title-fact.ts'

/** What a row states, before it is known whether the node has the edition already. */
export interface RowStatement {
  /** Canonical keys of the numbers; none where they cannot be read. */
  readonly keys: readonly string[]
  /** A draft of a StandardRecord; absent where the row has a fault. */
  readonly draft?: JsonObject
}

/**
 * Reads a row cell by cell and notes every fault in it. The state is no input (rule ST9).
 *
 * Not yet held against the schema: `settleDraft` does that, when what the row leaves unsaid has been added.
 *
 * @see spec/import.md, IMP-15 to IMP-25
 */
export function readStandardRow(row: OpenRow): RowStatement {
  const numbers = readNumberCell(row)
  const title = readTitleCell(row)
  const className = readClassCell(row)
  if (numbers) checkLevel(row, numbers)
  if (numbers && title) checkSynthetic(row, numbers, title)
  const dates = { publishedOn: readDateCell(row, '发布日期'), effectiveOn: readDateCell(row, '实施日期') }
  const lists = {
    matters: readMattersCell(row),
    ics: readIcsCell(row),
    ccs: readCcsCell(row),
    custodians: readNames(row.text('归口单位')).map((nameZh) => ({ nameZh })),
    replaces: readReplacedCell(row, numbers?.keys ?? []),
  }
  const remark = readRemark(row.text('备注'))
  if (remark.unknownConfidence !== undefined) {
    row.warn('备注', 'IMP-23', {
      zh: `置信“${showCell(remark.unknownConfidence)}”不是 H、M、L 之一，按文字保留`,
      en: 'the confidence is none of H, M and L, and is kept as text',
    })
  }
  const keys = numbers?.keys ?? []
  if (!numbers || !title || className === undefined || row.faults.length > 0) return { keys }
  const note = noteOf(remark.note, numbers)
  const draft = plain({
    type: 'StandardRecord',
    tier: 'public',
    synthetic: title.synthetic ? true : undefined,
    sourceNote: note && plain({ ...note }),
    credentialSubject: plain({
      identifiers: identifiersOf(numbers),
      titleZh: title.text,
      level: levelOf(numbers.first),
      ...mandateOfRow(row, numbers, { publishedOn: dates.publishedOn, specialLaw: remark.specialLaw }),
      documentKind: title.documentKind,
      class: className,
      systemNo: readLine(row.text('体系编号')),
      ...dates,
      ...lists,
    }),
  })
  return { keys, draft }
}

/**
 * The final say of schema and rules over a draft, with its fault at the cell it came from.
 *
 * @returns the subject, `undefined` where it is refused
 * @see spec/import.md, IMP-12
 */
export function settleDraft(row: OpenRow, draft: JsonObject): StandardSubject | undefined {
  try {
    const parsed = parseDraft(draft)
    if (parsed.type !== 'StandardRecord') throw new TypeError('rows state standards')
    for (const { rule, pointer, zh, en } of warningsOf(parsed.credentialSubject))
      row.warn(columnOfPointer(pointer), rule, { zh, en })
    return parsed.credentialSubject
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    faultOfDraft(row, error, error.place.pointer ?? '')
    return undefined
  }
}

/** Notes a refusal of the draft of this row at the column that its pointer leads to. */
export function faultOfDraft(row: OpenRow, error: ProtocolError, pointer: string): void {
  const column = columnOfPointer(pointer)
  const ground = pointer.endsWith('/mandateGround')
  row.fault(column, error.code, {
    zh: `${ground ? '强制性地方标准须有依据' : messageOf(error.code).zh}：“${showCell(row.text(column))}”`,
    en: error.message,
    ...(ground
      ? {
          remedyZh: '2018年以前发布的请填发布日期；依专门法律的请在备注写“强制依据:专门法律”',
          remedyEn: 'give its date of publication if before 2018, or write 强制依据:专门法律 in 备注',
        }
      : {}),
  })
}

const columnOfMember: ReadonlyMap<string, Column> = new Map([
  ['titleZh', '标准名称'],
  ['documentKind', '标准名称'],
  ['level', '级别'],
  ['class', '类别'],
  ['systemNo', '体系编号'],
  ['matters', '适用职能'],
  ['ics', 'ICS'],
  ['ccs', 'CCS'],
  ['publishedOn', '发布日期'],
  ['effectiveOn', '实施日期'],
  ['custodians', '归口单位'],
  ['replaces', '代替关系'],
  ['sourceNote', '备注'],
] as const)

function columnOfPointer(pointer: string): Column {
  const [, first = '', second = ''] = pointer.split('/')
  return columnOfMember.get(first === 'credentialSubject' ? second : first) ?? '标准号'
}

function mandateOfRow(
  row: OpenRow,
  numbers: EditionNumbers,
  ground: Parameters<typeof readMandate>[1],
): { readonly mandate: string; readonly mandateGround: string | undefined } {
  const { mandate, mandateGround, assumed } = readMandate(numbers.first, ground)
  if (assumed) {
    row.warn('标准号', 'IMP-21', {
      zh: `编号 ${numbers.first.code} 不表明是否强制，记为推荐性`,
      en: `${numbers.first.code} does not say whether it is mandatory; recommended is put down`,
    })
  }
  return { mandate, mandateGround }
}

/** Number and title must agree that a standard is invented, or it could pass for a real one. */
function checkSynthetic(row: OpenRow, numbers: EditionNumbers, title: Title): void {
  const made = isSynthetic(numbers)
  if (made === (title.synthetic ? 'all' : 'none')) return
  row.fault(title.synthetic ? '标准号' : '标准名称', 'RULE_VIOLATED', {
    zh: title.synthetic
      ? '名称注明（合成样例），标准号却不在合成号段'
      : '标准号在合成号段，名称却未以（合成样例）结尾',
    en: 'number and title do not agree on whether the standard is invented',
    remedyZh: '合成样例须用 DB50/T 或 DB51/T 99xxxx 号，且名称以（合成样例）结尾；真实标准两者都不得有',
    remedyEn:
      'invented standards have a number DB50/T or DB51/T 99xxxx and （合成样例） at the end of the title',
  })
}

function noteOf(note: SourceNote | undefined, { written }: EditionNumbers): SourceNote | undefined {
  return written === undefined ? note : withOriginal(note, written)
}

type Member = string | true | JsonObject | readonly (string | JsonObject)[] | undefined

/** Members that say something: no empty text, no empty list. */
function plain(members: Readonly<Record<string, Member>>): JsonObject {
  const entries: [string, string | true | JsonObject | readonly (string | JsonObject)[]][] = []
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue
    entries.push([name, value])
  }
  return Object.fromEntries(entries)
}
