import * as z from 'zod'
import { digest, prose } from './field.ts'
import { mappingRow, rowId } from './mapping-row.ts'

/** More in one record would not fit into a mebibyte. */
export const maxChanges = 2000

/**
 * A new version of one row: `bases` are the versions that it takes the place of, by the digest of their canonical form. None: the row is
 * new. Two: it settles what two edits had made of one row. Without `mapping` the row is withdrawn.
 *
 * @see spec/workspace.md, WORK-1
 */
export const mappingChange = z.strictObject({
  row: rowId,
  bases: z.array(digest).max(16),
  mapping: mappingRow.optional(),
})

/**
 * Work on the mapping of one project: changes of rows. The workspace is the fold of all of them, whoever logged them and in
 * whatever order they came.
 */
export const mappingProposalSubject = z.strictObject({
  project: z.string().regex(/^[!-~]{1,128}$/),
  changes: z.array(mappingChange).min(1).max(maxChanges),
  note: prose(2000).optional(),
})

export type MappingChange = z.output<typeof mappingChange>
export type MappingProposalSubject = z.output<typeof mappingProposalSubject>
