import { pointerStep } from '../error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { brokenAssertion, type Expressions } from './assertion.ts'
import { listAt, mapAt, type Sub, subAt } from './schema-keyword.ts'

/** The first thing that is wrong with a document. */
export interface Fault {
  /** Where in the document, as a JSON pointer. */
  readonly at: string
  readonly keyword: string
}

/** A schema that may be applied. */
export interface Applicable {
  /** Every subschema, by its pointer. */
  readonly places: ReadonlyMap<string, Sub>
  readonly expressions: Expressions
}

/** What is wrong, or the members of the value that a subschema spoke of: what `unevaluatedProperties` leaves alone. */
type Outcome = { readonly fault: Fault } | { readonly fault?: never; readonly seen: ReadonlySet<string> }

interface Place {
  readonly at: string
  /** Under which the subschema stands. */
  readonly keyword: string
}

const nothing: ReadonlySet<string> = new Set()

/**
 * Holds a value against a subschema, by the texts of draft 2020-12. What the work may be is bounded before (CONF-23); that no subschema
 * refers to itself about the same value, too.
 *
 * @see spec/conformance.md, CONF-20 and CONF-24
 */
export function evaluate(schema: Sub, value: JsonValue, { at, keyword }: Place, given: Applicable): Outcome {
  if (schema === true) return { seen: nothing }
  if (schema === false) return { fault: { at, keyword } }
  const broken = brokenAssertion(schema, value, given.expressions)
  if (broken !== undefined) return { fault: { at, keyword: broken } }
  const seen = new Set<string>()
  const fault =
    faultInPlace(schema, value, { at, seen, given }) ??
    (Array.isArray(value)
      ? faultOfItems(schema, value, at, given)
      : isJsonObject(value)
        ? faultOfMembers(schema, value, { at, seen, given })
        : undefined)
  return fault ? { fault } : { seen }
}

interface Within {
  readonly at: string
  readonly seen: Set<string>
  readonly given: Applicable
}

/** Subschemas about the same value. */
function faultInPlace(schema: JsonObject, value: JsonValue, { at, seen, given }: Within): Fault | undefined {
  const apply = (one: Sub, keyword: string) => evaluate(one, value, { at, keyword }, given)
  const take = (one: Sub, keyword: string): Fault | undefined => {
    const outcome = apply(one, keyword)
    if (!outcome.fault) for (const name of outcome.seen) seen.add(name)
    return outcome.fault
  }
  const { $ref } = schema
  const target = typeof $ref === 'string' ? given.places.get($ref.slice(1)) : undefined
  const all: (readonly [Sub, string])[] = target === undefined ? [] : [[target, '$ref']]
  for (const one of listAt(schema, 'allOf')) all.push([one, 'allOf'])
  if (isJsonObject(value))
    for (const [name, one] of mapAt(schema, 'dependentSchemas'))
      if (Object.hasOwn(value, name)) all.push([one, 'dependentSchemas'])
  for (const [one, keyword] of all) {
    const fault = take(one, keyword)
    if (fault) return fault
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const choices = listAt(schema, keyword)
    if (choices.length === 0) continue
    const faults = choices.map((one) => take(one, keyword))
    const passed = faults.filter((fault) => fault === undefined).length
    if (passed === 0) return deepest(faults, { at, keyword })
    if (keyword === 'oneOf' && passed > 1) return { at, keyword }
  }
  const not = subAt(schema, 'not')
  if (not !== undefined && !apply(not, 'not').fault) return { at, keyword: 'not' }
  const condition = subAt(schema, 'if')
  if (condition === undefined) return undefined
  const branch = take(condition, 'if') ? 'else' : 'then'
  const then = subAt(schema, branch)
  return then === undefined ? undefined : take(then, branch)
}

/** Of several that were tried the one that came furthest into the document; none is told where none went into it. */
function deepest(faults: readonly (Fault | undefined)[], here: Fault): Fault {
  return faults.reduce<Fault>(
    (best, fault) => (fault && fault.at.length > best.at.length ? fault : best),
    here,
  )
}

function faultOfItems(
  schema: JsonObject,
  items: readonly JsonValue[],
  at: string,
  given: Applicable,
): Fault | undefined {
  const first = listAt(schema, 'prefixItems')
  const rest = subAt(schema, 'items')
  for (const [i, item] of items.entries()) {
    const one = first[i] ?? rest
    if (one === undefined) break
    const keyword = i < first.length ? 'prefixItems' : 'items'
    const { fault } = evaluate(one, item, { at: at + pointerStep(i), keyword }, given)
    if (fault) return fault
  }
  const contains = subAt(schema, 'contains')
  if (contains === undefined) return undefined
  const found = items.filter(
    (item) => !evaluate(contains, item, { at, keyword: 'contains' }, given).fault,
  ).length
  const { minContains = 1, maxContains } = schema
  if (typeof minContains === 'number' && found < minContains)
    return { at, keyword: schema.minContains === undefined ? 'contains' : 'minContains' }
  if (typeof maxContains === 'number' && found > maxContains) return { at, keyword: 'maxContains' }
  return undefined
}

function faultOfMembers(
  schema: JsonObject,
  value: JsonObject,
  { at, seen, given }: Within,
): Fault | undefined {
  const own = isJsonObject(schema.properties) ? schema.properties : {}
  const patterned = mapAt(schema, 'patternProperties')
  const [names, additional, unevaluated] = [
    subAt(schema, 'propertyNames'),
    subAt(schema, 'additionalProperties'),
    subAt(schema, 'unevaluatedProperties'),
  ]
  for (const [name, member] of Object.entries(value)) {
    const place = at + pointerStep(name)
    const about: (readonly [Sub, string])[] = []
    const named = Object.hasOwn(own, name) ? subAt(own, name) : undefined
    if (named !== undefined) about.push([named, 'properties'])
    for (const [pattern, one] of patterned)
      if (given.expressions.get(pattern)?.test(name)) about.push([one, 'patternProperties'])
    if (about.length === 0 && additional !== undefined) about.push([additional, 'additionalProperties'])
    if (about.length === 0 && unevaluated !== undefined && !seen.has(name))
      about.push([unevaluated, 'unevaluatedProperties'])
    if (about.length > 0) seen.add(name)
    const faults = [
      names === undefined
        ? undefined
        : evaluate(names, name, { at: place, keyword: 'propertyNames' }, given).fault,
      ...about.map(([one, keyword]) => evaluate(one, member, { at: place, keyword }, given).fault),
    ]
    const fault = faults.find((one) => one !== undefined)
    if (fault) return fault
  }
  return undefined
}
