import { encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { audienceOf, isPublicEntry, parseEntry } from '../log/entry.ts'

/** Who reads an answer: everybody where no tier is named. */
export interface Readers {
  readonly tier: string
  readonly audience: string | undefined
}

/**
 * Whether a log has entries for other readers than those whose records are read: what they say is not known here. What is private speaks
 * to nobody.
 *
 * @see spec/agreement.md, AGREE-43
 */
export function hasUnopened(entries: readonly string[], readers: Readers | undefined): boolean {
  return entries.some((text) => {
    try {
      const entry = parseEntry(encodeUtf8(text))
      if (isPublicEntry(entry) || entry.tier === 'private') return false
      return entry.tier !== readers?.tier || audienceOf(entry) !== readers.audience
    } catch (error) {
      if (error instanceof ProtocolError) return false
      throw error
    }
  })
}
