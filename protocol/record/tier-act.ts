import * as z from 'zod'
import { isCommitment } from '../log/commitment.ts'
import { digest, prose } from './field.ts'

/** Records about entries of other tiers. They name an entry by its place, and a less public record by its commitment alone. */

const index = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const commitment = z.string().refine(isCommitment, 'c1: and 64 lower-case hexadecimal digits')
const salt = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * "These bytes were here when I logged this": what keeps an act of a pair from being dated back by the party that opens it late.
 *
 * @see spec/record.md, REC-402
 */
export const receiptSubject = z.strictObject({ origin: z.string().min(1).max(400), index, digest })

/**
 * Opens an entry of the same log to everybody, from its own logging on.
 *
 * @see spec/record.md, REC-403
 */
export const disclosureSubject = z.strictObject({ index, commitment, salt, digest })

/**
 * Asks whoever holds the record of an entry of the same log to destroy it.
 *
 * @see spec/record.md, REC-404
 */
export const erasureSubject = z.strictObject({ index, commitment, note: prose(2000).optional() })
