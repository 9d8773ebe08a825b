import * as z from 'zod'
import { date, decimal, did, digest, line, prose, recordId, uid } from './field.ts'
import {
  differenceKinds,
  effects,
  justifications,
  predicates,
  rationales,
  relations,
  rowStates,
} from './mapping-word.ts'
import { keysOf } from './vocabulary.ts'

/** A stable name of a row within its workspace: agreements and edits refer to it. */
export const rowId = uid

/** One clause of one pinned edition, or without `clause` the whole edition. */
const pin = z.strictObject({ edition: recordId, digest, clause: uid.optional() })

export type Pin = z.output<typeof pin>

/** A share of one as text: `0`, `0.85`, `1`. */
const share = decimal.refine((text) => !text.startsWith('-') && Number(text) <= 1, 'between 0 and 1')

/**
 * One statement of mapping work: how a clause of one edition stands to a clause of another, who says so and why. The members are
 * slots of SSSOM 1.1 and of our extension under our names.
 *
 * Without `object` it says that there is no counterpart in `objectSource` (`sssom:NoTermFound`), which is another thing than a clause
 * that nobody has compared yet, for which there is no row.
 *
 * @see spec/mapping.md, MAP-1 (DOMAIN section 8.4)
 */
export const mappingRow = z.strictObject({
  subject: pin,
  object: pin.optional(),
  objectSource: pin.optional(),
  predicate: z.enum(keysOf(predicates)),
  relation: z.enum(keysOf(relations)).optional(),
  justification: z.enum(keysOf(justifications)),
  state: z.enum(keysOf(rowStates)),
  rationale: z.enum(keysOf(rationales)).optional(),
  strength: z.number().int().nonnegative().max(10).optional(),
  certainty: share.optional(),
  differences: z
    .array(z.enum(keysOf(differenceKinds)))
    .min(1)
    .max(7)
    .optional(),
  subjectValue: line(200).optional(),
  objectValue: line(200).optional(),
  effect: z.enum(keysOf(effects)).optional(),
  conditions: z.array(line(500)).min(1).max(20).optional(),
  /** Whose work it is: an agency, and the role of the person. */
  author: did.optional(),
  authorLabel: line(100).optional(),
  mappedOn: date.optional(),
  reviewer: did.optional(),
  reviewerLabel: line(100).optional(),
  reviewedOn: date.optional(),
  /** Rows from which this one follows (M7). */
  derivedFrom: z.array(rowId).min(1).max(50).optional(),
  basis: line(200).optional(),
  comment: prose(2000).optional(),
})

export type MappingRow = z.output<typeof mappingRow>

/** A row under its name. */
export interface NamedRow {
  readonly row: string
  readonly mapping: MappingRow
}
