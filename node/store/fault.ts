import { ProtocolError } from '../../protocol/error.ts'

/** A setting, or the machine it points to, that the store cannot work with; in the shape `config.ts` uses. */
export function configFault(
  variable: string,
  problem: string,
  remedy: string,
  cause?: unknown,
): ProtocolError {
  return new ProtocolError('CONFIG_INVALID', `${variable}: ${problem}`, {
    evidence: { faults: [{ variable, problem, remedy }] },
    cause,
  })
}

/** The code of an operating system's error (`ENOENT`), or an empty text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
