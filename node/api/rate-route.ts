import { createRoute, z } from '@hono/zod-openapi'
import { problem } from './schema.ts'

/** The contract of rates: fractions as decimal text, per cent beside them for people. */

const problemContent = { content: { 'application/problem+json': { schema: problem } } }
const anyObject = z.object({}).catchall(z.unknown())

const value = {
  numerator: z.string().optional(),
  denominator: z.string().optional(),
  shown: z.string().optional().openapi({ description: 'for people: per cent, rounded' }),
}
const fraction = z.object({ numerator: z.string(), denominator: z.string(), shown: z.string() })

const figure = z
  .object({
    state: z.enum(['determined', 'undetermined', 'none']),
    ...value,
    lower: fraction.nullable().optional(),
    upper: fraction.nullable().optional(),
  })
  .openapi('Figure')

const figures = z
  .object({
    utilisation: figure,
    implementation: figure,
    'full-implementation': figure,
    coverage: figure,
    'mutual-use': figure,
  })
  .openapi('Figures')

const sheet = z
  .object({
    agency: z.string(),
    report: anyObject,
    figures,
    places: anyObject,
    flags: z.array(anyObject),
    training: anyObject,
    lines: z.array(anyObject),
  })
  .openapi('AssessmentSheet')

const rate = z
  .object({
    period: z.string(),
    indicatorSet: z.object({ code: z.string(), digest: z.string() }),
    reporting: z.object({
      reported: z.number().int(),
      expected: z.number().int().nullable(),
      missing: z.array(z.string()).nullable(),
    }),
    figures,
    leaders: z.array(anyObject),
    assumptions: z.array(z.object({ code: z.string(), edition: z.string(), digest: z.string() })),
    agencies: z.array(sheet),
    editions: z.array(anyObject),
    difference: anyObject.optional(),
    names: z.record(z.string(), z.string()),
  })
  .openapi('Rate')

export const rateRoute = createRoute({
  method: 'get',
  path: '/rate',
  operationId: 'getRate',
  summary: '标准综合运用率 of a period from the public reports that are here, exact, with what it rests on',
  request: {
    query: z.object({
      period: z.string().openapi({ description: '`2026-Q1`' }),
      agency: z.string().optional().openapi({ description: 'the sheet of this one alone' }),
      compare: z.string().optional().openapi({ description: 'a period to tell the difference from' }),
      indicator: z.string().optional().openapi({ description: 'digest of the set to compute by' }),
    }),
  },
  responses: {
    200: { content: { 'application/json': { schema: rate } }, description: 'the rate' },
    400: { ...problemContent, description: 'the query cannot be read' },
    404: { ...problemContent, description: 'no such indicator set here' },
  },
})
