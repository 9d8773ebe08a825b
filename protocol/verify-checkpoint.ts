import { ProtocolError } from './error.ts'
import { type OpenedCheckpoint, openCheckpoint, parseHead } from './log/checkpoint.ts'
import { cosignerKeys } from './trust/cosigner.ts'
import type { Trust, TrustedLog } from './trust/trust.ts'
import { checkClosedRoot, findLog, logKeysAt } from './trust/validity.ts'

/**
 * Opens a checkpoint by the registry's keys. They depend on the size, which is read first and believed only with the signature
 * over it.
 *
 * @throws {ProtocolError} as `findLog`, `logKeysAt`, `openCheckpoint` and `checkClosedRoot`
 * @see spec/verify.md, VERIFY-5
 */
export function openWithTrust(text: string, origin: string, trust: Trust): OpenedCheckpoint {
  const trusted = findLog(trust, origin)
  const size = parseHead(text).size
  const opening = openCheckpoint(text, {
    origin,
    keys: [...logKeysAt(trusted, size), ...cosignerKeys(trust)],
  })
  checkClosedRoot(trusted, opening.checkpoint)
  return opening
}

/** Whoever has the key of a closed log can sign any smaller tree: only the closed one itself proves anything. */
export function requireClosedSize({ log: { closed } }: TrustedLog, size: number): void {
  if (closed && size < closed.size) {
    throw new ProtocolError(
      'INCLUSION_MISSING',
      'the registry closed this log, and this smaller tree is not shown to be in the closed one',
      { evidence: { size, closed: closed.size } },
    )
  }
}
