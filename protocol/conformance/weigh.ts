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
  const known = new Map<Sub, Map<JsonValue, Weight>>()
  const open = new Set<string>()
  const names = new Map<Sub, number>()
  let [pairs, spent] = [0, 0]
  const nameOf = (sub: Sub) => {
    const name = names.get(sub) ?? names.size
    names.set(sub, name)
    return name
  }
  const visit = (sub: Sub, value: JsonValue, { place, depth }: { place: string; depth: number }): Weight => {
    if (typeof sub === 'boolean') return { work: 1, height: 0 }
    const before = known.get(sub)?.get(value)
    // What was weighed higher up may be too deep from here.
    if (before && depth + before.height > maxDescent) throw tooMuch()
    if (before) return before
    const pair = `${nameOf(sub)} ${place}`
    if (open.has(pair))
      throw new ProtocolError('JSON_SCHEMA_REFUSED', 'a subschema refers to itself about the same value')
    pairs += 1
    if (depth > maxDescent || pairs > maxPairs) throw tooMuch()
    open.add(pair)
    const total = { work: localWork(sub, value, patterns), height: 0 }
    spent += total.work
    if (spent > maxWork) throw tooMuch()
    const add = ({ work, height }: Weight) => {
      total.work += work
      total.height = Math.max(total.height, height + 1)
    }
    for (const same of sameValue(sub, places)) add(visit(same, value, { place, depth: depth + 1 }))
    for (const [lower, inner, step] of below(sub, value))
      add(visit(lower, inner, { place: `${place}/${step}`, depth: depth + 1 }))
    open.delete(pair)
    if (total.work > maxWork) throw tooMuch()
    const values = known.get(sub) ?? new Map<JsonValue, Weight>()
    known.set(sub, values.set(value, total))
    return total
  }
  return visit(schema, document, { place: '', depth: 0 }).work
}

interface Weight {
  readonly work: number
  /** How many steps down from here. */
  readonly height: number
}

function tooMuch(): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', 'this schema would take too long on this document')
}

function localWork(sub: JsonObject, value: JsonValue, patterns: Weighed['patterns']): number {
  let work = Object.keys(sub).length + 1
  if (Array.isArray(sub.type)) work += sub.type.length
  if (sub.const !== undefined) work += comparing(value, sub.const)
  if (Array.isArray(sub.enum)) work += sub.enum.length * comparing(value, sub.enum)
  if (typeof value === 'string') {
    if (typeof sub.pattern === 'string') work += costOn(value, patterns.get(sub.pattern))
    work += value.length
  }
  // Exact decimals of any power of ten.
  if (typeof value === 'number' && sub.multipleOf !== undefined) work += 100
  if (Array.isArray(value) && sub.uniqueItems === true) work += textOf(value)
  if (isJsonObject(value)) {
    work += Object.keys(value).length + (Array.isArray(sub.required) ? sub.required.length : 0)
    if (isJsonObject(sub.dependentRequired)) work += namesIn(sub.dependentRequired)
    if (isJsonObject(sub.patternProperties))
      for (const pattern of Object.keys(sub.patternProperties))
        for (const name of Object.keys(value)) work += costOn(name, patterns.get(pattern))
  }
  return work
}

function costOn({ length }: string, cost: PatternCost | undefined): number {
  return cost ? cost.factor * (length + 1) ** cost.degree : Number.POSITIVE_INFINITY
}

const namesOfDependents = new WeakMap<JsonObject, number>()

/** Counted once: the same keyword is weighed about every value. */
function namesIn(dependents: JsonObject): number {
  const known = namesOfDependents.get(dependents)
  if (known !== undefined) return known
  const lists = Object.values(dependents)
  const count = lists.reduce((sum: number, names) => sum + (Array.isArray(names) ? names.length + 1 : 1), 0)
  namesOfDependents.set(dependents, count)
  return count
}

/** Two values are compared no further than the smaller goes. */
function comparing(value: JsonValue, other: JsonValue): number {
  for (let most = 2; most < maxWork; most *= 2) {
    const least = Math.min(sizeUpTo(value, most), sizeUpTo(other, most))
    if (least < most) return least
  }
  return maxWork
}

/** How many values there are in one, itself included, counted no further than asked for. */
function sizeUpTo(value: JsonValue, most: number): number {
  let size = 1
  const parts = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : []
  for (const part of parts) {
    if (size >= most) return most
    size += sizeUpTo(part, most - size)
  }
  return size
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
    const prefix = Array.isArray(sub.prefixItems) ? sub.prefixItems : []
    // Most subschemas say nothing of items, however many there are.
    const said = each.length > 0 ? value : value.slice(0, prefix.length)
    for (const [i, item] of said.entries())
      for (const one of [...each, ...schemasIn(prefix[i], false)]) yield [one, item, String(i)]
    return
  }
  if (!isJsonObject(value)) return
  const each = [sub.additionalProperties, sub.unevaluatedProperties].flatMap((one) => [
    ...schemasIn(one, false),
  ])
  const { properties, patternProperties, propertyNames } = sub
  const patterned = [...schemasIn(patternProperties, true)]
  if (each.length === 0 && patterned.length === 0 && properties === undefined && propertyNames === undefined)
    return
  for (const [name, inner] of Object.entries(value)) {
    const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
    for (const one of [...each, ...patterned, ...schemasIn(own, false)]) yield [one, inner, name]
    for (const one of schemasIn(propertyNames, false)) yield [one, name, `${name} name`]
  }
}
