import { type OpenedCheckpoint, openCheckpoint, parseHead } from './log/checkpoint.ts'
import { cosignerKeys } from './trust/cosigner.ts'
import type { Trust } from './trust/trust.ts'
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
