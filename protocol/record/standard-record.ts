import * as z from 'zod'
import { date, decimal, digest, line, numberReference, party, uid } from './field.ts'
import {
  adoptionDegrees,
  classes,
  clauseTypes,
  keysOf,
  kinds,
  levels,
  mandateGrounds,
  mandates,
  matters,
  textAccesses,
} from './vocabulary.ts'

/** The kinds of standard number; a joint standard has one identifier for each of its numbers (rule ST2). */
export const schemes = ['GB', 'HB', 'DB-P', 'DB-M', 'T', 'Q'] as const

const media = z.strictObject({
  digest,
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,80}$/),
  name: line(200),
})

/** A number in a clause that programs can compare: `≤ 1200 元/m²` is `le`, `1200`, `元`, `m²`. */
const limit = z.strictObject({
  quantity: line(120),
  op: z.enum(['le', 'ge', 'eq']),
  value: decimal,
  unit: line(40).optional(),
  per: line(40).optional(),
})

const clause = z.strictObject({
  uid,
  locator: line(60),
  heading: line(300),
  clauseType: z.enum(keysOf(clauseTypes)).optional(),
  textDigest: digest.optional(),
  limits: z.array(limit).min(1).max(50).optional(),
  media: z.array(media).min(1).max(50).optional(),
})

/**
 * One edition of one standard: bibliographic facts, headings, digests, our own annotations. Never its status, which
 * is computed from events (rule ST9), and never the text where the issuer has no right to it.
 *
 * @see spec/record.md, REC-20 (DOMAIN section 8.2)
 */
export const standardSubject = z.strictObject({
  identifiers: z
    .array(z.strictObject({ scheme: z.enum(schemes), value: line(120), canonicalKey: line(120) }))
    .min(1)
    .max(4),
  titleZh: line(300),
  titleEn: line(500).optional(),
  level: z.enum(keysOf(levels)),
  mandate: z.enum(keysOf(mandates)),
  mandateGround: z.enum(keysOf(mandateGrounds)).optional(),
  documentKind: z.enum(keysOf(kinds)).optional(),
  class: z.enum(keysOf(classes)),
  systemNo: line(60).optional(),
  matters: z
    .array(z.enum(keysOf(matters)))
    .min(1)
    .max(20)
    .optional(),
  ics: z
    .array(z.string().regex(/^\d{2}(?:\.\d{3}(?:\.\d{2})?)?$/))
    .min(1)
    .max(10)
    .optional(),
  ccs: z
    .array(z.string().regex(/^[A-Z](?:\d{2}(?:\/\d{2})?)?$/))
    .min(1)
    .max(10)
    .optional(),
  publishedOn: date.optional(),
  effectiveOn: date.optional(),
  abolishedOn: date.optional(),
  publishers: z.array(party).min(1).max(20).optional(),
  proposers: z.array(party).min(1).max(20).optional(),
  custodians: z.array(party).min(1).max(20).optional(),
  drafters: z.array(party).min(1).max(100).optional(),
  filingNo: line(60).optional(),
  draftedUnder: line(60).optional(),
  adoption: z.strictObject({ adopted: line(120), degree: z.enum(keysOf(adoptionDegrees)) }).optional(),
  replaces: z
    .array(numberReference.extend({ extent: z.enum(['whole', 'part']) }))
    .min(1)
    .max(50)
    .optional(),
  normativeRefs: z
    .array(numberReference.extend({ dated: z.boolean() }))
    .min(1)
    .max(300)
    .optional(),
  clauses: z.array(clause).min(1).max(2000).optional(),
  media: z.array(media).min(1).max(200).optional(),
  textAccess: z.enum(keysOf(textAccesses)).optional(),
  textDigests: z
    .array(
      z.strictObject({ algorithm: z.enum(['sha256', 'sm3']), value: z.string().regex(/^[0-9a-f]{64}$/) }),
    )
    .min(1)
    .max(10)
    .optional(),
  inNormativeDocs: z
    .array(z.strictObject({ documentNo: line(120), date: date.optional() }))
    .min(1)
    .max(50)
    .optional(),
  important: z.literal(true).optional(),
})

export type StandardSubject = z.output<typeof standardSubject>
