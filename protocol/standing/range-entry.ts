import { encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { type Entry, isPublicEntry, parseEntry } from '../log/entry.ts'

/** Each costs two exceptions. No honest log comes near. */
export const maxFaults = 10_000

/** The entry at its place, or `undefined` for one that everybody ignores: malformed, elsewhere, or dated before those it follows. */
export function soundEntry(
  text: string,
  place: { readonly origin: string; readonly index: number; readonly lastAt: string },
): Entry | undefined {
  return unlessFaulty(() => {
    const entry = parseEntry(encodeUtf8(text))
    const sound = entry.log === place.origin && entry.index === place.index && entry.at >= place.lastAt
    return sound ? entry : undefined
  })
}

/** A fault of what was read is nobody's but its own: `undefined`. */
export function unlessFaulty<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

export function rangeMissing(message: string, entry: Entry): ProtocolError {
  const digest = isPublicEntry(entry) ? { digest: entry.digest } : {}
  return new ProtocolError('RANGE_MISSING', message, { evidence: { index: entry.index, ...digest } })
}

export function tooMany(message: string): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', message)
}
