import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { formats } from './format.ts'

/** Keywords of JSON Schema draft 2020-12 that are understood. Any other is refused: a misspelt one would check nothing. */

/** Subschemas about the same value. */
export const inPlace = {
  allOf: 'list',
  anyOf: 'list',
  oneOf: 'list',
  not: 'one',
  if: 'one',
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: 'one',
  else: 'one',
  dependentSchemas: 'map',
} as const

/** Subschemas about what is in the value, or that stand to be referred to. */
export const below = {
  properties: 'map',
  patternProperties: 'map',
  additionalProperties: 'one',
  propertyNames: 'one',
  unevaluatedProperties: 'one',
  prefixItems: 'list',
  items: 'one',
  contains: 'one',
  $defs: 'map',
} as const

export const subschemas: ReadonlyMap<string, 'one' | 'list' | 'map'> = new Map([
  ...Object.entries(inPlace),
  ...Object.entries(below),
])

type Form = (value: JsonValue) => boolean

const text: Form = (value) => typeof value === 'string'
const number: Form = (value) => typeof value === 'number'
const count: Form = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const flag: Form = (value) => typeof value === 'boolean'
const anything: Form = () => true
const list: Form = (value) => Array.isArray(value)
const texts: Form = (value) =>
  Array.isArray(value) && value.length <= 1000 && value.every((one) => typeof one === 'string')

const types = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])
const type: Form = (value) =>
  (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' && types.has(one))

const dependent: Form = (value) => isJsonObject(value) && Object.values(value).every(texts)

/** What the value of a keyword without subschemas must look like. */
export const plainKeywords: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['$comment', text],
  ['title', text],
  ['description', text],
  ['default', anything],
  ['examples', list],
  ['deprecated', flag],
  ['readOnly', flag],
  ['writeOnly', flag],
  ['type', type],
  ['enum', list],
  ['const', anything],
  ['multipleOf', (value) => typeof value === 'number' && value > 0],
  ['maximum', number],
  ['minimum', number],
  ['exclusiveMaximum', number],
  ['exclusiveMinimum', number],
  ['maxLength', count],
  ['minLength', count],
  ['pattern', text],
  ['format', (value) => typeof value === 'string' && formats.has(value)],
  ['maxItems', count],
  ['minItems', count],
  ['uniqueItems', flag],
  ['maxContains', count],
  ['minContains', count],
  ['maxProperties', count],
  ['minProperties', count],
  ['required', texts],
  ['dependentRequired', dependent],
])

/** A subschema: an object, or what all values pass or none. */
export type Sub = JsonObject | boolean

function isSub(value: JsonValue | undefined): value is Sub {
  return typeof value === 'boolean' || isJsonObject(value)
}

/** The subschema that stands under a keyword. */
export function subAt(schema: JsonObject, keyword: string): Sub | undefined {
  const value = schema[keyword]
  return isSub(value) ? value : undefined
}

/** The subschemas listed under a keyword. */
export function listAt(schema: JsonObject, keyword: string): readonly Sub[] {
  const value = schema[keyword]
  return Array.isArray(value) ? value.filter(isSub) : []
}

/** The subschemas named under a keyword. */
export function mapAt(schema: JsonObject, keyword: string): readonly (readonly [string, Sub])[] {
  const value = schema[keyword]
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([name, one]) => (isSub(one) ? [[name, one] as const] : []))
}
