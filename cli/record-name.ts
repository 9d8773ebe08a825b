import { ProtocolError } from '../protocol/error.ts'
import { isDigest } from '../protocol/hash.ts'
import { parseRecordId } from '../protocol/identifier/name.ts'
import { usageError } from './exit.ts'

/**
 * A record is named by its digest or its id.
 *
 * @throws {ProtocolError} `USAGE_INVALID`
 */
export function requireRecordName(name: string): string {
  if (isDigest(name)) return name
  try {
    parseRecordId(name)
    return name
  } catch (error) {
    if (error instanceof ProtocolError)
      throw usageError(`需要记录的标识或摘要 / the id or the digest of a record is needed: ${name}`)
    throw error
  }
}
