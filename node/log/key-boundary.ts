import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import type { Trust } from '../../protocol/trust/trust.ts'

/**
 * A closed log takes nothing, whatever key is at hand.
 *
 * @throws {ProtocolError} `LOG_CLOSED`
 * @see spec/key.md, KEY-33
 */
export function requireOpen(trust: Trust, origin: string): void {
  const closed = trust.logs.get(origin)?.log.closed
  if (closed)
    throw new ProtocolError('LOG_CLOSED', 'the registry closed this log', {
      evidence: { origin, size: closed.size, reason: closed.reason },
    })
}

const codesWithoutKey: ReadonlySet<ProblemCode> = new Set(['KEY_UNAVAILABLE', 'LOG_CLOSED', 'LOG_UNPROVEN'])

/** The log is whole, and its writer may or can sign nothing now. */
export function isWithoutKey(error: unknown): error is ProtocolError {
  if (!(error instanceof ProtocolError)) return false
  return error.evidence.own === true || codesWithoutKey.has(error.code)
}

/** Others were quicker, and the records came to stand beyond the range of the key that signed them: they are signed anew. */
export async function againAcross<T>(run: () => Promise<T>): Promise<T> {
  for (let left = 3; ; left -= 1) {
    try {
      return await run()
    } catch (error) {
      const crossed =
        error instanceof ProtocolError &&
        error.code === 'KEY_NOT_VALID_AT_TIME' &&
        error.place.index !== undefined
      if (!crossed || left === 0) throw error
    }
  }
}
