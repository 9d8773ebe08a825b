import { canonicalize } from '../../protocol/canonical.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { Column } from './column.ts'
import { withoutOriginal } from './remark.ts'

/** A standard of the own log that stands unrevised, found by one of its keys. */
export interface OwnStandard {
  readonly key: string
  readonly id: string
  readonly digest: string
  readonly record: JsonObject
}

/** What a column says, where the table has it; a member of no column is not the table's to change. */
const memberOf: Readonly<Partial<Record<Column, string>>> = {
  体系编号: 'systemNo',
  发布日期: 'publishedOn',
  实施日期: 'effectiveOn',
  代替关系: 'replaces',
  归口单位: 'custodians',
  ICS: 'ics',
  CCS: 'ccs',
  适用职能: 'matters',
}

/** Members that follow from another one; a publisher may know better, so they change with it alone. */
const followers = [
  ['identifiers', ['level', 'mandate', 'mandateGround']],
  ['titleZh', ['documentKind']],
] as const

export interface Revision {
  /** The row's statement with what it leaves unsaid (clauses, English title …) kept as it was. */
  readonly draft: JsonObject
  readonly outcome: 'revised' | 'unchanged'
}

/**
 * Holds what a row states against what the node has. A number spelled otherwise is nothing new.
 *
 * @see spec/import.md, IMP-27 to IMP-30
 */
export function reviseOwn(
  draft: JsonObject,
  own: OwnStandard,
  columns: ReadonlyMap<Column, number>,
): Revision {
  const before = objectIn(own.record, 'credentialSubject')
  const subject = mergeSubject(objectIn(draft, 'credentialSubject'), before, columns)
  const note = mergeNote(draft.sourceNote, own.record.sourceNote, columns)
  const same =
    canonicalize(subject) === canonicalize(before) &&
    note === own.record.sourceNote &&
    draft.synthetic === own.record.synthetic
  const { sourceNote: _, ...stated } = draft
  const kept = ['about', 'validFrom', 'validUntil'].flatMap((name) => membersOf(own.record, name))
  return {
    draft: {
      ...stated,
      ...Object.fromEntries(kept),
      ...(note === undefined ? {} : { sourceNote: note }),
      credentialSubject: subject,
      revisionOf: { id: own.id, digest: own.digest },
    },
    outcome: same ? 'unchanged' : 'revised',
  }
}

function mergeSubject(row: JsonObject, before: JsonObject, columns: ReadonlyMap<Column, number>): JsonObject {
  const merged = new Map(Object.entries(before))
  for (const column of columns.keys()) merged.delete(memberOf[column] ?? '')
  for (const [name, value] of Object.entries(row)) merged.set(name, reuse(value, before[name]))
  for (const [leader, members] of followers) {
    const changed = canonicalize(merged.get(leader) ?? null) !== canonicalize(before[leader] ?? null)
    for (const name of members) {
      const value = changed ? row[name] : before[name]
      if (value === undefined) merged.delete(name)
      else merged.set(name, value)
    }
  }
  return Object.fromEntries(merged)
}

/**
 * Items of a list that name the same thing as one before (a number by its key, a party by its name) are that one: it
 * may say more than a cell can. None of these lists has an order, so the same items are the same list.
 */
function reuse(value: JsonValue, before: JsonValue | undefined): JsonValue {
  if (!isList(value) || !isList(before)) return value
  const known = new Map(before.map((item) => [nameOf(item), item]))
  const items = value.map((item) => known.get(nameOf(item)) ?? item)
  const sameSet = items.length === before.length && items.every((item) => before.includes(item))
  return sameSet && new Set(items).size === items.length ? before : items
}

function nameOf(item: JsonValue): string {
  if (!isJsonObject(item)) return canonicalize(item)
  return canonicalize([item.canonicalKey ?? item.nameZh ?? canonicalize(item), item.extent ?? null])
}

/** The note before, where the row says the same or the table has no 备注. */
function mergeNote(
  row: JsonValue | undefined,
  before: JsonValue | undefined,
  columns: ReadonlyMap<Column, number>,
): JsonValue | undefined {
  if (!columns.has('备注')) return before ?? row
  return canonicalize(saidBy(row, before)) === canonicalize(saidBy(before, before)) ? before : row
}

/** Text and confidence; an address only where the other note has none that a cell could not hold. */
function saidBy(note: JsonValue | undefined, before: JsonValue | undefined): JsonValue {
  if (!isJsonObject(note)) return ''
  const { text, url, confidence } = note
  const said = withoutOriginal(typeof text === 'string' ? text : '')
  const link = url ?? (isJsonObject(before) ? before.url : undefined)
  return said === '' && confidence === undefined ? '' : [said, link ?? null, confidence ?? null]
}

function membersOf(object: JsonObject, name: string): readonly (readonly [string, JsonValue])[] {
  const value = object[name]
  return value === undefined ? [] : [[name, value]]
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  if (!isJsonObject(value)) throw new TypeError(`no ${name}`)
  return value
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
