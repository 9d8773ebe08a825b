import * as z from 'zod'
import { ProtocolError, pointerStep } from '../error.ts'
import { readJson } from '../json.ts'
import { digest, line } from '../record/field.ts'
import { parseWith } from '../record/schema.ts'

export const maxSuiteBytes = 1 << 20

/** Identifier of a case, the same in suite and run. */
export const caseId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

/** RFC 6901, within one document; at most 32 steps. */
export const jsonPointer = z
  .string()
  .max(400)
  .regex(/^(?:\/(?:[^~/\u0000-\u001f]|~[01]){0,100}){0,32}$/)

const judged = {
  id: caseId,
  title: line(200),
  mandatory: z.boolean(),
  /** The part of the schema that is meant, as a pointer into it; the whole where there is none. */
  part: jsonPointer.optional(),
}

const sampleCase = z.strictObject({
  ...judged,
  kind: z.literal('sample'),
  /** Where in the sample data the document stands; the whole where there is none. */
  at: jsonPointer.optional(),
  expect: z.enum(['valid', 'invalid']),
})

const endpointCase = z.strictObject({
  ...judged,
  kind: z.literal('endpoint'),
  method: z.literal('GET'),
  path: z
    .string()
    .max(300)
    .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]*)+$/),
  query: z
    .array(z.strictObject({ name: line(100), value: z.string().max(500) }))
    .min(1)
    .max(30)
    .optional(),
  status: z.number().int().min(200).max(599),
  mediaType: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9.+-]{1,80}$/)
    .optional(),
  /** Whether the body is JSON and valid against the part. */
  body: z.enum(['valid', 'any']),
})

const suiteForm = z.strictObject({
  format: z.literal('csx-conformance-suite'),
  v: z.literal(1),
  id: line(120),
  version: line(40),
  schema: digest,
  cases: z
    .array(z.discriminatedUnion('kind', [sampleCase, endpointCase]))
    .min(1)
    .max(500),
})

/** What an interface is tried with: each case against sample data or against an endpoint. */
export type ConformanceSuite = z.output<typeof suiteForm>
export type ConformanceCase = ConformanceSuite['cases'][number]

/**
 * The IRI by which a signed record names a suite, since an `id` in a record is one: that of the suite, or one made from it.
 *
 * @see spec/conformance.md, CONF-4
 */
export function suiteIri({ id }: Pick<ConformanceSuite, 'id'>): string {
  if (/^(?:https|urn):[^\s"<>\\^`{|}]+$/.test(id)) return id
  return `urn:csx:suite:${id.replace(/[\s"<>\\^`{|}%]/gu, encodeURIComponent)}`
}

/**
 * Reads a suite in its one spelling: canonical JSON and a line feed.
 *
 * @throws {ProtocolError} `CONFORMANCE_INVALID` `SCHEMA_INVALID`, with a pointer, and what the strict reader throws
 * @see spec/conformance.md, CONF-1 and CONF-2
 */
export function parseSuite(bytes: Uint8Array): ConformanceSuite {
  const suite = parseWith(suiteForm, readOneLine(bytes, maxSuiteBytes))
  const met = new Set<string>()
  for (const [i, { id }] of suite.cases.entries()) {
    if (met.has(id))
      throw new ProtocolError('CONFORMANCE_INVALID', 'a case stands twice', {
        place: { pointer: `/cases${pointerStep(i)}/id` },
      })
    met.add(id)
  }
  if (!suite.cases.some(({ mandatory }) => mandatory))
    throw new ProtocolError('CONFORMANCE_INVALID', 'a suite has a mandatory case', {
      place: { pointer: '/cases' },
    })
  return suite
}

/**
 * One canonical JSON value and a line feed.
 *
 * @throws {ProtocolError} `CONFORMANCE_INVALID`, and what the strict reader throws
 */
export function readOneLine(bytes: Uint8Array, maxBytes: number) {
  if (bytes.at(-1) !== 0x0a) throw new ProtocolError('CONFORMANCE_INVALID', 'ends with a line feed')
  const { value, canonical } = readJson(bytes.subarray(0, -1), maxBytes)
  if (!canonical) throw new ProtocolError('CONFORMANCE_INVALID', 'one value in canonical form (RFC 8785)')
  return value
}

/**
 * That suite and schema are of one another: the digest, and each part that a case names.
 *
 * @throws {ProtocolError} `CONFORMANCE_INVALID`, with a pointer
 * @see spec/conformance.md, CONF-3
 */
export function checkSuite(
  { schema, cases }: ConformanceSuite,
  opened: { readonly digest: string; readonly places: ReadonlyMap<string, unknown> },
): void {
  if (schema !== opened.digest)
    throw new ProtocolError('CONFORMANCE_INVALID', 'the suite is about another schema', {
      place: { pointer: '/schema' },
    })
  for (const [i, { part = '' }] of cases.entries())
    if (!opened.places.has(part))
      throw new ProtocolError('CONFORMANCE_INVALID', 'the schema has no such part', {
        place: { pointer: `/cases${pointerStep(i)}/part` },
      })
}
