import { isDigest } from '../../protocol/hash.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { Pin } from '../../protocol/record/mapping-row.ts'
import {
  differenceKinds,
  effects,
  fieldWords,
  justifications,
  predicates,
  rationales,
  relations,
  rowStates,
} from '../../protocol/record/mapping-word.ts'
import type { Label } from '../../protocol/record/vocabulary.ts'
import type { NameOfPin } from './heading.ts'

type Table = Readonly<Record<string, Label>>

const tables: Readonly<Record<string, Table>> = {
  predicate: predicates,
  relation: relations,
  justification: justifications,
  state: rowStates,
  rationale: rationales,
  differences: differenceKinds,
  effect: effects,
}

/** `关系 relation`; of a newer node the name alone. */
export function nameOfField(field: string): string {
  const words: Table = fieldWords
  const label = Object.hasOwn(words, field) ? words[field] : undefined
  return label ? `${label.zh} ${field}` : field
}

/** A value of a row as people read it: the word of a closed list, the heading of a clause. */
export function wordOfValue(field: string, value: JsonValue | undefined, nameOf: NameOfPin): string {
  if (value === undefined) return '（无 / none）'
  if (Array.isArray(value)) return value.map((one) => wordOfValue(field, one, nameOf)).join('、')
  const pin = pinIn(value)
  if (pin) return nameOfPin(pin, nameOf)
  if (isJsonObject(value))
    return Object.entries(value)
      .map(([name, one]) => `${nameOfField(name)} ${wordOfValue(name, one, nameOf)}`)
      .join('，')
  if (typeof value !== 'string') return String(value)
  const table = Object.hasOwn(tables, field) ? tables[field] : undefined
  const label = table && Object.hasOwn(table, value) ? table[value] : undefined
  return label ? `${label.zh} ${value}` : value
}

/** `4.2 维修`, or what the row itself says of it where its record is not to be had. */
export function nameOfPin(pin: Pin | undefined, nameOf: NameOfPin): string {
  if (!pin) return '无对应 / none'
  return nameOf(pin) ?? pin.clause ?? pin.edition
}

/** A pin as a node's JSON has it. */
export function pinIn(value: JsonValue | undefined): Pin | undefined {
  if (!isJsonObject(value)) return undefined
  const { edition, digest, clause } = value
  if (typeof edition !== 'string' || typeof digest !== 'string' || !isDigest(digest)) return undefined
  return { edition, digest, ...(typeof clause === 'string' ? { clause } : {}) }
}
