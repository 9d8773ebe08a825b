import { canonicalize } from '../canonical.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { isSameJson } from './equality.ts'
import { formats } from './format.ts'
import { isMultipleOf } from './multiple.ts'

/** The patterns of a schema, made once. */
export type Expressions = ReadonlyMap<string, RegExp>

type Check = (wanted: JsonValue, value: JsonValue, expressions: Expressions) => boolean

/** Each keyword speaks of one type of value, and lets all others pass. */
const ofNumber =
  (holds: (value: number, wanted: number) => boolean): Check =>
  (wanted, value) =>
    typeof value !== 'number' || typeof wanted !== 'number' || holds(value, wanted)

const ofText =
  (holds: (value: string, wanted: string, expressions: Expressions) => boolean): Check =>
  (wanted, value, expressions) =>
    typeof value !== 'string' || typeof wanted !== 'string' || holds(value, wanted, expressions)

const ofCount =
  (
    sizeOf: (value: JsonValue) => number | undefined,
    holds: (size: number, wanted: number) => boolean,
  ): Check =>
  (wanted, value) => {
    const size = sizeOf(value)
    return size === undefined || typeof wanted !== 'number' || holds(size, wanted)
  }

/** In code points. */
const lengthOf = (value: JsonValue) => (typeof value === 'string' ? [...value].length : undefined)
const itemsOf = (value: JsonValue) => (Array.isArray(value) ? value.length : undefined)
const membersOf = (value: JsonValue) => (isJsonObject(value) ? Object.keys(value).length : undefined)
const atMost = (size: number, wanted: number) => size <= wanted
const atLeast = (size: number, wanted: number) => size >= wanted

/** Keywords that look at a value alone. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['type', (wanted, value) => listOf(wanted).some((type) => isOfType(value, type))],
  ['enum', (wanted, value) => listOf(wanted).some((one) => isSameJson(one, value))],
  ['const', isSameJson],
  ['multipleOf', ofNumber(isMultipleOf)],
  ['maximum', ofNumber(atMost)],
  ['minimum', ofNumber(atLeast)],
  ['exclusiveMaximum', ofNumber((value, wanted) => value < wanted)],
  ['exclusiveMinimum', ofNumber((value, wanted) => value > wanted)],
  ['maxLength', ofCount(lengthOf, atMost)],
  ['minLength', ofCount(lengthOf, atLeast)],
  ['pattern', ofText((value, wanted, expressions) => expressions.get(wanted)?.test(value) === true)],
  ['format', ofText((value, wanted) => formats.get(wanted)?.(value) === true)],
  ['maxItems', ofCount(itemsOf, atMost)],
  ['minItems', ofCount(itemsOf, atLeast)],
  ['uniqueItems', (wanted, value) => wanted !== true || !Array.isArray(value) || areUnique(value)],
  ['maxProperties', ofCount(membersOf, atMost)],
  ['minProperties', ofCount(membersOf, atLeast)],
  ['required', (wanted, value) => !isJsonObject(value) || hasAll(value, wanted)],
  [
    'dependentRequired',
    (wanted, value) =>
      !isJsonObject(value) ||
      !isJsonObject(wanted) ||
      Object.entries(wanted).every(([name, names]) => !Object.hasOwn(value, name) || hasAll(value, names)),
  ],
])

/** The first keyword of a subschema, of those that look at the value alone, which the value breaks. */
export function brokenAssertion(
  schema: JsonObject,
  value: JsonValue,
  expressions: Expressions,
): string | undefined {
  for (const [keyword, wanted] of Object.entries(schema)) {
    const holds = checks.get(keyword)
    if (holds && !holds(wanted, value, expressions)) return keyword
  }
  return undefined
}

function isOfType(value: JsonValue, type: JsonValue): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJsonObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function listOf(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [value]
}

function areUnique(items: readonly JsonValue[]): boolean {
  return new Set(items.map(canonicalize)).size === items.length
}

function hasAll(value: JsonObject, names: JsonValue): boolean {
  return listOf(names).every((name) => typeof name === 'string' && Object.hasOwn(value, name))
}
