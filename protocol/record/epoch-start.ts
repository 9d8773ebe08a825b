import * as z from 'zod'
import { ProtocolError } from '../error.ts'
import { parseOrigin } from '../identifier/name.ts'

/** Where the log before ended: the place at which the registry closed it. */
const previous = z.strictObject({
  origin: z.string().max(400).refine(isOrigin, 'the origin of a log'),
  size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  /** 32 bytes of base64, in its one spelling. */
  root: z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/),
})

/**
 * The first entry of a log that goes on where another was closed.
 *
 * @see spec/record.md, REC-200
 */
export const epochSubject = z.strictObject({ previous })

function isOrigin(text: string): boolean {
  try {
    parseOrigin(text)
    return true
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}
