import * as z from 'zod'

/** Says whether a value fits a schema. Made by `compileAcceptance`. */
export type Accept<T> = (value: unknown) => value is T

type Test = (value: unknown) => boolean

/**
 * Makes of a schema a function that only tells what fits it, without a copy and without a list of faults: records that are good,
 * which nearly all are, cost a fifth. The schema stays the only description, and the only one that refuses: what is accepted
 * fits the schema, and what is not accepted is for the schema to judge.
 *
 * Knows the kinds of schema that records are made of. None of them changes its input.
 *
 * @throws {TypeError} a kind of schema that it does not know
 */
export function compileAcceptance<T>(schema: z.ZodType<T>): Accept<T> {
  const test = compile(schema)
  return (value): value is T => test(value)
}

function compile(schema: z.core.$ZodType): Test {
  if (schema instanceof z.ZodString) return compileString(schema)
  if (schema instanceof z.ZodObject) return compileObject(schema)
  if (schema instanceof z.ZodArray) return compileArray(schema)
  if (schema instanceof z.ZodTuple) return compileTuple(schema)
  if (schema instanceof z.ZodUnion) {
    const options = schema.options.map(compile)
    return (value) => options.some((test) => test(value))
  }
  if (schema instanceof z.ZodEnum) return isOneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return isOneOf([...schema.values])
  // Few records have a number, and theirs are few: the schema itself judges them.
  if (schema instanceof z.ZodNumber) return plainOnly(schema, (value) => schema.safeParse(value).success)
  if (schema instanceof z.ZodBoolean) return plainOnly(schema, (value) => typeof value === 'boolean')
  throw new TypeError(`no acceptance for schemas of type ${schema._zod.def.type}`)
}

function isOneOf(values: readonly unknown[]): Test {
  if (values.length === 1) {
    const [only] = values
    return (value) => value === only
  }
  const known = new Set(values)
  return (value) => known.has(value)
}

function plainOnly(schema: z.ZodString | z.ZodNumber | z.ZodBoolean, test: Test): Test {
  if (schema.def.coerce) throw new TypeError('no acceptance for a schema that changes its input')
  return test
}

function compileString(schema: z.ZodString): Test {
  if ('format' in schema.def) throw new TypeError('no acceptance for a string schema of a built-in format')
  let [least, most] = [0, Number.POSITIVE_INFINITY]
  const tests: ((text: string) => boolean)[] = []
  for (const check of schema.def.checks ?? []) {
    if (check instanceof z.core.$ZodCheckMinLength) least = Math.max(least, check._zod.def.minimum)
    else if (check instanceof z.core.$ZodCheckMaxLength) most = Math.min(most, check._zod.def.maximum)
    else tests.push(compileCheck(check))
  }
  const [first, ...others] = tests
  const fits = (value: unknown): value is string =>
    typeof value === 'string' && value.length >= least && value.length <= most
  if (first === undefined) return plainOnly(schema, fits)
  if (others.length === 0) return plainOnly(schema, (value) => fits(value) && first(value))
  return plainOnly(schema, (value) => fits(value) && tests.every((test) => test(value)))
}

function compileCheck(check: z.core.$ZodCheck<string>): (text: string) => boolean {
  if (
    check instanceof z.core.$ZodCheckRegex &&
    !check._zod.def.pattern.global &&
    !check._zod.def.pattern.sticky
  ) {
    const { pattern } = check._zod.def
    return (text) => pattern.test(text)
  }
  if (check instanceof z.ZodCustom) {
    const { fn } = check.def
    return (text) => fn(text) === true
  }
  return (text) => {
    const payload: z.core.ParsePayload<string> = { value: text, issues: [] }
    return check._zod.check(payload) === undefined && payload.issues.length === 0 && payload.value === text
  }
}

function compileObject(schema: z.ZodObject): Test {
  if (!(schema.def.catchall instanceof z.ZodNever)) throw new TypeError('no acceptance for an open object')
  noChecks(schema)
  const members = new Map<string, { readonly test: Test; readonly needed: 0 | 1 }>()
  for (const [name, member] of Object.entries(schema.shape)) {
    const optional = member instanceof z.ZodOptional
    members.set(name, { test: compile(optional ? member.unwrap() : member), needed: optional ? 0 : 1 })
  }
  const needed = [...members.values()].reduce((sum, member) => sum + member.needed, 0)
  return (value) => {
    if (!isObject(value)) return false
    let met = 0
    // JSON inherits nothing that is listed here, and an object that does is held to the same names.
    for (const name in value) {
      const member = members.get(name)
      if (!member?.test(value[name])) return false
      met += member.needed
    }
    return met === needed
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function compileArray(schema: z.ZodArray): Test {
  const item = compile(schema.element)
  let [least, most] = [0, Number.POSITIVE_INFINITY]
  for (const check of schema.def.checks ?? []) {
    if (check instanceof z.core.$ZodCheckMinLength) least = Math.max(least, check._zod.def.minimum)
    else if (check instanceof z.core.$ZodCheckMaxLength) most = Math.min(most, check._zod.def.maximum)
    else throw new TypeError('no acceptance for this check of a list')
  }
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return false
    for (const element of value) if (!item(element)) return false
    return true
  }
}

function compileTuple(schema: z.ZodTuple): Test {
  if (schema.def.rest !== null) throw new TypeError('no acceptance for an open tuple')
  noChecks(schema)
  const items = schema.def.items.map(compile)
  return (value) =>
    Array.isArray(value) && value.length === items.length && items.every((test, i) => test(value[i]))
}

function noChecks(schema: z.ZodObject | z.ZodTuple): void {
  if ((schema.def.checks ?? []).length > 0) throw new TypeError('no acceptance for checks of a whole object')
}
