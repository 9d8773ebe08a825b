import { createRoute, z } from '@hono/zod-openapi'
import { attributes } from '../../protocol/mapping/compare/agency.ts'
import { outcomes } from '../../protocol/mapping/compare/outcome.ts'
import { relations, rowStates } from '../../protocol/record/mapping-word.ts'
import { keysOf } from '../../protocol/record/vocabulary.ts'
import { problem } from './schema.ts'

/** The contract of comparisons and proposals of counterparts. */

const words = z.object({ zh: z.string(), en: z.string() })
const head = z.object({ uid: z.string(), locator: z.string(), heading: z.string() })

const editionName = z
  .object({
    id: z.string(),
    digest: z.string(),
    titleZh: z.string(),
    numbers: z.array(z.string()),
    issuer: z.string(),
    issuerName: z.string(),
    state: z.string(),
    synthetic: z.boolean(),
  })
  .openapi('ComparedEdition')

const agencyName = z
  .object({ id: z.string(), nameZh: z.string(), editions: z.number().int() })
  .openapi('ComparedAgency')

const statement = z
  .object({
    row: z.string(),
    state: z.enum(keysOf(rowStates)),
    outcome: z.enum(keysOf(outcomes)),
    relation: z.enum(keysOf(relations)).optional(),
    counterpart: head.extend({ edition: z.string() }).optional(),
    limits: z
      .object({ relation: z.string(), words: z.array(words) })
      .catchall(z.unknown())
      .optional()
      .openapi({ description: 'the typed limits of both clauses, with their direction in words' }),
    text: z.enum(['equal', 'different', 'unknown']),
    changes: z.array(z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() })).optional(),
  })
  .openapi('MappingStatement')

const clause = z
  .object({
    clause: head,
    outcome: z.enum(keysOf(outcomes)),
    class: z.enum(['accepted', 'inReview', 'draft', 'conflicting', 'noCounterpart', 'notCompared']),
    state: z.enum(['accepted', 'in-review', 'draft']).optional(),
    statements: z.array(statement),
  })
  .openapi('ClauseComparison')

const coverage = z
  .object({
    accepted: z.number().int(),
    inReview: z.number().int(),
    draft: z.number().int(),
    conflicting: z.number().int(),
    noCounterpart: z.number().int(),
    notCompared: z.number().int(),
    total: z.number().int(),
    share: z.object({ numerator: z.number().int(), denominator: z.number().int() }).optional(),
  })
  .openapi('Coverage')

const comparisonMembers = {
  clauses: z.array(clause),
  unmatched: z.array(clause),
  whole: z.array(statement),
  coverage,
}

const value = z.union([z.string(), z.array(z.string())])

export const comparison = z
  .union([
    z.object({
      kind: z.literal('editions'),
      at: z.string(),
      a: editionName,
      b: editionName,
      ...comparisonMembers,
    }),
    z.object({
      kind: z.literal('agencies'),
      at: z.string(),
      a: agencyName,
      b: agencyName,
      attributes: z.array(
        z.object({
          attribute: z.enum(keysOf(attributes)),
          a: value.optional(),
          b: value.optional(),
          outcome: z.enum(['equal', 'different', 'unknown']),
        }),
      ),
      pairs: z.array(z.object({ a: editionName, b: editionName, ...comparisonMembers })),
      aloneA: z.array(editionName),
      aloneB: z.array(editionName),
      coverage,
    }),
  ])
  .openapi('Comparison')

const suggestionMembers = {
  score: z.string().openapi({ description: 'from 0 to 1; it orders, and is no probability' }),
  reason: words,
  row: z
    .object({ row: z.string(), mapping: z.object({}).catchall(z.unknown()) })
    .openapi({ description: 'a candidate that people may take up' }),
}

export const suggestionList = z
  .union([
    z.object({
      kind: z.literal('editions'),
      a: editionName,
      b: editionName,
      suggestions: z.array(z.object({ a: head, b: head, ...suggestionMembers })),
    }),
    z.object({
      kind: z.literal('agencies'),
      a: agencyName,
      b: agencyName,
      suggestions: z.array(z.object({ a: editionName, b: editionName, ...suggestionMembers })),
    }),
  ])
  .openapi('SuggestionList')

const named = z.string().min(1).max(512)

export const comparisonQuery = z.strictObject({
  a: named.openapi({ description: 'an edition by digest, id or number, or an agency by its DID' }),
  b: named.openapi({ description: 'likewise: an edition where `a` is one, an agency where it is one' }),
  at: z.string().optional(),
})

export const suggestionQuery = comparisonQuery.extend({
  most: z
    .string()
    .regex(/^(?:[1-9]|1\d|20)$/)
    .optional()
    .openapi({ description: 'how many for each of A: 1 to 20, 5 by default' }),
})

const problemContent = { content: { 'application/problem+json': { schema: problem } } }
const refusals = {
  400: { ...problemContent, description: 'the request cannot be read, or a number names several editions' },
  404: { ...problemContent, description: 'not here' },
  503: { ...problemContent, description: 'the node cannot answer now' },
}

export const compareRoute = createRoute({
  method: 'get',
  path: '/compare',
  operationId: 'compareStandards',
  summary: 'Two editions clause by clause, or two agencies edition by edition, by the rows of mapping work',
  request: { query: comparisonQuery },
  responses: {
    200: { content: { 'application/json': { schema: comparison } }, description: 'the comparison' },
    ...refusals,
  },
})

export const suggestRoute = createRoute({
  method: 'get',
  path: '/suggest',
  operationId: 'suggestCounterparts',
  summary: 'Counterparts that a program proposes, with score and reason; it accepts none',
  request: { query: suggestionQuery },
  responses: {
    200: { content: { 'application/json': { schema: suggestionList } }, description: 'best first' },
    ...refusals,
  },
})
