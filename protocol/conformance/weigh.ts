import { ProtocolError } from '../error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import type { PatternCost } from './pattern.ts'
import { inPlace, type Sub } from './schema-keyword.ts'

/** Steps of a validator; some ten million a second. */
const maxWork = 20_000_000
const maxPairs = 300_000
const maxDescent = 300

interface Weighed {
  readonly places: ReadonlyMap<string, Sub>
  readonly patterns: ReadonlyMap<string, PatternCost>
}

/**
 * An upper bound of the work that a schema may cost on a document, from every pair of subschema and value that a validator could come
 * to. Each pair is weighed once, however often a validator would come to it: a schema that makes it come again and again is refused
 * without being tried.
 *
 * @throws {ProtocolError} `SIZE_LIMIT` where the bound is too high; `JSON_SCHEMA_REFUSED` where a subschema refers to itself about the
 *   same value
 * @see spec/conformance.md, CONF-23
 */
export function weigh({ places, patterns }: Weighed, schema: Sub, document: JsonValue): number {
  const known = new Map<Sub, Map<JsonValue, number>>()
  const open = new Set<string>()
  const names = new Map<Sub, number>()
  let pairs = 0
  const nameOf = (sub: Sub) => {
    const name = names.get(sub) ?? names.size
    names.set(sub, name)
    return name
  }
  const visit = (sub: Sub, value: JsonValue, { place, depth }: { place: string; depth: number }): number => {
    if (typeof sub === 'boolean') return 1
    const before = known.get(sub)?.get(value)
    if (before !== undefined) return before
    const pair = `${nameOf(sub)} ${place}`
    if (open.has(pair))
      throw new ProtocolError('JSON_SCHEMA_REFUSED', 'a subschema refers to itself about the same value')
    pairs += 1
    if (depth > maxDescent || pairs > maxPairs) throw tooMuch()
    open.add(pair)
    let work = localWork(sub, value, patterns)
    for (const same of sameValue(sub, places)) work += visit(same, value, { place, depth: depth + 1 })
    for (const [lower, inner, step] of below(sub, value))
      work += visit(lower, inner, { place: `${place}/${step}`, depth: depth + 1 })
    open.delete(pair)
    if (work > maxWork) throw tooMuch()
    const values = known.get(sub) ?? new Map<JsonValue, number>()
    known.set(sub, values.set(value, work))
    return work
  }
  return visit(schema, document, { place: '', depth: 0 })
}

function tooMuch(): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', 'this schema would take too long on this document')
}

function localWork(sub: JsonObject, value: JsonValue, patterns: Weighed['patterns']): number {
  let work = Object.keys(sub).length + 1
  if (sub.enum !== undefined || sub.const !== undefined) {
    const choices = Array.isArray(sub.enum) ? sub.enum.length : 1
    work += choices * Math.min(sizeOf(value), sizeOf(sub.enum ?? sub.const ?? null))
  }
  if (typeof value === 'string') {
    if (typeof sub.pattern === 'string') work += costOn(value, patterns.get(sub.pattern))
    work += value.length
  }
  // Exact decimals of any power of ten.
  if (typeof value === 'number' && sub.multipleOf !== undefined) work += 100
  if (Array.isArray(value) && sub.uniqueItems === true) work += textOf(value)
  if (isJsonObject(value)) {
    work += Object.keys(value).length + (Array.isArray(sub.required) ? sub.required.length : 0)
    if (isJsonObject(sub.patternProperties))
      for (const pattern of Object.keys(sub.patternProperties))
        for (const name of Object.keys(value)) work += costOn(name, patterns.get(pattern))
  }
  return work
}

function costOn({ length }: string, cost: PatternCost | undefined): number {
  return cost ? cost.factor * (length + 1) ** cost.degree : Number.POSITIVE_INFINITY
}

function sizeOf(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: JsonValue) => sum + sizeOf(one), 1)
  if (isJsonObject(value)) return Object.values(value).reduce((sum: number, one) => sum + sizeOf(one), 1)
  return 1
}

/** How long the value is when it is written. */
function textOf(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: JsonValue) => sum + textOf(one), 2)
  if (isJsonObject(value))
    return Object.entries(value).reduce((sum, [name, one]) => sum + name.length + textOf(one), 2)
  return typeof value === 'string' ? value.length + 2 : 20
}

/** Subschemas that look at the same value. */
function* sameValue(sub: JsonObject, places: Weighed['places']): Generator<Sub> {
  if (typeof sub.$ref === 'string') {
    const target = places.get(sub.$ref.slice(1))
    if (target !== undefined) yield target
  }
  for (const keyword of Object.keys(inPlace)) yield* schemasIn(sub[keyword], keyword === 'dependentSchemas')
}

function* schemasIn(value: JsonValue | undefined, isMap: boolean): Generator<Sub> {
  const all = Array.isArray(value) ? value : isMap && isJsonObject(value) ? Object.values(value) : [value]
  for (const one of all) if (typeof one === 'boolean' || isJsonObject(one)) yield one
}

/** Pairs of a subschema and a part of the value: as many as there could be, whichever apply. */
function* below(sub: JsonObject, value: JsonValue): Generator<readonly [Sub, JsonValue, string]> {
  if (Array.isArray(value)) {
    const each = [sub.items, sub.contains].flatMap((one) => [...schemasIn(one, false)])
    for (const [i, item] of value.entries()) {
      const prefix = Array.isArray(sub.prefixItems) ? sub.prefixItems[i] : undefined
      for (const one of [...each, ...schemasIn(prefix, false)]) yield [one, item, String(i)]
    }
    return
  }
  if (!isJsonObject(value)) return
  const each = [sub.additionalProperties, sub.unevaluatedProperties].flatMap((one) => [
    ...schemasIn(one, false),
  ])
  const { properties, patternProperties, propertyNames } = sub
  const patterned = [...schemasIn(patternProperties, true)]
  for (const [name, inner] of Object.entries(value)) {
    const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
    for (const one of [...each, ...patterned, ...schemasIn(own, false)]) yield [one, inner, name]
    for (const one of schemasIn(propertyNames, false)) yield [one, name, `${name} name`]
  }
}
