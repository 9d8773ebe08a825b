import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { syntheticMember } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { compileAcceptance } from '../../../protocol/record/acceptance.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { lifecycleEvent, standardRecord } from '../../../protocol/record/envelope.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const id = 'https://localhost:7401/id/00000000-0000-4000-8000-000000000001'
const digest = `sha256:${'0'.repeat(64)}`

async function signed(draft: Parameters<typeof composeRecord>[0]): Promise<any> {
  const document = composeRecord(draft, { id, issuer: member.did })
  const options = {
    signer: member.publish,
    issuer: member.did,
    domain: member.origin,
    created: '2026-01-01T00:00:00Z',
  }
  return structuredClone(await signRecord(document, options))
}

const cases = [
  { schema: standardRecord as z.ZodType, good: await signed(syntheticStandard(1)) },
  {
    schema: lifecycleEvent as z.ZodType,
    good: await signed(syntheticEvent({ id, digest }, 'abolished', '2026-02-28')),
  },
]

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    'x',
    '会',
    '\u200b',
    'a\u0301',
    '2026-02-30',
    digest,
    true,
    false,
    null,
    0,
    [],
    {},
    [''],
    undefined,
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** Replaces, adds or removes something at a place that the numbers choose. */
function change(value: any, steps: readonly number[], what: unknown, how: number): any {
  const copy = structuredClone(value)
  let at: any = copy
  for (const step of steps) {
    const keys = Object.keys(at)
    const key = keys[step % keys.length]
    if (key === undefined) break
    const inner = at[key]
    if (typeof inner === 'object' && inner !== null && step % 5 !== 0) {
      at = inner
      continue
    }
    if (how === 0) at[key] = what
    else if (how === 1 && !Array.isArray(at)) delete at[key]
    else if (how === 2 && !Array.isArray(at)) at[`${key}x`] = what
    else if (Array.isArray(at)) at.push(what)
    break
  }
  return copy
}

describe('acceptance', () => {
  test('takes the records that the schema takes', () => {
    for (const { schema, good } of cases) {
      expect(schema.safeParse(good).success).toBe(true)
      expect(compileAcceptance(schema)(good)).toBe(true)
    }
  })

  test('takes nothing that the schema refuses, and the schema would have given it back unchanged', () => {
    for (const { schema, good } of cases) {
      const accepts = compileAcceptance(schema)
      let [taken, refused] = [0, 0]
      fc.assert(
        fc.property(
          fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
          junk,
          fc.nat(3),
          (steps, what, how) => {
            const value = change(good, steps, what, how)
            const judged = schema.safeParse(value)
            if (!accepts(value)) {
              refused += 1
              // Only a member that is there without a value is left to the schema.
              if (what !== undefined) expect(judged.success).toBe(false)
              return
            }
            taken += 1
            expect(judged.success).toBe(true)
            expect(judged.data).toEqual(value)
          },
        ),
        { numRuns: 3000 },
      )
      expect(refused).toBeGreaterThan(500)
      expect(taken).toBeGreaterThan(50)
    }
  })

  test('a member that the schema does not name is not accepted, not even an inherited one', () => {
    const accepts = compileAcceptance(z.strictObject({ a: z.string() }))
    expect(accepts({ a: '' })).toBe(true)
    expect(accepts(Object.assign(Object.create({ b: '' }), { a: '' }))).toBe(false)
    expect(accepts(JSON.parse('{"a":"","__proto__":""}'))).toBe(false)
  })

  test('a schema that may change its input, or of a kind that records do not have, is refused at once', () => {
    for (const schema of [
      z.coerce.string(),
      z.string().trim(),
      z.email(),
      z.object({ a: z.string() }),
      z.looseObject({}),
      z.number(),
      z.string().transform((text) => text.length),
      z.string().default(''),
      z.strictObject({ a: z.string() }).refine(() => true),
      z.array(z.string()).refine(() => true),
      z.string().regex(/a/g),
    ] as z.ZodType[]) {
      let refused = false
      try {
        // What changes a text shows only when it does.
        refused = !compileAcceptance(schema)(' x ')
      } catch (error) {
        refused = error instanceof TypeError
      }
      expect(refused).toBe(true)
    }
  })
})
