import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf } from '../hash.ts'
import { parseJson } from '../json.ts'
import { isJsonObject, type JsonValue } from '../json-value.ts'
import type { Expressions } from './assertion.ts'
import { evaluate, type Fault } from './evaluate.ts'
import { costOfPattern, type PatternCost } from './pattern.ts'
import { plainKeywords, type Sub, subschemas } from './schema-keyword.ts'
import { weigh } from './weigh.ts'

export const maxSchemaBytes = 1 << 20
const maxSubschemas = 5_000
const draft = 'https://json-schema.org/draft/2020-12/schema'

/** A JSON Schema that is safe to apply. */
export interface OpenedSchema {
  readonly digest: Digest
  /** Every subschema, by its pointer. */
  readonly places: ReadonlyMap<string, Sub>
  readonly patterns: ReadonlyMap<string, PatternCost>
  readonly expressions: Expressions
}

/**
 * Reads a JSON Schema of draft 2020-12 in any spelling of JSON, and refuses what could not be applied within bounds or would be
 * looked up elsewhere: keywords that are not known here, references out of the document, `$id` and anchors below its root, patterns
 * that may explode.
 *
 * @throws {ProtocolError} `JSON_SCHEMA_REFUSED` with a pointer, and what the strict reader throws
 * @see spec/conformance.md, CONF-20 to CONF-22
 */
export function openSchema(bytes: Uint8Array): OpenedSchema {
  const root = parseJson(bytes, maxSchemaBytes)
  if (isJsonObject(root) && root.$schema !== draft)
    throw refused('/$schema', `a schema says $schema: ${draft}`)
  const places = new Map<string, Sub>()
  const patterns = new Map<string, PatternCost>()
  collect(root, '', { places, patterns })
  for (const [place, schema] of places)
    if (typeof schema === 'object' && typeof schema.$ref === 'string')
      if (!places.has(schema.$ref.slice(1)))
        throw refused(`${place}/$ref`, 'no subschema stands where this refers to')
  const expressions = new Map([...patterns.keys()].map((text) => [text, new RegExp(text, 'u')]))
  return { digest: digestOf(bytes), places, patterns, expressions }
}

interface Collected {
  readonly places: Map<string, Sub>
  readonly patterns: Map<string, PatternCost>
}

function collect(schema: JsonValue | undefined, place: string, found: Collected): void {
  if (typeof schema !== 'boolean' && !isJsonObject(schema))
    throw refused(place, 'a schema is an object, true or false')
  if (found.places.size >= maxSubschemas) throw refused(place, `more than ${maxSubschemas} subschemas`)
  found.places.set(place, schema)
  if (typeof schema === 'boolean') return
  for (const [keyword, value] of Object.entries(schema)) {
    const at = place + pointerStep(keyword)
    if (place === '' && (keyword === '$schema' || keyword === '$id')) continue
    if (keyword === '$ref') {
      // Of ASCII that no reader of URIs rewrites.
      if (typeof value !== 'string' || !/^#(?:\/[A-Za-z0-9._$~-]*)*$/.test(value))
        throw refused(at, 'a reference stays within the document: # or #/…')
      continue
    }
    const form = subschemas.get(keyword)
    if (form !== undefined)
      for (const [step, one] of childrenOf(value, form, at)) collect(one, at + step, found)
    else if (!plainKeywords.get(keyword)?.(value))
      throw refused(at, 'not a keyword, or not a value of it, that is understood here')
    const texts =
      keyword === 'patternProperties' && isJsonObject(value)
        ? Object.keys(value)
        : keyword === 'pattern'
          ? [value]
          : []
    for (const text of texts) if (typeof text === 'string') found.patterns.set(text, costAt(text, at))
  }
}

function childrenOf(
  value: JsonValue,
  form: 'one' | 'list' | 'map',
  place: string,
): readonly (readonly [string, JsonValue])[] {
  if (form === 'one') return [['', value]]
  if (form === 'map' && isJsonObject(value))
    return Object.entries(value).map(([name, one]) => [pointerStep(name), one] as const)
  if (form === 'list' && Array.isArray(value) && value.length > 0)
    return value.map((one: JsonValue, i) => [pointerStep(i), one] as const)
  throw refused(place, 'not a value of this keyword')
}

function costAt(pattern: string, pointer: string): PatternCost {
  try {
    return costOfPattern(pattern)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw refused(pointer, error.message)
  }
}

/**
 * Holds a document against a part of a schema.
 *
 * @param part a pointer to a subschema
 * @returns `undefined` for a valid one
 * @throws {ProtocolError} `JSON_SCHEMA_REFUSED` where there is no such part; `SIZE_LIMIT` where it would take too long
 * @see spec/conformance.md, CONF-21, CONF-23 and CONF-24
 */
export function faultOf(opened: OpenedSchema, document: JsonValue, part = ''): Fault | undefined {
  const wanted = opened.places.get(part)
  if (wanted === undefined) throw refused(part, 'no such part of the schema')
  weigh(opened, wanted, document)
  return evaluate(wanted, document, { at: '', keyword: 'false' }, opened).fault
}

function refused(pointer: string, message: string): ProtocolError {
  return new ProtocolError('JSON_SCHEMA_REFUSED', message, { place: { pointer } })
}
