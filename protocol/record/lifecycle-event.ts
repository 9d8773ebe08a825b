import * as z from 'zod'
import { date, line, numberReference, party, prose, reference, uid } from './field.ts'
import { eventKinds, keysOf } from './vocabulary.ts'

/**
 * Something that happened to one edition, on a legal date. It changes the state of the edition from that date on, for
 * everybody who has this entry, and of no other edition.
 *
 * @see spec/record.md, REC-30 (DOMAIN section 8.3)
 */
export const eventSubject = z.strictObject({
  eventKind: z.enum(keysOf(eventKinds)),
  edition: reference,
  date,
  announcementNo: line(120).optional(),
  by: party.optional(),
  affectedClauses: z.array(uid).min(1).max(2000).optional(),
  successor: numberReference.optional(),
  note: prose(4000).optional(),
})

export type EventSubject = z.output<typeof eventSubject>
