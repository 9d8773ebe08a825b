import * as z from 'zod'
import { agreementId } from './agreement.ts'
import { manners } from './agreement-word.ts'
import { decimal, digest, line, prose, reference, uid } from './field.ts'
import { indicatorCode } from './indicator-set.ts'
import { keysOf, matters } from './vocabulary.ts'

/** A quarter of a year: `2026-Q1`. */
export const period = z.string().regex(/^[1-9]\d{3}-Q[1-4]$/)

const count = z.number().int().nonnegative().max(1_000_000_000)
const clauseCount = z.number().int().nonnegative().max(2000)
const agreementReference = z.strictObject({ id: agreementId, digest })

/** A figure of what came of it, with its unit and where it is from. Used in no rate. */
const benefit = z.strictObject({
  quantity: line(120),
  value: decimal,
  unit: line(40),
  source: line(300),
})

/** What an agency did with one edition. */
const reportLine = z.strictObject({
  edition: reference,
  applicable: z.boolean(),
  /** Why it is not applicable. */
  reason: line(500).optional(),
  /** How many clauses apply to this agency, and how many of these it carries out. */
  clausesApplicable: clauseCount.optional(),
  clausesExecuted: clauseCount.optional(),
  /** Why other clauses apply than in the period before. */
  changeReason: line(500).optional(),
  /** The clauses that apply, each. */
  clauses: z
    .array(z.strictObject({ uid, executed: z.boolean(), reason: line(500).optional() }))
    .min(1)
    .max(2000)
    .optional(),
  manner: z.enum(keysOf(manners)).optional(),
  evidence: z
    .array(z.union([z.strictObject({ documentNo: line(120) }), z.strictObject({ digest })]))
    .min(1)
    .max(50)
    .optional(),
  training: z.strictObject({ times: count, people: count }).optional(),
  /** Of a standard of a partner: the agreement that recognises it, and the one by which it is used. */
  recognition: agreementReference.optional(),
  reuse: agreementReference.optional(),
  benefits: z.array(benefit).min(1).max(50).optional(),
})

/**
 * How an agency, the issuer, carried out standards in a quarter.
 *
 * @see spec/rate.md, RATE-1 to RATE-3 (DOMAIN section 8.8)
 */
export const reportSubject = z.strictObject({
  period,
  indicatorSet: z.strictObject({ code: indicatorCode.max(60), digest: digest.optional() }),
  /** The matters that are functions of the agency. */
  functions: z
    .array(z.enum(keysOf(matters)))
    .min(1)
    .max(20)
    .optional(),
  lines: z.array(reportLine).min(1).max(2000),
  note: prose(2000).optional(),
})

export type ReportSubject = z.output<typeof reportSubject>
export type ReportLine = ReportSubject['lines'][number]
